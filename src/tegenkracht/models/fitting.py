"""Fit every model on every fold and score what it has not seen."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import StratifiedGroupKFold

from tegenkracht.core.cache import Cache
from tegenkracht.core.errors import InputError, Problem, wrong
from tegenkracht.core.fold import Fold
from tegenkracht.core.identity import digest_of
from tegenkracht.core.panel import PROCESS, Panel
from tegenkracht.core.progress import Progress
from tegenkracht.core.scores import COLUMNS, Scores
from tegenkracht.models.factories import FACTORIES, UNLABELLED, Surroundings, check_parameters
from tegenkracht.models.mitigated_learning import learn
from tegenkracht.models.mitigation import DropProxies, Quota, ThresholdOptimizer
from tegenkracht.models.plan import ModelPlan
from tegenkracht.models.proxies import proxies
from tegenkracht.models.selection import Levels, by_level, by_quota, lots, shares_of
from tegenkracht.models.store import load_model, save_model, scores_of

WORDS = ("inspector", "channel", "sector", "area_code")
"""Columns that hold words; every other column that a model may see holds numbers."""
LEVELS = "levels.json"
NO_GROUP = "unknown"
"""The group of rows that have no value for an attribute."""

Kind = TypeVar("Kind")


@dataclass(frozen=True)
class FittedModel:
    """One model, fitted on one fold, with what it gave out of sample.

    `columns` are the columns it was fitted on, in order; `scores` has one number per row of `fold.test`; `levels` are what its lists are
    re-ordered by, when its plan gives each group a threshold.
    """

    name: str
    plan: ModelPlan
    fold: Fold
    columns: tuple[str, ...]
    estimator: BaseEstimator
    scores: NDArray[np.float64]
    levels: Levels | None = None

    def test_table(self, panel: Panel) -> pd.DataFrame:
        """The test rows as the model saw them when it scored."""
        return _table(panel, self.fold.test, self.columns, off=self.plan.off_when_scoring)


def last_of(fitted: Sequence[FittedModel], kind: type[Kind]) -> tuple[FittedModel, Kind] | None:
    """The first model of a kind as it was learnt last, with its estimator; None when there is none."""
    of_kind = [(fit, fit.estimator) for fit in fitted if isinstance(fit.estimator, kind)]
    return next(((fit, made) for fit, made in reversed(of_kind) if fit.name == of_kind[0][0].name), None)


def columns_of(plan: ModelPlan, panel: Panel) -> tuple[str, ...]:
    """The columns that a model may see, in order: those of its plan, and what its rows are grouped by.

    Audit columns and, where units are places or businesses, figures of areas are not among them: `check_plans` refuses a plan that names one.
    """
    if isinstance(plan.columns, tuple):
        chosen: tuple[str, ...] = plan.columns
    else:
        chosen = {"features": panel.predictors, "process": PROCESS, "both": (*panel.predictors, *PROCESS)}[plan.columns]
    by = plan.estimator.parameters.get("by")
    return tuple(column for column in chosen if column not in plan.without) + ((by,) if by else ())


def check_plans(plans: Mapping[str, ModelPlan], panel: Panel) -> tuple[Problem, ...]:
    """What is wrong with the columns that the models name, all at once."""
    known = (*panel.predictors, *PROCESS)
    problems: list[Problem] = []
    for name, plan in plans.items():
        named = {f"models.{name}.columns": plan.columns if isinstance(plan.columns, tuple) else ()}
        named |= {f"models.{name}.off_when_scoring": plan.off_when_scoring}
        named |= {f"models.{name}.estimator.{where}": (column,) for where, column in _named_by(plan)}
        for where, columns in named.items():
            problems += [_unknown(where, column, known, panel) for column in columns if column not in known]
        taken_away = [column for column in plan.without if column not in (*known, *panel.kept_out)]
        problems += [_unknown(f"models.{name}.without", column, known, panel) for column in taken_away]
        problems += [*_groups_named_by(name, plan, panel), *_one_group(name, plan, panel)]
        if not columns_of(plan, panel):
            problems.append(
                Problem(f"models.{name}.columns", "no column is left for this model.", "Name at least one.")
            )
    return tuple(problems)


def _groups_named_by(name: str, plan: ModelPlan, panel: Panel) -> list[Problem]:
    """An attribute that the study does not audit, and a share for a group that does not occur."""
    if plan.mitigation is None:
        return []
    where, attribute = f"models.{name}.mitigation", plan.mitigation.attribute
    if attribute not in panel.audit:
        known = f"Choose one of: {', '.join(panel.audit)}." if panel.audit else "Name it in `audit.attributes` first."
        return [Problem(f"{where}.attribute", f"`{attribute}` is not an audit attribute of this study.", known)]
    if not isinstance(plan.mitigation, Quota) or plan.mitigation.shares == "population":
        return []
    values = {str(value) for value in panel.rows[attribute].fillna(NO_GROUP).unique()}
    problems = [
        Problem(f"{where}.shares", f"`{value}` is no value of `{attribute}`.", f"It has: {', '.join(sorted(values))}.")
        for value in plan.mitigation.shares
        if value not in values
    ]
    if sum(plan.mitigation.shares.values()) > 1 - 1e-9 and (left := values - set(plan.mitigation.shares)):
        problems.append(
            Problem(
                f"{where}.shares",
                f"nothing is left for {', '.join(f'`{value}`' for value in sorted(left))}.",
                "Name them too, or let the shares add up to less than 1.",
            )
        )
    return problems


def _one_group(name: str, plan: ModelPlan, panel: Panel) -> Iterator[Problem]:
    """A model that keeps groups apart, where there is one."""
    by, characters = (plan.estimator.parameters.get(key) for key in ("by", "characters"))
    if by and panel.rows[by].str.slice(0, characters).nunique() < 2:
        what = f"this study has one {'sector' if by == 'sector' else 'region'}; there is nothing to lean on."
        yield Problem(f"models.{name}.estimator.by", what, "Take tegenkracht.models.logistic, or more of them.")


def _named_by(plan: ModelPlan) -> list[tuple[str, str]]:
    """Columns that a model's own parameters name, with the key that names them."""
    parameters = plan.estimator.parameters
    rules = [(f"rules.{i}.column", rule["column"]) for i, rule in enumerate(parameters.get("rules", ()))]
    rules += [(f"labelled_by.{i}", column) for i, column in enumerate(parameters.get("labelled_by", ()))]
    return rules + ([("column", parameters["column"])] if "column" in parameters else [])


