"""Whether other ways to weigh a family of columns give the same order as its attributions: shuffle it, or learn without it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.clusters import cluster_names
from tegenkracht.core.conditions import at_of
from tegenkracht.core.digits import written
from tegenkracht.core.drawing import ClusterBy
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.core.progress import Progress
from tegenkracht.explanation.attributions import Attributions
from tegenkracht.models.fitting import FittedModel, fit
from tegenkracht.models.store import scores_of

Floats = NDArray[np.float64]
Drop = Literal["none", "last_fold", "every_fold"]

CODES: Mapping[str, str] = {"TK305": "Attributions and what the outcomes need name other families first."}
MOST = 2 / 3
"""Share of the first families that two orders must have in common; where every family is among the first, of pairs of families that stand the same way round."""
LEAST = 10
"""Findings among the tested visits that a loss needs before it is compared."""
_SMALLEST = 1e-12  # a chance is never taken to be nought or one
_DRAWS_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class Compared:
    """Weights of the same families by different roads, with what a bootstrap needs.

    Parameters
    ----------
    families
        Names, in order.
    sums
        Per road (`shap`, `permutation`, `drop`): sums over the rows of each cluster, shape (cluster, family).
    rows
        Per road: rows of each cluster that were counted, shape (cluster,).
    """

    model: str
    families: tuple[str, ...]
    sums: Mapping[str, Floats]
    rows: Mapping[str, Floats]
    findings: int


def compare(
    panel: Panel,
    fitted: Sequence[FittedModel],
    attributions: Attributions,
    *,
    families: Mapping[str, Sequence[str]],
    cluster_by: ClusterBy,
    shuffles: int,
    drop: Drop,
    seed: int,
    threads: int,
    progress: Progress,
) -> Compared:
    """Weigh every family by its attributions, by shuffling it, and by learning without it.

    By attributions: mean absolute total contribution, over every test row. By shuffling: how much the log loss of visited test rows rises when the
    columns of the family are dealt out again among them, all together (Breiman 2001; Fisher, Rudin & Dominici 2019, for groups). By dropping: how much
    it rises when the model is learnt again without the family. The first says what moves scores, the others what the findings need; a family that
    says the same as another can be first in the one and last in the other.

    Parameters
    ----------
    families
        Columns of each family.
    cluster_by
        What the bootstrap draws; a row without a cluster is its unit.
    shuffles
        Times that each family is dealt out; differences are averaged.
    drop
        In which folds the model is learnt without each family: one fit per family and fold.
    """
    positions = np.concatenate([model.fold.test for model in fitted])
    codes = pd.factorize(cluster_names(panel.rows.iloc[positions], cluster_by), sort=True)[0]
    visited = np.isfinite(panel.rows["outcome"].to_numpy()[positions])
    clusters = int(codes.max()) + 1
    totals = [np.abs(attributions.values[list(members)].sum(axis=1).to_numpy()) for members in families.values()]
    weights = {
        "shap": np.column_stack(totals),
        "permutation": _shuffled(panel, fitted, families, shuffles, seed, progress),
    }
    of = {"shap": codes, "permutation": codes[visited]}
    if drop != "none":
        learnt = fitted[-1:] if drop == "last_fold" else fitted
        weights["drop"] = _dropped(panel, learnt, families, seed, threads, progress)
        of["drop"] = of["permutation"][-len(weights["drop"]) :]
    return Compared(
        fitted[0].name,
        tuple(families),
        {road: _by_cluster(weight, of[road], clusters) for road, weight in weights.items()},
        {road: np.bincount(of[road], minlength=clusters).astype(np.float64) for road in weights},
        int(np.nansum(panel.rows["outcome"].to_numpy()[positions])),
    )


def _by_cluster(values: Floats, codes: NDArray[np.int64], clusters: int) -> Floats:
    return np.column_stack([np.bincount(codes, column, minlength=clusters) for column in values.T])


def _visited(panel: Panel, fold: Fold) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(panel.rows["outcome"].to_numpy()[fold.test]))


def _loss(chance: Floats, outcome: Floats) -> Floats:
    """Log loss per row."""
    given = np.clip(chance, _SMALLEST, 1 - _SMALLEST)
    return -(outcome * np.log(given) + (1 - outcome) * np.log1p(-given))


def _shuffled(
    panel: Panel,
    fitted: Sequence[FittedModel],
    families: Mapping[str, Sequence[str]],
    shuffles: int,
    seed: int,
    progress: Progress,
) -> Floats:
    """Rise of the loss per visited row and family, when the family is dealt out again among the visited rows of its fold."""
    rng = np.random.default_rng([seed, 305])
    parts = []
    for done, model in enumerate(fitted):
        progress(f"shuffle families of {model.name}", done, len(fitted))
        seen = _visited(panel, model.fold)
        table = model.test_table(panel)[seen]
        outcome = panel.rows["outcome"].to_numpy()[model.fold.test][seen]
        before = _loss(model.scores[seen], outcome)
        rises = np.zeros((len(table), len(families)))
        for _ in range(shuffles if len(table) else 0):
            order = rng.permutation(len(table))
            tables = [_dealt(table, list(members), order) for members in families.values()]
            given = scores_of(model.estimator, pd.concat(tables, ignore_index=True))
            rises += np.stack([_loss(g, outcome) for g in given.reshape(len(families), -1)], axis=1) - before[:, None]
        parts.append(rises / shuffles)
    return np.concatenate(parts)


def _dealt(table: pd.DataFrame, members: list[str], order: NDArray[np.intp]) -> pd.DataFrame:
    """The table with the members' values taken from other rows, the same rows for all of them."""
    return table.assign(**{name: table[name].to_numpy()[order] for name in members})


