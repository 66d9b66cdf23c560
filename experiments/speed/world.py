"""How long does it take to make a world, how much memory does it need, and does that grow with its size and no faster?

    python experiments/speed/world.py                  # scales 0.1 and 1: about a minute
    python experiments/speed/world.py --scales 0.05 0.1

Each scale is made in a process of its own, so that peak memory is its own. Growth is seconds per row at the largest scale over seconds per row at the
smallest, without the level corrections that are the same at every scale; the limit is 1.3.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

LIMIT_SECONDS, LIMIT_GIB, LIMIT_GROWTH = 300, 6, 1.3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scales", type=float, nargs="+", default=[0.1, 1.0])
    parser.add_argument("--world", default="selected")
    parser.add_argument("--one", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one is not None:
        print(json.dumps(_make(options.world, options.one)))
        return 0
    made = {scale: _in_own_process(options.world, scale) for scale in options.scales}
    print(f"world {options.world}\n\n| scale | stage | seconds | rows a second |\n| --- | --- | --- | --- |")
    for scale, one in made.items():
        for stage, seconds in one["seconds"].items():
            rows = one["rows"].get(_ROWS_OF.get(stage, ""), sum(one["rows"].values()))
            print(f"| {scale:g} | {stage} | {seconds:.2f} | {rows / max(seconds, 1e-9):,.0f} |")
    print("\n| scale | rows | seconds in all | peak memory (GiB) |\n| --- | --- | --- | --- |")
    for scale, one in made.items():
        print(f"| {scale:g} | {sum(one['rows'].values()):,} | {sum(one['seconds'].values()):.1f} | {one['gib']:.2f} |")
    return 0 if _told(made) else 1


_ROWS_OF = {
    "write events": "events",
    "write visits": "inspections",
    "write truth": "truth",
    "quarters": "truth",
    "links and areas": "links",
}


def _told(made: dict[float, dict[str, Any]]) -> bool:
    """Print growth and whether the limits hold."""
    low, high = min(made), max(made)
    growth = _per_row(made[high]) / _per_row(made[low])
    seconds, gib = sum(made[high]["seconds"].values()), made[high]["gib"]
    print(f"\nseconds a row, scale {high:g} over scale {low:g}: {growth:.2f} (limit {LIMIT_GROWTH})")
    print(f"scale {high:g}: {seconds:.0f} s (limit {LIMIT_SECONDS}), {gib:.2f} GiB (limit {LIMIT_GIB})")
    return growth <= LIMIT_GROWTH and seconds <= LIMIT_SECONDS and gib <= LIMIT_GIB


def _per_row(one: dict[str, Any]) -> float:
    return float(sum(one["seconds"].values()) / sum(one["rows"].values()))


def _in_own_process(world: str, scale: float) -> dict[str, Any]:
    print(f"make {world} at scale {scale:g}", file=sys.stderr, flush=True)
    command = [sys.executable, __file__, "--world", world, "--one", str(scale)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def _make(world: str, scale: float) -> dict[str, Any]:
    import pyarrow.parquet as pq

    from tegenkracht.core.progress import silent
    from tegenkracht.data.world import make_world, read_world
    from tegenkracht.data.world.mechanism import made_sectors

    with tempfile.TemporaryDirectory() as folder:
        to = Path(folder) / "world"
        summary = make_world(
            read_world(world), scale=scale, seed=1, sectors=made_sectors(), to=to, force=False, progress=silent
        )
        truth = pq.ParquetFile(summary.truth / "quarters.parquet").metadata.num_rows
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return {"rows": {**summary.rows, "truth": truth}, "seconds": dict(summary.seconds), "gib": peak}


if __name__ == "__main__":
    sys.exit(main())
