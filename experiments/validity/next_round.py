"""What does a loop learn that follows its own list, and what does a share of visits by lot cost? In worlds in which the truth is known.

    python experiments/validity/next_round.py --worlds 10

Each policy chooses the visits of fourteen quarters in the same world, with the same chance in everything else. `greedy` follows the model's list alone; `by lot` draws a
share of the visits among all other places; `raw weights` does so too, and lets each visit count in *learning* for one over its chance.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from rich.console import Console
from rich.progress import track

from tegenkracht.core.progress import silent
from tegenkracht.data.world import read_world
from tegenkracht.simulation.closed_loop import LoopRecord, closed_loop, price_of_exploration

NAMES = {"model_greedy": "greedy", "model_eps": "by lot", "model_eps_weighted": "by lot, raw weights in learning"}
QUARTERS = 14
LAST = 4
"""Quarters at the end over which the AUC is averaged."""

Figures = Mapping[str, Mapping[str, float]]


def one_world(name: str, *, share: float, scale: float, seed: int) -> dict[str, dict[str, float]]:
    """Per policy its figures in one world."""
    records = closed_loop(
        read_world(name),
        sector="shopping_strip",
        policies=list(NAMES),
        quarters=QUARTERS,
        explore=share,
        scale=scale,
        seed=seed,
        progress=silent,
    )
    greedy = records[0]
    return {record.policy: figures(record, greedy) for record in records}


def figures(record: LoopRecord, greedy: LoopRecord) -> dict[str, float]:
    """What the card of a next round asks: whom it visits, whom it never sees, what it finds and what exploring costs."""
    return {
        **{f"amplification, group {group}": value for group, value in record.amplification.items()},
        "Gini of visits over strips": record.gini,
        "places never visited": record.never_visited,
        "strips never visited": record.clusters_never_visited,
        "finds": float(record.finds),
        "price of exploration": price_of_exploration(greedy, record),
        f"AUC, last {LAST} quarters": float(np.nanmean(record.auc[-LAST:])),
    }


def table(worlds: Sequence[Figures]) -> Iterator[str]:
    """A line per figure, a column per policy: mean over worlds and its standard error."""
    yield "| figure | " + " | ".join(NAMES.values()) + " |"
    yield "| --- |" + " --- |" * len(NAMES)
    for figure in worlds[0]["model_greedy"]:
        cells = []
        for policy in NAMES:
            values = np.array([world[policy][figure] for world in worlds])
            cells.append(f"{values.mean():.3f} ({values.std(ddof=1) / np.sqrt(len(values)):.3f})")
        yield f"| {figure} | " + " | ".join(cells) + " |"


def verdicts(worlds: Sequence[Figures]) -> Iterator[str]:
    """Of how many worlds each sign holds."""
    greedy, lots, weighted = ([world[policy] for world in worlds] for policy in NAMES)
    auc = f"AUC, last {LAST} quarters"
    signs = {
        "by lot fewer places are never visited": [
            b["places never visited"] < a["places never visited"] for a, b in zip(greedy, lots, strict=True)
        ],
        "by lot finds fewer": [b["finds"] < a["finds"] for a, b in zip(greedy, lots, strict=True)],
        "raw weights order worse than no weights": [c[auc] < b[auc] for b, c in zip(lots, weighted, strict=True)],
        "raw weights find fewer than no weights": [
            c["finds"] < b["finds"] for b, c in zip(lots, weighted, strict=True)
        ],
    }
    for sign, held in signs.items():
        yield f"- {sign}: in {sum(held)} of {len(held)} worlds"


def main() -> None:
    """Several worlds, printed as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=10)
    parser.add_argument("--scale", type=float, default=0.05)
    parser.add_argument("--share", type=float, default=0.1)
    parser.add_argument("--name", default="selected")
    options = parser.parse_args()
    if options.worlds < 2:
        parser.error("--worlds: 2 or more, for a standard error.")
    seeds = track(range(1, options.worlds + 1), description=options.name, console=Console(stderr=True))
    worlds = [one_world(options.name, share=options.share, scale=options.scale, seed=seed) for seed in seeds]
    print("\n".join([*table(worlds), "", *verdicts(worlds)]))


if __name__ == "__main__":
    main()
