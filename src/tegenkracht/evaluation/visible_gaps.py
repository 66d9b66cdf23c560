"""The smallest gaps that two groups could show, as estimates: by how much one must lie above the other, and by how much below."""

from __future__ import annotations

from collections.abc import Iterator

from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.gap import SMALLEST
from tegenkracht.evaluation.contrast import POWER
from tegenkracht.evaluation.estimates import About, exactly, nothing
from tegenkracht.evaluation.proportions import smallest_visible_gap


def smallest_gaps(
    rate: float,
    answers: tuple[float, float],
    metric: str,
    about: About,
    *,
    n: float,
    level: float,
    looks: int,
    method: Method,
) -> Iterator[Estimate]:
    """`…_smallest_gap_up` and `…_smallest_gap_down`, each shown nine times in ten also when it comes first of all `looks` (Holm's first step).

    Each way by itself: where two in a hundred are on the list, a group cannot lie three points lower. What is stated does not look at the gap that was
    seen, nor at the way in which it points.

    Parameters
    ----------
    rate
        Of the reference group.
    answers
        How many independent answers the figure of the group is worth, and that of the reference group.
    """
    first = 1 - (1 - level) / max(looks, 1)
    for part in SMALLEST:
        least = smallest_visible_gap(rate, *answers, level=first, power=POWER, up=part == "smallest_gap_up")
        if least is None:
            yield nothing(f"no_{part}", f"{metric}_{part}", about, n=n, method=method)
        else:
            yield exactly(least, f"{metric}_{part}", about, n=n, method=method)
