"""Labels of positive-unlabelled learning: found, or nothing known."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.multiclass import check_classification_targets, type_of_target


def found_of(estimator: Any, y: NDArray[Any]) -> NDArray[np.bool_]:
    """Which rows are labelled: the higher of exactly two classes; the classes go to `estimator.classes_`.

    Raises
    ------
    ValueError
        When there are not exactly two classes.
    """
    check_classification_targets(y)
    kind = type_of_target(y, input_name="y")
    estimator.classes_ = np.unique(y)
    if kind != "binary":
        raise ValueError(f"Only binary classification is supported. The type of the target is {kind}.")
    if len(estimator.classes_) != 2:
        raise ValueError("y holds one class: labelled and unlabelled rows are both needed.")
    return np.asarray(y == estimator.classes_[1])
