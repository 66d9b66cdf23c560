"""Shares of sectors and regions: each by itself, leaning on the others, and as the others foretell it.

A region with three findings in forty visits says little by itself. Together regions say what a region is like and how much regions differ, and a small one
leans on that; how far it leans is told (methods B-25). Whether it may is asked the other way round: each group is left out and foretold from the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from tegenkracht.core.conditions import at_of, attribute_of, joined, value_of
from tegenkracht.core.difference import points
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.finding import Finding
from tegenkracht.core.wilson import wilson_interval
from tegenkracht.evaluation.answers import Answers
from tegenkracht.evaluation.estimates import About, exactly, nothing, sampled
from tegenkracht.evaluation.pooling import Drawn, Foretold, Hyper, common_to, without_each
from tegenkracht.evaluation.proportions import holm
from tegenkracht.evaluation.suppression import too_small

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

CODES: Mapping[str, str] = {
    "TK140": "A group lies outside what the other groups foretell: it may not lean on them.",
    "TK141": "More groups lie outside what the others foretell than chance gives: groups do not come from one curve.",
    "TK142": "Most groups say less by themselves than the others say of them.",
}
FIGURES = ("group_finding_rate", "group_precision")
"""Share of visits that found something, and share of visited places on the list at which something was found."""
_FORETOLD = 2_000
FEWEST = 3
"""Groups that are needed to leave one out: what two others have in common says next to nothing."""
ALONE = 0.05
"""Chance, corrected for the number of groups, under which a group lies outside (TK140, TK141)."""


@dataclass(frozen=True)
class Groups:
    """The groups of one attribute with their answers.

    Parameters
    ----------
    names
        Names of groups, as `attribute=value`.
    answers
        Per group.
    minimum
        Groups with fewer answers are not shown; they help to say what groups have in common.
    """

    names: Sequence[str]
    answers: Answers
    minimum: int

    @property
    def attribute(self) -> str:
        """What the groups are groups of."""
        return attribute_of(self.names[0])

    @cached_property
    def asked(self) -> Groups:
        """The groups that have answers."""
        some = np.flatnonzero(self.answers.worth > 0)
        return Groups([self.names[int(group)] for group in some], self.answers.only(some), self.minimum)

    @cached_property
    def common(self) -> Hyper:
        """What the groups have in common."""
        return common_to(self.answers.found, self.answers.worth)

    @cached_property
    def hidden(self) -> Flags:
        """Groups that are too small to be shown, and one from which the only small one could be worked out."""
        return too_small(self.answers.count.astype(np.int64), minimum=self.minimum)

    @cached_property
    def shown(self) -> list[int]:
        """Numbers of groups that are shown."""
        return [group for group, hidden in enumerate(self.hidden) if not hidden]


def pooled_estimates(
    groups: Groups, metric: str, about: About, *, form: Method, level: float, rng: np.random.Generator
) -> Iterator[Estimate]:
    """One figure of every group alone, pooled and foretold by the others, and what groups have in common.

    Per group `<metric>` (Wilson's interval at what the group is worth), `_pooled`, `_leaning` (0 its own share, 1 that of all groups),
    `_foretold` and `_foretold_chance`. Together `_common`, `_spread` (standard deviation between groups), `_new` (a group never seen),
    `_worth` (independent answers) and `_inside` (share of the shown groups that lie within what the others foretell). A group that is too small says so.

    Parameters
    ----------
    about
        Model and capacity; the form of the visits is added to `at`, since pooled figures have a method of their own.
    """
    told = _Pooling(groups.asked, metric, replace(about, at=joined(about.at, f"form={form}")), form, level, rng)
    if len(told.groups.names) < 2:
        n = float(told.groups.answers.count.sum())
        where = replace(told.about, at=joined(told.about.at, f"by={groups.attribute}"))
        yield from (told.alone(group) for group in told.groups.shown)
        yield nothing("one_group", f"{metric}_common", where, n=n, method="pooled")
        return
    yield from told.of_groups()
    yield from told.in_common()
    yield from told.left_out()


@dataclass(frozen=True)
class _Pooling:
    """Two groups or more with answers, and how their figure is told."""

    groups: Groups
    metric: str
    about: About
    form: Method
    level: float
    rng: np.random.Generator

    @cached_property
    def drawn(self) -> Drawn:
        """Draws of what groups have in common."""
        return self.groups.common.drawn(self.rng)

    @property
    def together(self) -> About:
        """What is said of all groups."""
        return replace(self.about, at=joined(self.about.at, f"by={self.groups.attribute}"))

    def of_groups(self) -> Iterator[Estimate]:
        """Own share, pooled share, and how much of it is what groups have in common."""
        answers, names = self.groups.answers, self.groups.names
        rates, leaning = self.drawn.rates(answers.found, answers.worth, self.rng), self.drawn.leaning(answers.worth)
        for group, name in enumerate(names):
            about, n = replace(self.about, group=name), float(answers.count[group])
            if self.groups.hidden[group]:
                yield nothing("group_under_minimum", self.metric, about, n=0, method=self.form)
                yield nothing("group_under_minimum", f"{self.metric}_pooled", about, n=0, method="pooled")
                continue
            yield self.alone(group)
            for part, draws in (("pooled", rates[:, group]), ("leaning", leaning[:, group])):
                yield self._sampled(draws, part, about, n)

    def alone(self, group: int) -> Estimate:
        """The own share of a group, with Wilson's interval at what the group is worth."""
        answers = self.groups.answers
        share, worth = float(answers.share[group]), float(answers.worth[group])
        low, high = wilson_interval(share, worth, level=self.level)
        return Estimate(
            self.about.model,
            self.metric,
            share,
            low,
            high,
            n=round(answers.count[group]),
            method=self.form,
            level=self.level,
            group=self.groups.names[group],
            at=self.about.at,
        )

    def in_common(self) -> Iterator[Estimate]:
        """Middle and spread of groups, a group that was never seen, and how many answers all are worth."""
        drawn, n = self.drawn, float(self.groups.answers.count.sum())
        parts = {"common": drawn.middle, "spread": drawn.spread, "new": self.rng.beta(drawn.a, drawn.b)}
        for part, draws in parts.items():
            yield self._sampled(draws, part, self.together, n)
        worth = float(self.groups.answers.worth.sum())
        yield exactly(worth, f"{self.metric}_worth", self.together, n=n, method="sample")

    def left_out(self) -> Iterator[Estimate]:
        """What the others foretell of each group that is shown and how far out it lies; how many groups lie within."""
        shown, about = self.groups.shown, self.together
        if len(self.groups.names) < FEWEST or not shown:
            why = "too_few_groups" if shown else "group_under_minimum"
            yield nothing(why, f"{self.metric}_inside", about, n=len(shown), method="pooled")
            return
        foretold = left_out(self.groups.answers, shown, self.rng)
        for group, told in zip(shown, foretold, strict=True):
            of_group, n = replace(self.about, group=self.groups.names[group]), float(self.groups.answers.count[group])
            yield self._sampled(told.shares, "foretold", of_group, n)
            yield exactly(told.chance, f"{self.metric}_foretold_chance", of_group, n=n, method="pooled")
        inside = float(np.mean([told.chance >= 1 - self.level for told in foretold]))
        yield exactly(inside, f"{self.metric}_inside", about, n=len(shown), method="pooled")

    def _sampled(self, draws: Floats, part: str, about: About, n: float) -> Estimate:
        return sampled(draws, f"{self.metric}_{part}", about, n=n, level=self.level, method="pooled")


def left_out(answers: Answers, groups: Sequence[int], rng: np.random.Generator) -> list[Foretold]:
    """What all other groups foretell of each of these groups."""
    others = without_each(answers.found, answers.worth)
    return [
        others[group]
        .drawn(rng, draws=_FORETOLD)
        .foretold(float(answers.found[group]), float(answers.worth[group]), rng)
        for group in groups
    ]


# ---------------------------------------------------------------- checks


Facts = dict[str, str | int | float]


def check_pooled(estimates: Sequence[Estimate], *, by: Sequence[str], level: float) -> Iterator[Finding]:
    """TK140 and TK141 for every figure of every attribute, as visited; TK142 for every attribute."""
    for attribute in by:
        for metric in FIGURES:
            own = _Told(estimates, metric, attribute)
            yield own.outside()
            yield own.too_many(level)
        yield _Told(estimates, FIGURES[0], attribute).leaning()


@dataclass(frozen=True)
class _Told:
    """What was told of one figure of the groups of one attribute, of visits as they were."""

    estimates: Sequence[Estimate]
    metric: str
    attribute: str

    @property
    def _facts(self) -> Facts:
        return {"attribute": self.attribute, "metric": self.metric}

    @property
    def _model(self) -> str:
        return next((e.model for e in self._of("")), "")

    def _of(self, part: str) -> list[Estimate]:
        return [
            e
            for e in self.estimates
            if e.metric == self.metric + part
            and attribute_of(e.group) == self.attribute
            and e.is_known
            and at_of(e, "form") == "labelled"
        ]

    def _absent(self, code: str) -> Finding:
        reason = "too_few_groups" if self._of("") else "no_groups"
        return Finding(code, "not_applicable", self._model, {**self._facts, "reason": reason})

    def outside(self) -> Finding:
        """TK140: the group that lies farthest out, when that is rarer than chance over so many groups."""
        chances = self._of("_foretold_chance")
        if not chances:
            return self._absent("TK140")
        corrected = holm([e.value or 0.0 for e in chances])
        out = [e for e, chance in zip(chances, corrected, strict=True) if chance < ALONE]
        if not out:
            facts: Facts = {**self._facts, "looked_at": len(chances)}
            return Finding("TK140", "not_found", self._model, facts, tuple(e.id for e in chances))
        first = min(out, key=lambda e: (e.value or 0.0, e.group))
        share, told = (next(e for e in self._of(part) if e.group == first.group) for part in ("", "_foretold"))
        facts = {
            **self._facts,
            "looked_at": len(chances),
            "outside": len(out),
            "group": value_of(first.group),
            "own": points(share.value),
            "low": points(told.low),
            "high": points(told.high),
        }
        return Finding("TK140", "found", self._model, facts, (share.id, told.id, *(e.id for e in out)))

    def too_many(self, level: float) -> Finding:
        """TK141: more groups outside their own interval than chance gives in as many groups."""
        chances = self._of("_foretold_chance")
        if not chances:
            return self._absent("TK141")
        outside = [e for e in chances if (e.value or 0.0) < 1 - level]
        found = binom.sf(len(outside) - 1, len(chances), 1 - level) < ALONE
        facts: Facts = {**self._facts, "looked_at": len(chances), "outside": len(outside)}
        facts["expected"] = round((1 - level) * len(chances), 1)
        return Finding("TK141", "found" if found else "not_found", self._model, facts, tuple(e.id for e in chances))

    def leaning(self) -> Finding:
        """TK142: more than half of the groups get more than half of their pooled share from the others."""
        told = self._of("_leaning")
        if not told:
            return Finding("TK142", "not_applicable", self._model, {"attribute": self.attribute, "reason": "no_groups"})
        mostly = [e for e in told if (e.value or 0.0) > 0.5]
        facts: Facts = {"attribute": self.attribute, "looked_at": len(told), "leaning": len(mostly)}
        found = 2 * len(mostly) > len(told)
        return Finding("TK142", "found" if found else "not_found", self._model, facts, tuple(e.id for e in told))
