"""Fit every model on every fold and score what it has not seen."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from tegenkracht.core.cache import Cache
from tegenkracht.core.errors import InputError, Problem
from tegenkracht.core.fold import Fold
from tegenkracht.core.identity import digest_of
from tegenkracht.core.panel import PROCESS, Panel
from tegenkracht.core.progress import Progress
from tegenkracht.core.scores import COLUMNS, Scores
from tegenkracht.models.factories import FACTORIES, UNLABELLED, Surroundings, check_parameters
from tegenkracht.models.plan import ModelPlan
from tegenkracht.models.store import load_model, save_model, scores_of

WORDS = ("inspector", "channel")
"""Process columns that hold words; every other column that a model may see holds numbers."""


@dataclass(frozen=True)
class FittedModel:
    """One model, fitted on one fold, with what it gave out of sample.

    `columns` are the columns it was fitted on, in order; `scores` has one number per row of `fold.test`.
    """

    name: str
    plan: ModelPlan
    fold: Fold
    columns: tuple[str, ...]
    estimator: BaseEstimator
    scores: NDArray[np.float64]

    def test_table(self, panel: Panel) -> pd.DataFrame:
        """The test rows as the model saw them when it scored."""
        return _table(panel, self.fold.test, self.columns, off=self.plan.off_when_scoring)


def columns_of(plan: ModelPlan, panel: Panel) -> tuple[str, ...]:
    """The columns that a model may see, in order. Audit columns cannot be named."""
    if isinstance(plan.columns, tuple):
        chosen: tuple[str, ...] = plan.columns
    else:
        chosen = {"features": panel.feature_names, "process": PROCESS, "both": (*panel.feature_names, *PROCESS)}[
            plan.columns
        ]
    return tuple(column for column in chosen if column not in plan.without)


def check_plans(plans: Mapping[str, ModelPlan], panel: Panel) -> tuple[Problem, ...]:
    """What is wrong with the columns that the models name, all at once."""
    known = (*panel.feature_names, *PROCESS)
    problems: list[Problem] = []
    for name, plan in plans.items():
        named = {f"models.{name}.columns": plan.columns if isinstance(plan.columns, tuple) else ()}
        named |= {f"models.{name}.without": plan.without, f"models.{name}.off_when_scoring": plan.off_when_scoring}
        named |= {f"models.{name}.estimator.{where}": (column,) for where, column in _named_by(plan)}
        for where, columns in named.items():
            problems += [_unknown(where, column, known, panel) for column in columns if column not in known]
        if not columns_of(plan, panel):
            problems.append(
                Problem(f"models.{name}.columns", "no column is left for this model.", "Name at least one.")
            )
    return tuple(problems)


def _named_by(plan: ModelPlan) -> list[tuple[str, str]]:
    """Columns that a model's own parameters name, with the key that names them."""
    parameters = plan.estimator.parameters
    rules = [(f"rules.{i}.column", rule["column"]) for i, rule in enumerate(parameters.get("rules", ()))]
    rules += [(f"labelled_by.{i}", column) for i, column in enumerate(parameters.get("labelled_by", ()))]
    return rules + ([("column", parameters["column"])] if "column" in parameters else [])


def _unknown(where: str, column: str, known: Sequence[str], panel: Panel) -> Problem:
    if column in panel.audit:
        return Problem(where, f"`{column}` is an audit attribute; no model may see it.", "Remove it.")
    close = difflib.get_close_matches(column, known, n=1)
    return Problem(
        where,
        f"`{column}` is not a column of the panel.",
        f"Did you mean `{close[0]}`?" if close else f"Choose one of: {', '.join(known)}.",
    )


def fit_and_score(
    panel: Panel,
    folds: Sequence[Fold],
    plans: Mapping[str, ModelPlan],
    *,
    seed: int,
    threads: int,
    cache: Cache,
    progress: Progress,
) -> tuple[FittedModel, ...]:
    """Every model fitted on every fold, one after the other, so that `threads` is all that is ever used.

    A fit that was made before from the same rows, columns, plan, seed and code is recalled from the cache.

    Raises
    ------
    InputError
        When a plan names a column that is not there.
    """
    if problems := check_plans(plans, panel):
        raise InputError(problems)
    jobs = [(name, fold) for name in plans for fold in folds]
    fitted = []
    for done, (name, fold) in enumerate(jobs):
        progress(f"fit {name}, fold {fold.name}", done, len(jobs))
        identity = fit_identity(panel, fold, plans[name], seed=seed)
        model = cache.recall("models", identity, partial(_read, name, plans[name], fold))
        if model is None:
            model = fit(panel, fold, name, plans[name], seed=seed, threads=threads)
            cache.keep("models", identity, partial(_write, model))
        fitted.append(model)
    progress("fit", len(jobs), len(jobs))
    return tuple(fitted)


def fit_identity(panel: Panel, fold: Fold, plan: ModelPlan, *, seed: int) -> str:
    """Names everything that decides a fit and its scores; threads do not."""
    members = [hashlib.sha256(part.astype("<i8").tobytes()).hexdigest() for part in (fold.train, fold.test)]
    return digest_of(
        {
            "panel": panel.identity,
            "members": members,
            "plan": plan.model_dump(mode="json", exclude={"label", "description"}),
            "columns": list(columns_of(plan, panel)),
            "seed": seed,
            "versions": {name: version(name) for name in ("lightgbm", "scikit-learn", "numpy")},
        }
    )