def _dropped(
    panel: Panel,
    fitted: Sequence[FittedModel],
    families: Mapping[str, Sequence[str]],
    seed: int,
    threads: int,
    progress: Progress,
) -> Floats:
    """Rise of the loss per visited row and family, when the model is learnt again without it; nought where nothing would be left."""
    parts = []
    for model in fitted:
        seen = _visited(panel, model.fold)
        fold = replace(model.fold, test=model.fold.test[seen])
        outcome = panel.rows["outcome"].to_numpy()[fold.test]
        before = _loss(model.scores[seen], outcome)
        rises = np.zeros((len(outcome), len(families)))
        for i, members in enumerate(families.values()):
            progress(f"learn {model.name} without each family", i, len(families))
            if set(model.columns) - set(members):
                plan = model.plan.model_copy(update={"without": (*model.plan.without, *members)})
                again = fit(panel, fold, model.name, plan, seed=seed, threads=threads)
                rises[:, i] = _loss(again.scores, outcome) - before
        parts.append(rises)
    return np.concatenate(parts)


# ---------------------------------------------------------------- what it says

METRICS: Mapping[str, str] = {"permutation": "permutation_importance", "drop": "drop_importance"}
"""What the weight of each road is called."""


def disagreement_estimates(
    compared: Compared, *, first: int, replicates: int, level: float, seed: int
) -> tuple[Estimate, ...]:
    """Weights per family, and per road how far its order agrees with that of the attributions.

    `permutation_importance`, `drop_importance` (`at` is `family=…`): rise of the log loss, in thousandths. `importance_tau` (`at` is `versus=…`):
    Kendall's tau between the two orders of families. `importance_shared` (`at` is `versus=…,first=…`): how many of the `first` families (or all, where
    there are fewer) both orders name. Intervals draw clusters; both orders are made from the same draw. A draw adds noise to an order, so that an
    interval lies rather too low than too high.
    """
    if len(compared.families) < 2 or compared.findings < LEAST:
        return ()
    drawn = _draws(compared, replicates, seed)
    whole = {road: sums.sum(axis=0) / compared.rows[road].sum() for road, sums in compared.sums.items()}
    out: list[Estimate] = []
    for road, metric in METRICS.items():
        if road in whole:
            n = int(compared.rows[road].sum())
            out += [
                _estimate(
                    compared.model, metric, 1e3 * whole[road][i], 1e3 * drawn[road][:, i], n, level, f"family={name}"
                )
                for i, name in enumerate(compared.families)
            ]
            out += [
                _estimate(compared.model, metric, whole_value, spread, n, level, at)
                for metric, whole_value, spread, at in _agreements(whole, drawn, road, first)
            ]
    return tuple(out)


def _agreements(
    whole: Mapping[str, Floats], drawn: Mapping[str, Floats], road: str, first: int
) -> Iterator[tuple[str, float, Floats, str]]:
    """Name, value, values over the draws, and `at` of each way in which two orders agree."""
    one, other = whole["shap"][None], whole[road][None]
    of, at = min(first, one.shape[1]), f"versus={road}"
    yield "importance_tau", float(_tau(one, other)[0]), _tau(drawn["shap"], drawn[road]), at
    both = float(_shared(one, other, of)[0])
    yield "importance_shared", both, _shared(drawn["shap"], drawn[road], of), f"{at},first={of}"


