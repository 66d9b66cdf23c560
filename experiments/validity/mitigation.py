"""Does a mitigation narrow the true gap in the next period, and is what the card says of it so? Many small processes with known truth.

    python experiments/validity/mitigation.py --times 200

Strips of places in two groups. Visits report more in group b than is there, so that a model learns from what stands in for the group. Models and
mitigations are those of a study (logistic regression; columns that tell the group left out, fixed directions, reweighing, fairlearn's exponentiated
gradient, threshold per group, quota); two test periods follow. The truth is what the same fitted models and lists do in a population forty times as
large. A change is asked to be shown where the true one is at least the smallest that the study says its data could show.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from line import AT_LEAST, AT_MOST, COVERED, HEAD, NO_DEMAND, Line, holds
from rich.console import Console
from rich.progress import track
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tegenkracht.core.conditions import at_of, value_of
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import COLUMNS, Scores
from tegenkracht.evaluation.mitigation import mitigation_estimates
from tegenkracht.evaluation.mitigation_checks import Aim, check_mitigations
from tegenkracht.evaluation.mitigation_lists import Divided
from tegenkracht.models.mitigated_learning import learn
from tegenkracht.models.mitigation import ExponentiatedGradient, Reweigh
from tegenkracht.models.proxies import correlation_ratio
from tegenkracht.models.selection import Levels, by_level, by_quota
from tegenkracht.models.signed_logistic import SignedLogistic

CONSOLE = Console(stderr=True)
LEVEL, REPLICATES, MINIMUM = 0.95, 300, 10
STRIPS, PLACES, LISTED, LARGER = 100, 30, 0.1, 40
MORE_REPORTED, PROXY, NOISE, SEEN = 0.12, 1.0, 0.1, 0.5
MATTERS = 0.02
EARLIER, NEXT = "f1", "f2"
BASE = "base"
DONE = {
    "without": "columns that tell the group are left out",
    "against": "a fixed direction that the stand-in goes against",
    "along": "fixed directions that no column goes against",
    "reweigh": "weights",
    "gradient": "learning under a limit (exponentiated gradient)",
    "threshold": "a threshold per group",
    "quota": "a quota by places",
    "halfway": "a quota that leaves a part of the gap",
    "overdone": "a quota that goes too far",
    "nothing": "something that does nothing",
    "fading": "a quota that is dropped in the next period",
    "late": "a quota that goes too far in the next period alone",
}
"""Mitigations, and what they are called in the table."""
LIMIT = {
    **{"kind": "exponentiated_gradient", "attribute": "group", "equal": "selection_rate"},
    **{"bound": 0.01, "flagged_from": 0.3, "rounds": 20},
}
"""What learning is held to: places that stand out, about as many as a list is long, may differ by a point between a group and everybody."""
HELD = tuple(name for name in DONE if name != "late")
"""What intervals are asked of: not a list that is divided in one of two periods, which no study has."""
KNOWN_OF_EACH = ("indicator", "stand_in")
TELLS = 0.2
"""Correlation ratio with the group, among training rows without a finding, from which a column is left out: that of the study's option."""
AGAINST, ALONG = (1, -1), (1, 1)
"""Directions of both columns; visits report more where the stand-in is high, so that the first leaves it no weight."""
HALFWAY, OVERDONE = {"a": 0.44, "b": 0.56}, {"a": 0.7, "b": 0.3}
HARMS = ("selection_rate", "false_positive_rate")
COVERS = (*(f"{harm}_pair_{what}" for harm in HARMS for what in ("gap", "shift")), "precision_change")
NARROWER = (
    *("without", "against", "along", "reweigh", "gradient"),
    *("threshold", "quota", "halfway", "overdone", "nothing"),
)
SAME_LIST = ("along", "nothing")
"""What leaves the true gap as it is."""
NO_GAP = ("without", "against", "quota")
"""What leaves no true gap on the list: it holds as many of both groups, or rests on an indicator that is alike in both."""
KEPT = ("without", "against", "reweigh", "gradient", "threshold", "quota", "halfway")
ABOVE, BELOW = "the true change is at least the smallest that could be shown", "the true change is smaller than that"
HOW = ("shown", "plain", "crossed")
SAME = {how: f"said to have turned (TK218, {how}), the true gap did not" for how in HOW}
GONE = {how: f"said to have turned (TK218, {how}), the true gap is wholly gone" for how in HOW}
TURNS = (
    "said to have turned (TK218, shown), the true gaps before and after are at least the smallest that could be shown"
)
TURNS_BELOW = "said to have turned (TK218, shown), the true gap did, and one of the two is smaller than that"
LATE = "said to have turned in the next period (TK218, shown), where it did there alone and the true gaps are at least the smallest that could be shown"
TURNED = {
    **dict.fromkeys(SAME.values(), AT_MOST),
    **{line: AT_MOST if how == "shown" else "a description" for how, line in GONE.items()},
    **{TURNS: AT_LEAST, TURNS_BELOW: NO_DEMAND, LATE: AT_LEAST},
}
UNTRUE = "said that nothing of 2 points or more changed (TK219), and the true change is that large"
OPEN = "said that the data are not enough (TK219), where narrower was not shown and the true change is 2 points or more"
SAID = {UNTRUE: AT_MOST, OPEN: NO_DEMAND}


