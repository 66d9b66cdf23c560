"""A grid of triage's models as models of ours, where there is one that does the same; where there is none, that is said."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice, product
from typing import Any

from tegenkracht.triage.dataset import column_names
from tegenkracht.triage.note import Note, one_line

MOST_MODELS = 24
_RULE = re.compile(r"^(?P<feature>\S+)\s*(?P<sign>>=|<=|>|<)\s*(?P<value>-?\d+(?:\.\d+)?)$")
_LIGHTGBM = {
    "n_estimators": 100,
    "learning_rate": 0.1,
    "num_leaves": 31,
    "min_child_samples": 20,
    "reg_lambda": 0.0,
    "subsample": 1.0,
    "colsample_bytree": 1.0,
}
"""LightGBM's own defaults: what triage fits with when a grid leaves a parameter out."""

Plan = dict[str, Any]
Columns = Mapping[str, str] | None
"""Our name of each feature by triage's; None when there are no matrices to look in."""


def translated_models(grid: Any, columns: Columns) -> tuple[dict[str, Plan], list[Note]]:
    """Our models by name, in the order of the grid, with those that every study has; and what became of each class."""
    models: dict[str, Plan] = {}
    notes: list[Note] = []
    for path, parameters in grid.items() if isinstance(grid, Mapping) else ():
        key = f"grid_config.{one_line(path, longest=90)}"
        maker = _MAKERS.get(str(path).rsplit(".", 1)[-1])
        if maker is None:
            why = "There is no such kind of model here; write a study of your own beside it if it matters."
            notes.append(Note(key, "no counterpart", "", why))
            continue
        for values in islice(_combinations(parameters), MOST_MODELS + 1):
            notes.append(_one(key, values, maker, columns, models))
    notes += _added(models)
    return models, notes


def _combinations(parameters: Any) -> Iterator[dict[str, Any]]:
    given = parameters if isinstance(parameters, Mapping) else {}
    lists = [value if isinstance(value, list) else [value] for value in given.values()]
    for values in product(*lists):
        yield dict(zip((str(key) for key in given), values, strict=True))


def _one(
    key: str,
    values: dict[str, Any],
    maker: Callable[[dict[str, Any], Columns], _Made],
    columns: Columns,
    models: dict[str, Plan],
) -> Note:
    """Add one model, or say why not."""
    shown = one_line(", ".join(f"{name}={value}" for name, value in values.items()), longest=80)
    place = f"{key} ({shown})" if shown else key
    if len(models) >= MOST_MODELS:
        return Note(place, "no counterpart", "", f"A study has at most {MOST_MODELS} models from a grid.")
    try:
        name, plan, changed = maker(values, columns)
    except LookupError as reason:
        return Note(place, "no counterpart", "", str(reason.args[0]))
    name = _free(name, models)
    models[name] = plan
    return Note(place, "changed" if changed else "taken over", f"models.{name}", changed or "The same model.")


def _free(name: str, models: Mapping[str, Plan]) -> str:
    number, free = 1, name
    while free in models:
        number += 1
        free = f"{name}_{number}"
    return free


def _added(models: dict[str, Plan]) -> Iterator[Note]:
    """Every study has a model that can learn and an order by lot."""
    if not any(plan["estimator"]["_target_"].endswith((".logistic", ".lightgbm")) for plan in models.values()):
        models["logistic"] = _logistic({}, None)[1]
        yield Note(
            "", "added", "models.logistic", "No model of the grid that learns has a counterpart; this one can be read."
        )
    models["by_lot"] = _plan("random", "Willekeurige volgorde", "Random order", probability=False)
    yield Note("", "added", "models.by_lot", "The floor that every list is compared with.")


def _plan(target: str, nl: str, en: str, *, probability: bool, explain: bool = False, **parameters: Any) -> Plan:
    return {
        "label": {"nl": nl, "en": en},
        "description": {"nl": f"{nl}, overgenomen uit triage.", "en": f"{en}, brought from triage."},
        "columns": "features",
        "probability": probability,
        "explain": explain,
        "estimator": {"_target_": f"tegenkracht.models.{target}", **parameters},
    }


_Made = tuple[str, Plan, str]
"""Name, plan, and what is different (empty when nothing is)."""


def _number(values: Mapping[str, Any], key: str, default: float) -> float:
    value = values.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise LookupError(f"`{key}` is no number.")
    return value


