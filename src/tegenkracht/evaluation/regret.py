"""What a way of choosing a model would have cost: how far the choice of one split lies below the best model of the next.

The best mean over past splits need not be the best choice for the next one. Each rule sees only splits before the one that it is judged on
(after the idea of `audition` in dssg/triage).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.bootstrap import Resampled, together
from tegenkracht.evaluation.estimates import About, estimate_of, nothing

Floats = NDArray[np.float64]
Rule = Callable[[Floats], Floats]
"""From figures (…, split, model) of the past to a preference for each model (…, model)."""

RULES: dict[str, Rule] = {
    "last": lambda past: past[..., -1, :],
    "best_mean": lambda past: past.mean(axis=-2),
    "best_worst": lambda past: past.min(axis=-2),
    "mean_less_spread": lambda past: past.mean(axis=-2) - past.std(axis=-2),
}
"""Ways of choosing; `random` is the one that chooses by lot."""
RANDOM = "random"


def chances(past: Floats, rule: str) -> Floats:
    """Chance that a rule chooses each model (…, model): equal preferences share it."""
    preference = np.zeros_like(past[..., 0, :]) if rule == RANDOM else np.round(RULES[rule](past), 12)
    best = preference == preference.max(axis=-1, keepdims=True)
    return np.asarray(best / best.sum(axis=-1, keepdims=True))


def regrets(figures: Floats, rule: str) -> Floats:
    """Regret (…) of a rule's choices, the mean over splits after the first.

    Parameters
    ----------
    figures
        (…, split, model) of the figure by which models are chosen, higher is better; without one of them there is no answer (NaN).

    Examples
    --------
    >>> float(regrets(np.array([[0.3, 0.2], [0.1, 0.4]]), "last"))
    0.30000000000000004
    """
    answered = np.asarray(np.isfinite(figures).all(axis=(-2, -1)))
    known = np.where(answered[..., None, None], figures, 0.0)
    each = [
        known[..., t, :].max(axis=-1) - (chances(known[..., :t, :], rule) * known[..., t, :]).sum(axis=-1)
        for t in range(1, known.shape[-2])
    ]
    return np.asarray(np.where(answered, np.mean(each, axis=0), np.nan))


def resampled_regret(figures: Resampled, rule: str) -> Resampled:
    """Regret of a rule, with the whole choice made again in each replicate."""
    return figures.each(lambda several: regrets(several, rule))


def usable(figures: Mapping[str, Resampled]) -> Resampled | None:
    """Figures (split, model) of all models at splits where each has one; None when fewer than two splits are left."""
    table = together(lambda *each: np.stack(each, axis=-1), *figures.values())
    kept = np.isfinite(table.point).all(axis=1)
    return table[kept] if kept.sum() >= 2 else None


def regret_estimates(figures: Mapping[str, Resampled], *, metric: str, n: float, level: float) -> Iterator[Estimate]:
    """Mean regret at the next split of each rule, and of choosing by lot.

    Parameters
    ----------
    figures
        Per model, (split) of the figure to choose by.
    metric
        Its name, part of where the estimate is measured.
    """
    table = usable(figures)
    for rule in (*RULES, RANDOM):
        about = About(at=f"rule={rule},by={metric}")
        if table is None:
            yield nothing("one_fold", "selection_regret", about, n=0)
            continue
        number = resampled_regret(table, rule)
        yield estimate_of(number, "selection_regret", about, n=n, level=level, why_not="one_fold", share=False)