def _write(model: FittedModel, folder: Path) -> None:
    save_model(model.estimator, folder / "model")
    np.save(folder / "scores.npy", model.scores, allow_pickle=False)
    (folder / "columns.json").write_text(json.dumps(list(model.columns)), encoding="utf-8")


def _read(name: str, plan: ModelPlan, fold: Fold, folder: Path) -> FittedModel:
    columns = tuple(json.loads((folder / "columns.json").read_text(encoding="utf-8")))
    scores = np.load(folder / "scores.npy", allow_pickle=False)
    if scores.shape != fold.test.shape:
        raise ValueError("the scores are of other rows")
    return FittedModel(name, plan, fold, columns, load_model(folder / "model"), scores)


def fit(panel: Panel, fold: Fold, name: str, plan: ModelPlan, *, seed: int, threads: int) -> FittedModel:
    """One model fitted on the training rows of one fold (a row may stand there more than once), with scores of its test rows."""
    columns = columns_of(plan, panel)
    surroundings = Surroundings(
        columns=columns,
        categorical=tuple(column for column in columns if column in WORDS),
        features=tuple(feature for feature in panel.features if feature.name in columns),
        seed=seed,
        threads=threads,
    )
    parameters, _ = check_parameters(plan.estimator.target, plan.estimator.parameters)
    estimator: Any = FACTORIES[plan.estimator.target](surroundings, **parameters)
    estimator.fit(*training_of(panel, fold, plan))
    scores = scores_of(estimator, _table(panel, fold.test, columns, off=plan.off_when_scoring))
    return FittedModel(name, plan, fold, columns, estimator, scores)


def training_of(panel: Panel, fold: Fold, plan: ModelPlan) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """What a model learns from, and 1 where something was found (0 is: nothing found, or for some models nothing known)."""
    rows = learnt_from(panel, fold, plan)
    found = panel.rows["outcome"].fillna(0).to_numpy()[rows].astype(np.int64)
    return _table(panel, rows, columns_of(plan, panel), off=()), found


def learnt_from(panel: Panel, fold: Fold, plan: ModelPlan) -> NDArray[np.int64]:
    """Positions of the rows that a model learns from: those of the fold, and for a model of found and unknown places also rows of the same dates
    of which it was settled that nobody had looked. Where a fold holds out places, only of units that it learns from.
    """
    if plan.estimator.target not in UNLABELLED:
        return fold.train
    rows, train = panel.rows, panel.rows.iloc[np.unique(fold.train)]
    unknown = ~rows["observed"] & rows["as_of"].isin(train["as_of"]) & (rows["outcome_known_on"] <= fold.split_on)
    if fold.place:
        unknown &= rows["unit_id"].isin(train["unit_id"])
    return np.concatenate([fold.train, np.flatnonzero(unknown)])


def _table(panel: Panel, positions: NDArray[np.int64], columns: Sequence[str], *, off: Sequence[str]) -> pd.DataFrame:
    """Rows as a model sees them, named by `row_id`; columns in `off` are missing."""
    rows = panel.rows.iloc[positions]
    table = rows[list(columns)].set_axis(rows["row_id"].to_numpy(), axis=0)
    words = {
        column: table[column].astype(object).where(table[column].notna(), None) for column in columns if column in WORDS
    }
    switched = {column: None if column in WORDS else np.nan for column in off if column in columns}
    return table.assign(**words).assign(**switched)


def scores_table(panel: Panel, fitted: Sequence[FittedModel]) -> Scores:
    """All out-of-sample scores as one long table, with ranks per model and as-of date (ties by row_id)."""
    parts = [_scored(panel, model) for model in fitted]
    rows = pd.concat(parts, ignore_index=True)
    models = tuple(dict.fromkeys(model.name for model in fitted))
    order = rows["model"].map({name: i for i, name in enumerate(models)})
    rows = (
        rows.assign(order=order)
        .sort_values(["order", "as_of", "row_id"], kind="stable")
        .drop(columns="order")
        .reset_index(drop=True)
    )
    ranked = rows.sort_values(["model", "as_of", "score", "row_id"], ascending=[True, True, False, True], kind="stable")
    rows["rank"] = ranked.groupby(["model", "as_of"], sort=False).cumcount().add(1).reindex(rows.index)
    tested = np.unique(np.concatenate([model.fold.test for model in fitted]))
    context = panel.rows.iloc[tested].set_index("row_id")[["cluster_id", "area_code", "sector", *PROCESS, *panel.audit]]
    return Scores(rows[list(COLUMNS)], context, panel.audit, models)


def _scored(panel: Panel, model: FittedModel) -> pd.DataFrame:
    rows = panel.rows.iloc[model.fold.test][["row_id", "unit_id", "as_of", "outcome", "observed"]]
    return rows.assign(model=model.name, fold=model.fold.name, score=model.scores)