def _unknown(where: str, column: str, known: Sequence[str], panel: Panel) -> Problem:
    if column in panel.audit:
        return Problem(where, f"`{column}` is an audit attribute; no model may see it.", "Remove it.")
    if column in panel.kept_out:
        return Problem(
            where,
            f"`{column}` is a figure of an area; it says nothing of one place or business in it, and no model may see it.",
            "Remove it here; name its measure in `audit.measures` to see what the lists do in such areas.",
        )
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
            "plan": plan.model_dump(mode="json", exclude={"label", "description", "mitigates"}),
            "columns": list(columns_of(plan, panel)),
            "seed": seed,
            "versions": {name: version(name) for name in ("lightgbm", "scikit-learn", "numpy", "fairlearn")},
        }
    )


def _write(model: FittedModel, folder: Path) -> None:
    save_model(model.estimator, folder / "model")
    np.save(folder / "scores.npy", model.scores, allow_pickle=False)
    (folder / "columns.json").write_text(json.dumps(list(model.columns)), encoding="utf-8")
    write_levels(model, folder)


def write_levels(model: FittedModel, folder: Path) -> None:
    """`levels.json`: what the lists of this fit are re-ordered by; nothing when they follow its scores."""
    if model.levels is not None:
        (folder / LEVELS).write_text(json.dumps(model.levels.as_plain()) + "\n", encoding="utf-8")


