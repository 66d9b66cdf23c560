"""Every score that a model gave out of sample: the one table that metrics, groups, figures and card derive from."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

COLUMNS = ("row_id", "unit_id", "as_of", "model", "fold", "score", "rank", "outcome", "observed")


@dataclass(frozen=True, eq=False)
class Scores:
    """Out-of-sample scores of all models; a table is equal to itself alone, so that what is made from it can be kept.

    Parameters
    ----------
    rows
        Long table, sorted by `model` (in study order), `as_of`, `row_id`; columns `COLUMNS`: `score` float64 (higher: look
        first; of a model whose lists are divided over groups it is the order value of `models.selection`), `rank` int64 within
        model and as-of date (1 = first; ties by row_id), `outcome` float64 with NaN where not observed, `observed` bool.
    context
        The panel's other columns for the same test rows (index `row_id`, one row each): `cluster_id, area_code, sector, inspector, channel` and
        audit columns. Never seen by a model.
    audit
        Names of the audit columns in `context`.
    models
        Names in study order.
    """

    rows: pd.DataFrame
    context: pd.DataFrame
    audit: tuple[str, ...]
    models: tuple[str, ...]

    def only(self, *models: str) -> Scores:
        """The same table of some models, without audit columns: for a question that needs no others."""
        rows = self.rows[self.rows["model"].isin(models)].reset_index(drop=True)
        return Scores(rows, self.context, (), models)

    def of(self, model: str) -> pd.DataFrame:
        """One model's rows with a fresh index, joined with their context."""
        rows = self.rows.loc[self.rows["model"] == model].reset_index(drop=True)
        return rows.join(self.context, on="row_id")
