"""The largest gap between any two groups when visits are weighed, beside what chance gives: whoever looks for the widest one finds one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tegenkracht.core.conditions import attribute_of, joined
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.finding import Finding
from tegenkracht.core.gap import at_of_rates
from tegenkracht.evaluation.estimates import About
from tegenkracht.evaluation.families import Largest, gaps_by_chance
from tegenkracht.evaluation.gaps import largest_finding
from tegenkracht.evaluation.proportions import answers_behind, holm
from tegenkracht.evaluation.weighed_gaps import FORMS, GAPS
from tegenkracht.evaluation.weighted_checks import contradicted

CODES: Mapping[str, str] = {
    "TK224": "The largest gap between groups is larger than chance gives when visits are weighed, however many gaps are looked at.",
}


@dataclass(frozen=True)
class _Groups:
    """One figure of the groups of one attribute, in one form, as far as it has an interval."""

    metric: str
    about: About
    form: Method
    known: tuple[Estimate, ...]

    def largest(self, rng: np.random.Generator) -> Largest:
        """The gap between the two groups that lie farthest apart, and such gaps when all have one rate and are worth as much as their intervals say."""
        shares = np.array([e.value for e in self.known])
        answers = np.array(
            [answers_behind(e.value or 0.0, e.low or 0.0, e.high or 0.0, level=e.level or 0.0) for e in self.known]
        )
        return Largest(float(np.ptp(shares)), gaps_by_chance(shares, answers, rng))


def largest_weighed_gaps(estimates: Sequence[Estimate], *, model: str, seed: int) -> Iterator[Estimate]:
    """Per form, of figures of the data and of one model's list and per attribute: `…_largest_gap`, `…_largest_gap_by_chance` and `…_largest_gap_chance`.

    The chance is corrected (Holm 1979) for all figures and attributes of its form.
    """
    for place, form in enumerate(FORMS):
        rng = np.random.default_rng([seed, 2_240, place])
        told = [(groups, groups.largest(rng)) for groups in _groups_of(estimates, model, form)]
        chances = holm([largest.chance for _, largest in told])
        for (groups, largest), chance in zip(told, chances, strict=True):
            known, n = groups.known, sum(e.n for e in groups.known)
            yield from largest.estimates(
                groups.metric, groups.about, n=n, level=known[0].level or 0.0, chance=float(chance), method=form
            )


def check_largest(estimates: Sequence[Estimate], *, model: str) -> Finding:
    """TK224. Weights that visits by lot contradict (TK111) say nothing of what was seen."""
    if contradicted(estimates):
        return Finding("TK224", "not_applicable", model, {"reason": "lot_contradicts"})
    return largest_finding("TK224", estimates, model, form="weighted", nothing="not_weighed")


def _groups_of(estimates: Sequence[Estimate], model: str, form: Method) -> Iterator[_Groups]:
    """Figures of which gaps are told and two groups of an attribute or more have an interval."""
    of_form = [e for e in estimates if e.model in ("", model) and e.method == form and e.split == "all" and e.group]
    gaps = {(e.metric.removesuffix("_gap"), *_where(e)) for e in of_form if e.metric in GAPS}
    found: dict[tuple[str, str, str, str], list[Estimate]] = {}
    for e in of_form:
        if e.value is not None and e.low is not None and e.high is not None and (e.metric, *_where(e)) in gaps:
            found.setdefault((e.metric, *_where(e)), []).append(e)
    for (metric, of, at, attribute), known in found.items():
        if len(known) > 1:
            about = About(of, at=joined(at, f"by={attribute}"))
            yield _Groups(metric, about, form, tuple(known))


def _where(estimate: Estimate) -> tuple[str, str, str]:
    """Of which model, at what, and by which attribute."""
    return estimate.model, at_of_rates(estimate.at), attribute_of(estimate.group)
