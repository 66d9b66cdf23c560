"""How many findings one list gives, in every way in which precision is counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.estimates import rounded

METRIC = "yield_at_capacity"
PRECISION = "precision_at_capacity"


def yield_estimates(estimates: Iterable[Estimate], *, length: float, capacity: int) -> Iterator[Estimate]:
    """`yield_at_capacity`: findings of one list if somebody went to all that is on it, from the precision of all test periods together.

    The length of lists is known, so that the interval and the reason why there is none are those of precision.

    Parameters
    ----------
    length
        Places on one list, on average.

    Examples
    --------
    >>> share = Estimate("m", "precision_at_capacity", 0.1, 0.05, 0.2, n=80, method="weighted", level=0.95, at="capacity=50")
    >>> [(e.metric, e.value, e.low, e.high) for e in yield_estimates([share], length=50.0, capacity=50)]
    [('yield_at_capacity', 5.0, 2.5, 10.0)]
    """
    for e in estimates:
        if e.metric == PRECISION and e.at == f"capacity={capacity}" and e.split == "all" and not e.group:
            value, low, high = (None if x is None else x * length for x in (e.value, e.low, e.high))
            yield rounded(replace(e, metric=METRIC, value=value, low=low, high=high))
