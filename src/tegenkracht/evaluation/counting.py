"""What each row counts for in a figure of the audit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tegenkracht.evaluation.sample import Sample

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Counting:
    """What each row counts for: by itself, as one that was visited, and as one where something was found.

    Nought or one for figures among visited rows; for the weighted form the weights of a row's visits.
    """

    everyone: Floats
    seen: Floats
    found: Floats

    @classmethod
    def plain(cls, sample: Sample) -> Counting:
        """Every row once."""
        return cls(np.ones(len(sample.rows)), sample.visited.astype(np.float64), sample.finding.astype(np.float64))

    @property
    def columns(self) -> Floats:
        """Side by side, in the order of `LENGTH, VISITS, FINDINGS`."""
        return np.column_stack([self.everyone, self.seen, self.found])
