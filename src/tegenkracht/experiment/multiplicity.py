"""Which flags of the card's model other models, that do as well, do not set."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.comparisons import Comparisons
from tegenkracht.experiment.explained import Explained
from tegenkracht.experiment.tested import Tested, Told
from tegenkracht.explanation.multiplicity import Flags, check_multiplicity, flags_table, multiplicity_estimates
from tegenkracht.explanation.refits import flagged

_SAY_NOTHING = ("prior", "random")
"""Models that know nothing of a place: that one was not shown to do worse tells of few findings, and not of another way to choose."""


def multiplicity(
    tested: Tested, explained: Explained, estimates: Sequence[Estimate]
) -> tuple[pd.DataFrame | None, Told]:
    """Ambiguity and discrepancy among refits with another seed, refits from other units, and models that do as well; a line per flagged place.

    A model does as well when the interval of the difference between its list and that of the card's model, in the form that the card leads with,
    holds nought: so were they not told apart, which is not the same as that they are alike. None in place of lines when there is nothing to compare.

    Parameters
    ----------
    estimates
        That the stages gave, with the differences.
    """
    asked, main = tested.questions, tested.questions.main
    one_list = asked.lists == "whole_window"
    own = flagged(tested.panel, tested.fits_of(main), capacity=asked.capacity, one_list=one_list)
    names = _as_good(tested, estimates)
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


def _as_good(tested: Tested, estimates: Sequence[Estimate]) -> list[str]:
    """Models that know something of a place and were not shown to find more or less than the card's, in the order of the study."""
    told = Comparisons.of(estimates, main=tested.questions.main, capacity=tested.questions.capacity)
    kinds = {name: plan.estimator.target.rpartition(".")[2] for name, plan in tested.plans.items()}
    differences = {name: told.best(name) for name in tested.plans if kinds[name] not in _SAY_NOTHING}
    return [
        name
        for name, e in differences.items()
        if e is not None and e.low is not None and e.high is not None and e.low <= 0 <= e.high
    ]
