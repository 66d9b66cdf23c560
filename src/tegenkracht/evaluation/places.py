"""Fairness for places: what differs between areas, what spills over to neighbours, and what lies around flagged places.

An attribute of an area says nothing about a place in it. A score may rise from area to area with the share of a group, while within an area the
group makes no difference (Robinson 1950, American Sociological Review 15); so every attribute is split into what a place differs from its
area and what its area is (Mundlak 1978, Econometrica 46; Bell & Jones 2015, Political Science Research and Methods 3).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.conditions import at_of, attribute_of, value_of
from tegenkracht.core.difference import leaves_zero_out, points
from tegenkracht.core.drawing import ClusterBy, Lists
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.bootstrap import Draw, Resampled, Statistic, resample, sum_of_parts, sum_statistic
from tegenkracht.evaluation.capacity import lists_of
from tegenkracht.evaluation.crossings import areas_of
from tegenkracht.evaluation.estimates import About, estimate_of, exactly, nothing, rounded
from tegenkracht.evaluation.ratio import over
from tegenkracht.evaluation.residents import resident_estimates, residents_in
from tegenkracht.evaluation.sample import Grouping, Sample, sample_of

Floats = NDArray[np.float64]

CODES: Mapping[str, str] = {
    "TK208": "What differs between areas was not shown to differ within them.",
    "TK209": "Flags lie close together, or around them the area is not as around other places.",
}
TOGETHER = 2.0
"""How many times more often than by lot a neighbour of a flagged place is flagged too, before TK209 is found; its interval must lie above once."""
OUTCOMES = ("listed", "score")
PARTS = ("within", "between")
_NOT_VARYING = 1e-9


def place_estimates(
    scores: Scores,
    surroundings: pd.DataFrame | None,
    *,
    model: str,
    capacity: int,
    lists: Lists,
    cluster_by: ClusterBy,
    minimum: int,
    replicates: int,
    level: float,
    seed: int,
    threads: int,
) -> tuple[Estimate, ...]:
    """What areas, neighbours and surroundings have to do with one model's flags.

    Parameters
    ----------
    surroundings
        Figures of the area around each test row, as they were known on its date: one column per measure, index `row_id`. None when the study
        asks for none.
    """
    sample = sample_of(scores, lists=lists, cluster_by=cluster_by)
    listed = lists_of(sample, capacity=capacity)[model]
    drawing = _Drawing(replicates, level, seed, threads, minimum)
    about = About(model, at=f"capacity={capacity}")
    found = (
        *_within_and_between(sample, model, listed, about, drawing),
        *_neighbours(sample, listed, about, drawing),
        *(() if surroundings is None else _exposure(sample, surroundings, listed, about, drawing)),
        *resident_estimates(
            sample,
            surroundings,
            listed,
            about,
            minimum=minimum,
            replicates=replicates,
            level=level,
            seed=seed,
            threads=threads,
        ),
    )
    return tuple(rounded(estimate) for estimate in found)


@dataclass(frozen=True)
class _Drawing:
    """How intervals are made."""

    replicates: int
    level: float
    seed: int
    threads: int
    minimum: int

    def of(self, statistic: Statistic, *, clusters: int) -> Resampled:
        """One statistic, resampled."""
        drawn = resample(
            {"it": statistic},
            clusters=clusters,
            replicates=self.replicates,
            seed=self.seed,
            threads=self.threads,
            progress=silent,
        )
        return drawn["it"]


# ---------------------------------------------------------------- within and between areas


def _within_and_between(
    sample: Sample, model: str, listed: Floats, about: About, drawing: _Drawing
) -> Iterator[Estimate]:
    """Per group but the largest, what it differs from the other places in flags and scores: within areas, and between areas with more and fewer of it."""
    areas = areas_of(sample)
    if len(areas.values) < 2 or not sample.groupings:
        return
    outcomes = np.column_stack([listed, sample.scores[model]])
    for grouping in sample.groupings:
        reference = int(np.argmax(grouping.sizes))
        values = [v for v in range(len(grouping.values)) if v != reference]
        if not values:
            continue
        member = np.column_stack([grouping.of_row == v for v in values]).astype(np.float64)
        number = drawing.of(split_statistic(sample, areas, member, outcomes), clusters=sample.clusters)
        split = [_metric(outcome, part) for outcome in OUTCOMES for part in PARTS]
        alike, hidden = _alike_within(areas, member), grouping.withheld(minimum=drawing.minimum)
        for i, v in enumerate(values):
            group = replace(about, group=grouping.name(v))
            if hidden[v]:
                yield from (nothing("group_under_minimum", m, group, n=0, method="sample") for m in split)
            else:
                yield from _split(number[i], group, n=int(grouping.sizes[v]), constant=bool(alike[i]), drawing=drawing)


def _metric(outcome: str, part: str) -> str:
    return f"{outcome}_{part}_areas"


def _split(number: Resampled, about: About, *, n: int, constant: bool, drawing: _Drawing) -> Iterator[Estimate]:
    for o, outcome in enumerate(OUTCOMES):
        for c, part in enumerate(PARTS):
            metric = _metric(outcome, part)
            if part == "within" and constant:
                yield nothing("attribute_of_areas", metric, about, n=n, method="sample")
            else:
                yield estimate_of(
                    number[o, c],
                    metric,
                    about,
                    n=n,
                    level=drawing.level,
                    why_not="alike_everywhere",
                    share=False,
                    method="sample",
                )


def split_statistic(sample: Sample, areas: Grouping, member: Floats, outcomes: Floats) -> Statistic:
    r"""Slopes of each outcome on being in a group: (group, outcome, within and between).

    With :math:`\bar x_j, \bar y_j` the means of area `j` over its :math:`n_j` rows, within:
    :math:`\sum_j\sum_i (x_{ij}-\bar x_j)(y_{ij}-\bar y_j) / \sum_j\sum_i (x_{ij}-\bar x_j)^2`, and between: the least-squares slope of
    :math:`\bar y_j` on :math:`\bar x_j` with weights :math:`n_j`. The two parts of `x` are uncorrelated, so that these are the slopes of one
    regression on both (Mundlak 1978).

    Parameters
    ----------
    member
        1 where a row is in the group (row, group).
    outcomes
        (row, outcome).
    """
    groups, n_outcomes = member.shape[1], outcomes.shape[1]
    products = (member[:, :, None] * outcomes[:, None, :]).reshape(len(member), -1)
    columns = np.column_stack([np.ones(len(member)), member, outcomes, products])
    sums = sum_of_parts(columns, cluster=sample.cluster, part=areas.of_row.astype(np.int64), parts=len(areas.values))

    def statistic(draw: Draw) -> Floats:
        table = sums(draw)
        n, x = table[..., :1], table[..., 1 : 1 + groups]
        y = table[..., 1 + groups : 1 + groups + n_outcomes]
        mean = x / np.maximum(n, 1.0)
        both, square = mean.swapaxes(1, 2) @ y, (mean * x).sum(axis=1)
        everywhere = table.sum(axis=1)
        total, all_x = everywhere[:, :1], everywhere[:, 1 : 1 + groups]
        all_y = everywhere[:, 1 + groups : 1 + groups + n_outcomes]
        xy = everywhere[:, 1 + groups + n_outcomes :].reshape(both.shape)
        within = _slope(xy - both, (all_x - square)[..., None])
        between = _slope(
            both - all_x[..., None] * all_y[:, None, :] / total[..., None],
            (square - all_x * all_x / total)[..., None],
        )
        return np.stack([within, between], axis=-1)

    return statistic


def _slope(above: Floats, below: Floats) -> Floats:
    return over(above, np.where(below > _NOT_VARYING, below, 0.0))


def _alike_within(areas: Grouping, member: Floats) -> NDArray[np.bool_]:
    """Per group, whether every area has either all or none of its rows in it."""
    n = areas.sizes.astype(np.float64)
    sums = np.column_stack([np.bincount(areas.of_row, column, minlength=n.size) for column in member.T])
    alike: NDArray[np.bool_] = ((sums == 0) | (sums == n[:, None])).all(axis=0)
    return alike


# ---------------------------------------------------------------- neighbours


def _neighbours(sample: Sample, listed: Floats, about: About, drawing: _Drawing) -> Iterator[Estimate]:
    """Whether flags lie together, and whether places beside a flagged one are visited more.

    Neighbours share a cluster (a strip, a harbour), or an area where there are no clusters. Pairs on one list are counted; by lot, each pair is
    flagged together as often as any other on that list (a join count: Cliff & Ord 1981, Spatial Processes, chapter 1).
    """
    of_place, places = _neighbourhoods(sample)
    if places < 2:
        return
    statistic = sum_statistic(
        neighbour_columns(sample, listed, of_place), cluster=of_place, slices=[np.arange(len(of_place))]
    )
    number = drawing.of(statistic, clusters=places)[0]
    yield from _lying_together(number, about, n=float(listed.sum()), level=drawing.level)
    yield from _visited_beside(number, about, drawing)


def _lying_together(number: Resampled, about: About, *, n: float, level: float) -> Iterator[Estimate]:
    """Share of the neighbours of flagged places that are flagged, the same of a list by lot, and how many times as large the one is.

    A list by lot has its own neighbours: flagged places may lie in larger strips, where each has more of them.
    """
    flagged, lot = number[0] / number[2], number[1] / number[3]
    reason = "no_neighbours"
    yield estimate_of(
        flagged, "flagged_neighbours", about, n=n, level=level, why_not=reason, share=True, method="sample"
    )
    by_lot = "flagged_neighbours_by_lot"
    if np.isfinite(lot.point):
        yield exactly(float(lot.point), by_lot, about, n=n, method="sample")
    else:
        yield nothing(reason, by_lot, about, n=n, method="sample")
    base = n if number.point[2] else 0
    yield estimate_of(
        flagged / lot, "flags_together", about, n=base, level=level, why_not=reason, share=False, method="sample"
    )


def _visited_beside(number: Resampled, about: About, drawing: _Drawing) -> Iterator[Estimate]:
    """Share of places that are not flagged that were visited, beside a flagged one and elsewhere, and the difference."""
    near, far = number[4] / number[5], number[6] / number[7]
    for metric, part, base in (
        ("inspected_near_flagged", near, number.point[5]),
        ("inspected_elsewhere", far, number.point[7]),
        ("inspected_near_difference", near - far, min(number.point[5], number.point[7])),
    ):
        if base < drawing.minimum:
            yield nothing("group_under_minimum", metric, about, n=0, method="sample")
        else:
            yield estimate_of(
                part,
                metric,
                about,
                n=base,
                level=drawing.level,
                why_not="no_neighbours",
                share=metric != "inspected_near_difference",
                method="sample",
            )


def _neighbourhoods(sample: Sample) -> tuple[NDArray[np.int32], int]:
    """The cluster of each row, else its area, as a number."""
    of_cluster, clusters = pd.factorize(sample.rows["cluster_id"], sort=True)
    alone = of_cluster < 0
    used, of_area = np.unique(areas_of(sample).of_row[alone], return_inverse=True)
    codes = of_cluster + used.size
    codes[alone] = of_area
    return codes.astype(np.int32), used.size + len(clusters)


def neighbour_columns(sample: Sample, listed: Floats, of_place: NDArray[np.int32]) -> Floats:
    """What each row adds to its neighbourhood, (row, 8).

    Flagged neighbours of flagged places, as many as by lot; neighbours of flagged places, as many as by lot; then places that are not flagged, with
    and without a flagged neighbour: visits and number.
    """
    out = np.zeros((listed.size, 8))
    for rows in sample.list_slices:
        s, place = listed[rows], of_place[rows]
        n = np.bincount(place).astype(np.float64)[place]
        flagged = np.bincount(place, s)[place]
        others = flagged - s
        total = rows.size
        pairs = s.sum() ** 2 - (s**2).sum()
        by_lot = pairs / (total * (total - 1)) if total > 1 else 0.0
        # A tie at the cut may leave a row partly flagged: near is as near as its neighbours are flagged, at most once.
        near = np.minimum(others, 1.0)
        rest, visited = 1 - s, sample.visited[rows]
        out[rows] = np.column_stack(
            [
                s * others,
                by_lot * (n - 1),
                s * (n - 1),
                s.sum() / total * (n - 1),
                rest * near * visited,
                rest * near,
                rest * (1 - near) * visited,
                rest * (1 - near),
            ]
        )
    return out


# ---------------------------------------------------------------- exposure


def _exposure(
    sample: Sample, surroundings: pd.DataFrame, listed: Floats, about: About, drawing: _Drawing
) -> Iterator[Estimate]:
    """Mean of each measure of the area around flagged places and around all places, and the difference; areas are what is drawn."""
    same = len(surroundings) == len(sample.rows) and (surroundings.index == sample.rows["row_id"]).all()
    table = surroundings if same else surroundings.reindex(sample.rows["row_id"])
    areas = areas_of(sample)
    for measure in surroundings.columns.drop([residents_in(surroundings)], errors="ignore"):
        value = table[measure].to_numpy(dtype=np.float64)
        known = np.isfinite(value)
        filled = np.where(known, value, 0.0)
        columns = np.column_stack([listed * filled, listed * known, filled, known.astype(np.float64)])
        statistic = sum_statistic(columns, cluster=areas.of_row, slices=[np.arange(len(columns))])
        sums = drawing.of(statistic, clusters=len(areas.values))[0]
        where = replace(about, at=f"{about.at},measure={measure}")
        flagged, everyone, n = sums[0] / sums[1], sums[2] / sums[3], float(sums.point[1])
        for metric, number in (
            ("exposure_flagged", flagged),
            ("exposure_all", everyone),
            ("exposure_difference", flagged - everyone),
        ):
            yield estimate_of(
                number, metric, where, n=n, level=drawing.level, why_not="no_figures", share=False, method="sample"
            )
        yield exactly(float((listed * known).sum() / listed.sum()), "exposure_known", where, n=n, method="sample")


# ---------------------------------------------------------------- checks


def check_places(estimates: Sequence[Estimate], *, model: str, attributes: Sequence[str]) -> Iterator[Finding]:
    """TK208 for each attribute, TK209 for neighbours and for each measure of the surroundings."""
    for attribute in attributes:
        yield _ecological(estimates, model, attribute)
    by = {(e.metric, e.at): e for e in estimates if not e.group}
    yield _together(next((e for e in estimates if e.metric == "flags_together"), None), by, model)
    for e in estimates:
        if e.metric == "exposure_difference":
            yield _exposed(e, by, model)


def _ecological(estimates: Sequence[Estimate], model: str, attribute: str) -> Finding:
    own = [e for e in estimates if attribute_of(e.group) == attribute]
    parts = {(e.metric, e.group): e for e in own if e.metric in ("listed_within_areas", "listed_between_areas")}
    within = [e for (metric, _), e in parts.items() if metric == "listed_within_areas"]
    known = [e for e in within if e.low is not None and parts["listed_between_areas", e.group].low is not None]
    if not known:
        notes = {e.note for e in within}
        reason = (
            "attribute_of_areas" if "attribute_of_areas" in notes else "one_area" if not own else "alike_everywhere"
        )
        return Finding("TK208", "not_applicable", model, {"attribute": attribute, "reason": reason})
    pairs = [(e, parts["listed_between_areas", e.group]) for e in known]
    apart = [(inside, between) for inside, between in pairs if not leaves_zero_out(inside) and leaves_zero_out(between)]
    facts: dict[str, str | int | float] = {"attribute": attribute, "looked_at": len(pairs)}
    if apart:
        inside, between = max(apart, key=lambda pair: abs(pair[1].value or 0.0))
        facts |= {"group": value_of(inside.group)}
        facts |= {f"within_{end}": points(getattr(inside, end)) for end in ("low", "high")}
        facts |= {"between": points(between.value), "between_low": points(between.low)}
        facts |= {"between_high": points(between.high)}
    ids = tuple(e.id for pair in apart or pairs for e in pair)
    return Finding("TK208", "found" if apart else "not_found", model, facts, ids)


def _together(ratio: Estimate | None, by: Mapping[tuple[str, str], Estimate], model: str) -> Finding:
    facts: dict[str, str | int | float] = {"by": "neighbours"}
    if ratio is None or ratio.low is None or ratio.value is None:
        return Finding("TK209", "not_applicable", model, {**facts, "reason": "no_neighbours"})
    flagged, lot = by["flagged_neighbours", ratio.at], by["flagged_neighbours_by_lot", ratio.at]
    facts |= {"flagged": points(flagged.value), "lot": points(lot.value), "least": TOGETHER}
    facts |= {"together_ratio": round(ratio.value, 2), "low_ratio": round(ratio.low, 2)}
    found = ratio.low > 1 and ratio.value >= TOGETHER
    return Finding("TK209", "found" if found else "not_found", model, facts, (ratio.id, flagged.id, lot.id))


def _exposed(gap: Estimate, by: Mapping[tuple[str, str], Estimate], model: str) -> Finding:
    measure = at_of(gap, "measure")
    facts: dict[str, str | int | float] = {"by": "exposure", "kind": measure}
    flagged, everyone = by["exposure_flagged", gap.at], by["exposure_all", gap.at]
    if gap.low is None or flagged.value is None or everyone.value is None:
        return Finding("TK209", "not_applicable", model, {**facts, "reason": "no_figures"})
    facts |= {"flagged": round(flagged.value, 2), "all": round(everyone.value, 2)}
    facts |= {"low": round(gap.low, 2), "high": round(gap.high or 0.0, 2)}
    return Finding(
        "TK209", "found" if leaves_zero_out(gap) else "not_found", model, facts, (gap.id, flagged.id, everyone.id)
    )