def _logistic(values: dict[str, Any], columns: Columns) -> _Made:
    if values.get("penalty", "l2") != "l2":
        raise LookupError("Only the ridge penalty (l2) is here.")
    strength = _number(values, "C", 1.0)
    steps = int(_number(values, "max_iter", 1000))
    label = (f"Logistische regressie (C {strength:g})", f"Logistic regression (C {strength:g})")
    plan = _plan(
        "logistic",
        *label,
        probability=True,
        explain=True,
        C=float(strength),
        max_iter=max(steps, 1000),
        missing="impute",
        monotone=False,
    )
    others = sorted(set(values) - {"penalty", "C", "max_iter"})
    left = f" Not taken over: {one_line(', '.join(others))}." if others else ""
    name = "logistic_c_" + re.sub(r"[^0-9a-z]+", "_", f"{strength:g}".lower()) if values else "logistic"
    return (
        name,
        plan,
        f"Columns are standardised here (triage: as they are, or from 0 to 1), so C weighs differently.{left}",
    )


def _lightgbm(values: dict[str, Any], columns: Columns) -> _Made:
    chosen: dict[str, Any] = {key: _number(values, key, default) for key, default in _LIGHTGBM.items()}
    others = sorted(set(values) - {*_LIGHTGBM, "n_jobs", "random_state"})
    label = ("Beslisbomen (LightGBM)", "Decision trees (LightGBM)")
    plan = _plan("lightgbm", *label, probability=True, explain=True, **chosen, monotone=False)
    return "lightgbm", plan, f"Not taken over: {one_line(', '.join(others))}." if others else ""


def _prior(values: dict[str, Any], columns: Columns) -> _Made:
    if values.get("strategy", "prior") != "prior":
        raise LookupError(
            "Of the dummies only the base rate (`prior`) is here; an order by lot is added to every study."
        )
    return "prior", _plan("prior", "Basiskans", "Base rate", probability=True), ""


def _thresholds(values: dict[str, Any], columns: Columns) -> _Made:
    rules = values.get("rules")
    rules = rules if isinstance(rules, list) else [rules]
    points = [_points(str(rule), columns) for rule in rules]
    plan = _plan("current_rule", "Regel", "Rule", probability=False, explain=True, rules=points)
    several = "Rules are counted here, one point each, so that a list can be cut anywhere; triage says 0 or 1."
    return "rule", plan, several if len(points) > 1 else ""


def _points(rule: str, columns: Columns) -> dict[str, Any]:
    found = _RULE.match(rule.strip())
    if found is None:
        raise LookupError(f"The rule `{one_line(rule, longest=50)}` is not a column, a sign and a number.")
    value, sign = float(found["value"]), found["sign"]
    value = value if "=" in sign else math.nextafter(value, math.inf if sign == ">" else -math.inf)
    return {
        "column": _column(found["feature"], columns),
        "at_least" if ">" in sign else "at_most": value,
        "points": 1.0,
    }


def _one_feature(values: dict[str, Any], columns: Columns) -> _Made:
    rules = values.get("rules", values)
    rules = rules if isinstance(rules, list) else [rules]
    if len(rules) != 1 or not isinstance(rules[0], Mapping):
        raise LookupError("Ranking by several features, one after the other, is not here.")
    if rules[0].get("low_value_high_score") or rules[0].get("descend"):
        raise LookupError("Ranking the lowest values first is not here.")
    column = _column(str(rules[0].get("feature")), columns)
    plan = _plan("given_score", f"Volgorde: {column}", f"Order: {column}", probability=False, column=column)
    return f"by_{column}"[:60], plan, "The value itself is the score here, not its rank; the order is the same."


def _column(feature: str, columns: Columns) -> str:
    if columns is None:
        return column_names([feature])[feature]
    if feature not in columns:
        raise LookupError(f"The column `{one_line(feature, longest=60)}` is in no matrix, or never differs.")
    return columns[feature]


_MAKERS: dict[str, Callable[[dict[str, Any], Columns], _Made]] = {
    "LogisticRegression": _logistic,
    "ScaledLogisticRegression": _logistic,
    "LGBMClassifier": _lightgbm,
    "DummyClassifier": _prior,
    "SimpleThresholder": _thresholds,
    "PercentileRankOneFeature": _one_feature,
    "BaselineRankMultiFeature": _one_feature,
}