def _read(name: str, plan: ModelPlan, fold: Fold, folder: Path) -> FittedModel:
    columns = tuple(json.loads((folder / "columns.json").read_text(encoding="utf-8")))
    scores = np.load(folder / "scores.npy", allow_pickle=False)
    if scores.shape != fold.test.shape:
        raise ValueError("the scores are of other rows")
    file = folder / LEVELS
    levels = Levels.read(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else None
    return FittedModel(name, plan, fold, columns, load_model(folder / "model"), scores, levels)


def fit(panel: Panel, fold: Fold, name: str, plan: ModelPlan, *, seed: int, threads: int) -> FittedModel:
    """One model fitted on the training rows of one fold (a row may stand there more than once), with scores of its test rows."""
    rows = learnt_from(panel, fold, plan)
    groups = None if plan.mitigation is None else groups_of(panel, plan.mitigation.attribute, rows)
    columns = _columns_left(plan, panel, fold, groups, name)
    surroundings = Surroundings(
        columns=columns,
        categorical=tuple(column for column in columns if column in WORDS),
        features=tuple(feature for feature in panel.features if feature.name in columns),
        seed=seed,
        threads=threads,
    )
    parameters, _ = check_parameters(plan.estimator.target, plan.estimator.parameters)
    unfitted: Any = FACTORIES[plan.estimator.target](surroundings, **parameters)
    table, outcome = training_of(panel, rows, columns)
    levels = _levels(unfitted, table, outcome, panel.rows["unit_id"].to_numpy()[rows], plan, groups)
    estimator = learn(unfitted, table, outcome, mitigation=plan.mitigation, groups=groups)
    scores = scores_of(estimator, _table(panel, fold.test, columns, off=plan.off_when_scoring))
    return FittedModel(name, plan, fold, columns, estimator, scores, levels)


def groups_of(panel: Panel, attribute: str, positions: NDArray[np.int64]) -> NDArray[np.str_]:
    """The value of an audit attribute per row; for fitting and for lists, never for scoring."""
    values = panel.rows[attribute].iloc[positions].astype(object)
    return values.where(values.notna(), NO_GROUP).to_numpy(dtype=str)


def _columns_left(
    plan: ModelPlan, panel: Panel, fold: Fold, groups: NDArray[np.str_] | None, name: str
) -> tuple[str, ...]:
    """The columns of a plan, without those that its mitigation leaves out on this fold's training rows."""
    columns = columns_of(plan, panel)
    if groups is None or not isinstance(plan.mitigation, DropProxies):
        return columns
    out = proxies(panel, columns, train=fold.train, groups=groups, rule=plan.mitigation)
    if not (left := tuple(column for column in columns if column not in out)):
        raise wrong(
            f"models.{name}.mitigation",
            f"every column is a proxy of `{plan.mitigation.attribute}` by this rule; none is left in fold {fold.name}.",
            "Raise `strength`, or the declared risk from which a column is left out.",
        )
    return left


def _levels(
    unfitted: Any,
    table: pd.DataFrame,
    outcome: NDArray[np.int64],
    units: NDArray[np.str_],
    plan: ModelPlan,
    groups: NDArray[np.str_] | None,
) -> Levels | None:
    """Rates per group of scores that were made without the row's own unit; None when no threshold per group is asked."""
    if groups is None or not isinstance(plan.mitigation, ThresholdOptimizer):
        return None
    scores = np.empty(outcome.size)
    for inside, outside in StratifiedGroupKFold(plan.mitigation.folds).split(table, outcome, units):
        scores[outside] = scores_of(clone(unfitted).fit(table.iloc[inside], outcome[inside]), table.iloc[outside])
    return Levels.of(scores, outcome, groups, equal=plan.mitigation.equal)


def training_of(
    panel: Panel, rows: NDArray[np.int64], columns: Sequence[str]
) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Rows as a model learns from them, and 1 where something was found (0 is: nothing found, or for some models nothing known)."""
    found = panel.rows["outcome"].fillna(0).to_numpy()[rows].astype(np.int64)
    return _table(panel, rows, columns, off=()), found


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


def scores_table(panel: Panel, fitted: Sequence[FittedModel], *, one_list: bool, seed: int) -> Scores:
    """All out-of-sample scores as one long table, with ranks per model and as-of date (ties by row_id).

    Parameters
    ----------
    one_list
        Whether a list is for a whole test window, and not for each as-of date: what a quota is divided over.
    seed
        For places with the same score on a list that is re-ordered.
    """
    parts = [_scored(panel, model, one_list=one_list, seed=seed) for model in fitted]
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


def _scored(panel: Panel, model: FittedModel, *, one_list: bool, seed: int) -> pd.DataFrame:
    rows = panel.rows.iloc[model.fold.test][["row_id", "unit_id", "as_of", "outcome", "observed"]]
    score = order_values(panel, model, one_list=one_list, seed=seed) if model.plan.reorders else model.scores
    return rows.assign(model=model.name, fold=model.fold.name, score=score)


def order_values(panel: Panel, model: FittedModel, *, one_list: bool, seed: int) -> NDArray[np.float64]:
    """What a re-ordered list is made from instead of scores: the only place where the group of a tested place is looked at."""
    rule, test = model.plan.mitigation, model.fold.test
    if not isinstance(rule, Quota | ThresholdOptimizer):
        raise ValueError(f"Model `{model.name}` does not re-order its lists.")
    groups, lot = groups_of(panel, rule.attribute, test), lots(panel.rows["row_id"].to_numpy()[test], seed)
    dates = panel.rows["as_of"].to_numpy()[test]
    values = np.empty(test.size)
    for rows in [np.arange(test.size)] if one_list else [np.flatnonzero(dates == date) for date in np.unique(dates)]:
        scores, own, drawn = model.scores[rows], groups[rows], lot[rows]
        if isinstance(rule, ThresholdOptimizer):
            assert model.levels is not None  # noqa: S101 - a fit under this rule has them
            values[rows] = by_level(scores, own, model.levels, lot=drawn)
        else:
            asked = None if rule.shares == "population" else rule.shares
            values[rows] = by_quota(scores, own, shares_of(own, asked), lot=drawn)
    return values
