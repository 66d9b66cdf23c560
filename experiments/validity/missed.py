"""Whom does a list miss, when the truth is known? Recall by type of the true state, of every model of a finished study on a simulated world.

    python experiments/validity/missed.py --run outputs/shopping_strip/<run> --world data/shopping_strip

The type of a state says how it shows: functional in the figures of a business, competitive in the chain of operators, relational in relations only.
Expected: the third type is found less often than the first.
Per model and type: how many (place, date) pairs have the state, the share of them on the list of that date, and that share over the share of all places
that are on it (1 is what a lottery gives), with an interval over clusters; none where a draw can leave out all that is listed, as of a model without an order.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from tegenkracht.core.progress import silent
from tegenkracht.data.world.state import STATES
from tegenkracht.data.world.truth import read_truth, state_at
from tegenkracht.evaluation.bootstrap import percentile_interval, resample, sum_statistic

REPLICATES, LEVEL, SEED = 500, 0.95, 1


def with_truth(scores: pd.DataFrame, world: Path) -> pd.DataFrame:
    """Scores with the true `state` of each place on its date and the `cluster` it lies in; rows on which a place was not open are left out."""
    units = pd.read_parquet(world / "units.parquet").set_index("unit_id")["cluster_id"]
    state = state_at(read_truth(world), scores["unit_id"], scores["as_of"])
    cluster = scores["unit_id"].map(units).fillna(scores["unit_id"])
    return scores.assign(state=state, cluster=cluster)[state.notna()]


def lines(rows: pd.DataFrame, *, capacity: int) -> Iterator[str]:
    """A line of Markdown per model and type.

    Parameters
    ----------
    rows
        Columns `model, rank, state, cluster`: scores of one study with the true state of each place on each date.
    """
    for model, own in rows.groupby("model", sort=False):
        listed = (own["rank"] <= capacity).to_numpy(dtype=float)
        cluster = pd.factorize(own["cluster"], sort=True)[0].astype(np.int32)
        state = own["state"].to_numpy()
        for name, here in [("any", state > 0), *((name, state == i) for i, name in enumerate(STATES) if i)]:
            columns = np.column_stack([here, here * listed, np.ones(len(own)), listed]).astype(float)
            statistic = sum_statistic(columns, cluster=cluster, slices=[np.arange(len(own))])
            kind = {"clusters": int(cluster.max()) + 1, "replicates": REPLICATES, "seed": SEED, "threads": 1}
            sums = resample({"": statistic}, progress=silent, **kind)[""][0]
            recall = sums[1] / sums[0]
            lift = recall / (sums[3] / sums[2])
            ends = percentile_interval(lift.replicates, level=LEVEL)
            yield (
                f"| {model} | {name} | {int(here.sum()):,} | {100 * float(recall.point):.2f} | "
                f"{float(lift.point):.2f} | {_span(ends)} |"
            )


def _span(ends: tuple[float, float] | None) -> str:
    return "none" if ends is None else f"{ends[0]:.2f} to {ends[1]:.2f}"


def main() -> None:
    """One finished run, printed as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--world", type=Path, required=True)
    parser.add_argument("--capacity", type=int, default=100)
    options = parser.parse_args()
    rows = with_truth(pd.read_parquet(options.run / "scores.parquet"), options.world)
    print(f"| model | type | pairs | on the list, of 100 | times a lottery | interval, {LEVEL} |")
    print("| --- | --- | --- | --- | --- | --- |")
    for line in lines(rows, capacity=options.capacity):
        print(line, flush=True)


if __name__ == "__main__":
    main()
