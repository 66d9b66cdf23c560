"""Do intervals of shares corrected for imperfect inspections hold the truth? Planted processes, and worlds in which visits miss much."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from small_world import small_world

from tegenkracht.core.inspections import Tally
from tegenkracht.core.wilson import wilson_interval
from tegenkracht.data.world import read_world
from tegenkracht.evaluation.estimates import About
from tegenkracht.evaluation.imperfect import Recorded, bayesian, rogan_gladen
from tegenkracht.evaluation.sight import Sight, TwoVisits

LEVEL, SPECIFICITY = 0.95, 0.99
VISITS, CASES, CLEAN, PAIRS = 500, 100, 2_000, 1_500
HARD = (0.7, 0.5, 0.3)
"""Sensitivity for the three types of the methods (D.7)."""


@dataclass(frozen=True)
class Line:
    """One interval: what it is about, and the truth that it should hold."""

    setting: str
    figure: str
    truth: float
    value: float | None
    low: float | None
    high: float | None


def tally(rng: np.random.Generator, share: float, of: int) -> Tally:
    """Known cases, or known clean places, each seen rightly with this chance."""
    return Tally(found=int(rng.binomial(of, share)), of=of)


def lines_of(setting: str, truth: float, recorded: Recorded, sight: Sight, seed: int) -> Iterator[Line]:
    """The share as it was recorded, by formula and by posterior."""
    naive = wilson_interval(recorded.share, recorded.n, level=LEVEL)
    yield Line(setting, "as recorded", truth, recorded.share, *naive)
    for figure, made in (
        ("Rogan-Gladen", rogan_gladen(recorded, sight, "true_prevalence", About(), level=LEVEL)),
        ("Bayesian", bayesian(recorded, sight, "true_prevalence", About(), level=LEVEL, seed=seed)[0]),
    ):
        yield Line(setting, figure, truth, made.value, made.low, made.high)


def planted(seed: int, prevalence: float, sensitivity: float, visits: int = VISITS) -> Iterator[Line]:
    """Visits to a random part of all places, with tallies from known cases and known clean places."""
    rng = np.random.default_rng([seed, 1])
    q = prevalence * sensitivity + (1 - prevalence) * (1 - SPECIFICITY)
    recorded = Recorded(rng.binomial(visits, q) / visits, visits)
    sight = Sight(tally(rng, sensitivity, CASES), tally(rng, SPECIFICITY, CLEAN))
    yield from lines_of(f"prevalence {prevalence:g}, Se {sensitivity:g}", prevalence, recorded, sight, seed)


def twice(seed: int, prevalence: float, sensitivity: tuple[float, ...], visits: int = VISITS) -> Iterator[Line]:
    """Sensitivity from places that were visited twice, and the share corrected with it; types of cases are equally common."""
    rng = np.random.default_rng([seed, 2])
    see = np.where(rng.random(PAIRS) < prevalence, rng.choice(sensitivity, PAIRS), 1 - SPECIFICITY)
    one, two = rng.random((2, PAIRS)) < see
    cells = [int(x.sum()) for x in (one & two, one & ~two, ~one & two, ~one & ~two)]
    sight = Sight(TwoVisits(*cells), tally(rng, SPECIFICITY, CLEAN))
    truth, alike = float(np.mean(sensitivity)), len(sensitivity) == 1
    setting = f"twice, prevalence {prevalence:g}, " + (f"Se {truth:g}" if alike else "Se .7, .5 or .3")
    if (found := sight.cases) is not None:
        ends = wilson_interval(found.share, found.n, level=LEVEL)
        yield Line(setting, "sensitivity", truth, found.share, *ends)
        if not alike:
            yield Line(setting, "sensitivity, at most the upper end", truth, found.share, 0.0, ends[1])
    q = prevalence * truth + (1 - prevalence) * (1 - SPECIFICITY)
    recorded = Recorded(rng.binomial(visits, q) / visits, visits)
    for line in lines_of(setting, prevalence, recorded, sight, seed):
        yield line
        if not alike and line.figure != "as recorded":
            yield replace(line, figure=f"{line.figure}, at least the lower end", high=1.0)


def world(seed: int, name: str) -> Iterator[Line]:
    """Visits by lot in a world; tallies from random cases and clean places of which the truth is read."""
    lived = small_world(read_world(name), sector="shopping_strip", scale=0.03, seed=seed)
    rng = np.random.default_rng([seed, 3])
    lot = lived.visits[lived.visits["channel"] == "random"].drop_duplicates("inspection_id")
    truth, found = lived.present.mean(), lived.potential[:, 0]
    cases, clean = (rng.choice(np.flatnonzero((lived.present == there) & ~np.isnan(found)), of, replace=False)
                    for there, of in ((True, CASES // 2), (False, CLEAN)))  # fmt: skip
    sight = Sight(
        Tally(found=int(found[cases].sum()), of=cases.size),
        Tally(found=int(clean.size - found[clean].sum()), of=clean.size),
    )
    recorded = Recorded(float(lot["positive"].mean()), len(lot))
    yield from lines_of(f"world `{name}`, by lot", float(truth), recorded, sight, seed)


def table(lines: list[Line]) -> Iterator[str]:
    """Bias and coverage per setting and figure."""
    yield "| setting | figure | replicates | truth | mean | no number | 95 % interval holds it | mean width |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for setting, figure in dict.fromkeys((line.setting, line.figure) for line in lines):
        own = [line for line in lines if (line.setting, line.figure) == (setting, figure)]
        told = [(x.truth, x.value, x.low, x.high) for x in own if x.value is not None and x.low is not None]
        truth, value, low, high = np.array(told, float).T
        held = float(np.mean((low <= truth) & (truth <= high)))
        least, most = wilson_interval(held, len(told), level=LEVEL)
        yield (
            f"| {setting} | {figure} | {len(own)} | {truth.mean():.4f} | {value.mean():.4f} | {len(own) - len(told)} "
            f"| {100 * held:.1f} % ({100 * least:.0f} to {100 * most:.0f} %) | {(high - low).mean():.3f} |"
        )


def study(replicates: int, worlds: int) -> list[Line]:
    """Every setting, so many times."""
    makers: list[tuple[Callable[[int], Iterator[Line]], int]] = [
        *((lambda s, p=p, se=se: planted(s, p, se), replicates) for p in (0.03, 0.10) for se in (0.3, 0.5, 0.7)),
        *((lambda s, se=se: twice(s, 0.10, se), replicates) for se in ((0.3,), (0.5,), (0.7,), HARD)),
        *((lambda s, name=name: world(s, name), worlds) for name in ("selected", "detect_gap")),
    ]  # fmt: skip
    return [line for make, count in makers for seed in range(count) for line in make(seed)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicates", type=int, default=400)
    parser.add_argument("--worlds", type=int, default=40)
    arguments = parser.parse_args()
    print("\n".join(table(study(arguments.replicates, arguments.worlds))))
