"""Stages on how much there is to learn from, and on models of found and unknown places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.evaluation.minimum_sample import check_sample, sample_estimates
from tegenkracht.evaluation.unlabelled import (
    Ends,
    Supposed,
    check_ends,
    check_supposed,
    end_estimates,
    kept_share,
    supposed_estimates,
)
from tegenkracht.experiment.tested import Tested, Told
from tegenkracht.models.fitting import FittedModel, columns_of, learnt_from, training_of
from tegenkracht.models.store import scores_of

_STARTS = (0.02, 0.10, 0.30)
"""Shares of cases at which SAR-EM begins again."""
_OTHERWISE = (0.5, 2.0)
"""What a supposed share of cases is multiplied with."""


def sampled(tested: Tested) -> Told:
    """Whether there is enough to learn from, per fold."""
    asked = tested.questions
    columns = len(columns_of(tested.plans[asked.main], tested.panel))
    estimates = sample_estimates(tested.panel, tested.folds, columns=columns, minimum=asked.min_group)
    return Told(estimates, (check_sample(estimates, main=asked.main),))


def unlabelled(tested: Tested) -> Told:
    """For models of found and unknown places: what their answer hangs on. The last fold is learnt again from other beginnings."""
    estimates: list[Estimate] = []
    findings: list[Finding] = []
    for fitted in _last(tested):
        kind = fitted.plan.estimator.target.rpartition(".")[2]
        if kind == "sar_em":
            ends, n = _ends(tested, fitted)
            estimates += end_estimates(fitted.name, ends, n=n)
            findings.append(check_ends(fitted.name, ends))
        if kind == "nn_pu":
            supposed = _supposed(tested, fitted)
            estimates += supposed_estimates(fitted.name, supposed, n=len(fitted.fold.test))
            findings.append(check_supposed(fitted.name, supposed))
    return Told(tuple(estimates), tuple(findings))


def _last(tested: Tested) -> Iterator[FittedModel]:
    """Each model as fitted on its last fold."""
    for name in tested.plans:
        yield tested.fits_of(name)[-1]


def _training(tested: Tested, fitted: FittedModel) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """What a model learnt from."""
    return training_of(tested.panel, learnt_from(tested.panel, fitted.fold, fitted.plan), fitted.columns)


def _ends(tested: Tested, fitted: FittedModel) -> tuple[Ends, int]:
    X, y = _training(tested, fitted)
    model: Any = fitted.estimator
    prepared = model[:-1].transform(X)
    again = {start: clone(model[-1]).set_params(start=start).fit(prepared, y) for start in _STARTS}
    by_start = {start: one.prevalence_ for start, one in again.items()}
    stood = all(one.converged_ for one in again.values())
    return Ends(by_start, stood, bool(model[-1].identified_)), len(y)


def _supposed(tested: Tested, fitted: FittedModel) -> Supposed:
    X, y = _training(tested, fitted)
    model: Any = fitted.estimator
    given, test = float(model[-1].prior), fitted.test_table(tested.panel)
    dates = tested.panel.rows["as_of"].to_numpy()[fitted.fold.test]
    whole = tested.questions.lists == "whole_window"
    lists = [np.arange(len(dates))] if whole else [np.flatnonzero(dates == day) for day in np.unique(dates)]
    kept = {}
    for times in _OTHERWISE:
        share = min(given * times, 0.99)
        other = clone(model).set_params(**{f"{model.steps[-1][0]}__prior": share}).fit(X, y)
        kept[share] = kept_share(fitted.scores, scores_of(other, test), lists, tested.questions.capacity)
    return Supposed(given, kept)
