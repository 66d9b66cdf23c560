"""What a reader must know of a mitigation, as findings: turned round, not narrower, paid for, not kept, or moved elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.evaluation.checks import Facts, points
from tegenkracht.evaluation.mitigation import HARMS, Harm

CODES: Mapping[str, str] = {
    "TK218": "A mitigation turned a gap between groups round.",
    "TK219": "A mitigation was not shown to narrow the gap.",
    "TK220": "A mitigation costs findings.",
    "TK221": "A narrower gap was not shown again in the next period.",
    "TK222": "A mitigation widened the gap of another attribute or figure.",
}
"""Codes of this layer and what it means when one is found."""

PLAIN = 0.01
"""Size from which a gap on the other side of zero is plainly there, though its own interval still holds zero."""

Turned = Literal["shown", "plain", "no"]
Book = Mapping[str, Estimate]


@dataclass(frozen=True)
class Aim:
    """What a mitigated model is for: the model without it, the attributes that it is about, and the gap that it should narrow."""

    base: str
    attributes: Sequence[str]
    harm: Harm


def turned(before: Estimate, after: Estimate, shift: Estimate) -> Turned:
    """Whether a gap lies on the other side of zero after a mitigation.

    Parameters
    ----------
    before, after
        The gap between the same two groups.
    shift
        `after - before`, with the interval of that difference.

    `shown`: both intervals leave zero out, on different sides. `plain`: the gap was shown before, moved to the other side by more than chance
    explains and is at least `PLAIN` there, but its own interval holds zero. `no`: anything else; a gap that was never shown has no direction to turn.
    """
    if before.value is None or after.value is None or not _leaves_zero_out(before):
        return "no"
    if before.value * after.value >= 0:
        return "no"
    if _leaves_zero_out(after):
        return "shown"
    return "plain" if _leaves_zero_out(shift) and abs(after.value) >= PLAIN else "no"


def check_mitigations(estimates: Iterable[Estimate], aims: Mapping[str, Aim], *, capacity: int) -> Iterator[Finding]:
    """TK218 to TK222, per mitigated model."""
    book = {estimate.id: estimate for estimate in estimates}
    for model, aim in aims.items():
        read = _Read(book, model, aim, capacity)
        yield from read.turned()
        yield from read.narrower()
        yield read.paid()
        yield from read.kept()
        yield from read.elsewhere()


@dataclass(frozen=True)
class _Read:
    """The estimates of one mitigated model."""

    book: Book
    model: str
    aim: Aim
    capacity: int

    def turned(self) -> Iterator[Finding]:
        """TK218, over every attribute and figure."""
        looked = []
        found = False
        for shift in self._all("shift", "all"):
            after = self._beside(shift, "gap")
            before = self._beside(shift, "gap", model=self.aim.base)
            if before is None or after is None:
                continue
            looked.append(shift.id)
            if (how := turned(before, after, shift)) != "no":
                found = True
                facts = {**self._where(shift), "before": points(before.value), "after": points(after.value)}
                facts |= {"low": points(after.low), "high": points(after.high), "turned": how}
                yield Finding("TK218", "found", self.model, facts, (before.id, after.id, shift.id))
        if not looked:
            yield self._not_applicable("TK218")
        elif not found:
            yield Finding("TK218", "not_found", self.model, {"other": self.aim.base}, tuple(looked))

    def narrower(self) -> Iterator[Finding]:
        """TK219, for what the mitigation is about."""
        for attribute in self.aim.attributes:
            change = self._aimed(attribute, "all")
            if change is None:
                yield self._not_applicable("TK219", attribute=attribute)
                continue
            narrower = change.high is not None and change.high < 0
            yield Finding(
                "TK219", "not_found" if narrower else "found", self.model, self._changed(change), (change.id,)
            )

    def paid(self) -> Finding:
        """TK220."""
        at = f"capacity={self.capacity},versus={self.aim.base},period=all"
        change = self.book.get(f"{self.model}/precision_change//{at}/all/labelled")
        if change is None or change.low is None or change.high is None:
            return self._not_applicable("TK220", reason="nobody_visited")
        facts: Facts = {
            "other": self.aim.base,
            "capacity": self.capacity,
            "change": points(change.value),
            "low": points(change.low),
            "high": points(change.high),
        }
        return Finding("TK220", "found" if change.high < 0 else "not_found", self.model, facts, (change.id,))

    def kept(self) -> Iterator[Finding]:
        """TK221: only a gain that was shown before the last period can be lost in it."""
        for attribute in self.aim.attributes:
            earlier, later = self._aimed(attribute, "earlier"), self._aimed(attribute, "next")
            if earlier is None or later is None:
                yield self._not_applicable("TK221", reason="one_period", attribute=attribute)
            elif earlier.high is None or earlier.high >= 0:
                yield self._not_applicable("TK221", reason="no_gain_earlier", attribute=attribute)
            else:
                facts = {**self._changed(later), "earlier": points(earlier.value)}
                kept = later.high is not None and later.high < 0
                yield Finding("TK221", "not_found" if kept else "found", self.model, facts, (earlier.id, later.id))

    def elsewhere(self) -> Iterator[Finding]:
        """TK222: what the mitigation is not about."""
        others = [
            change
            for change in self._all("change", "all")
            if not (_attribute(change) in self.aim.attributes and change.metric.startswith(self.aim.harm))
        ]
        wider = [change for change in others if change.low is not None and change.low > 0]
        for change in wider:
            yield Finding("TK222", "found", self.model, self._changed(change), (change.id,))
        if not others:
            yield self._not_applicable("TK222")
        elif not wider:
            yield Finding(
                "TK222", "not_found", self.model, {"other": self.aim.base}, tuple(change.id for change in others)
            )

    def _aimed(self, attribute: str, period: str) -> Estimate | None:
        """The change of the gap that the mitigation is about."""
        return next(
            (
                change
                for change in self._all("change", period)
                if _attribute(change) == attribute and change.metric.startswith(self.aim.harm)
            ),
            None,
        )

    def _all(self, what: str, period: str) -> list[Estimate]:
        metrics = {f"{harm}_pair_{what}" for harm in HARMS}
        return [
            e
            for e in self.book.values()
            if e.model == self.model and e.metric in metrics and e.at.endswith(f",period={period}") and e.is_known
        ]

    def _beside(self, estimate: Estimate, what: str, model: str = "") -> Estimate | None:
        """Another estimate of the same pair and period."""
        harm = estimate.metric.rpartition("_pair_")[0]
        key = (model or self.model, f"{harm}_pair_{what}", estimate.group, estimate.at, estimate.split, estimate.method)
        return self.book.get("/".join(key))

    def _where(self, estimate: Estimate) -> Facts:
        """Which gap."""
        return {
            "other": self.aim.base,
            "attribute": _attribute(estimate),
            "metric": estimate.metric.rpartition("_pair_")[0],
            "group": estimate.group.partition("=")[2],
            "reference_group": estimate.at.partition("versus=")[2].rpartition(",period=")[0],
        }

    def _changed(self, change: Estimate) -> Facts:
        """Which gap, and how much wider it became, in points."""
        numbers: Facts = {"change": points(change.value), "low": points(change.low), "high": points(change.high)}
        return {**self._where(change), **numbers}

    def _not_applicable(self, code: str, *, reason: str = "base_under_minimum", attribute: str = "") -> Finding:
        facts: Facts = {"other": self.aim.base, "reason": reason}
        return Finding(code, "not_applicable", self.model, facts | ({"attribute": attribute} if attribute else {}))


def _attribute(estimate: Estimate) -> str:
    return estimate.group.partition("=")[0]


def _leaves_zero_out(estimate: Estimate) -> bool:
    return estimate.low is not None and estimate.high is not None and (estimate.low > 0 or estimate.high < 0)