@dataclass(frozen=True)
class Places:
    """Places of one period: what is known of each, whether there is something, and what a visit would report."""

    strip: np.ndarray
    group: np.ndarray
    known: np.ndarray
    noise: np.ndarray
    reported: np.ndarray
    visited: np.ndarray


def places(rng: np.random.Generator, *, strips: int) -> Places:
    """Strips whose places are alike; `known` is an indicator and a stand-in for the group, `noise` two columns that say nothing."""
    strip = np.repeat(np.arange(strips), PLACES)
    n = strip.size
    in_b = rng.random(n) < rng.beta(3, 3, strips)[strip]
    indicator = rng.normal(size=n) + 0.4 * rng.normal(size=strips)[strip]
    known = np.column_stack([indicator, rng.normal(size=n) + PROXY * in_b])
    reported = rng.random(n) < np.clip(expit(-2.2 + 0.8 * indicator) + MORE_REPORTED * in_b, 0, 1)
    visited = rng.random(n) < SEEN
    return Places(strip, np.where(in_b, "b", "a"), known, NOISE * rng.normal(size=(n, 2)), reported, visited)


@dataclass(frozen=True)
class Learnt:
    """Models that were fitted before the first test period."""

    plain: object
    without: object
    columns: tuple[str, ...]
    against: object
    along: object
    weighed: object
    limited: object
    levels: Levels

    @classmethod
    def of(cls, train: Places) -> Learnt:
        """From what visits reported."""
        table = pd.DataFrame(train.known[train.visited], columns=KNOWN_OF_EACH)
        outcome, groups = train.reported[train.visited].astype(np.int64), train.group[train.visited]
        model = make_pipeline(LogisticRegression())
        chances = cross_val_predict(model, table, outcome, cv=5, method="predict_proba")[:, 1]
        plain = learn(make_pipeline(LogisticRegression()), table, outcome, mitigation=None, groups=None)
        clean = outcome == 0
        columns = tuple(c for c in KNOWN_OF_EACH if correlation_ratio(table[c][clean], groups[clean]) < TELLS)
        without = learn(make_pipeline(LogisticRegression()), table[[*columns]], outcome, mitigation=None, groups=None)
        against, along = (
            learn(make_pipeline(SignedLogistic(signs=signs)), table, outcome, mitigation=None, groups=None)
            for signs in (AGAINST, ALONG)
        )
        rule = Reweigh(kind="reweigh", attribute="group")
        weighed = learn(model, table, outcome, mitigation=rule, groups=groups)
        limit = ExponentiatedGradient(**LIMIT)
        scaled = make_pipeline(StandardScaler(), LogisticRegression())
        limited = learn(scaled, table, outcome, mitigation=limit, groups=groups)
        levels = Levels.of(chances, outcome, groups, equal="selection_rate")
        return cls(plain, without, columns, against, along, weighed, limited, levels)

    def orders(self, at: Places, *, period: str) -> dict[str, np.ndarray]:
        """Per model what its list is made from."""
        table = pd.DataFrame(at.known, columns=KNOWN_OF_EACH)
        fitted = (self.plain, self.against, self.along, self.weighed, self.limited)
        score, against, along, weighed, limited = (model.predict_proba(table)[:, 1] for model in fitted)
        lot = np.arange(score.size, dtype=np.uint64)
        values, counts = np.unique(at.group, return_counts=True)
        alike = dict(zip(values.tolist(), (counts / counts.sum()).tolist(), strict=True))
        base, other = (np.log(score / (1 - score)) + at.noise[:, i] for i in (0, 1))
        overdone = by_quota(score, at.group, OVERDONE, lot=lot)
        quota = by_quota(score, at.group, alike, lot=lot)
        return {
            BASE: base,
            "without": self.without.predict_proba(table[[*self.columns]])[:, 1],
            "against": against,
            "along": along,
            "reweigh": weighed,
            "gradient": limited,
            "threshold": by_level(score, at.group, self.levels, lot=lot),
            "quota": quota,
            "halfway": by_quota(score, at.group, HALFWAY, lot=lot),
            "overdone": overdone,
            "nothing": other,
            "fading": quota if period == EARLIER else other,
            "late": other if period == EARLIER else overdone,
        }


