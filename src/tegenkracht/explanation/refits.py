"""The same model learnt again, with another seed and from other draws of units: which flags and which reasons survive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate, none_because
from tegenkracht.core.finding import Finding
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.core.progress import Progress, silent
from tegenkracht.core.wilson import wilson_interval
from tegenkracht.explanation.attributions import Attributions, attribute
from tegenkracht.models.fitting import FittedModel, fit

Floats = NDArray[np.float64]

CODES: Mapping[str, str] = {
    "TK304": "Flags depend on which units happened to be learnt from.",
    "TK306": "Reasons that did not survive a refit were withheld.",
}
DEPENDS = 0.5
"""A flag depends on the draw when fewer than this share of refits set it."""
SEEDS = 1 / 3
"""Share of the refits that are with another seed alone, at most."""
MANY = 0.2
"""Share of flags that depend on the draw from which TK304 is found."""
SURVIVES = 0.8
"""A reason that speaks for a review in fewer than this share of refits is not shown."""
LIGHT = 0.05
"""A set of columns that adds less than this share of all that is added to a score is no reason for it."""
_BACKGROUND = 300  # rows of each fold, beside the flagged ones, on which ranks and signs are compared


@dataclass(frozen=True)
class Refits:
    """What other draws gave, and what another seed alone gave.

    Parameters
    ----------
    model
        Name.
    flagged
        `row_id` of the places that the model itself flagged.
    flags
        Whether each refit from other units, with another seed, flags them too: (refit, flagged).
    overlap
        Of each refit's lists (of other units, as everything below) with the model's own: shared places over all places on either (Jaccard).
    attributions
        Per refit, of the flagged rows and some others, the same rows in the same order.
    ranks
        Place of each flagged row on its list in each refit, 1 is first: (refit, flagged).
    models
        Per refit, its fits: one per fold, in order of folds.
    seeds
        Whether each refit with another seed alone, from the same units, flags them too: (seed refit, flagged); none by default.
    seed_moves
        Whether another seed changes any score at all.
    """

    model: str
    flagged: NDArray[np.str_]
    flags: NDArray[np.bool_]
    overlap: Floats
    attributions: tuple[Attributions, ...]
    ranks: NDArray[np.int64]
    models: tuple[tuple[FittedModel, ...], ...]
    seeds: NDArray[np.bool_] = field(default_factory=lambda: np.empty((0, 0), dtype=np.bool_))
    seed_moves: bool = True


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
    """Learn one model again, `times` times: with another seed alone, and from a bootstrap draw of its units with another seed.

    At most `SEEDS` of them are with the seed alone. A model that then comes out the same bit for bit does not use its seed: one refit shows it, and
    all others are draws. Only draws tell how far curves, ranks and reasons move; a seed says nothing of other places.

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
    flags, overlap, explained, ranks, models, seeds = [], [], [], [], [], list[NDArray[np.bool_]]()
    seed_moves = True
    for time in range(times):
        progress(f"learn {fitted[0].name} again", time, times)
        seed_alone = seed_moves and time < int(SEEDS * times)
        again = [
            fit(
                panel,
                m.fold if seed_alone else _drawn(panel, m.fold, rng),
                m.name,
                m.plan,
                seed=seed + time + 1,
                threads=threads,
            )
            for m in fitted
        ]
        if seed_alone:
            seed_moves = any((new.scores != m.scores).any() for new, m in zip(again, fitted, strict=True))
            listed = [_listed(panel, model, capacity, one_list) for model in again]
            seeds.append(np.concatenate([new[old] for new, old in zip(listed, own, strict=True)]))
            continue
        again = [replace(new, fold=m.fold) for new, m in zip(again, fitted, strict=True)]
        placed = [_ranks(panel, model, one_list) for model in again]
        ranks.append(np.concatenate([new[old] for new, old in zip(placed, own, strict=True)]))
        models.append(tuple(again))
        listed = [rank <= capacity for rank in placed]
        flags.append(np.concatenate([new[old] for new, old in zip(listed, own, strict=True)]))
        overlap.append(_jaccard(np.concatenate(own), np.concatenate(listed)))
        parts = [_part(model, shown[model.fold.name]) for model in again]
        explained.append(attribute(parts, [part.test_table(panel) for part in parts], threads=threads, progress=silent))
    return Refits(
        fitted[0].name,
        flagged(panel, fitted, capacity=capacity, one_list=one_list),
        np.array(flags),
        np.array(overlap),
        tuple(explained),
        np.array(ranks),
        tuple(models),
        np.array(seeds, dtype=np.bool_).reshape(len(seeds), sum(int(of.sum()) for of in own)),
        seed_moves,
    )


