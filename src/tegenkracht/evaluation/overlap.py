"""How much two lists are the same list: of two models on the same day, and of one model on two days after each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.bootstrap import Resampled, Statistic, sum_statistic
from tegenkracht.evaluation.capacity import listed_share
from tegenkracht.evaluation.estimates import About, estimate_of, exactly, nothing
from tegenkracht.evaluation.sample import Sample

Floats = NDArray[np.float64]


def jaccard(one: Floats, other: Floats) -> float:
    """Places on both lists as a share of places on either; a place that is on a list by lot counts for its chance.

    Examples
    --------
    >>> jaccard(np.array([1.0, 1.0, 0.0]), np.array([1.0, 0.0, 1.0])) == 1 / 3
    True
    """
    either = np.maximum(one, other).sum()
    return float(np.minimum(one, other).sum() / either) if either else float("nan")


def overlaps(sample: Sample, *, capacity: int, versus: Mapping[str, Sequence[str]]) -> Iterator[Estimate]:
    """Overlap of each model's lists with those of other models, and the share of a list that is also on the next one."""
    listed = {m: listed_share(sample, scores, capacity=capacity) for m, scores in sample.scores.items()}
    for model, mine in listed.items():
        for other in versus[model]:
            about = About(model, at=f"capacity={capacity},versus={other}")
            yield exactly(jaccard(mine, listed[other]), "list_overlap", about, n=mine.sum(), method="sample")
        yield _kept(sample, mine, About(model, at=f"capacity={capacity}"))


def _kept(sample: Sample, listed: Floats, about: About) -> Estimate:
    """Of the places on a list that are in the next cohort too, the share that is on the next list; over all pairs of lists."""
    both = stayed = 0.0
    for before, after in pairwise(_by_unit(sample, listed)):
        joined = pd.concat([before, after], axis=1, join="inner").to_numpy()
        both += joined[:, 0].sum()
        stayed += np.minimum(joined[:, 0], joined[:, 1]).sum()
    if both == 0:
        return nothing("one_list", "list_kept", about, n=0, method="sample")
    return exactly(stayed / both, "list_kept", about, n=both, method="sample")


def _by_unit(sample: Sample, listed: Floats) -> list[pd.Series]:
    """Per list, in order of time, how much of each unit is on it (at most 1)."""
    order = sorted(sample.list_slices, key=lambda rows: sample.rows["as_of"].iloc[rows].min())
    units = sample.rows["unit_id"].to_numpy()
    return [pd.Series(listed[rows]).groupby(units[rows]).sum().clip(upper=1.0) for rows in order]


def disagreement_statistics(
    sample: Sample, *, capacity: int, versus: Mapping[str, Sequence[str]]
) -> dict[tuple[str, str], Statistic]:
    """Per model and other: visits and findings on its list only, then on the other's only (1, 4); the lists themselves are held fixed."""
    listed = {m: listed_share(sample, scores, capacity=capacity) for m, scores in sample.scores.items()}
    return {(m, o): _only(sample, listed[m], listed[o]) for m in listed for o in versus[m]}


def _only(sample: Sample, one: Floats, other: Floats) -> Statistic:
    mine, theirs = one * (1 - other), other * (1 - one)
    columns = [share * what for share in (mine, theirs) for what in (sample.visited, sample.finding)]
    rows = np.arange(len(one))
    return sum_statistic(np.column_stack(columns), cluster=sample.cluster, slices=[rows])


def disagreements(numbers: Mapping[tuple[str, str], Resampled], *, capacity: int, level: float) -> Iterator[Estimate]:
    """How much more is found where only a model's list goes than where only the other's goes: what they share says nothing about it.

    Parameters
    ----------
    numbers
        Resampled `disagreement_statistics`.
    """
    for (model, other), sums in numbers.items():
        visits, found, their_visits, their_found = (sums[0, i] for i in range(4))
        gap, n = found / visits - their_found / their_visits, float(visits.point + their_visits.point)
        about = About(model, at=f"capacity={capacity},versus={other}")
        yield estimate_of(
            gap, "disagreement_difference", about, n=n, level=level, why_not="nobody_visited", share=False
        )
