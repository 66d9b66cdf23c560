"""The scores that triage's models gave, as columns that a study can measure like any other model's.

A model group of triage is one model over time: its members were fitted on successive splits. So the scores of a group, each date scored by the
member that was fitted for it, are the out-of-sample scores of one model of ours. The fitted models themselves are pickles and are never read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from tegenkracht.triage.dataset import Brought
from tegenkracht.triage.described import indicator_of_score
from tegenkracht.triage.note import Note, one_line
from tegenkracht.triage.results import Results

MOST_GROUPS = 12


@dataclass(frozen=True)
class GroupScores:
    """Scores per unit and date.

    Parameters
    ----------
    table
        `unit_id`, `as_of` and a column per model group.
    kinds
        The class of each group's models, by column.
    left_out
        Groups beyond the first ones.
    """

    table: pd.DataFrame
    kinds: Mapping[str, str]
    left_out: tuple[str, ...]


def scores_of(results: Results) -> GroupScores | None:
    """The scores of each model group; None when it is not known which models form one."""
    if results.models is None or results.predictions.empty:
        return None
    known = results.predictions.merge(results.models, on="model_id", how="inner")
    order = ["train_end_time", "model_id"]
    known = known.sort_values(order, kind="stable").drop_duplicates(["model_group_id", "unit_id", "as_of"], keep="last")
    groups = sorted(known["model_group_id"].unique(), key=lambda group: (len(group), group))
    kept = known[known["model_group_id"].isin(groups[:MOST_GROUPS])]
    table = kept.assign(column=_column(kept["model_group_id"])).pivot(
        index=["unit_id", "as_of"], columns="column", values="score"
    )
    kinds = dict(zip(_column(kept["model_group_id"]), kept["model_type"], strict=True))
    return GroupScores(table.rename_axis(columns=None).reset_index(), kinds, tuple(groups[MOST_GROUPS:]))


def with_scores(brought: Brought, scores: GroupScores) -> Brought:
    """The dataset with the scores among its given columns; a pair of unit and date without one has none."""
    given = brought.tables["given"].merge(scores.table, on=["unit_id", "as_of"], how="left")
    columns = {column: indicator_of_score(column, one_line(kind, longest=80)) for column, kind in scores.kinds.items()}
    described = brought.description.model_copy(
        update={"given_columns": {**brought.description.given_columns, **columns}}
    )
    return replace(brought, tables={**brought.tables, "given": given}, description=described, scores=dict(scores.kinds))


def models_of_scores(kinds: Mapping[str, str]) -> tuple[dict[str, dict[str, object]], list[Note]]:
    """A model that passes on the score of each group, and what is said about it."""
    models = {column: _plan(column, one_line(kind, longest=60)) for column, kind in kinds.items()}
    why = "Its stored scores, five decimals, measured like any other model's; the fitted models are never read."
    return models, [Note("", "added", f"models.{column}", why) for column in kinds]


def _column(groups: pd.Series) -> pd.Series:
    return "triage_group_" + groups.str.replace(r"\W+", "_", regex=True).str.lower()


def _plan(column: str, kind: str) -> dict[str, object]:
    number = column.removeprefix("triage_group_")
    return {
        "label": {"nl": f"Modelgroep {number} van triage", "en": f"Model group {number} of triage"},
        "description": {
            "nl": f"De scores die triage bewaarde van {kind or 'dit model'}.",
            "en": f"The scores that triage stored of {kind or 'this model'}.",
        },
        "columns": "features",
        "probability": True,
        "explain": False,
        "estimator": {"_target_": "tegenkracht.models.given_score", "column": column},
    }
