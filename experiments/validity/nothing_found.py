"""Does the interval of a weighed share hold the truth where no visit found anything? Heavy visits find often, light ones seldom, and few are heavy.

    python experiments/validity/nothing_found.py --times 1500

Of two thousand places nearly all are visited with a chance of 4 in 1,000 and have something 15 times in 100; fifty are nearly surely visited and have next to nothing.
"""

from __future__ import annotations

import argparse

import numpy as np
from line import COVERED, HEAD, NO_DEMAND, Line

from tegenkracht.core.wilson import wilson_interval
from tegenkracht.evaluation.weighed import FEW
from tegenkracht.evaluation.worth_of_visits import visits_worth

PLACES, SURE = 2_000, 50
SELDOM, NEARLY_SURE = 0.004, 0.9
OFTEN_FOUND, SELDOM_FOUND = 0.15, 0.002
LEVEL = 0.95


def study(times: int, first_seed: int) -> tuple[Line, ...]:
    """All processes with enough visits; those of them in which nothing was found; and how often an interval from the number of visits would have held the truth there."""
    sure = np.arange(PLACES) < SURE
    chance, rate = np.where(sure, NEARLY_SURE, SELDOM), np.where(sure, SELDOM_FOUND, OFTEN_FOUND)
    every = Line("share of all places: interval holds the truth", COVERED)
    none = Line("the same, where no visit found anything", NO_DEMAND)
    counted = Line("the same there, at the number of visits instead of what they are worth", NO_DEMAND)
    for seed in range(first_seed, first_seed + times):
        rng = np.random.default_rng([seed, 5])
        there, visited = rng.random(PLACES) < rate, rng.random(PLACES) < chance
        weight, found = 1 / chance[visited], there[visited].astype(float)
        if found.size < FEW:
            continue
        moves = np.sqrt(1 - 1 / np.maximum(weight, 2.0))
        worth = float(visits_worth(weight[:, None], found, moves).modelled[0])
        share, true = float(weight @ found / weight.sum()), float(rate.mean())
        every.add(_holds(share, worth, true))
        if not found.any():
            none.add(_holds(share, worth, true))
            counted.add(_holds(share, found.size, true))
    return every, none, counted


def _holds(share: float, worth: float, true: float) -> bool:
    low, high = wilson_interval(share, worth, level=LEVEL)
    return low <= true <= high


def main() -> None:
    """The three lines, printed as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=1_500)
    parser.add_argument("--first-seed", type=int, default=1)
    options = parser.parse_args()
    print(HEAD, *study(options.times, options.first_seed), sep="\n")


if __name__ == "__main__":
    main()
