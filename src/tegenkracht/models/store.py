"""Fitted models on disk, in formats that load without running code: skops for scikit-learn, text for LightGBM."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import skops.io
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from tegenkracht.core.errors import wrong
from tegenkracht.models.mitigated_learning import Mixture

TRUSTED = (
    "numpy.dtype",
    "numpy.ndarray",
    "sklearn.compose._column_transformer._RemainderColsList",
    "tegenkracht.models.checklist.Checklist",
    "tegenkracht.models.group_codes.GroupCodes",
    "tegenkracht.models.orders.GivenScore",
    "tegenkracht.models.orders.RandomOrder",
    "tegenkracht.models.partially_pooled.PartiallyPooledLogistic",
    "tegenkracht.models.scorecard.Scorecard",
    "tegenkracht.models.signed_logistic.SignedLogistic",
    "tegenkracht.models.positive_unlabelled.elkan_noto.ElkanNoto",
    "tegenkracht.models.positive_unlabelled.nn_pu.NonNegativePU",
    "tegenkracht.models.positive_unlabelled.sar_em.SarEM",
)
"""Types beyond skops' own list that our models consist of; each is plain data."""


def is_trees(model: BaseEstimator) -> bool:
    """Whether a model ends in LightGBM trees."""
    return isinstance(model, Pipeline) and hasattr(model[-1], "booster_")


def scores_of(model: Any, X: Any) -> NDArray[np.float64]:
    """One number per row, higher means look first: the chance where the model gives one, else its points."""
    scores = model.predict_proba(X)[:, 1] if hasattr(model, "predict_proba") else model.decision_function(X)
    return np.asarray(scores, dtype=np.float64)


def save_model(model: BaseEstimator, folder: Path) -> None:
    """Write a fitted model into a new folder: `model.skops`, `prepare.skops` with `trees.txt`, or `mixture.json` with a folder a member."""
    folder.mkdir(parents=True)
    if isinstance(model, Mixture):
        (folder / "mixture.json").write_text(json.dumps({"weights": list(model.weights)}) + "\n", encoding="utf-8")
        for number, member in enumerate(model.members):
            save_model(member, folder / f"member-{number:02}")
    elif is_trees(model):
        skops.io.dump(model[:-1], folder / "prepare.skops")
        (folder / "trees.txt").write_text(model[-1].booster_.model_to_string(), encoding="utf-8")
    else:
        skops.io.dump(model, folder / "model.skops")


class StoredTrees(BaseEstimator):
    """LightGBM trees read back from text: the last step of a pipeline that predicts and is explained like the fitted one."""

    def __init__(self, trees: str) -> None:
        import lightgbm

        self.trees, self.booster_ = trees, lightgbm.Booster(model_str=trees)

    def fit(self, X: Any, y: Any = None) -> StoredTrees:
        """Nothing to learn: the trees are fitted."""
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Chance of the negative and the positive outcome, shape (n_rows, 2)."""
        positive = np.asarray(self.booster_.predict(X), dtype=np.float64)
        return np.column_stack([1 - positive, positive])

    def __sklearn_is_fitted__(self) -> bool:
        return True


def load_model(folder: Path) -> Any:
    """Read a fitted model back; a file that holds any other type is refused.

    Raises
    ------
    InputError
        When the folder holds no model, or a file asks for a type that is not on the list.
    """
    if (folder / "mixture.json").is_file():
        weights = json.loads((folder / "mixture.json").read_text(encoding="utf-8"))["weights"]
        return Mixture([load_model(folder / f"member-{number:02}") for number in range(len(weights))], weights)
    if (folder / "trees.txt").is_file():
        prepare = _read(folder / "prepare.skops")
        return Pipeline([*prepare.steps, ("trees", StoredTrees((folder / "trees.txt").read_text(encoding="utf-8")))])
    return _read(folder / "model.skops")


def _read(file: Path) -> Any:
    if not file.is_file():
        raise wrong(str(file), "there is no fitted model here.", "Name a folder below `models/` of a run.")
    if foreign := sorted(set(skops.io.get_untrusted_types(file=file)) - set(TRUSTED)):
        raise wrong(
            str(file),
            f"it holds types that are not on the list: {', '.join(foreign)}.",
            "Fit the model again; do not load this file.",
        )
    return skops.io.load(file, trusted=list(TRUSTED))