def tested(learnt: Learnt, periods: Mapping[str, Places]) -> Scores:
    """Two test periods as the table of scores of a study: each place stands in its period once."""
    parts, context = [], []
    for year, (period, at) in enumerate(periods.items()):
        n = at.group.size
        names = [f"{period}{i:06d}" for i in range(n)]
        shared = pd.DataFrame({"row_id": names, "unit_id": names, "as_of": pd.Timestamp(2023 + year, 1, 1)})
        shared = shared.assign(fold=period, rank=1, outcome=np.where(at.visited, at.reported, np.nan))
        shared = shared.assign(observed=at.visited)
        parts += [shared.assign(model=m, score=order) for m, order in learnt.orders(at, period=period).items()]
        own = pd.DataFrame({"cluster_id": at.strip.astype(str), "group": at.group}, index=names)
        context.append(own.assign(area_code="a", sector="s", inspector=None, channel=None, earlier_visits=0.0))
    rows = pd.concat(parts, ignore_index=True)
    return Scores(rows[list(COLUMNS)], pd.concat(context), ("group",), (BASE, *DONE))


@dataclass(frozen=True)
class Truth:
    """Of a large population and one list: how often each group is hit, and how often a visit to the list reports something."""

    hit: Mapping[tuple[str, str], float]
    precision: float

    def gap(self, harm: str, most: str, least: str) -> float:
        """How much more often one group is hit than the other."""
        return self.hit[harm, most] - self.hit[harm, least]


def truth(learnt: Learnt, at: Places) -> dict[str, Truth]:
    """Per model, in the next period."""
    out = {}
    for model, order in learnt.orders(at, period=NEXT).items():
        listed = np.zeros(order.size, bool)
        listed[np.argsort(-order, kind="stable")[: round(LISTED * order.size)]] = True
        hit = {}
        for group in ("a", "b"):
            own = at.group == group
            hit["selection_rate", group] = float(listed[own].mean())
            hit["false_positive_rate", group] = float(listed[own & ~at.reported].mean())
        out[model] = Truth(hit, float(at.reported[listed].mean()))
    return out


def told(
    scores: Scores, seed: int, visits: pd.DataFrame | None = None
) -> tuple[tuple[Estimate, ...], tuple[Finding, ...]]:
    """What a study says of the mitigations; with visits also what these say when they are weighed, or by lot alone."""
    capacity = round(LISTED * STRIPS * PLACES)
    estimates = mitigation_estimates(
        scores,
        visits,
        base_of=dict.fromkeys(DONE, BASE),
        divided={name: Divided("group", by_places=name == "quota") for name in ("quota", "halfway", "overdone")},
        refilled=("threshold",),
        last={NEXT},
        capacity=capacity,
        lists="per_as_of",
        cluster_by="cluster_id",
        replicates=REPLICATES,
        level=LEVEL,
        seed=seed,
        min_group=MINIMUM,
        threads=1,
        progress=silent,
    )
    aims = {name: Aim(BASE, ("group",), "selection_rate") for name in DONE}
    return estimates, tuple(check_mitigations(estimates, aims, capacity=capacity, smallest=MATTERS, weighs=True))


