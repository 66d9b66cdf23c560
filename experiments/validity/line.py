"""A line of a table with shares of yes: how often something was so, with its Monte Carlo standard error."""

from __future__ import annotations

from collections.abc import Iterable
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
        return f"{100 * share:.1f} % (MCSE {100 * np.sqrt(share * (1 - share) / self.times):.1f})"

    def __str__(self) -> str:
        return f"| {self.name} | {self.times} | {self.share} | {self.wanted} |"


def found(verdicts: Iterable[Finding], code: str) -> bool:
    """Whether a check says that it found something."""
    return any(f.code == code and f.verdict == "found" for f in verdicts)


def holds(estimate: Estimate, true: float) -> bool:
    """Whether an interval holds the truth; without an interval it does not."""
    return estimate.low is not None and estimate.high is not None and estimate.low <= true <= estimate.high
