"""Which flags of the card's model are not set by other models that were not shown to find more or less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.comparisons import Comparisons
from tegenkracht.experiment.explained import Explained
from tegenkracht.experiment.tested import Tested, Told
from tegenkracht.explanation.multiplicity import Flags, check_multiplicity, flags_table, multiplicity_estimates
from tegenkracht.explanation.refits import flagged
from tegenkracht.models.plan import ModelPlan

_SAY_NOTHING = ("prior", "random")
"""Models that give every place the same score, or one drawn by lot, whatever columns they may see."""


def multiplicity(
    tested: Tested, explained: Explained, estimates: Sequence[Estimate]
) -> tuple[pd.DataFrame | None, Told]:
    """Ambiguity and discrepancy among refits with another seed, refits from other units, and the study's other models; a line per flagged place.

    A model counts when it sees facts of places and the interval of the difference between its list and that of the card's model, in the form that the
    card leads with, holds nought: so were they not told apart, which is not the same as that they are alike. None in place of lines when there is
    nothing to compare.

    Parameters
    ----------
    estimates
        That the stages gave, with the differences.
    """
    asked, main = tested.questions, tested.questions.main
    one_list = asked.lists == "whole_window"
    own = flagged(tested.panel, tested.fits_of(main), capacity=asked.capacity, one_list=one_list)
    told_of = Comparisons.of(estimates, main=main, capacity=asked.capacity)
    names = not_told_apart(tested.plans, told_of, features=tested.panel.predictors)
    lists = [flagged(tested.panel, tested.fits_of(m), capacity=asked.capacity, one_list=one_list) for m in names]
    refits = explained.refits
    none: Flags = np.empty((0, len(own)), dtype=np.bool_)
    others = {
        "seed": none if refits is None else refits.seeds,
        "units": none if refits is None else refits.flags,
        "models": np.array([np.isin(own, listed) for listed in lists], dtype=np.bool_).reshape(len(names), len(own)),
    }
    exact = (
        refits is not None and not refits.seed_moves
    )  # then nothing is in doubt, and an interval would say that something is
    doubted = {among: flags for among, flags in others.items() if among != "seed" or not exact}
    told = multiplicity_estimates(main, doubted, level=asked.level)
    lines = flags_table(own, others, names) if told else None
    return lines, Told(told, (check_multiplicity(told, model=main),))


def not_told_apart(plans: Mapping[str, ModelPlan], told: Comparisons, *, features: Sequence[str]) -> list[str]:
    """Models that see a fact of a place and were not shown to find more or less than the card's, in the order of the study.

    A model that knows nothing of a place, or of the visit alone, was not told apart because findings are few; it is no other way to choose places.
    """
    differences = {name: told.best(name) for name, plan in plans.items() if _sees_places(plan, features)}
    return [
        name
        for name, e in differences.items()
        if e is not None and e.low is not None and e.high is not None and e.low <= 0 <= e.high
    ]


def _sees_places(plan: ModelPlan, features: Sequence[str]) -> bool:
    if plan.estimator.target.rpartition(".")[2] in _SAY_NOTHING:
        return False
    if isinstance(plan.columns, str):
        return plan.columns != "process"
    return not set(features).isdisjoint(plan.columns)