def smallest(estimates: tuple[Estimate, ...], model: str, metric: str, period: str) -> float:
    """The smallest gap, or change of one, that the study says its data could show; without one none is large enough."""
    wanted = (model, f"{metric}_detectable")
    told = [e for e in estimates if (e.model, e.metric) == wanted and at_of(e, "period") == period]
    return next((e.value for e in told if e.value is not None), np.inf)


def _demands(name: str) -> tuple[tuple[str, str], ...]:
    """Where narrower is wanted to be said of a mitigation, and how often."""
    if name in SAME_LIST:
        return (("", "at most 2.5 %"),)
    return (("", NO_DEMAND),) if name == "overdone" else ((ABOVE, AT_LEAST), (BELOW, NO_DEMAND))


@dataclass
class Table:
    """What the study counts."""

    true: dict[str, list[tuple[float, float, float]]] = field(default_factory=lambda: {name: [] for name in DONE})
    cover: dict[tuple[str, str], Line] = field(
        default_factory=lambda: {(name, figure): Line(name, COVERED) for name in HELD for figure in COVERS}
    )
    narrower: dict[tuple[str, str], Line] = field(
        default_factory=lambda: {
            (name, where): Line(f"said to be narrower (TK219 silent){where and f', {where}'}: {DONE[name]}", wanted)
            for name in NARROWER
            for where, wanted in _demands(name)
        }
    )
    said: dict[str, Line] = field(default_factory=lambda: {name: Line(name, wanted) for name, wanted in SAID.items()})
    turned: dict[str, Line] = field(
        default_factory=lambda: {name: Line(name, wanted) for name, wanted in TURNED.items()}
    )
    kept: dict[tuple[str, str], Line] = field(
        default_factory=lambda: (
            {
                (name, where): Line(
                    f"said not to be kept (TK221), where narrower was said before and {where}: {DONE[name]}", wanted
                )
                for name in KEPT
                for where, wanted in ((ABOVE, "at most 10 %"), (BELOW, NO_DEMAND))
            }
            | {("fading", ""): Line(f"said not to be kept (TK221), {DONE['fading']}", AT_LEAST)}
        )
    )

    def add(self, scores: Scores, true: Mapping[str, Truth], seed: int) -> None:
        """One more process; `true` by model."""
        estimates, findings = told(scores, seed)
        for name in DONE:
            own = [f for f in findings if f.model == name]
            before, after = (true[model].gap("selection_rate", "b", "a") for model in (BASE, name))
            self.true[name].append((before, after, true[name].precision - true[BASE].precision))
            if name == "late":
                self._late(own, estimates, before, after)
            elif name != "fading":
                self._narrower(name, own, estimates, before, after)
                turns = [f.facts for f in own if f.code == "TK218" and f.verdict == "found"]
                self._turns(name, true, {(str(facts["metric"]), str(facts["turned"])) for facts in turns}, estimates)
            self._kept(name, own, estimates, before, after)
        for e in estimates:
            self._held(e, true)

    def _narrower(
        self, name: str, own: list[Finding], estimates: tuple[Estimate, ...], before: float, after: float
    ) -> None:
        """What is said of the gap that the mitigation is about, by whether these data could show as much."""
        told = [f for f in own if f.code == "TK219"]
        narrower = [f.verdict for f in told] == ["not_found"]
        if name in (*SAME_LIST, "overdone"):
            self.narrower[name, ""].add(narrower)
        elif abs(after) < abs(before):
            least = smallest(estimates, name, "selection_rate_pair_shift", "all")
            self.narrower[name, ABOVE if abs(after - before) >= least else BELOW].add(narrower)
        if abs(after - before) >= MATTERS:
            how = [str(f.facts["by"]) for f in told]
            self.said[UNTRUE].add(how == ["none_that_matters"])
            if not narrower and abs(after) < abs(before):
                self.said[OPEN].add(how == ["not_enough"])

    def _kept(
        self, name: str, own: list[Finding], estimates: tuple[Estimate, ...], before: float, after: float
    ) -> None:
        """Whether a gain that was shown is said to be lost."""
        told = [f.verdict for f in own if f.code == "TK221" and f.verdict != "not_applicable"]
        if told and name == "fading":
            self.kept[name, ""].add(told == ["found"])
        elif told and name in KEPT:
            least = smallest(estimates, name, "selection_rate_pair_shift", "next")
            self.kept[name, ABOVE if abs(after - before) >= least else BELOW].add(told == ["found"])

    def _turns(
        self, name: str, true: Mapping[str, Truth], turns: Set[tuple[str, str]], estimates: tuple[Estimate, ...]
    ) -> None:
        """What is said of the direction of two gaps, over all periods or in the next, beside the direction that they have."""
        for harm in HARMS:
            gaps = {model: true[model].gap(harm, "b", "a") for model in (BASE, name)}
            said = {how for metric, how in turns if metric == harm}
            if name in NO_GAP and harm == "selection_rate":
                self._count(GONE, said)
            elif gaps[BASE] * gaps[name] > 0:
                self._count(SAME, said)
            elif name == "overdone":
                could = all(abs(gap) >= smallest(estimates, m, f"{harm}_pairs_gap", "all") for m, gap in gaps.items())
                self.turned[TURNS if could else TURNS_BELOW].add("shown" in said)

    def _late(self, own: list[Finding], estimates: tuple[Estimate, ...], before: float, after: float) -> None:
        """A gap on the list that turns in the next period alone."""
        gaps = {BASE: before, "late": after}
        if all(abs(gap) >= smallest(estimates, m, "selection_rate_pairs_gap", "next") for m, gap in gaps.items()):
            shown = {"metric": "selection_rate", "turned": "shown", "period": "next"}
            self.turned[LATE].add(any(f.code == "TK218" and shown.items() <= f.facts.items() for f in own))

    def _count(self, lines: Mapping[str, str], said: Set[str]) -> None:
        for how, line in lines.items():
            self.turned[line].add(how in said)

    def _held(self, e: Estimate, true: Mapping[str, Truth]) -> None:
        """Intervals of the next period."""
        if e.model not in HELD or at_of(e, "period") != "next":
            return
        if (e.model, e.metric) not in self.cover or not e.is_known:
            return
        if e.metric == "precision_change":
            held = holds(e, true[e.model].precision - true[BASE].precision)
        else:
            harm, _, what = e.metric.partition("_pair_")
            most, least = value_of(e.group), at_of(e, "versus")
            after, before = (true[model].gap(harm, most, least) for model in (e.model, BASE))
            held = holds(e, after if what == "gap" else after - before)
        self.cover[e.model, e.metric].add(held)

    def lines(self) -> Iterator[str]:
        """As Markdown: the truth, coverage, and what findings say."""
        yield "| mitigation | true gap without it, next period | with it | narrower in truth | true change of precision |"
        yield "| --- | --- | --- | --- | --- |"
        for name, numbers in self.true.items():
            before, after, found_more = np.array(numbers).T
            yield (
                f"| {DONE[name]} | {100 * before.mean():.1f} points | {100 * after.mean():.1f} (SD {100 * after.std():.1f}) | "
                f"in {100 * np.mean(np.abs(after) < np.abs(before)):.0f} % | {100 * found_more.mean():.1f} points |"
            )
        yield (
            "\n| interval holds the truth in the next period (wanted: 93 to 97 %) | "
            + " | ".join(f"`{figure}`" for figure in COVERS)
            + " |"
        )
        yield "| --- |" + " --- |" * len(COVERS)
        for name in HELD:
            yield f"| {DONE[name]} | " + " | ".join(self.cover[name, figure].share for figure in COVERS) + " |"
        yield f"\n{HEAD}"
        for block in (self.narrower, self.said, self.turned, self.kept):
            yield from (str(line) for line in block.values())


def study(times: int, first_seed: int, *, larger: int = LARGER) -> Table:
    """Every process once."""
    table = Table()
    for seed in track(range(first_seed, first_seed + times), description="mitigation", console=CONSOLE):
        rng = np.random.default_rng([seed, 5])
        learnt = Learnt.of(places(rng, strips=STRIPS))
        periods = {period: places(rng, strips=STRIPS) for period in (EARLIER, NEXT)}
        true = truth(learnt, places(rng, strips=STRIPS * larger))
        table.add(tested(learnt, periods), true, seed)
    return table


def main() -> None:
    """Both tables, printed as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--first-seed", type=int, default=1)
    options = parser.parse_args()
    for line in study(options.times, options.first_seed).lines():
        print(line, flush=True)


if __name__ == "__main__":
    main()