def _estimate(model: str, metric: str, value: float, drawn: Floats, n: int, level: float, at: str) -> Estimate:
    """The value with the middle `level` of the draws, which holds the value itself."""
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    ends = [written(x) for x in (value, min(float(low), value), max(float(high), value))]
    return Estimate(model, metric, ends[0], ends[1], ends[2], n, "labelled", level, at=at)


def check_disagreement(estimates: Sequence[Estimate], *, model: str) -> Finding:
    """TK305: fewer than `MOST` of the first families of the attributions are also first for a road that looks at outcomes.

    Where every family is among the first, all of them always are; then fewer than `MOST` of all pairs stand the same way round.
    """
    counts = [e for e in estimates if e.metric == "importance_shared" and e.model == model and e.value is not None]
    if not counts:
        return Finding("TK305", "not_applicable", model, {"reason": "few_findings_to_compare"})
    least = min(counts, key=lambda e: e.value or 0.0)
    versus, of = at_of(least, "versus"), at_of(least, "first")
    if len({e.at for e in estimates if e.metric == METRICS["permutation"] and e.model == model}) == int(of):
        return _in_whole_order(estimates, model, int(of))
    tau = next(e for e in estimates if e.metric == "importance_tau" and e.at == f"versus={versus}" and e.model == model)
    shared = round(least.value or 0.0)
    facts: dict[str, str | int | float] = {
        "first": int(of),
        "shared": shared,
        "versus": versus,
        "tau_ratio": round(tau.value or 0.0, 2),
    }
    return Finding(
        "TK305", "found" if shared < MOST * int(of) - 1e-9 else "not_found", model, facts, (least.id, tau.id)
    )


def _in_whole_order(estimates: Sequence[Estimate], model: str, families: int) -> Finding:
    """Of the orders that look at outcomes the one that is least like that of the attributions."""
    orders = [e for e in estimates if e.metric == "importance_tau" and e.model == model and e.value is not None]
    least = min(orders, key=lambda e: e.value or 0.0)
    tau = least.value or 0.0
    facts: dict[str, str | int | float] = {
        "by": "order",
        "first": families,
        "versus": at_of(least, "versus"),
        "tau_ratio": round(tau, 2),
    }
    return Finding("TK305", "found" if (1 + tau) / 2 < MOST - 1e-9 else "not_found", model, facts, (least.id,))


def _tau(one: Floats, other: Floats) -> Floats:
    """Kendall's tau-b of each pair of rows, shape (row,); nought where an order has ties only."""
    pairs = np.triu_indices(one.shape[1], 1)
    signs = [np.sign(weights[:, pairs[0]] - weights[:, pairs[1]]) for weights in (one, other)]
    size = np.sqrt((signs[0] ** 2).sum(axis=1) * (signs[1] ** 2).sum(axis=1))
    tau: Floats = (signs[0] * signs[1]).sum(axis=1) / np.maximum(size, 1.0)
    return tau


def _shared(one: Floats, other: Floats, first: int) -> Floats:
    """How many of the `first` largest of each pair of rows both have; equal weights stand in order of families."""
    tops = [np.argsort(np.argsort(-weights, axis=1, kind="stable"), axis=1) < first for weights in (one, other)]
    return np.asarray((tops[0] & tops[1]).sum(axis=1), dtype=np.float64)


def _draws(compared: Compared, replicates: int, seed: int) -> dict[str, Floats]:
    """Means per road and draw of clusters, shape (replicate, family); a draw without a visited row is not used."""
    rng = np.random.default_rng([seed, 306])
    n = len(next(iter(compared.rows.values())))
    block = max(1, _DRAWS_AT_ONCE // n)
    means: dict[str, list[Floats]] = {road: [] for road in compared.sums}
    for start in range(0, replicates, block):
        weights = rng.multinomial(n, np.full(n, 1 / n), size=min(block, replicates - start)).astype(np.float64)
        usable = np.all([weights @ rows > 0 for rows in compared.rows.values()], axis=0)
        for road, sums in compared.sums.items():
            means[road].append((weights[usable] @ sums) / (weights[usable] @ compared.rows[road])[:, None])
    return {road: np.concatenate(parts) for road, parts in means.items()}
