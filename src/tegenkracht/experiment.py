"""One study, from panel to numbers: fit, score, measure, audit, explain, check. No configuration, no MLflow, no files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

from tegenkracht.core.errors import Problem
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.core.progress import Progress
from tegenkracht.core.scores import Scores
from tegenkracht.models.fitting import FittedModel, fit_and_score, scores_table
from tegenkracht.models.plan import ModelPlan
