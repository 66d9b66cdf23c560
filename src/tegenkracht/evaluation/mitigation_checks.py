"""What a reader must know of a mitigation, as findings: turned round, not narrower, paid for, not kept, or moved elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tegenkracht.core.conditions import at_of, attribute_of, value_of
from tegenkracht.core.difference import leaves_zero_out, points
from tegenkracht.core.estimate import Estimate, Method, verdict_of
from tegenkracht.core.finding import Finding
from tegenkracht.evaluation.checks import Facts
from tegenkracht.evaluation.mitigation import BY_DIVISION, LOOKED, Harm
from tegenkracht.evaluation.mitigation_forms import forms_of_shifts, leading_form

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
HALF = 0.5
"""The same as a part of the gap on the first side: where two in a hundred are on the list, a gap of a whole point is much."""

Turned = Literal["shown", "plain", "crossed", "no"]
Moved = Literal["narrower", "wider", "by_division", "none_that_matters", "not_enough", "not_shown"]
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
    explains and is at least `PLAIN` or `HALF` of itself there, but its own interval holds zero. `crossed`: it moved to the other side by more than chance
    explains, and the smaller of both gaps is at least `HALF` of the other, but it was not shown before. `no`: anything else.
    """
    if before.value is None or after.value is None or before.value * after.value >= 0:
        return "no"
    was, now = abs(before.value), abs(after.value)
    if leaves_zero_out(before):
        if leaves_zero_out(after):
            return "shown"
        return "plain" if leaves_zero_out(shift) and now >= min(PLAIN, HALF * was) else "no"
    return "crossed" if leaves_zero_out(shift) and min(was, now) >= HALF * max(was, now) else "no"


def turned_in(period: str, before: Estimate, after: Estimate, shift: Estimate) -> Turned:
    """How a gap turned (`turned`) over all periods; of the last period alone only what is `shown`.

    Half of the data put a gap that is nearly gone on the other side of zero about twice as often, together with the gap before, so that `plain` and
    `crossed` would say more than they can (`experiments/validity/mitigation.py`).
    """
    how = turned(before, after, shift)
    return how if period == "all" or how == "shown" else "no"


def moved(before: Estimate, after: Estimate, shift: Estimate, *, smallest: float | None) -> Moved:
    """Whether a gap became narrower or wider by more than chance explains; and where neither is shown, why not.

    `narrower`: it shifted towards zero, and what is left is smaller than what was there. `wider`: it shifted away from zero, or so far past
    it that it is larger on the other side. `by_division`: the list is divided so that no gap is left, whatever the data are.
    `none_that_matters`: not shown to have moved, and the whole interval lies within `smallest` both ways.
    `not_enough`: the interval holds no shift as well as one of that size. `not_shown`: the same where the study does not say what matters.

    Parameters
    ----------
    smallest
        The smallest change that matters, as a share: the study's smallest gap that does.
    """
    if after.note == BY_DIVISION:
        return "by_division"
    if before.value is None or after.value is None or shift.low is None or shift.high is None:
        return "not_shown"
    low, high = (shift.low, shift.high) if before.value >= 0 else (-shift.high, -shift.low)
    if high < 0:
        return "narrower" if abs(after.value) < abs(before.value) else "wider"
    if low > 0:
        return "wider"
    if smallest is None:
        return "not_shown"
    return "none_that_matters" if -smallest < low and high < smallest else "not_enough"


def say_otherwise(seen: Estimate, weighed: Estimate) -> bool:
    """Whether a difference says something else where somebody went than weighed by the chance of a visit: more, less, or not shown."""
    return seen.low is not None and weighed.low is not None and verdict_of(seen) != verdict_of(weighed)


def cost_of(book: Book, model: str, base: str, form: Method, capacity: int) -> Estimate | None:
    """How much more of a list is found than on that of the model without mitigation, over all periods."""
    return book.get(f"{model}/precision_difference//capacity={capacity},versus={base}/all/{form}")


def check_mitigations(
    estimates: Iterable[Estimate], aims: Mapping[str, Aim], *, capacity: int, smallest: float | None, weighs: bool
) -> Iterator[Finding]:
    """TK218 to TK222, per mitigated model.

    Parameters
    ----------
    smallest
        The smallest change of a gap that matters.
    weighs
        Whether visits by lot leave the weights uncontradicted, so that what a list finds is read weighted.
    """
    book = {estimate.id: estimate for estimate in estimates}
    costs = leading_form(
        (e for model, aim in aims.items() if (e := cost_of(book, model, aim.base, "weighted", capacity)) is not None),
        weighs=weighs,
    )
    forms = forms_of_shifts(book.values(), weighs=weighs)
    for model, aim in aims.items():
        read = _Read(book, model, aim, capacity, smallest, costs, forms)
        yield from read.turned()
        yield from read.narrower()
        yield read.paid()
        yield from read.kept()
        yield from read.elsewhere()


