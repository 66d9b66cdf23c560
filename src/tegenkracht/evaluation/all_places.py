"""The share that visits would find at all places of a sector or region: a count of so many places, which can lie further out than the rate behind it.

A region of sixty places with a rate of three in a hundred has none, one, two or four cases; the interval of its rate does not say which. What was seen is
kept as it is, and places that nobody saw are drawn: each from the posterior of the rate (the posterior predictive share of a finite population; Gelman
et al., Bayesian Data Analysis, 3rd edition, 2013, section 8.3; Little 2004, JASA 99).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.conditions import joined
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.evaluation.answers import answers_of
from tegenkracht.evaluation.binomial import binomial
from tegenkracht.evaluation.estimates import About, nothing, sampled
from tegenkracht.evaluation.pooled import Groups

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class AllPlaces:
    """How many places groups have, and how many of them were seen; in independent ones, since places of one strip are alike.

    Parameters
    ----------
    count
        Places of each group as they are counted.
    worth, seen
        How many independent ones all of them, and those that were visited, are worth.
    """

    count: Floats
    worth: Floats
    seen: Floats

    @classmethod
    def of(cls, *, group: Ints, groups: int, cluster: Ints, visited: Ints, yes: Floats, weight: Floats) -> AllPlaces:
        """From one line a place, and the visits.

        Parameters
        ----------
        group, cluster
            Of each place its group, and what it is alike with.
        visited
            Of each visit, the number of its place.
        yes, weight
            Of each visit whether it found something, and what it stands for.
        """
        told = answers_of(
            group=group[visited], groups=groups, cluster=cluster[visited], once=visited, yes=yes, weight=weight
        )
        pair, size = np.unique(np.column_stack([group, cluster]), axis=0, return_counts=True)
        count = np.bincount(group, minlength=groups).astype(np.float64)
        together = np.bincount(pair[:, 0], size.astype(np.float64) ** 2, minlength=groups)
        spread = count + told.alike * (together - count)
        worth = np.divide(count**2, spread, out=np.zeros(groups), where=spread > 0)
        return cls(count, worth, np.minimum(told.worth, worth))

    def only(self, groups: Ints) -> AllPlaces:
        """Some of the groups."""
        return AllPlaces(self.count[groups], self.worth[groups], self.seen[groups])


def all_places_estimates(
    groups: Groups,
    places: AllPlaces,
    metric: str,
    about: About,
    *,
    form: Method,
    level: float,
    rng: np.random.Generator,
) -> Iterator[Estimate]:
    """`<metric>_all_places` of each group: the share of its places at which a visit found or would find something, each place once; `n` is how many it has.

    It holds only for visits that tell of all places: drawn by lot, or weighed by their chance. A group that is too small says so.
    """
    asked = np.flatnonzero(groups.answers.worth > 0)
    told, places = groups.asked, places.only(asked)
    if len(told.names) < 2:
        return
    answers = told.answers
    rates = told.common.drawn(rng).rates(answers.found, answers.worth, rng)
    unseen = np.round(np.maximum(places.worth - places.seen, 0)).astype(np.int64)
    found = binomial(unseen, rates, rng, shape=rates.shape)
    draws = (places.seen * answers.share + found) / (places.seen + unseen)
    at = joined(about.at, f"form={form}")
    for group, name in enumerate(told.names):
        of_group = replace(about, at=at, group=name)
        if told.hidden[group]:
            yield nothing("group_under_minimum", f"{metric}_all_places", of_group, n=0, method="pooled")
        else:
            n = float(places.count[group])
            yield sampled(draws[:, group], f"{metric}_all_places", of_group, n=n, level=level, method="pooled")
