"""What a way of choosing a model would have cost: how far the choice of one split lies below the best model of the next.

The best mean over past splits need not be the best choice for the next one. Each rule sees only splits before the one that it is judged on,
and the rule with the smallest mean regret makes the last choice (after the idea of `audition` in dssg/triage).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.bootstrap import Resampled
from tegenkracht.evaluation.estimates import About, estimate_of, nothing

Floats = NDArray[np.float64]
Rule = Callable[[Floats], Floats]
"""From figures (split, model) of the past to a preference for each model."""

RULES: dict[str, Rule] = {
    "last": lambda past: past[-1],
    "best_mean": lambda past: past.mean(axis=0),
    "best_worst": lambda past: past.min(axis=0),
    "mean_less_spread": lambda past: past.mean(axis=0) - past.std(axis=0),
}
"""Ways of choosing; `random` is the one that chooses by lot."""
RANDOM = "random"


@dataclass(frozen=True)
class Choice:
    """The rule with the smallest mean regret, and the model that it chooses for the split after the last."""

    rule: str
    model: str


def chances(past: Floats, rule: str) -> Floats:
    """Chance that a rule chooses each model: equal preferences share it."""
    preference = np.zeros(past.shape[1]) if rule == RANDOM else np.round(RULES[rule](past), 12)
    best = preference == preference.max()
    return np.asarray(best / best.sum())


def regrets(figures: Floats, rule: str) -> Floats:
    """Regret (…) of a rule's choices, the mean over splits after the first.

    Parameters
    ----------
    figures
        (split, model) of the figure by which models are chosen, higher is better; without one of them there is no answer (NaN).

    Examples
    --------
    >>> float(regrets(np.array([[0.3, 0.2], [0.1, 0.4]]), "last"))
    0.30000000000000004
    """
    if not np.isfinite(figures).all():
        return np.asarray(np.nan)
    each = [figures[t].max() - chances(figures[:t], rule) @ figures[t] for t in range(1, len(figures))]
    return np.asarray(np.mean(each))


def resampled_regret(figures: Resampled, rule: str) -> Resampled:
    """Regret of a rule, with the whole choice made again in each replicate."""
    return figures.each(lambda several: np.array([regrets(again, rule) for again in several]))


def usable(figures: Mapping[str, Resampled]) -> Resampled | None:
    """Figures (split, model) of all models at splits where each has one; None when fewer than two splits are left."""
    point = np.stack([number.point for number in figures.values()], axis=-1)
    replicates = np.stack([number.replicates for number in figures.values()], axis=-1)
    kept = np.isfinite(point).all(axis=1)
    if kept.sum() < 2:
        return None
    jackknifed = [number.left_out for number in figures.values() if number.left_out is not None]
    left_out = np.stack(jackknifed, axis=-1)[:, kept] if len(jackknifed) == len(figures) else None
    return Resampled(point[kept], replicates[:, kept], left_out)


def choice_of(figures: Mapping[str, Resampled]) -> Choice | None:
    """The choice for the next split; None when there are too few splits to judge a rule. The first of equals, in order of name."""
    table = usable(figures)
    if table is None:
        return None
    rule = min(sorted(RULES), key=lambda name: round(float(regrets(table.point, name)), 12))
    return Choice(rule, list(figures)[int(np.argmax(chances(table.point, rule)))])


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
