"""The next round: what visits by lot cost in finds, what they make sure, and how many a claim needs (methods B-6).

Of `capacity` visits a share is drawn by lot among all places that are not on the (shorter) list. What that costs is measured: the last places of the
list give way, and what they find is seen in the study. What it brings is arithmetic: an interval of the prevalence from visits that nobody chose.
Following the list alone teaches only what is on the list.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.criterion import Criterion
from tegenkracht.core.decision import NextRound
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.finding import Finding
from tegenkracht.core.normal import reach_of
from tegenkracht.core.progress import Progress
from tegenkracht.evaluation.bootstrap import PLAIN, Resampled, Resampling, Statistic, resample, sum_statistic
from tegenkracht.evaluation.capacity import listed_share
from tegenkracht.evaluation.estimates import About, count_of, estimate_of, exactly, nothing, rounded
from tegenkracht.evaluation.net_benefit import straight
from tegenkracht.evaluation.sample import Sample
from tegenkracht.evaluation.weighed import FEW, Weighed

Floats = NDArray[np.float64]

CODES: Mapping[str, str] = {
    "TK127": "No visit of the next round is drawn by lot: it will teach nothing about places that the list leaves out.",
}
FORMS: tuple[Method, ...] = ("labelled", "weighted")
"""Forms in which finds are told: only where somebody went, and weighed by the recorded chance of a visit."""
PREVALENCE_BY: tuple[Method, ...] = ("audit", "weighted", "labelled")
"""Forms of the prevalence that arithmetic starts from, the best one first."""


@dataclass(frozen=True)
class Claim:
    """What a study promised about its list, as far as visits by lot can establish it.

    Parameters
    ----------
    name
        Of the success criterion.
    against
        What the list is compared with: `lot`, a model's name, or "" for a number.
    limit
        The number that must be reached, as a share.
    """

    name: str
    model: str
    against: str
    limit: float


def claims_of(criteria: Iterable[Criterion]) -> tuple[Claim, ...]:
    """The criteria that say how many places on a list have something to find; others are not about visits."""
    made = []
    for c in criteria:
        against = {"precision_at_capacity": "", "precision_above_random": "lot", "precision_difference": c.versus or ""}
        if c.metric in against and c.at_least is not None:
            made.append(Claim(c.name, c.model, against[c.metric], c.at_least))
    return tuple(made)


def visits_for_width(*, prevalence: float, half_width: float, level: float) -> int:
    """Visits by lot after which the normal-theory interval of a prevalence reaches `half_width` to each side; at least one.

    Examples
    --------
    >>> visits_for_width(prevalence=0.03, half_width=0.01, level=0.95)
    1118
    >>> visits_for_width(prevalence=0.03, half_width=0.02, level=0.95)
    280
    """
    return max(1, math.ceil(reach_of(level) ** 2 * prevalence * (1 - prevalence) / half_width**2))


def visits_for_claim(*, list_: float, other: float | None, limit: float, level: float) -> int | None:
    """Visits by lot to the list (and as many to what it is compared with) after which the interval just leaves `limit` out.

    None when the list's own figure does not reach the limit. With this many the chance to establish the claim is about one half; with twice as
    many about four in five.

    Examples
    --------
    >>> visits_for_claim(list_=0.3, other=None, limit=0.2, level=0.95)
    81
    >>> visits_for_claim(list_=0.3, other=0.1, limit=0.0, level=0.95)
    29
    """
    margin = list_ - (other or 0.0) - limit
    if margin <= 0:
        return None
    spread = list_ * (1 - list_) + (other * (1 - other) if other is not None else 0.0)
    return max(1, math.ceil(round(reach_of(level) ** 2 * spread / margin**2, 9)))


def half_width(*, prevalence: float, visits: int, level: float) -> float:
    """How far the normal-theory interval of a prevalence reaches to each side after this many visits by lot."""
    return reach_of(level) * math.sqrt(prevalence * (1 - prevalence) / visits)


def finds_of_rounds(
    sample: Sample,
    weighed: Weighed | None,
    *,
    model: str,
    asked: NextRound,
    capacity: int,
    replicates: int,
    level: float,
    seed: int,
    threads: int,
    progress: Progress,
    how: Resampling = PLAIN,
) -> Iterator[Estimate]:
    """Per share drawn by lot and per form: `expected_finds` of one round of `capacity` visits, and `finds_given_up` against no lots at all.

    A shorter list finds what its own places find, and a visit by lot what any place finds. Lists stay as they are; clusters are resampled.

    Parameters
    ----------
    weighed
        As `weighted_estimates` takes them; None for scheduled visits, of which only the labelled form exists.
    """
    sums = _sums(sample, weighed)
    shares = {0.0, *asked.every_share}
    listed = {s: listed_share(sample, sample.scores[model], capacity=capacity - _lots(s, capacity)) for s in shares}
    rows = np.arange(len(sample.rows))
    parts = {**{("list", s): part for s, part in listed.items()}, ("all", 0.0): np.ones(len(rows))}
    statistics: dict[tuple[str, float, Method], Statistic] = {
        (what, s, form): sum_statistic(part[:, None] * own, cluster=sample.cluster, slices=[rows])
        for (what, s), part in parts.items()
        for form, own in sums.items()
    }
    numbers = resample(
        statistics,
        clusters=sample.clusters,
        replicates=replicates,
        seed=seed,
        threads=threads,
        progress=progress,
        how=how,
    )
    for form in sums:
        found = {s: _finds_per_visit(numbers, s, form, capacity) for s in sorted(shares)}
        for share in asked.every_share:
            n = _visits(sample, weighed, form, listed[share])
            about = About(model, at=_at(capacity, share))
            figures = {"expected_finds": found[share]}
            if _lots(share, capacity):
                figures["finds_given_up"] = found[0.0] - found[share]
            for metric, number in figures.items():
                if n < FEW:
                    yield nothing("few_visits", metric, about, n=n, method=form)
                    continue
                a_visit = estimate_of(
                    number,
                    metric,
                    about,
                    n=n,
                    level=level,
                    why_not="few_visits",
                    share=metric == "expected_finds",
                    method=form,
                )
                yield rounded(straight(a_visit, metric, about.at, slope=capacity, start=0.0))


def _sums(sample: Sample, weighed: Weighed | None) -> dict[Method, Floats]:
    """Per form and row the weight of findings and of visits: (row, 2)."""
    own: dict[Method, Floats] = {"labelled": np.column_stack([sample.finding, sample.visited]).astype(np.float64)}
    return own if weighed is None else own | {"weighted": weighed.sums("weighted", len(sample.rows))}


def _finds_per_visit(
    numbers: Mapping[tuple[str, float, Method], Resampled], share: float, form: Method, capacity: int
) -> Resampled:
    """The share of one round's visits that is expected to find something."""
    by_lot = _lots(share, capacity) / capacity
    of_list, anywhere = (
        number[0, 0] / number[0, 1] for number in (numbers["list", share, form], numbers["all", 0.0, form])
    )
    return of_list.each(lambda x: x * (1 - by_lot)) + anywhere.each(lambda x: x * by_lot)


