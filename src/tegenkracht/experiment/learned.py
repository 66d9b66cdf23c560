"""What the card's model learnt: a curve per column, pairs that work on each other, and the declared directions with their price."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t as student

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.feature import Feature
from tegenkracht.core.finding import Finding
from tegenkracht.evaluation.constraint import constraint_cost, weighed_cost
from tegenkracht.evaluation.estimates import rounded
from tegenkracht.experiment.explained import Explained
from tegenkracht.experiment.questions import Learned
from tegenkracht.experiment.tested import Tested, Told, unanswered
from tegenkracht.explanation.ale import Curve, Margin, curves_of, edges_of
from tegenkracht.explanation.directions import Moves, check_directions, direction_estimates, moves_of
from tegenkracht.explanation.interactions import Pair, check_interactions, interactions_of, pairs_of
from tegenkracht.explanation.margin import margin_of
from tegenkracht.models.fitting import FittedModel, fit_and_score, scores_table
from tegenkracht.models.plan import ModelPlan

Floats = NDArray[np.float64]

FREE = "without directions"
"""Name of the model that is fitted without the declared directions, to see what they cost."""
_FOR_DIRECTIONS = 60  # rows of each fold, and about this many values in all, on which directions are looked at
_VALUES = 8


def learned(tested: Tested, explained: Explained) -> Told:
    """Curves, pairs and directions of the card's model as it was learnt last; directions of every explained model; a reason when not asked."""
    asked, main = tested.questions.learned, tested.questions.main
    if asked is None:
        return unanswered(("TK308", "TK311"), main, "learned_not_asked")
    silent = unanswered(("TK308", "TK311"), main, "not_explained")
    curves = _curves(tested, explained, asked) if main in explained.attributions else silent
    directions = _directions(tested, explained)
    return Told(
        tuple(rounded(e) for e in (*curves.estimates, *directions.estimates, *_cost(tested, asked))),
        (*curves.findings, *directions.findings),
    )


def _curves(tested: Tested, explained: Explained, asked: Learned) -> Told:
    """Of the columns that move the scores most, on some test rows of the last fold, with intervals over refits."""
    model = tested.fits_of(tested.questions.main)[-1]
    rng = np.random.default_rng(tested.seed)
    table = _some(model.test_table(tested.panel), asked.rows, rng)
    numbers = {feature.name for feature in tested.panel.features}
    weight = explained.attributions[model.name].values.abs().mean().sort_values(ascending=False, kind="stable")
    edges = {
        name: edges_of(table[name].to_numpy(np.float64), bins=asked.bins) for name in weight.index if name in numbers
    }
    top = [name for name, at in edges.items() if at.size > 1 and weight[name] > 0][: asked.columns]
    if not top:
        return Told((), (check_interactions(model.name, (), {}),))
    again = [fits[-1] for fits in explained.refits.models] if explained.refits else []
    margins = [_margin(tested, fit) for fit in (model, *again)]
    curves = [curves_of(margin, table, {name: edges[name] for name in top}) for margin in margins]
    others = table.iloc[rng.permutation(len(table))]
    sizes = interactions_of(margins[0], table, others, pairs_of(top))
    chosen = sorted(sizes, key=lambda pair: -sizes[pair])[: asked.pairs]
    pairs = [sizes, *(interactions_of(margin, table, others, chosen) for margin in margins[1:])]
    level = tested.questions.level
    estimates = [e for name in top for e in _of_curve(model.name, name, [c[name] for c in curves], level)]
    estimates += [_of_pair(model.name, pair, [p[pair] for p in pairs], len(table), level) for pair in chosen]
    own = {name: curves[0][name].size for name in top}
    return Told(tuple(estimates), (check_interactions(model.name, estimates, own),))


def _some(table: pd.DataFrame, rows: int, rng: np.random.Generator) -> pd.DataFrame:
    return table.iloc[np.sort(rng.choice(len(table), size=min(rows, len(table)), replace=False))]


def _margin(tested: Tested, fit: FittedModel) -> Margin:
    return partial(margin_of, fit.estimator, threads=tested.threads)


