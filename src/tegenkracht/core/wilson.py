"""Wilson's interval of a share: what so many independent yes-or-no answers say of the chance of a yes."""

from __future__ import annotations

import math

from tegenkracht.core.normal import reach_of


def wilson_interval(share: float, n: float, *, level: float) -> tuple[float, float]:
    """Interval for a share of `n` independent yes-or-no answers (Wilson 1927, as Newcombe 1998 writes it); it holds the share.

    Parameters
    ----------
    n
        How many answers, more than zero; no whole number where dependent answers are worth fewer.

    Examples
    --------
    >>> low, high = wilson_interval(0.1, 100, level=0.95)
    >>> round(low, 4), round(high, 4)
    (0.0552, 0.1744)
    """
    z = reach_of(level)
    double = 2 * (n + z**2)
    middle = (2 * n * share + z**2) / double
    reach = z / double * math.sqrt(4 * n * share * (1 - share) + z**2)
    return (0.0 if share == 0 else middle - reach), (1.0 if share == 1 else middle + reach)