def _visits(sample: Sample, weighed: Weighed | None, form: Method, listed: Floats) -> float:
    if form == "labelled" or weighed is None:
        return float((listed * sample.visited).sum())
    return weighed.visits(form, listed)


def _lots(share: float, capacity: int) -> int:
    """Visits by lot of a round; at least one stays on the list."""
    return min(round(share * capacity), capacity - 1)


def _at(capacity: int, share: float) -> str:
    return f"capacity={capacity},by_lot={share:g}"


def plans_of_rounds(
    estimates: Iterable[Estimate], *, asked: NextRound, claims: Iterable[Claim], main: str, capacity: int, level: float
) -> Iterator[Estimate]:
    """What each share brings, and how many visits by lot a width or a claim needs: arithmetic on what the study measured.

    `visits_by_lot` of one round; `bounds_width`, how far the bounds of the list's precision lie apart when it was followed (at `by_lot=now` as the study
    has them); `prevalence_half_width` after one round and `rounds_needed` until it is as small as was asked; `visits_needed` at `half_width=…` and at
    `claim=…`. Where arithmetic starts from a measured share, its own interval gives the ends.
    """
    book = {estimate.id: estimate for estimate in estimates}
    at = f"capacity={capacity}"
    unseen = book.get(f"{main}/listed_unobserved//{at}/all/count")
    if unseen is not None and unseen.value is not None and unseen.n:
        now = About(main, at=f"{at},by_lot=now")
        yield count_of(unseen.value / unseen.n, "bounds_width", now, n=unseen.n)
    prevalence = _best([book.get(f"/prevalence///all/{form}") for form in PREVALENCE_BY])
    needed = _needed_for_width(prevalence, asked.half_width, About(at=f"half_width={asked.half_width:g}"), level=level)
    yield needed
    for share in asked.every_share:
        lots, about = _lots(share, capacity), About(main, at=_at(capacity, share))
        yield exactly(lots, "visits_by_lot", about, n=capacity, method="fixed")
        yield exactly(lots / capacity, "bounds_width", about, n=capacity, method="fixed")
        yield _half_width(prevalence, lots, about, level=level)
        yield _rounds(needed, lots, about)
    for claim in claims:
        yield _needed_for_claim(book, claim, at, level=level)