def _of_curve(model: str, name: str, curves: list[Curve], level: float) -> list[Estimate]:
    """`ale` at each edge, and `ale_size`."""
    first = curves[0]
    heights = np.array([curve.heights for curve in curves])
    at = [f"feature={name},value={edge:g}" for edge in first.edges]
    points = [_over_refits(model, "ale", heights[:, i], at[i], first.rows, level) for i in range(len(at))]
    sizes = np.array([curve.size for curve in curves])
    return [*points, _over_refits(model, "ale_size", sizes, f"feature={name}", first.rows, level, least=0.0)]


def _of_pair(model: str, pair: Pair, sizes: list[float], rows: int, level: float) -> Estimate:
    at = f"feature={pair[0]},with={pair[1]}"
    return _over_refits(model, "interaction", np.array(sizes), at, rows, level, least=0.0)


def _over_refits(
    model: str, metric: str, values: Floats, at: str, rows: int, level: float, least: float | None = None
) -> Estimate:
    """The model's own value; around it Student's interval of the refits, which are bootstrap draws (Efron & Tibshirani 1993, chapter 12).

    Ten refits are too few for percentiles; their spread is the standard error.
    """
    own = float(values[0])
    if values.size < 3:
        return Estimate(model, metric, own, n=rows, method="sample", at=at, note="no_refits")
    reach = float(student.ppf((1 + level) / 2, values.size - 2) * values[1:].std(ddof=1))
    low = own - reach if least is None else max(least, own - reach)
    return Estimate(model, metric, own, low, own + reach, n=rows, method="sample", level=level, at=at)


# ---------------------------------------------------------------- directions


def _directions(tested: Tested, explained: Explained) -> Told:
    """Of every explained model, over all its folds."""
    estimates: list[Estimate] = []
    findings: list[Finding] = []
    for name in explained.attributions:
        moves = _moves(tested, name)
        told = direction_estimates(name, moves)
        estimates += told
        findings.append(check_directions(name, moves, told))
    return Told(tuple(estimates), tuple(findings))


def _moves(tested: Tested, name: str) -> dict[str, Moves]:
    """Moves per column that has a direction, added up over folds."""
    features: Mapping[str, Feature] = {feature.name: feature for feature in tested.panel.features}
    rng = np.random.default_rng([tested.seed, 1])
    total: dict[str, Moves] = {}
    for fit in tested.fits_of(name):
        every = fit.test_table(tested.panel)
        signs = {c: features[c].monotone for c in fit.columns if c in features and features[c].monotone}
        grids = {c: edges_of(every[c].to_numpy(np.float64), bins=_VALUES) for c in signs}
        table = _some(every, _FOR_DIRECTIONS, rng)
        for column, moves in moves_of(_margin(tested, fit), table, signs, grids).items():
            total[column] = total.get(column, Moves(0, 0)) + moves
    return total


def _cost(tested: Tested, asked: Learned) -> tuple[Estimate, ...]:
    """What the declared directions cost the card's model; nothing when it has none or the study does not ask."""
    main = tested.questions.main
    plan = tested.plans[main]
    if not asked.constraint_cost or not plan.estimator.parameters.get("monotone", False):
        return ()
    free = ModelPlan.model_validate(
        plan.model_dump()
        | {"estimator": plan.estimator.model_dump() | {"parameters": {**plan.estimator.parameters, "monotone": False}}}
    )
    siblings = fit_and_score(
        tested.panel,
        tested.folds,
        {FREE: free},
        seed=tested.seed,
        threads=tested.threads,
        cache=tested.cache,
        progress=tested.progress,
    )
    questions = tested.questions
    one_list = questions.lists == "whole_window"
    scores = scores_table(tested.panel, [*tested.fits_of(main), *siblings], one_list=one_list, seed=tested.seed)
    seen = constraint_cost(
        scores,
        main=main,
        free=FREE,
        capacity=questions.capacity,
        lists=questions.lists,
        cluster_by=questions.cluster_by,
        replicates=questions.replicates,
        level=questions.level,
        seed=tested.seed,
        threads=tested.threads,
    )
    if tested.visits is None:
        return seen
    weighed = weighed_cost(
        scores,
        tested.visits,
        main=main,
        free=FREE,
        capacity=questions.capacity,
        lists=questions.lists,
        visits_by=questions.visits_by or questions.cluster_by,
        replicates=questions.replicates,
        level=questions.level,
        seed=tested.seed,
        threads=tested.threads,
        how=questions.resampling,
    )
    return *seen, *weighed