@dataclass(frozen=True)
class _Read:
    """The estimates of one mitigated model.

    Parameters
    ----------
    costs, forms
        In which form what lists find is judged, and per attribute gaps that rest on outcomes; those that rest on none are counted of all rows.
    """

    book: Book
    model: str
    aim: Aim
    capacity: int
    smallest: float | None
    costs: Method
    forms: Mapping[str, Method]

    def turned(self) -> Iterator[Finding]:
        """TK218, over every attribute and figure and every pair of groups, over all periods and in the last one."""
        gaps = [gap for period in LOOKED for gap in self._gaps(period, of="pairs")]
        found = [(gap, how) for gap in gaps if (how := gap.turned) != "no"]
        for gap, how in found:
            facts: Facts = {**self._where(gap), **_numbers(gap), "period": gap.period, "turned": how}
            facts |= {"looked_at": len(gaps)}
            yield Finding("TK218", "found", self.model, facts, gap.ids)
        yield from self._none("TK218", gaps, found)

    def narrower(self) -> Iterator[Finding]:
        """TK219, for what the mitigation is about."""
        for attribute in self.aim.attributes:
            gap = self._aimed(attribute, "all")
            if gap is None:
                yield self._not_applicable("TK219", attribute=attribute)
                continue
            how = self._moved(gap)
            facts = {**self._where(gap), **_numbers(gap), **self._could_show(gap), "by": how}
            gone = how in ("narrower", "by_division")
            yield Finding("TK219", "not_found" if gone else "found", self.model, facts, gap.ids)

    def paid(self) -> Finding:
        """TK220, in the form that leads; when that is the weighted one and visited places alone say something else, with both."""
        change, seen = self._cost(self.costs), self._cost("labelled")
        if change is None or change.low is None or change.high is None:
            return self._not_applicable("TK220", reason=(change and change.note) or "nobody_visited")
        facts: Facts = {
            "other": self.aim.base,
            "capacity": self.capacity,
            "change": points(change.value),
            "low": points(change.low),
            "high": points(change.high),
        }
        ids = [change.id]
        if change.method == "weighted":
            facts["by"] = "weighted"
        if seen is not None and say_otherwise(seen, change):
            facts |= {"by": "weighted_apart", "seen": points(seen.value)}
            facts |= {"seen_low": points(seen.low), "seen_high": points(seen.high)}
            ids.append(seen.id)
        return Finding("TK220", "found" if change.high < 0 else "not_found", self.model, facts, tuple(ids))

    def _cost(self, form: Method) -> Estimate | None:
        return cost_of(self.book, self.model, self.aim.base, form, self.capacity)

    def kept(self) -> Iterator[Finding]:
        """TK221: only a gain that was shown before the last period can be lost in it."""
        for attribute in self.aim.attributes:
            earlier, later = self._aimed(attribute, "earlier"), self._aimed(attribute, "next")
            if earlier is None or later is None:
                yield self._not_applicable("TK221", reason="one_period", attribute=attribute)
            elif self._moved(earlier) == "by_division":
                yield self._not_applicable("TK221", reason="by_division", attribute=attribute)
            elif self._moved(earlier) != "narrower":
                yield self._not_applicable("TK221", reason="no_gain_earlier", attribute=attribute)
            else:
                facts = {**self._where(later), **_numbers(later), "earlier": points(earlier.shift.value)}
                kept = self._moved(later) == "narrower"
                ids = (*earlier.ids, *later.ids)
                yield Finding("TK221", "not_found" if kept else "found", self.model, facts, ids)

    def elsewhere(self) -> Iterator[Finding]:
        """TK222, over every pair of groups but the one that TK219 is about; a gap that is wider and yet not shown to be there is left out."""
        aimed = [gap.groups for gap in self._gaps("all") if self._is_aim(gap)]
        others = [gap for gap in self._gaps("all", of="pairs") if not (self._is_aim(gap) and gap.groups in aimed)]
        wider = [gap for gap in others if self._moved(gap) == "wider" and leaves_zero_out(gap.after)]
        for gap in wider:
            facts = {**self._where(gap), **_numbers(gap), "looked_at": len(others)}
            yield Finding("TK222", "found", self.model, facts, gap.ids)
        yield from self._none("TK222", others, wider)

    def _moved(self, gap: _Gap) -> Moved:
        return moved(gap.before, gap.after, gap.shift, smallest=self.smallest)

    def _could_show(self, gap: _Gap) -> Facts:
        """The smallest change that these data could show, and the smallest that matters; where there is none, nothing."""
        shift = gap.shift
        at = (shift.model, f"{shift.metric}_detectable", shift.group, shift.at, shift.split, shift.method)
        least = self.book.get("/".join(at))
        known: Facts = {} if least is None or least.value is None else {"could_show": points(least.value)}
        return known if self.smallest is None else {**known, "matters": points(self.smallest)}

    def _none(self, code: str, looked: Sequence[_Gap], found: Sequence[object]) -> Iterator[Finding]:
        """The verdict when nothing was found: because nothing is there, or because nobody could look."""
        if not looked:
            yield self._not_applicable(code)
        elif not found:
            ids = tuple(gap.shift.id for gap in looked)
            yield Finding(code, "not_found", self.model, {"other": self.aim.base, "looked_at": len(looked)}, ids)

    def _aimed(self, attribute: str, period: str) -> _Gap | None:
        """The gap that the mitigation is about."""
        return next((gap for gap in self._gaps(period) if gap.attribute == attribute and self._is_aim(gap)), None)

    def _is_aim(self, gap: _Gap) -> bool:
        return gap.attribute in self.aim.attributes and gap.harm == self.aim.harm

    def _gaps(self, period: str, *, of: Literal["pair", "pairs"] = "pair") -> list[_Gap]:
        """Every gap of this model and period that has numbers, beside that of the model without mitigation: of the pairs that were chosen, or of every pair."""
        gaps = []
        for shift in self.book.values():
            harm, _, what = shift.metric.partition(f"_{of}_")
            if shift.model != self.model or what != "shift" or at_of(shift, "period") != period:
                continue
            if shift.method not in ("sample", self.forms.get(attribute_of(shift.group))):
                continue
            before, after = (
                self.book.get("/".join((model, f"{harm}_{of}_gap", shift.group, shift.at, shift.split, shift.method)))
                for model in (self.aim.base, self.model)
            )
            if before is not None and after is not None and before.is_known and after.is_known and shift.is_known:
                gaps.append(_Gap(harm, before, after, shift))
        return gaps

    def _where(self, gap: _Gap) -> Facts:
        """Which gap."""
        return {
            "other": self.aim.base,
            "attribute": gap.attribute,
            "metric": gap.harm,
            "way": gap.shift.method,
            "group": value_of(gap.shift.group),
            "reference_group": gap.reference,
        }

    def _not_applicable(self, code: str, *, reason: str = "base_under_minimum", attribute: str = "") -> Finding:
        facts: Facts = {"other": self.aim.base, "reason": reason}
        return Finding(code, "not_applicable", self.model, facts | ({"attribute": attribute} if attribute else {}))


