"""Does the threshold test tell thresholds from what there is to find, and does it know how small a difference it could show? Many processes with known truth.

    python experiments/validity/thresholds.py --times 240
    python experiments/validity/thresholds.py --times 700 --settings drawn
    python experiments/validity/thresholds.py --times 400 --settings none --groups 3 6

Visitors with a threshold go through areas that differ in what there is to find and in threshold; counts of visits and findings go to the test as they
are. In `drawn`, share, signal and threshold of either group come from the prior of the test. In settings with a long tail what visitors see is not as
the test takes it to be. With `--groups` so many groups are alike in everything: then neither test, nor what both say together (TK213, TK214), may speak of any of
them in more than one of twenty processes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from line import AT_LEAST, AT_MOST, COVERED, HEAD, NO_DEMAND, Line, found
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from scipy.special import expit, logit, ndtr

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.contrast import POWER
from tegenkracht.evaluation.label_audit import CHOSEN, GAP
from tegenkracht.evaluation.proportions import newcombe_interval
from tegenkracht.evaluation.threshold_test import FEWEST, SIGNAL, THRESHOLD_GAP, THRESHOLD_Z, check_thresholds
from tegenkracht.evaluation.thresholds import CENTRE, OF_GROUP, Decisions, fit_thresholds

Floats = NDArray[np.float64]
CONSOLE = Console(stderr=True)
AREAS = 8
FEW_PLACES, MANY_PLACES = 1500, 4000
ERRORS = 1.96
LEVEL = 0.95
DRAWN, NONE = "drawn", "none"


@dataclass(frozen=True)
class Setting:
    """Share with something to find, signal and threshold of each group, and places per group and area.

    With `long_tail` what visitors see has a long tail (exponential, as easily told apart as by that signal) and is not normal.
    """

    share: tuple[float, ...]
    signal: tuple[float, ...]
    threshold: tuple[float, ...]
    places: int = FEW_PLACES
    long_tail: bool = False

    @property
    def gap(self) -> float:
        """How far the threshold of the second group is above that of the first, in log-odds."""
        return float(logit(self.threshold[1]) - logit(self.threshold[0]))


SETTINGS = {
    "equal thresholds, more to find in one group": Setting((0.03, 0.06), (1.2, 1.2), (0.08, 0.08)),
    "equal thresholds, also easier to see in one group": Setting((0.03, 0.06), (1.0, 1.4), (0.08, 0.08)),
    "lower threshold for one group": Setting((0.03, 0.03), (1.2, 1.2), (0.08, 0.05)),
    "lower threshold, and more to find": Setting((0.03, 0.06), (1.2, 1.2), (0.08, 0.05)),
    "somewhat lower threshold, and more to find": Setting((0.03, 0.06), (1.2, 1.2), (0.08, 0.0455)),
    "lower threshold, and more to find, many places": Setting((0.03, 0.06), (1.2, 1.2), (0.08, 0.05), MANY_PLACES),
    "much lower threshold, and more to find": Setting((0.03, 0.06), (1.2, 1.2), (0.08, 0.03)),
}
"""The fifth is about where nine in ten are found: there a stated smallest difference that is under the planted one is too small."""
LONG_TAILS = {
    f"{name}, signals with a long tail": replace(SETTINGS[name], long_tail=True)
    for name in ("equal thresholds, more to find in one group", "much lower threshold, and more to find")
}
ALL = SETTINGS | LONG_TAILS


def decisions(rng: np.random.Generator, setting: Setting) -> Decisions:
    """What visitors with a threshold would have done, in areas that differ in what there is to find and in threshold."""
    groups = len(setting.share)
    of_area = rng.normal(0, 0.5, AREAS), rng.normal(0, 0.1, AREAS), rng.normal(0, 0.3, AREAS)
    lines = []
    for g in range(groups):
        p, s = expit(logit(setting.share[g]) + of_area[0]), setting.signal[g] * np.exp(of_area[1])
        hit, empty = (long_tailed if setting.long_tail else normal)(
            s, logit(setting.threshold[g]) + of_area[2] - logit(p)
        )
        chances = zip(p * hit, (1 - p) * empty, strict=True)
        lines.append(np.array([rng.multinomial(setting.places, [h, e, 1 - h - e]) for h, e in chances]))
    line = np.arange(groups * AREAS)
    return Decisions(np.concatenate(lines).astype(float), line // AREAS, line % AREAS, line)


def normal(signal: Floats, above: Floats) -> tuple[Floats, Floats]:
    """The chance that something, and that nothing, looks worth a visit: normal signals so far apart, a threshold so far above the share, in log-odds."""
    x = above / signal + signal / 2
    return ndtr(signal - x), ndtr(-x)


def long_tailed(signal: Floats, above: Floats) -> tuple[Floats, Floats]:
    """The same of exponential signals, of which the larger is as often the one of something as with normal signals so far apart."""
    auc = ndtr(signal / np.sqrt(2))
    mean = auc / (1 - auc)
    x = np.maximum((above + np.log(mean)) / (1 - 1 / mean), 0.0)
    return np.exp(-x / mean), np.exp(-x)


def outcomes_differ(made: Decisions) -> bool:
    """Whether the outcome test says that hit rates differ."""
    hits = [made.counts[made.group == g].sum(0) for g in (0, 1)]
    rate = [h[0] / (h[0] + h[1]) for h in hits]
    error = np.sqrt(sum(r * (1 - r) / (h[0] + h[1]) for r, h in zip(rate, hits, strict=True)))
    return bool(abs(rate[1] - rate[0]) > ERRORS * error)


@dataclass
class Lines:
    """What is counted of one kind of process; nothing is claimed for its intervals where signals are not as the test takes them to be (`as_taken`)."""

    name: str
    equal: bool = False
    drawn: bool = False
    as_taken: bool = True

    def __post_init__(self) -> None:
        """Nothing counted yet."""
        self.outcome = Line(f"{self.name}: hit rates differ (outcome test)", "")
        self.tested = Line(
            f"{self.name}: thresholds differ (threshold test)", AT_MOST if self.equal and self.as_taken else NO_DEMAND
        )
        self.over = Line(
            f"{self.name}: threshold test, where the difference is above the smallest that could be shown", AT_LEAST
        )
        self.less = Line(f"{self.name}: less is stated than is there", NO_DEMAND)
        self.held = Line(f"{self.name}: interval holds the true difference", COVERED if self.as_taken else NO_DEMAND)

    def add(self, made: Decisions, true: float, *, fewest: int = 0, signal: float = 0.0) -> None:
        """One more process; none when there are too few findings, or decisions tell too little of the signal."""
        if min(made.counts[made.group == g, 0].sum() for g in (0, 1)) < fewest:
            return
        fit = fit_thresholds(made)
        if fit.signal.min() < signal:
            return
        gap = fit.gap(1, 0, errors=ERRORS)
        self.outcome.add(outcomes_differ(made))
        self.tested.add(abs(gap.errors) > ERRORS)
        self.held.add(gap.low <= true <= gap.high)
        if not self.equal:
            down, up = fit.detectable(1, 0, errors=ERRORS)
            less = true < down or true > up
            self.less.add(less)
            if less:
                self.over.add(np.sign(true) * gap.errors > ERRORS)

    def __iter__(self) -> Iterator[Line]:
        """In the order of the table.

        Of one difference that is found less than nine times in ten, at most 5 % of what is stated may be less than it; what is found of these is about as much as
        of all.
        """
        yield from (self.outcome, self.tested)
        if not self.equal:
            seldom = not self.drawn and self.tested.yes < POWER * self.tested.times
            yield replace(self.over, wanted=NO_DEMAND if seldom else AT_LEAST)
            yield replace(self.less, wanted=AT_MOST if seldom else NO_DEMAND)
        yield self.held


def thresholds(names: Sequence[str], times: int, first_seed: int) -> Iterator[Line]:
    """The outcome test beside the threshold test; of several settings with a difference also what they say together."""
    together = Line(
        "all settings with a difference: threshold test, where it is above the smallest that could be shown", AT_LEAST
    )
    held = Line("all settings: interval holds the true difference", COVERED)
    for name in names:
        drawn = name == DRAWN
        called = "groups drawn from the prior" if drawn else name
        known = drawn or name in SETTINGS
        lines = Lines(called, equal=not drawn and not ALL[name].gap, drawn=drawn, as_taken=known)
        for seed in track(range(first_seed, first_seed + times), description=name, console=CONSOLE):
            rng = np.random.default_rng([seed, 2])
            setting = from_prior(rng) if drawn else ALL[name]
            least = {"fewest": FEWEST, "signal": SIGNAL} if drawn else {}
            lines.add(decisions(rng, setting), setting.gap, **least)
        yield from lines
        if known:
            together.add_all(lines.over)
            held.add_all(lines.held)
    if len({*SETTINGS, DRAWN} & {*names}) > 1:
        yield from (together, held)


def from_prior(rng: np.random.Generator) -> Setting:
    """Two groups as the prior of the test has them."""
    parts = np.array(CENTRE)[:, None] + np.array(OF_GROUP)[:, None] * rng.normal(size=(3, 2))
    return Setting(tuple(expit(parts[0])), tuple(np.exp(parts[1])), tuple(expit(parts[2])))


ALIKE_SHARE, ALIKE_SIGNAL, ALIKE_THRESHOLD = 0.03, 1.2, 0.08


def alike(groups: int, times: int, first_seed: int) -> Iterator[Line]:
    """TK213 and TK214 where so many groups are alike in share, signal and threshold; the first is the one that others are compared with."""
    name = f"{groups} groups alike"
    lines = {code: Line(f"{code}, {name}", AT_MOST) for code in ("TK213", "TK214")}
    setting = Setting((ALIKE_SHARE,) * groups, (ALIKE_SIGNAL,) * groups, (ALIKE_THRESHOLD,) * groups)
    for seed in track(range(first_seed, first_seed + times), description=name, console=CONSOLE):
        made = decisions(np.random.default_rng([seed, 3, groups]), setting)
        told = list(check_thresholds(estimates_of(made), level=LEVEL))
        for code, line in lines.items():
            line.add(found(told, code))
    yield from lines.values()


def estimates_of(made: Decisions) -> Iterator[Estimate]:
    """What both tests give of every group but the first: errors and distance of its threshold, and its hit rate less that of all other groups.

    Groups have as many places in each area, so that what areas differ in drops out of a difference of hit rates: visits count as independent.
    """
    fit = fit_thresholds(made)
    hits = np.array([made.counts[made.group == g].sum(0) for g in range(int(made.group.max()) + 1)])
    share = expit(fit.value)
    for g in range(1, len(hits)):
        where = {"group": f"group={g}", "at": "versus=0"}
        n, gap = int(hits[g].sum()), fit.gap(g, 0, errors=ERRORS)
        low, high = (float(expit(fit.value[0] + by) - share[0]) for by in (gap.low, gap.high))
        yield Estimate("", THRESHOLD_GAP, float(share[g] - share[0]), low, high, n=n, level=LEVEL, **where)
        yield Estimate("", THRESHOLD_Z, float(gap.errors), n=n, **where)
        rest = hits.sum(0) - hits[g]
        (own, visits), (other, others) = ((h[0] / (h[0] + h[1]), h[0] + h[1]) for h in (hits[g], rest))
        ends = newcombe_interval(own, visits, other, others, level=LEVEL)
        yield Estimate("", GAP, own - other, *ends, n=int(visits), level=LEVEL, group=f"group={g}", at=CHOSEN)


def main() -> None:
    """The lines on thresholds, printed as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=240)
    parser.add_argument("--first-seed", type=int, default=1000)
    parser.add_argument("--settings", nargs="+", choices=(*ALL, DRAWN, NONE), default=(*SETTINGS, DRAWN))
    parser.add_argument("--groups", nargs="*", type=int, default=())
    options = parser.parse_args()
    print(HEAD, flush=True)
    for line in thresholds([name for name in options.settings if name != NONE], options.times, options.first_seed):
        print(line, flush=True)
    for groups in options.groups:
        for line in alike(groups, options.times, options.first_seed):
            print(line, flush=True)


if __name__ == "__main__":
    main()