def flagged(panel: Panel, fitted: Sequence[FittedModel], *, capacity: int, one_list: bool) -> NDArray[np.str_]:
    """`row_id` of every place on a list of one model, in order of folds and rows."""
    names = panel.rows["row_id"].to_numpy(dtype=str)
    return np.concatenate([names[m.fold.test][_listed(panel, m, capacity, one_list)] for m in fitted])


def _drawn(panel: Panel, fold: Fold, rng: np.random.Generator) -> Fold:
    """The fold with as many training units, drawn with replacement, each with all its rows."""
    codes, units = pd.factorize(panel.rows["unit_id"].to_numpy()[fold.train])
    order = np.argsort(codes, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(codes))])
    chosen = np.sort(rng.integers(len(units), size=len(units)))
    picked = np.concatenate([order[starts[unit] : starts[unit + 1]] for unit in chosen])
    return replace(fold, train=fold.train[picked])


def _listed(panel: Panel, model: FittedModel, capacity: int, one_list: bool) -> NDArray[np.bool_]:
    """Which test rows of a fold are on its lists."""
    return _ranks(panel, model, one_list) <= capacity


def _ranks(panel: Panel, model: FittedModel, one_list: bool) -> NDArray[np.int64]:
    """Place of each test row of a fold on its list, from 1; equal scores stand in order of row id."""
    rows = panel.rows.iloc[model.fold.test]
    keys = pd.DataFrame(
        {"list": 0 if one_list else rows["as_of"].to_numpy(), "score": -model.scores, "id": rows["row_id"].to_numpy()}
    )
    rank = keys.sort_values(["list", "score", "id"], kind="stable").groupby("list").cumcount().sort_index()
    return np.asarray(rank, dtype=np.int64) + 1


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

    The second stands there for draws of units with another seed, and for another seed alone (`at` is `by=seed`). The interval of the first is the
    middle `level` of the refits, that of the second comes from drawing refits with replacement. Where the seed moves no score its share is exactly
    nought, and with too few refits there is none.
    """
    tail = (1 - level) / 2
    low, middle, high = np.quantile(refits.overlap, [tail, 0.5, 1 - tail], method="nearest")
    rng = np.random.default_rng(seed)
    times = len(refits.flags)
    share, ends = _depending(refits.flags, replicates, level, rng)
    n = len(refits.flagged)
    return (
        Estimate(refits.model, "list_overlap", float(middle), float(low), float(high), times, "sample", level),
        Estimate(refits.model, "flags_depending", share, *ends, n, "sample", level),
        _by_seed(refits, replicates, level, rng),
    )


def _by_seed(refits: Refits, replicates: int, level: float, rng: np.random.Generator) -> Estimate:
    """The share of flags that depends on the seed alone."""
    model, n = refits.model, len(refits.flagged)
    if not len(refits.seeds):
        return none_because("too_few_refits", model=model, metric="flags_depending", n=n, method="sample", at="by=seed")
    if not refits.seed_moves:
        return Estimate(model, "flags_depending", 0.0, n=n, method="sample", at="by=seed")
    share, ends = _depending(refits.seeds, replicates, level, rng)
    return Estimate(model, "flags_depending", share, *ends, n, "sample", level, at="by=seed")


def _depending(
    flags: NDArray[np.bool_], replicates: int, level: float, rng: np.random.Generator
) -> tuple[float, tuple[float, float]]:
    """The share of flags that fewer than half of the refits set, and the ends of its interval."""

    def share(of: NDArray[np.bool_]) -> float:
        return float((of.mean(axis=0) < DEPENDS).mean())

    times, own = len(flags), share(flags)
    drawn = [share(flags[rng.integers(times, size=times)]) for _ in range(replicates)]
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return own, (min(own, float(low)), max(own, float(high)))


def check_flags(estimates: Sequence[Estimate]) -> Finding:
    """TK304: many flags depend on the draw."""
    found = next((e for e in estimates if e.metric == "flags_depending" and e.at == ""), None)
    if found is None or found.value is None:
        return Finding("TK304", "not_applicable", facts={"reason": "no_refits"})
    facts: dict[str, str | int | float] = {"depending": round(100 * found.value, 1), "flags": found.n}
    return Finding("TK304", "found" if found.value >= MANY else "not_found", found.model, facts, (found.id,))


def agreement_of(refits: Refits, members: Mapping[str, Sequence[str]], rows: Sequence[str]) -> pd.DataFrame:
    """Share of refits in which each set of columns, taken together, speaks for a review: one line per row, one column per set.

    Raises
    ------
    KeyError
        When a row was not explained again.
    """
    at = pd.Index(refits.attributions[0].rows).get_indexer(list(rows))
    if (at < 0).any():
        raise KeyError(f"Not explained again: {[row for row, i in zip(rows, at, strict=True) if i < 0]}")
    shares = {
        name: np.mean([fit.values[list(columns)].to_numpy()[at].sum(axis=1) > 0 for fit in refits.attributions], axis=0)
        for name, columns in members.items()
    }
    return pd.DataFrame(shares, index=list(rows))


def first_sets(totals: Floats, *, at_most: int) -> NDArray[np.bool_]:
    """Which sets of columns are a row's first reasons, shape (row, set): the `at_most` largest that add `LIGHT` or more of all that is added.

    Parameters
    ----------
    totals
        Total contribution of each set, shape (row, set).
    """
    added = np.where(totals > 0, totals, 0.0)
    largest = np.argsort(np.argsort(-totals, axis=1, kind="stable"), axis=1) < at_most
    return np.asarray(largest & (totals > 0) & (added >= LIGHT * added.sum(axis=1, keepdims=True)))


def withheld_reasons(
    attributions: Attributions, refits: Refits, members: Mapping[str, Sequence[str]], *, at_most: int
) -> NDArray[np.int64]:
    """How many of the first `at_most` reasons of each flagged place did not survive, in the order of `refits.flagged`.

    A reason is a set of columns that `first_sets` chooses; it survives when it speaks for a review in `SURVIVES` of the refits or more.
    """
    at = pd.Index(attributions.rows).get_indexer(refits.flagged.tolist())
    totals = np.column_stack([attributions.values[list(c)].to_numpy()[at].sum(axis=1) for c in members.values()])
    first = first_sets(totals, at_most=at_most)
    agreed = agreement_of(refits, members, refits.flagged.tolist()).to_numpy()
    return np.asarray((first & (agreed < SURVIVES)).sum(axis=1))


def reason_estimates(withheld: NDArray[np.int64], *, model: str, level: float) -> tuple[Estimate, ...]:
    """`reasons_withheld`: the share of flagged places of which a reason was withheld, with Wilson's interval.

    The interval takes the places as drawn one by one; lists of one fold share their model, so that it is rather too narrow than too wide.
    """
    n, share = len(withheld), int((withheld > 0).sum()) / len(withheld)
    ends = wilson_interval(share, n, level=level)
    return (Estimate(model, "reasons_withheld", share, *ends, n, "sample", level),)


def check_reasons(estimates: Sequence[Estimate]) -> Finding:
    """TK306: at many places a reason was withheld."""
    found = next((e for e in estimates if e.metric == "reasons_withheld"), None)
    if found is None or found.value is None:
        return Finding("TK306", "not_applicable", facts={"reason": "no_refits"})
    facts: dict[str, str | int | float] = {"withheld": round(100 * found.value, 1), "places": found.n}
    return Finding("TK306", "found" if found.value >= MANY else "not_found", found.model, facts, (found.id,))
