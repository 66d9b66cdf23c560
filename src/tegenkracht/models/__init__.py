"""What can learn or rank: the closed list of factories that a study may name.

`_target_` in `conf/model/*.yaml` is looked up in `FACTORIES` and never imported from a string, so that a study file cannot
make the workbench run code of its choice.
"""

from __future__ import annotations

from tegenkracht.models.factories import (
    FACTORIES,
    Factory,
    Surroundings,
    additive,
    check_parameters,
    current_rule,
    elkan_noto,
    given_score,
    lightgbm,
    logistic,
    nn_pu,
    partially_pooled,
    prior,
    random_order,
    sar_em,
    scorecard,
    who_inspects,
)

__all__ = [
    "FACTORIES",
    "Factory",
    "Surroundings",
    "additive",
    "check_parameters",
    "current_rule",
    "elkan_noto",
    "given_score",
    "lightgbm",
    "logistic",
    "nn_pu",
    "partially_pooled",
    "prior",
    "random_order",
    "sar_em",
    "scorecard",
    "who_inspects",
]
