"""What models with a level per sector or region learnt of each, on the last fold."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.evaluation.estimates import rounded
from tegenkracht.evaluation.levels import LearntFrom, Levels, check_levels
from tegenkracht.experiment.tested import Tested, Told
from tegenkracht.models.fitting import FittedModel, learnt_from, training_of
from tegenkracht.models.partially_pooled import PartiallyPooledLogistic


def levels(tested: Tested) -> Told:
    """Of every such model of the study; nothing when it has none."""
    estimates: list[Estimate] = []
    findings: list[Finding] = []
    for name in tested.plans:
        last = tested.fits_of(name)[-1]
        pipeline = last.estimator
        if isinstance(pipeline, Pipeline) and isinstance(model := pipeline[-1], PartiallyPooledLogistic):
            rng = np.random.default_rng([tested.seed, 1_500])
            told = [rounded(e) for e in _of(tested, last, pipeline, model).estimates(rng)]
            estimates += told
            findings.append(check_levels(told, model=name))
    return Told(tuple(estimates), tuple(findings))


def _of(tested: Tested, fit: FittedModel, pipeline: Pipeline, model: PartiallyPooledLogistic) -> Levels:
    rows = learnt_from(tested.panel, fit.fold, fit.plan)
    unit = pd.factorize(tested.panel.rows["unit_id"].to_numpy()[rows])[0].astype(np.int64)
    by = fit.plan.estimator.parameters["by"]
    return Levels(
        fit.name,
        pipeline,
        model,
        "sector" if by == "sector" else "region",
        [column for column in fit.columns if column != by],
        LearntFrom(*training_of(tested.panel, rows, fit.columns), unit),
        tested.questions.min_group,
        tested.questions.level,
    )
