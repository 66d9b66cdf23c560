"""Contributions per column that add up to the score: exact for trees, linear models, scorecards and checklists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from tegenkracht.core.errors import TegenkrachtError, wrong
from tegenkracht.core.finding import Finding
from tegenkracht.core.progress import Progress, silent
from tegenkracht.explanation.linear import (
    attribute_linear,
    attribute_points,
    attribute_pooled,
    attribute_scorecard,
)
from tegenkracht.explanation.sources import by_source, sources_of
from tegenkracht.explanation.trees import LITTLE_WORK, TOLERANCE, LinearTrees, TreeContributions, attribute_trees
from tegenkracht.models.checklist import Checklist
from tegenkracht.models.fitting import FittedModel
from tegenkracht.models.partially_pooled import PartiallyPooledLogistic
from tegenkracht.models.scorecard import Scorecard
from tegenkracht.models.signed_logistic import SignedLogistic

Floats = NDArray[np.float64]
Link = Literal["log-odds", "points"]

ADDITIVITY = 1e-9
"""Largest distance from the score, of contributions that are shown; for points, relative to the largest score."""

SAMPLE = 64
"""Rows of one model that are compared with `shap.TreeExplainer`, over all folds; at least `_SAMPLE_OF_FOLD` in each."""

_SAMPLE_OF_FOLD = 8

_KEYS = ("row_id", "fold", "base")


class AttributionError(TegenkrachtError):
    """Contributions that may not be shown, because they do not add up."""


@dataclass(frozen=True)
class Attributions:
    """Contributions of one model to its out-of-sample scores.

    Parameters
    ----------
    model
        Name of the model.
    rows
        `row_id` of each row, in order of the model's folds.
    folds
        Name of the fold of each row.
    base
        What every score starts from, per row (it differs between folds).
    values
        One column per source column, one row per row, float64; `base + values.sum(axis=1)` is the score on the scale `link`.
    link
        `log-odds`, or `points` for a checklist.
    findings
        TK301, agreement with `shap.TreeExplainer`, and TK302, additivity.
    """

    model: str
    rows: NDArray[Any]
    folds: NDArray[Any]
    base: Floats
    values: pd.DataFrame
    link: Link
    findings: tuple[Finding, ...] = ()

    @property
    def margin(self) -> Floats:
        """The score that the contributions add up to."""
        return np.asarray(self.base + self.values.to_numpy().sum(axis=1))


@dataclass(frozen=True)
class _Part:
    """One fold: base, contributions, and how trees were explained."""

    base: float
    values: pd.DataFrame
    trees: TreeContributions | None = None


def attribute(
    fitted: Sequence[FittedModel], tables: Sequence[pd.DataFrame], *, threads: int, progress: Progress = silent
) -> Attributions:
    """Contributions for every test row of one model over its folds.

    Parameters
    ----------
    fitted
        The model's fits, one per fold.
    tables
        The test rows of each fold as the model saw them, named by `row_id`.
    threads
        For the trees; the values do not depend on it.

    Raises
    ------
    InputError
        When the model is of a kind that has no contributions.
    AttributionError
        When contributions do not add up to the model's own scores within `ADDITIVITY`.
    """
    name, sample = fitted[0].name, max(_SAMPLE_OF_FOLD, SAMPLE // len(fitted))
    parts = [
        _of_fold(name, model.estimator, table, sample=sample, threads=threads, progress=progress)
        for model, table in zip(fitted, tables, strict=True)
    ]
    sizes = [len(table) for table in tables]
    link: Link = "points" if isinstance(fitted[0].estimator, Checklist) else "log-odds"
    base = np.repeat([part.base for part in parts], sizes)
    values = pd.concat([part.values for part in parts], ignore_index=True)
    scores = np.concatenate([model.scores for model in fitted])
    added = _additivity(name, base + values.to_numpy().sum(axis=1), scores, link=link)
    return Attributions(
        model=name,
        rows=np.concatenate([table.index.to_numpy() for table in tables]),
        folds=np.repeat([model.fold.name for model in fitted], sizes),
        base=base,
        values=values,
        link=link,
        findings=(_agreement(name, parts), added),
    )


def _of_fold(name: str, estimator: Any, table: pd.DataFrame, *, sample: int, threads: int, progress: Progress) -> _Part:
    """One fit; a pipeline is known by its last step."""
    last = estimator[-1] if isinstance(estimator, Pipeline) else estimator
    if isinstance(last, Checklist):
        return _Part(*attribute_points(last, table))
    if isinstance(last, Scorecard):
        return _Part(*attribute_scorecard(last, table))
    if isinstance(last, PartiallyPooledLogistic) and last is not estimator:
        return _Part(*attribute_pooled(estimator, table))
    if isinstance(last, LogisticRegression | SignedLogistic) and last is not estimator:
        return _Part(*attribute_linear(estimator, table, background=None))
    if not hasattr(last, "booster_"):
        raise wrong(
            f"models.{name}.explain", f"a {type(last).__name__} has no contributions per column.", "Set it to false."
        )
    prepare = estimator[:-1] if last is not estimator else None
    try:
        trees = attribute_trees(
            last.booster_,
            table if prepare is None else prepare.transform(table),
            sample=sample,
            little_work=LITTLE_WORK,
            threads=threads,
            progress=progress,
        )
    except LinearTrees as refused:
        raise wrong(f"models.{name}.explain", str(refused), "Set it to false, or learn without linear_tree.") from None
    sources = list(table.columns) if prepare is None else sources_of(prepare, list(table.columns))
    return _Part(trees.base, by_source(trees.values, sources, table.columns), trees)


def _agreement(model: str, parts: Sequence[_Part]) -> Finding:
    """TK301: whether our own values of trees are those of `shap.TreeExplainer`; where not, LightGBM's were taken.

    Values that were LightGBM's from the start are not compared: `shap.TreeExplainer` asks LightGBM for them, so that they agree whatever they are.
    """
    trees = [part.trees for part in parts if part.trees is not None]
    if not trees:
        return Finding("TK301", "not_applicable", model, {"reason": "exact_by_definition"})
    checked = [part for part in trees if part.road == "own" or part.why == "differs"]
    facts: dict[str, str | int | float] = {
        "road": " ".join(sorted({part.road for part in trees})),
        "why": " ".join(sorted({part.why for part in trees if part.why})),
        "rows": sum(len(part.values) for part in trees),
    }
    if not checked:
        return Finding("TK301", "not_applicable", model, {"reason": "lightgbm_road", **facts})
    facts |= {
        "by": "all" if len(checked) == len(trees) else "part",
        "fits": len(trees),
        "checked": len(checked),
        "compared": sum(part.compared for part in checked),
        "largest_difference": max(part.difference for part in checked),
        "tolerance": TOLERANCE,
    }
    return Finding("TK301", "found" if any(part.why == "differs" for part in checked) else "not_found", model, facts)


def _additivity(model: str, margin: Floats, scores: Floats, *, link: Link) -> Finding:
    """TK302: how far base and contributions together are from the model's own scores, over all rows."""
    given = expit(margin) if link == "log-odds" else margin
    scale = 1.0 if link == "log-odds" else max(1.0, float(np.abs(scores).max()))
    worst = float(np.abs(given - scores).max()) / scale
    if not worst <= ADDITIVITY:
        raise AttributionError(
            f"Contributions of {model} miss its score by up to {worst:.2g}; they may not be shown. Set `explain: false` for it."
        )
    facts = {"rows": len(scores), "largest_difference": worst, "tolerance": ADDITIVITY}
    return Finding("TK302", "not_found", model, facts)


def write_attributions(attributions: Attributions, path: Path) -> None:
    """Write `row_id, fold, base` and a float32 column per source column as Parquet; the same attributions give the same bytes.

    Raises
    ------
    ValueError
        When a source column has the name of a key.
    """
    if shared := set(_KEYS) & {str(name) for name in attributions.values}:
        raise ValueError(f"Columns {sorted(shared)} of the model have the name of a key; rename them.")
    columns = {
        "row_id": pa.array(attributions.rows.astype(str), pa.string()),
        "fold": pa.array(attributions.folds.astype(str), pa.string()),
        "base": pa.array(attributions.base),
    }
    columns |= {str(name): pa.array(attributions.values[name].to_numpy(np.float32)) for name in attributions.values}
    table = pa.table(columns).replace_schema_metadata({"model": attributions.model, "link": attributions.link})
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd")
