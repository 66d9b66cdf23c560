"""The same model learnt again from other draws of units: which flags and which reasons survive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.core.progress import Progress, silent
from tegenkracht.explanation.attributions import Attributions, attribute
from tegenkracht.models.fitting import FittedModel, fit

Floats = NDArray[np.float64]

CODES: Mapping[str, str] = {"TK304": "Flags depend on which units happened to be learnt from."}
DEPENDS = 0.5
"""A flag depends on the draw when fewer than this share of refits set it."""
MANY = 0.2
"""Share of flags that depend on the draw from which TK304 is found."""
SURVIVES = 0.8
"""A reason that speaks for a review in fewer than this share of refits is not shown."""
_BACKGROUND = 300  # rows of each fold, beside the flagged ones, on which ranks and signs are compared


@dataclass(frozen=True)
class Refits:
    """What other draws gave.

    Parameters
    ----------
    model
        Name.
    flagged
        `row_id` of the places that the model itself flagged.
    flags
        Whether each refit flags them too: (refit, flagged).
    overlap
        Of each refit's lists with the model's own: shared places over all places on either (Jaccard).
    attributions
        Per refit, of the flagged rows and some others, the same rows in the same order.
    models
        Per refit, its fits: one per fold, in order of folds.
    """

    model: str
    flagged: NDArray[np.str_]
    flags: NDArray[np.bool_]
    overlap: Floats
    attributions: tuple[Attributions, ...]
    models: tuple[tuple[FittedModel, ...], ...]


def refit(
    panel: Panel,
    fitted: Sequence[FittedModel],
    *,
    capacity: int,
    one_list: bool,
    times: int,
    seed: int,
    threads: int,
    progress: Progress,
) -> Refits:
    """Learn one model again, `times` times, each from a bootstrap draw of the units that it was learnt from and with another seed.

    Parameters
    ----------
    fitted
        The model's fits, one per fold.
    capacity, one_list
        How many places a list holds; one list for each fold, or one for each as-of date.
    times
        Refits.
    """
    rng = np.random.default_rng(seed)
    shown = {model.fold.name: _shown(panel, model, capacity, one_list, rng) for model in fitted}
    own = [_listed(panel, model, capacity, one_list) for model in fitted]
    flags, overlap, explained, models = [], [], [], []
    for time in range(times):
        progress(f"learn {fitted[0].name} again", time, times)
        again = [
            fit(panel, _drawn(panel, m.fold, rng), m.name, m.plan, seed=seed + time + 1, threads=threads)
            for m in fitted
        ]
        again = [replace(new, fold=m.fold) for new, m in zip(again, fitted, strict=True)]
        models.append(tuple(again))
        listed = [_listed(panel, model, capacity, one_list) for model in again]
        flags.append(np.concatenate([new[old] for new, old in zip(listed, own, strict=True)]))
        overlap.append(_jaccard(np.concatenate(own), np.concatenate(listed)))
        parts = [_part(model, shown[model.fold.name]) for model in again]
        explained.append(attribute(parts, [part.test_table(panel) for part in parts], threads=threads, progress=silent))
    names = [panel.rows["row_id"].to_numpy(dtype=str)[m.fold.test][old] for m, old in zip(fitted, own, strict=True)]
    return Refits(
        fitted[0].name, np.concatenate(names), np.array(flags), np.array(overlap), tuple(explained), tuple(models)
    )


def _drawn(panel: Panel, fold: Fold, rng: np.random.Generator) -> Fold:
    """The fold with as many training units, drawn with replacement, each with all its rows."""
    codes, units = pd.factorize(panel.rows["unit_id"].to_numpy()[fold.train])
    order = np.argsort(codes, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(codes))])
    chosen = np.sort(rng.integers(len(units), size=len(units)))
    picked = np.concatenate([order[starts[unit] : starts[unit + 1]] for unit in chosen])
    return replace(fold, train=fold.train[picked])


def _listed(panel: Panel, model: FittedModel, capacity: int, one_list: bool) -> NDArray[np.bool_]:
    """Which test rows of a fold are on its lists; equal scores stand in order of row id."""
    rows = panel.rows.iloc[model.fold.test]
    keys = pd.DataFrame(
        {"list": 0 if one_list else rows["as_of"].to_numpy(), "score": -model.scores, "id": rows["row_id"].to_numpy()}
    )
    rank = keys.sort_values(["list", "score", "id"], kind="stable").groupby("list").cumcount().sort_index()
    return (rank < capacity).to_numpy()


def _shown(
    panel: Panel, model: FittedModel, capacity: int, one_list: bool, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Places among the test rows of a fold: the flagged, and some of the others."""
    listed = _listed(panel, model, capacity, one_list)
    others = np.flatnonzero(~listed)
    some = rng.choice(others, size=min(_BACKGROUND, others.size), replace=False)
    return np.sort(np.concatenate([np.flatnonzero(listed), some]))


