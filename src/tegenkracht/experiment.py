"""One study, from panel to numbers: fit, score, measure, audit, explain, check. No configuration, no MLflow, no files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from tegenkracht.core.errors import InputError, Problem
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.core.progress import Progress
from tegenkracht.core.scores import Scores
from tegenkracht.core.stopwatch import Stopwatch
from tegenkracht.evaluation.measure import measure
from tegenkracht.evaluation.replay import Replay
from tegenkracht.evaluation.sample import ClusterBy, Lists
from tegenkracht.evaluation.selection import scheduled_visits
from tegenkracht.models.fitting import FittedModel, fit_and_score, scores_table
from tegenkracht.models.plan import ModelPlan


@dataclass(frozen=True)
class Result:
    """All that one study gave.

    `attributions` holds, per explained model, a contribution per column for every test row.
    """

    panel: Panel
    folds: tuple[Fold, ...]
    fitted: tuple[FittedModel, ...]
    scores: Scores
    estimates: tuple[Estimate, ...]
    findings: tuple[Finding, ...]
