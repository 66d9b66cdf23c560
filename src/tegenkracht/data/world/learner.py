"""The model in the loop: a small logistic regression on the visitors' own findings, as an inspectorate might fit it each year."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tegenkracht.data.world.arrays import Flags, Floats
from tegenkracht.data.world.logistic import expit
from tegenkracht.data.world.streams import settled

_RIDGE, _STEPS, _ENOUGH = 1.0, 12, 20


@dataclass(frozen=True)
class Weights:
    """Weights of the indicators, and the visits that they were learned from."""

    of_indicators: Floats
    indicators: Floats
    finding: Floats

    def score(self, indicators: Floats) -> Floats:
        """Log-odds of a finding, without the intercept (the budget sets the level)."""
        return np.asarray(self.of_indicators @ indicators)


def no_weights(indicators: int) -> Weights:
    """Nothing learned yet."""
    return Weights(np.zeros(indicators), np.zeros((indicators, 0)), np.zeros(0))


def learn(weights: Weights, indicators: Floats, finding: Flags, *, refit: bool) -> Weights:
    """The weights after a quarter's visits; unchanged until there are 20 findings."""
    seen = np.concatenate([weights.indicators, indicators], axis=1)
    found = np.concatenate([weights.finding, finding.astype(float)])
    kept = replace(weights, indicators=seen, finding=found)
    if not refit or found.sum() < _ENOUGH:
        return kept
    return replace(kept, of_indicators=_fit(seen, found))


def _fit(indicators: Floats, finding: Floats) -> Floats:
    """Ridge logistic regression by Newton's method."""
    design = np.concatenate([np.ones((1, indicators.shape[1])), indicators])
    penalty = _RIDGE * np.diag(np.r_[0.0, np.ones(len(indicators))])
    beta = np.zeros(len(design))
    for _ in range(_STEPS):
        chance = expit(beta @ design)
        slope = design @ (finding - chance) - penalty @ beta
        bend = (design * (chance * (1 - chance))) @ design.T + penalty + 1e-9 * np.eye(len(design))
        beta = beta + np.linalg.solve(bend, slope)
    return settled(beta[1:])