def _part(model: FittedModel, places: NDArray[np.int64]) -> FittedModel:
    """The same fit with some of its test rows only."""
    fold = replace(model.fold, test=model.fold.test[places])
    return replace(model, fold=fold, scores=model.scores[places])


def _jaccard(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return float((one & other).sum() / (one | other).sum())


# ---------------------------------------------------------------- what it says


def flag_estimates(refits: Refits, *, replicates: int, level: float, seed: int) -> tuple[Estimate, ...]:
    """`list_overlap`, the median over refits, and `flags_depending`, the share of flags that fewer than half of the refits set.

    The interval of the first is the middle `level` of the refits, that of the second comes from drawing refits with replacement.
    """
    tail = (1 - level) / 2
    low, middle, high = np.quantile(refits.overlap, [tail, 0.5, 1 - tail], method="nearest")
    share = _depending(refits.flags)
    rng = np.random.default_rng(seed)
    times = len(refits.flags)
    drawn = [_depending(refits.flags[rng.integers(times, size=times)]) for _ in range(replicates)]
    ends = np.quantile(drawn, [tail, 1 - tail])
    return (
        Estimate(refits.model, "list_overlap", float(middle), float(low), float(high), times, "sample", level),
        Estimate(
            refits.model,
            "flags_depending",
            share,
            min(share, float(ends[0])),
            max(share, float(ends[1])),
            len(refits.flagged),
            "sample",
            level,
        ),
    )


def _depending(flags: NDArray[np.bool_]) -> float:
    return float((flags.mean(axis=0) < DEPENDS).mean())


def check_flags(estimates: Sequence[Estimate]) -> Finding:
    """TK304: many flags depend on the draw."""
    found = next((e for e in estimates if e.metric == "flags_depending"), None)
    if found is None or found.value is None:
        return Finding("TK304", "not_applicable", facts={"reason": "no_refits"})
    facts: dict[str, str | int | float] = {"depending": round(100 * found.value, 1), "flags": found.n}
    return Finding("TK304", "found" if found.value >= MANY else "not_found", found.model, facts, (found.id,))


def surviving(refits: Refits, reasons: pd.DataFrame) -> pd.DataFrame:
    """The reasons with `agreement`, the share of refits in which they also speak for a review; those below `SURVIVES` are left out.

    Parameters
    ----------
    reasons
        Columns `row_id, place, feature, …` as `explanation.reasons` makes them.
    """
    rows = pd.Index(refits.attributions[0].rows).get_indexer(pd.Index(reasons["row_id"]))
    columns = refits.attributions[0].values.columns.get_indexer(pd.Index(reasons["feature"]))
    for_review = np.stack([fit.values.to_numpy()[rows, columns] > 0 for fit in refits.attributions])
    kept = reasons.assign(agreement=for_review.mean(axis=0))
    kept = kept[kept["agreement"] >= SURVIVES].reset_index(drop=True)
    return kept.assign(place=kept.groupby("row_id", sort=False).cumcount() + 1)
