"""Lists that are made anew in every draw: divided over groups as in the data, or filled to their length.

A list that is divided over the groups of an attribute would be divided so again; with thresholds per group both lists would be filled with the places
that are there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tegenkracht.evaluation.bootstrap import Draw, Resampled, Statistic, together
from tegenkracht.evaluation.capacity import LENGTH
from tegenkracht.evaluation.counting import Counting
from tegenkracht.evaluation.kernel_groups import walk_groups
from tegenkracht.evaluation.sample import Sample, by_score

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Divided:
    """Over the groups of which attribute a list is divided, and whether by how many places they have (else by shares that are laid down)."""

    attribute: str
    by_places: bool


def refilled_sums(sample: Sample, scores: Floats, later: NDArray[np.bool_], *, capacity: int) -> Statistic:
    """Per period and group (2 x group, 3): length, visits and findings of lists that are filled to their length in every draw, best score first."""
    counting, of_group = Counting.plain(sample).columns, sample.group_of_row
    walks = []
    for period in (False, True):
        rows, starts, new_score = by_score(scores, [part for part in sample.list_slices if later[part[0]] == period])
        walks.append((sample.cluster[rows], counting[rows], new_score, starts, of_group[:, rows].copy()))
    sizes = np.array([capacity], np.int64)

    def statistic(draw: Draw) -> Floats:
        out = np.zeros((2, len(draw.counts), 1, sample.group_count, 3))
        for walk, (cluster, columns, new_score, starts, groups) in zip(out, walks, strict=True):
            walk_groups(draw.by_cluster, cluster, columns, new_score, starts, sizes, groups, walk)
        return np.concatenate([walk[:, 0] for walk in out], axis=1)

    return statistic


def kept_divided(top: Resampled, whole: Resampled, *, by_places: bool) -> Resampled:
    """Sums of a list per group (group, 4) with the list divided in every draw as it is in the data: what is drawn changes who stands for a group, not its part."""
    part, places = top.point[:, LENGTH] / top.point[:, LENGTH].sum(), whole.point[:, LENGTH]

    def divided(top: Floats, whole: Floats) -> Floats:
        length = top[..., LENGTH]
        share = part * whole[..., LENGTH] / places if by_places else np.broadcast_to(part, length.shape)
        wanted = length.sum(-1, keepdims=True) * share / share.sum(-1, keepdims=True)
        return np.asarray(top * np.divide(wanted, length, out=np.zeros_like(length), where=length > 0)[..., None])

    return together(divided, top, whole)


def half_places(places: Floats, lists: int) -> float:
    """How much the rates of two groups together may be off by rounding: half a place of each list, in either group.

    A division that is nearest to proportional gives two groups at most half a place more or less than their part (`by_quota`).

    Parameters
    ----------
    places
        Of each group, over all lists.

    Examples
    --------
    >>> half_places(np.array([50.0, 100.0]), 2)
    0.03
    """
    return float((0.5 * lists / places).sum())