def _best(forms: Iterable[Estimate | None]) -> Estimate | None:
    return next((e for e in forms if e is not None and e.value is not None), None)


def _half_width(prevalence: Estimate | None, lots: int, about: About, *, level: float) -> Estimate:
    metric = "prevalence_half_width"
    if prevalence is None or prevalence.value is None:
        return nothing("nobody_visited", metric, about, n=0, method="fixed")
    if lots == 0:
        return nothing("no_lots", metric, about, n=0, method="fixed")
    planned = _planned(prevalence)
    if planned is None:
        return nothing(prevalence.note, metric, about, n=prevalence.n, method=prevalence.method)
    ends = [half_width(prevalence=p, visits=lots, level=level) for p in _ends(prevalence)]
    return _between(half_width(prevalence=planned, visits=lots, level=level), ends, metric, about, prevalence)


def _rounds(needed: Estimate, lots: int, about: About) -> Estimate:
    """Rounds until there are enough visits by lot."""
    if needed.value is None or lots == 0:
        return nothing("no_lots" if lots == 0 else needed.note, "rounds_needed", about, n=0, method="fixed")
    ends = [math.ceil(x / lots) for x in (needed.low, needed.high) if x is not None]
    return _between(math.ceil(needed.value / lots), ends or [0], "rounds_needed", about, needed)


def _needed_for_width(prevalence: Estimate | None, width: float, about: About, *, level: float) -> Estimate:
    if prevalence is None or prevalence.value is None:
        return nothing("nobody_visited", "visits_needed", about, n=0, method="fixed")
    planned = _planned(prevalence)
    if planned is None:
        return nothing(prevalence.note, "visits_needed", about, n=prevalence.n, method=prevalence.method)
    ends = [visits_for_width(prevalence=p, half_width=width, level=level) for p in _ends(prevalence)]
    value = visits_for_width(prevalence=planned, half_width=width, level=level)
    return _between(value, ends, "visits_needed", about, prevalence)


def _planned(share: Estimate) -> float | None:
    """The share that a plan starts from: the measured one, and where none or all was found the middle of its interval, which is Wilson's centre.

    From none found the normal theory would plan no visits at all. None when nothing tells how far such a share may be off.
    """
    if share.value not in (0.0, 1.0):
        return share.value
    return None if share.low is None or share.high is None else (share.low + share.high) / 2


def _ends(share: Estimate) -> list[float]:
    """The interval of a share below one half, over which spread rises with the share; its value when it has none."""
    return [min(x, 0.5) for x in (share.low, share.high) if x is not None] or [min(share.value or 0.0, 0.5)]


def _between(value: float, ends: Sequence[float], metric: str, about: About, source: Estimate) -> Estimate:
    """Arithmetic on a measured share: its interval carried through, and the form that it was measured in."""
    measured = source.low is not None
    return rounded(
        Estimate(
            about.model,
            metric,
            float(value),
            min(value, *ends) if measured else None,
            max(value, *ends) if measured else None,
            n=source.n,
            method=source.method,
            level=source.level if measured else None,
            note="" if measured else source.note,
            at=about.at,
        )
    )


def _needed_for_claim(book: Mapping[str, Estimate], claim: Claim, at: str, *, level: float) -> Estimate:
    """Visits by lot to the list, and as many to what it is compared with; from one form of both shares."""
    about = About(claim.model, at=f"claim={claim.name}")
    for form in ("weighted", "labelled"):
        mine = book.get(f"{claim.model}/precision_at_capacity//{at}/all/{form}")
        lot, model = f"/precision_by_lot//{at}/all/{form}", f"{claim.against}/precision_at_capacity//{at}/all/{form}"
        other = book.get(lot if claim.against == "lot" else model) if claim.against else None
        if mine is None or mine.value is None or (claim.against and (other is None or other.value is None)):
            continue
        needed = visits_for_claim(
            list_=mine.value, other=other.value if other is not None else None, limit=claim.limit, level=level
        )
        if needed is None:
            return nothing("claim_not_reached", "visits_needed", about, n=mine.n, method=mine.method)
        return Estimate(claim.model, "visits_needed", float(needed), n=mine.n, method=mine.method, at=about.at)
    return nothing("nobody_visited", "visits_needed", about, n=0, method="labelled")


def check_next_round(asked: NextRound | None, *, capacity: int, main: str) -> Finding:
    """TK127: whether the next round draws any visit by lot."""
    if asked is None:
        return Finding("TK127", "not_applicable", main, {"reason": "no_next_round"})
    lots = _lots(asked.random_share, capacity)
    return Finding("TK127", "not_found" if lots else "found", main, {"lots": lots, "capacity": capacity})
