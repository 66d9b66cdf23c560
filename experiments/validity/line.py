"""A line of a table with shares of yes: how often something was so, with its Monte Carlo standard error."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding

AT_MOST, AT_LEAST, COVERED, NO_DEMAND = "at most 5 %", "at least 90 %", "93 to 97 %", "no demand"
HEAD = "| planted | times | so | wanted |\n| --- | --- | --- | --- |"


@dataclass
class Line:
    """One line of the table: how often something was so."""

    name: str
    wanted: str
    times: int = 0
    yes: int = 0

    def add(self, so: bool) -> None:
        """One more."""
        self.times += 1
        self.yes += bool(so)

    def add_all(self, other: Line) -> None:
        """All that another line counted."""
        self.times += other.times
        self.yes += other.yes

    @property
    def share(self) -> str:
        """How often, with its Monte Carlo standard error."""
        if not self.times:
            return "none"
        share = self.yes / self.times
        return _told(share, float(np.sqrt(share * (1 - share) / self.times)))

    def __str__(self) -> str:
        return f"| {self.name} | {self.times} | {self.share} | {self.wanted} |"


def share_over_worlds(worlds: Sequence[Sequence[bool]]) -> str:
    r"""How often something is so in studies of several worlds, with a standard error over worlds, for studies of one world share it.

    :math:`\sqrt{\frac{W}{W-1}\sum_w (y_w - p\,n_w)^2}/\sum_w n_w` (Cochran 1977, section 11.9); none is given for fewer than two worlds that were asked.

    Examples
    --------
    >>> share_over_worlds([[True, True], [False, True], [True]])
    '80.0 % (MCSE 18.3)'
    """
    asked = [world for world in worlds if world]
    times = sum(map(len, asked))
    if not times:
        return "none"
    share = sum(map(sum, asked)) / times
    if len(asked) < 2:
        return _told(share, None)
    off = sum((sum(world) - share * len(world)) ** 2 for world in asked)
    return _told(share, float(np.sqrt(len(asked) / (len(asked) - 1) * off)) / times)


def _told(share: float, error: float | None) -> str:
    return f"{100 * share:.1f} %" + ("" if error is None else f" (MCSE {100 * error:.1f})")


def found(verdicts: Iterable[Finding], code: str) -> bool:
    """Whether a check says that it found something."""
    return any(f.code == code and f.verdict == "found" for f in verdicts)


def holds(estimate: Estimate, true: float) -> bool:
    """Whether an interval holds the truth; without an interval it does not."""
    return estimate.low is not None and estimate.high is not None and estimate.low <= true <= estimate.high
