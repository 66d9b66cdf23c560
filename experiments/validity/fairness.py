"""Do the audits of where differences come from see what was planted, and nothing where nothing was? Many small processes with known truth, and named worlds.

    python experiments/validity/fairness.py --times 200 --worlds 6

Processes are those of `planted.py`, worlds those of `lived.py`. In the kind `dealt` places of `clean` have the groups of other places, by lot. Strips of
a world are dealt by lot over `--parts` studies: an interval over strips speaks of all strips of a world, so each study must know part of them only. With
`--deals` this is done so often (and groups are dealt anew in `dealt`): living through a world takes longest, and one deal of it says little.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from in_processes import seen_per_name, worlds_parser
from line import AT_LEAST, AT_MOST, COVERED, HEAD, NO_DEMAND, found, share_over_worlds
from lived import Truth, lived
from planted import AREAS, LEVEL, MINIMUM, PROXY_SIZE, REPLICATES, Process, labels_of, planted, told_of, worst_in

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.contrast import contrasts
from tegenkracht.evaluation.label_audit import (
    CHOSEN,
    DETECTABLE,
    EQUAL,
    GAP,
    agreement_estimates,
    check_labels,
    second_looks,
)
from tegenkracht.evaluation.proxies import METRIC as PROXY_AUC
from tegenkracht.evaluation.proxies import SCORE, check_proxies
from tegenkracht.evaluation.sample import UNKNOWN
from tegenkracht.evaluation.subgroups import check_subgroups
from tegenkracht.evaluation.threshold_test import (
    THRESHOLD_DETECTABLE,
    THRESHOLD_GAP,
    check_thresholds,
    threshold_estimates,
)

DEALT = "dealt"
NAMES = ("clean", DEALT, "detect_gap", "proxy_only", "infra_marginal")
GROUP, OTHER, VERSUS = "group=group1", "group=group0", "versus=group0"
AGAIN, WITHIN_DAYS = "found_again_gap", 14
SMALLEST = {(GAP, EQUAL): (DETECTABLE, "TK212"), (THRESHOLD_GAP, VERSUS): (THRESHOLD_DETECTABLE, "TK213")}
"""The gaps of which a world knows the truth: what stands beside each as the smallest that could be shown, and the finding that shows it."""
HEAVY = 0.1
"""Share of all that is to be found from which a strip outweighs the others: a study without it cannot know."""
ALARMS = ("TK211", "TK212", "TK213", "TK214", "TK215")
WORLD_HEAD = "| world | figure | studies | mean, or share | wanted |\n| --- | --- | --- | --- | --- |"
Where = tuple[str, str]


@dataclass(frozen=True)
class Gap:
    """A gap between group 1 and the other: what it is in the world and in the strips of the study, what was said of it, and the smallest that could be shown.

    Where none is stated the smallest is infinite.
    """

    true: float
    own: float
    value: float
    low: float
    high: float
    smallest: float

    def holds(self, truth: float) -> bool:
        """Whether the interval does."""
        return self.low <= truth <= self.high

    @property
    def could_be_shown(self) -> bool:
        """Whether the truth is above the smallest gap that is stated."""
        return abs(self.true) > self.smallest


@dataclass(frozen=True)
class Heard:
    """What the audits say of one study.

    Parameters
    ----------
    values
        Per figure and way of counting its value; differences are group 1 less the other.
    gaps
        Those of `SMALLEST` that have an interval.
    found
        Per code whether something was found; codes without an answer are left out.
    heaviest
        How much of all that is to be found in its world one strip has.
    """

    values: Mapping[Where, float]
    gaps: Mapping[Where, Gap]
    found: Mapping[str, bool]
    heaviest: float


def one_world(name: str, seed: int, *, scale: float, parts: int, deals: int, prevalence: str = "") -> list[Heard]:
    """All audits of where differences come from, in each study of one world.

    Parameters
    ----------
    scale
        Of what a study sees; the world is `parts` times as large.
    parts, deals
        Over how many studies its strips are dealt, and how often.
    prevalence
        How common the state is (low, base, high); the world's own when empty.
    """
    world = lived("clean" if name == DEALT else name, seed, scale=scale * parts, prevalence=prevalence)
    out = []
    for deal in range(deals):
        rng = np.random.default_rng([seed, 5, deal])
        if name == DEALT:
            world = world.with_groups_of_others(rng)
        true = truths(*world.of(np.ones(len(world.rows), bool)))
        for made, truth in world.in_parts(parts, rng):
            number = seed * parts * deals + len(out)
            out.append(heard_in(made, true, truths(made, truth), number, heaviest=world.heaviest))
    return out


def truths(made: Process, truth: Truth) -> dict[Where, float]:
    """What each gap of `SMALLEST` is among some rows."""
    member = made.sample.groupings[0].of_row == made.sample.groupings[0].values.index("group1")
    return {(GAP, EQUAL): truth.label_gap(made, member), (THRESHOLD_GAP, VERSUS): truth.threshold_gap(member)}


def heard_in(
    made: Process, true: Mapping[Where, float], own: Mapping[Where, float], seed: int, *, heaviest: float
) -> Heard:
    """What all audits say of one study, beside what is true in its world and in its own strips."""
    sample, visited = made.sample, made.visited
    told, labels = told_of(made), labels_of(made, seed)
    limits = list(threshold_estimates(sample, visited, areas=AREAS, minimum=MINIMUM, level=LEVEL, unknown=UNKNOWN))
    looks = agreement_estimates(
        second_looks(visited, sample, within_days=WITHIN_DAYS),
        sample,
        tuple(contrasts(sample.groupings, minimum=MINIMUM, unknown=UNKNOWN)),
        minimum=MINIMUM,
        replicates=REPLICATES,
        level=LEVEL,
        seed=seed,
        threads=1,
    )
    labels += looks
    findings = [
        check_proxies(told, model="rule", size=PROXY_SIZE),
        *check_labels(labels, model="rule", level=LEVEL),
        *check_thresholds([*labels, *limits], level=LEVEL),
        *check_subgroups(worst_in(made, seed), model="rule", level=LEVEL),
    ]
    estimates = {(e.metric, e.at, e.group): e for e in (*told, *labels, *limits)}
    return Heard(
        values={where: value for where in WATCHED if (value := _value(estimates, where)) is not None},
        gaps={w: gap for w, t in true.items() if (gap := _gap(estimates, w, t, own[w])) is not None},
        found={
            code: found(findings, code)
            for code in ALARMS
            if any(f.code == code and f.verdict in ("found", "not_found") for f in findings)
        },
        heaviest=heaviest,
    )


WATCHED = ((PROXY_AUC, SCORE), (GAP, EQUAL), (GAP, CHOSEN), (DETECTABLE, EQUAL), (THRESHOLD_GAP, VERSUS), (AGAIN, ""))


def _one_of_two(estimates: Mapping[tuple[str, str, str], Estimate], where: Where) -> tuple[Estimate, bool] | None:
    """What is told of one of the two groups (of two only one is set beside the rest), and whether it is the other one."""
    for group in (GROUP, OTHER):
        if (e := estimates.get((*where, group))) is not None and e.value is not None:
            return e, group == OTHER
    return None


def _value(estimates: Mapping[tuple[str, str, str], Estimate], where: Where) -> float | None:
    told = _one_of_two(estimates, where)
    if told is None or told[0].value is None:
        return None
    e, turned = told
    return -e.value if turned and where[0] in (GAP, THRESHOLD_GAP, AGAIN) else e.value


def _gap(estimates: Mapping[tuple[str, str, str], Estimate], where: Where, true: float, own: float) -> Gap | None:
    told = _one_of_two(estimates, where)
    if told is None or told[0].value is None or told[0].low is None or told[0].high is None:
        return None
    e, turned = told
    stated = estimates.get((SMALLEST[where][0], e.at, e.group))
    smallest = float("inf") if stated is None or stated.value is None else stated.value
    if turned:
        return Gap(true, own, -e.value, -e.high, -e.low, smallest)
    return Gap(true, own, e.value, e.low, e.high, smallest)


def summary(name: str, worlds: Sequence[Sequence[Heard]]) -> Iterator[str]:
    """Values of one kind of world, how often intervals hold the truth, how often what could be shown is, and how often each finding speaks.

    Strips are what an interval takes to be drawn, so that it speaks of all strips of a world, under its inspectors and in its years: that is the truth which it
    is to hold. It holds that of the study's own strips more often, as these are no others, and the mean over worlds of one kind less often, as
    inspectors and years are then others too.
    """
    heard = [one for world in worlds for one in world]
    for metric, at in WATCHED:
        values = [one.values[metric, at] for one in heard if (metric, at) in one.values]
        yield from _mean(name, f"`{metric}` {at}".strip(), values)
    for where, (_, code) in SMALLEST.items():
        yield from _of_gap(name, worlds, where, code)
    yield from _mean(name, "what one strip has of all that is to be found, at most", [one.heaviest for one in heard])
    for code in ALARMS:
        spoken = [[one.found[code] for one in world if code in one.found] for world in worlds]
        yield _share(name, code, spoken, AT_MOST if name == DEALT else NO_DEMAND)


def _of_gap(name: str, worlds: Sequence[Sequence[Heard]], where: Where, code: str) -> Iterator[str]:
    """How often the interval of one gap holds each truth, and how often what could be shown is."""
    asked = [[one for one in world if where in one.gaps] for world in worlds]
    gaps = [[one.gaps[where] for one in world] for world in asked]
    trues = [gap.true for world in gaps for gap in world]
    if not trues:
        return
    yield from _mean(name, f"`{where[0]}`: truth", trues)
    mean, held = float(np.mean(trues)), f"`{where[0]}`: interval holds the truth of"
    of_world = [[gap.holds(gap.true) for gap in world] for world in gaps]
    light = [
        [so for one, so in zip(*both, strict=True) if one.heaviest <= HEAVY]
        for both in zip(asked, of_world, strict=True)
    ]
    own = [[gap.holds(gap.own) for gap in world] for world in gaps]
    such = [[gap.holds(mean) for gap in world] for world in gaps]
    shown = [[one.found[code] for one in w if code in one.found and one.gaps[where].could_be_shown] for w in asked]
    yield _share(name, f"{held} its world", of_world, COVERED)
    yield _share(name, f"{held} its world, where no strip has over a tenth", light, NO_DEMAND)
    yield _share(name, f"{held} its own strips", own, NO_DEMAND)
    yield _share(name, f"{held} such worlds", such, NO_DEMAND)
    yield _share(name, f"{code}, truth above the stated smallest gap", shown, AT_LEAST)


def _mean(name: str, figure: str, values: Sequence[float]) -> Iterator[str]:
    if values:
        yield f"| {name} | {figure} | {len(values)} | {np.mean(values):.4f} (SD {np.std(values):.4f}) | |"


def _share(name: str, figure: str, worlds: Sequence[Sequence[bool]], wanted: str) -> str:
    return f"| {name} | {figure} | {sum(map(len, worlds))} | {share_over_worlds(worlds)} | {wanted} |"


def main() -> None:
    """Every part, printed as Markdown."""
    parser = worlds_parser(__doc__, names=NAMES)
    parser.add_argument("--times", type=int, default=200, help="processes with something planted")
    parser.add_argument("--first-seed", type=int, default=1000, help="number of the first process")
    parser.add_argument("--scale", type=float, default=0.03, help="scale of what one study sees")
    parser.add_argument("--parts", type=int, default=10, help="studies over which the strips of a world are dealt")
    parser.add_argument("--deals", type=int, default=1, help="how often they are")
    parser.add_argument("--prevalence", default="", choices=["low", "base", "high"], help="instead of the world's own")
    options = parser.parse_args()
    if options.times:
        print(HEAD, flush=True)
        for line in planted(options.times, options.first_seed, workers=options.workers):
            print(line, flush=True)
    if options.worlds:
        print(f"\n{WORLD_HEAD}", flush=True)
        how = {key: getattr(options, key) for key in ("scale", "parts", "deals", "prevalence")}
        for name, worlds in seen_per_name(one_world, options, **how):
            print("\n".join(summary(name, worlds)), flush=True)


if __name__ == "__main__":
    main()
