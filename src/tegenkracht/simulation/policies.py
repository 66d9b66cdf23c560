"""Ways to choose the next quarter's visits, as exact chances: by lot, by rule, by bias, by a model of what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from tegenkracht.data.world.arrays import Flags, Floats, Ints
from tegenkracht.data.world.logistic import expit, level_of
from tegenkracht.data.world.sector_run import Setting
from tegenkracht.data.world.visits import Known

_ON_INDICATORS, _GROUP, _DEPRIVATION = 0.6, 0.8, 0.4
_ENOUGH = 10  # findings, and visits without one, before a model is fitted


See = Callable[[Known], Floats]
"""What is known -> what a model sees of each unit (unit, feature)."""


def features_of(known: Known) -> Floats:
    """What a model sees of each unit: what became known of every indicator, its earlier visits and findings, and findings around it."""
    return np.column_stack([known.indicators.T, known.visited, known.found, known.hits])


@dataclass(frozen=True)
class Learned:
    """Visits whose result is known: features (visits by features), whether something was found, the chance that the visit had, and what a model sees."""

    features: Floats
    finding: Flags
    chance: Floats
    see: See = features_of


Chooser = Callable[[Setting, Known, Learned, int, float, np.random.Generator], Floats]
"""Setting, what is known, what was learned, number of visits, share to explore, chance -> chance of a visit by unit."""


def by_lot(
    setting: Setting, known: Known, learned: Learned, visits: int, explore: float, rng: np.random.Generator
) -> Floats:
    """Everyone the same chance."""
    return np.where(known.is_open, visits / known.is_open.sum(), 0.0)


def by_rule(
    setting: Setting, known: Known, learned: Learned, visits: int, explore: float, rng: np.random.Generator
) -> Floats:
    """Log-odds follow the sum of the indicators."""
    return _spread(_ON_INDICATORS * (setting.manner @ known.indicators), known.is_open, visits)


def by_bias(
    setting: Setting, known: Known, learned: Learned, visits: int, explore: float, rng: np.random.Generator
) -> Floats:
    """The rule, and more for group 1 and for deprived areas."""
    places = setting.places
    bias = _GROUP * places.group + _DEPRIVATION * places.deprivation
    return _spread(_ON_INDICATORS * (setting.manner @ known.indicators) + bias, known.is_open, visits)


def by_model(
    setting: Setting, known: Known, learned: Learned, visits: int, explore: float, rng: np.random.Generator
) -> Floats:
    """The units that a model of earlier findings puts on top, and nobody else."""
    model = _fitted(learned, None)
    if model is None:
        return by_rule(setting, known, learned, visits, explore, rng)
    return _top(_score(model, learned.see(known)), known.is_open, visits, rng)


def by_model_and_lot(
    setting: Setting, known: Known, learned: Learned, visits: int, explore: float, rng: np.random.Generator
) -> Floats:
    """The model's top, but a share of the visits by lot among all others."""
    model = _fitted(learned, None)
    if model is None:
        return by_rule(setting, known, learned, visits, explore, rng)
    return _mixed(_score(model, learned.see(known)), known.is_open, visits, explore, rng)


def by_weighted_model_and_lot(
    setting: Setting, known: Known, learned: Learned, visits: int, explore: float, rng: np.random.Generator
) -> Floats:
    """As `model_eps`, with visits weighted by one over their chance while training: the repair that methods finding 7 warns about."""
    model = _fitted(learned, 1 / learned.chance)
    if model is None:
        return by_rule(setting, known, learned, visits, explore, rng)
    return _mixed(_score(model, learned.see(known)), known.is_open, visits, explore, rng)


def by_thompson(
    setting: Setting, known: Known, learned: Learned, visits: int, explore: float, rng: np.random.Generator
) -> Floats:
    """The top of a model of a bootstrap sample of what was learned: what is uncertain is tried now and then (Thompson 1933)."""
    rows = rng.integers(0, max(len(learned.finding), 1), len(learned.finding))
    model = _fitted(
        replace(learned, features=learned.features[rows], finding=learned.finding[rows], chance=learned.chance[rows]),
        None,
    )
    if model is None:
        return by_rule(setting, known, learned, visits, explore, rng)
    return _top(_score(model, learned.see(known)), known.is_open, visits, rng)


POLICIES: Mapping[str, Chooser] = {
    "random": by_lot,
    "rule": by_rule,
    "biased": by_bias,
    "model_greedy": by_model,
    "model_eps": by_model_and_lot,
    "model_eps_weighted": by_weighted_model_and_lot,
    "thompson": by_thompson,
}


def model_scores(learned: Learned, known: Known, *, weighted: bool) -> Floats | None:
    """What a model of what was learned says of every unit; None while there is too little to learn from."""
    model = _fitted(learned, 1 / learned.chance if weighted else None)
    return None if model is None else _score(model, learned.see(known))


def _fitted(learned: Learned, weight: Floats | None) -> Pipeline | None:
    if min(learned.finding.sum(), (~learned.finding).sum()) < _ENOUGH:
        return None
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=300))
    return model.fit(learned.features, learned.finding, logisticregression__sample_weight=weight)


def _score(model: Pipeline, features: Floats) -> Floats:
    return np.asarray(model.decision_function(features))


def _spread(log_odds: Floats, is_open: Flags, visits: int) -> Floats:
    """Chances that follow log-odds and add up to the number of visits."""
    level = level_of(log_odds[is_open], visits / is_open.sum())
    return np.where(is_open, expit(log_odds + level), 0.0)


def _top(score: Floats, is_open: Flags, visits: int, rng: np.random.Generator) -> Floats:
    """Chance 1 for the units on top; ties by lot."""
    chance = np.zeros(len(score))
    chance[_ranked(score, is_open, rng)[:visits]] = 1.0
    return chance


def _mixed(score: Floats, is_open: Flags, visits: int, explore: float, rng: np.random.Generator) -> Floats:
    """Chance 1 for the top, and the explored share of the visits spread over all other open units."""
    by_lot_ = round(explore * visits)
    order = _ranked(score, is_open, rng)
    chance = np.zeros(len(score))
    chance[order[: visits - by_lot_]] = 1.0
    rest = order[visits - by_lot_ :]
    chance[rest] = by_lot_ / len(rest)
    return chance


def _ranked(score: Floats, is_open: Flags, rng: np.random.Generator) -> Ints:
    """Open units, highest score first; ties by lot."""
    open_units = np.flatnonzero(is_open)
    order = np.lexsort([rng.random(len(open_units)), -score[open_units]])
    return np.asarray(open_units[order])
