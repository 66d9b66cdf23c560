"""Contributions per column that add up to the score: exact for trees, linear models and checklists."""

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
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from tegenkracht.models.checklist import Checklist
from tegenkracht.models.fitting import FittedModel

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Attributions:
    """Contributions of one model to its out-of-sample scores.

    Parameters
    ----------
    model
        Name of the model.
    rows
        `row_id` of each row, in order of the model's folds.
    base
        What every score starts from, per row (it differs between folds).
    values
        One column per source column, one row per row; `base + values.sum(axis=1)` is the score on the scale `link`.
    link
        `log-odds`, or `points` for a checklist.
    """

    model: str
    rows: NDArray[Any]
    base: Floats
    values: pd.DataFrame
    link: Literal["log-odds", "points"]

    @property
    def margin(self) -> Floats:
        """The score that the contributions add up to."""
        return np.asarray(self.base + self.values.to_numpy().sum(axis=1))


def attribute(fitted: Sequence[FittedModel], tables: Sequence[pd.DataFrame], *, threads: int) -> Attributions:
    """Contributions for every test row of one model over its folds.

    Parameters
    ----------
    fitted
        The model's fits, one per fold.
    tables
        The test rows of each fold as the model saw them, named by `row_id`.
    threads
        For the trees.

    Raises
    ------
    ValueError
        When contributions do not add up to the model's own margin within 1e-6, or the model is of a kind that has none.
    """
    parts = [_of_fold(model.estimator, table, threads) for model, table in zip(fitted, tables, strict=True)]
    link: Literal["log-odds", "points"] = "points" if isinstance(fitted[0].estimator, Checklist) else "log-odds"
    together = Attributions(
        model=fitted[0].name,
        rows=np.concatenate([table.index.to_numpy() for table in tables]),
        base=np.concatenate([base for base, _ in parts]),
        values=pd.concat([values for _, values in parts], ignore_index=True),
        link=link,
    )
    _require_additivity(together, np.concatenate([model.scores for model in fitted]))
    return together


def _of_fold(estimator: Any, table: pd.DataFrame, threads: int) -> tuple[Floats, pd.DataFrame]:
    if isinstance(estimator, Checklist):
        return _of_checklist(estimator, table)
    if isinstance(estimator, Pipeline) and hasattr(estimator[-1], "booster_"):
        return _of_trees(estimator, table, threads)
    if isinstance(estimator, Pipeline) and isinstance(estimator[-1], LogisticRegression):
        return _of_linear(estimator, table)
    raise ValueError(f"{type(estimator).__name__} has no attributions; set `explain: false` for this model.")


def _of_trees(pipeline: Pipeline, table: pd.DataFrame, threads: int) -> tuple[Floats, pd.DataFrame]:
    """TreeSHAP of LightGBM's own making (path dependent): Lundberg, Erion & Lee 2018."""
    prepare = pipeline[0]
    contributions = pipeline[-1].booster_.predict(prepare.transform(table), pred_contrib=True, num_threads=threads)
    return contributions[:, -1], _to_sources(contributions[:, :-1], _sources_of_encoder(prepare), table.columns)


def _of_linear(pipeline: Pipeline, table: pd.DataFrame) -> tuple[Floats, pd.DataFrame]:
    """Coefficient x standardised value: exact, since the mean of the training rows is zero after standardising."""
    prepared, last = pipeline[0].transform(table), pipeline[-1]
    values = _to_sources(np.asarray(prepared) * last.coef_[0], _sources_of_scaler(pipeline[0]), table.columns)
    return np.full(len(table), float(last.intercept_[0])), values


def _of_checklist(checklist: Checklist, table: pd.DataFrame) -> tuple[Floats, pd.DataFrame]:
    """The points of each rule, under the column that it is about."""
    columns = [rule.column for rule in checklist.checked_rules]
    return np.zeros(len(table)), _to_sources(checklist.points(table), columns, table.columns)


def _to_sources(contributions: Floats, sources: Sequence[str], columns: pd.Index) -> pd.DataFrame:
    """Contributions of made columns added up under the column that they were made from."""
    sums = np.zeros((len(contributions), len(columns)))
    for i, source in enumerate(sources):
        sums[:, columns.get_loc(source)] += contributions[:, i]
    return pd.DataFrame(sums, columns=columns)


def _sources_of_encoder(encoder: ColumnTransformer) -> list[str]:
    """Source column of each column that the trees see: 0/1 columns of words first, then numbers."""
    words = encoder.transformers_[0][2] if encoder.transformers_[0][1] != "drop" else []
    kinds = encoder.named_transformers_["words"].categories_ if words else []
    return [*(w for w, values in zip(words, kinds, strict=True) for _ in values), *encoder.transformers_[1][2]]


def _sources_of_scaler(prepare: ColumnTransformer) -> list[str]:
    """Source column of each standardised column: numbers, their missing flags, then 0/1 columns of words."""
    (_, numeric, numbers), (_, wordy, words) = prepare.transformers_[:2]
    sources = list(numbers)
    if numbers and getattr(numeric[0], "indicator_", None) is not None:
        sources += [numbers[i] for i in numeric[0].indicator_.features_]
    return sources + (
        [w for w, values in zip(words, wordy[0].categories_, strict=True) for _ in values] if words else []
    )


def _require_additivity(attributions: Attributions, scores: Floats) -> None:
    margin = attributions.margin
    given = 1 / (1 + np.exp(-margin)) if attributions.link == "log-odds" else margin
    worst = float(np.abs(given - scores).max())
    if worst > 1e-6:
        raise ValueError(
            f"Contributions of {attributions.model} miss its score by up to {worst:.2g}; they may not be shown."
        )


def write_attributions(attributions: Attributions, path: Path) -> None:
    """Write `row_id, base` and a float32 column per source column as Parquet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {"row_id": attributions.rows.astype(str), "base": attributions.base}
    columns |= {str(name): attributions.values[name].to_numpy(dtype=np.float32) for name in attributions.values}
    pq.write_table(pa.table(columns), path, compression="zstd")