@dataclass(frozen=True)
class _Gap:
    """One gap between the same two groups, without and with mitigation."""

    harm: str
    before: Estimate
    after: Estimate
    shift: Estimate

    @property
    def attribute(self) -> str:
        """Whose groups they are."""
        return attribute_of(self.shift.group)

    @property
    def period(self) -> str:
        """Over all test periods, or in which of them."""
        return at_of(self.shift, "period")

    @property
    def turned(self) -> Turned:
        """How it turned."""
        return turned_in(self.period, self.before, self.after, self.shift)

    @property
    def reference(self) -> str:
        """The second group of the pair."""
        return at_of(self.shift, "versus")

    @property
    def groups(self) -> frozenset[str]:
        """Both groups of the pair, whichever was first."""
        return frozenset((value_of(self.shift.group), self.reference))

    @property
    def ids(self) -> tuple[str, ...]:
        """What it rests on."""
        return self.before.id, self.after.id, self.shift.id


def _numbers(gap: _Gap) -> Facts:
    """Before, after and the shift with its interval, in points."""
    return {
        "before": points(gap.before.value),
        "after": points(gap.after.value),
        "after_low": points(gap.after.low),
        "after_high": points(gap.after.high),
        "shift": points(gap.shift.value),
        "low": points(gap.shift.low),
        "high": points(gap.shift.high),
    }
