"""The next round: what visits by lot cost in finds, how sure they make a prevalence, and how many a claim needs (methods B-6)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from tegenkracht.core.errors import wrong


@dataclass(frozen=True)
class Round:
    """A round of visits of which a share is drawn by lot.

    Parameters
    ----------
    share
        Share of the visits drawn by lot.
    by_lot
        Number of those visits.
    expected_finds, lost_finds
        Finds expected in all, and fewer than without lots.
    half_width
        Half the normal-theory interval of the prevalence from the visits by lot; None without such visits.
    """

    share: float
    by_lot: int
    expected_finds: float
    lost_finds: float
    half_width: float | None


def rounds(
    *, capacity: int, precision: float, prevalence: float, shares: Sequence[float], level: float
) -> tuple[Round, ...]:
    """One row per share: a visit from the list finds with chance `precision`, one by lot with chance `prevalence`.

    A list gives up its last places, which find less than its mean; so `lost_finds` is the most that lots cost, not what they will cost.

    Raises
    ------
    InputError
        When a share or a chance lies outside 0 to 1, or there are no visits.
    """
    if capacity < 1 or any(not 0 <= x <= 1 for x in (precision, prevalence, *shares)):
        raise wrong("next round", "capacity is below 1, or a share lies outside 0 to 1.", "Give visits and shares.")
    z = NormalDist().inv_cdf((1 + level) / 2)
    made = []
    for share in shares:
        lots = round(share * capacity)
        lost = lots * (precision - prevalence)
        half = z * math.sqrt(prevalence * (1 - prevalence) / lots) if lots else None
        made.append(Round(share, lots, capacity * precision - lost, lost, half))
    return tuple(made)


def visits_for_width(*, prevalence: float, half_width: float, level: float) -> int:
    """Visits by lot after which the normal-theory interval of a prevalence reaches `half_width` to each side.

    Examples
    --------
    >>> visits_for_width(prevalence=0.03, half_width=0.01, level=0.95)
    1118
    >>> visits_for_width(prevalence=0.03, half_width=0.02, level=0.95)
    280
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    return math.ceil(z * z * prevalence * (1 - prevalence) / half_width**2)
