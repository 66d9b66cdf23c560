"""The audit's own sums are fairlearn's `MetricFrame` on the same rows: attributes and crossings, at two list lengths, of all rows and of weighed visits."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import MetricFrame, false_negative_rate, false_positive_rate, selection_rate
from numpy.typing import NDArray
from sklearn.metrics import precision_score

from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.audit import listed_statistic, whole_statistic
from tegenkracht.evaluation.bootstrap import everything_once
from tegenkracht.evaluation.capacity import FINDINGS, LENGTH, VISITS, listed_share
from tegenkracht.evaluation.counting import Counting
from tegenkracht.evaluation.crossings import groups_of
from tegenkracht.evaluation.sample import sample_of
from tegenkracht.evaluation.weighed import weigh
from tegenkracht.evaluation.weighted_groups import GroupFigures

ROWS, SIZES = 900, (100, 350)
FIGURES = {
    "precision": lambda y, p, sample_weight: precision_score(y, p, sample_weight=sample_weight, zero_division=np.nan),
    "false_positive_rate": false_positive_rate,
    "false_negative_rate": false_negative_rate,
}
Told = dict[tuple[str, str], NDArray[np.float64]]


@pytest.fixture(scope="module")
def made(scores_from) -> tuple[Scores, pd.DataFrame]:
    """Places of two attributes on two dates without ties; six in ten visited, some twice, with chances of their own and a third by lot."""
    rng = np.random.default_rng(8)
    seen = rng.random(ROWS) < 0.6
    rows = np.concatenate([np.flatnonzero(seen), np.flatnonzero(seen)[::5]])
    positive = rng.random(rows.size) < 0.3
    outcome = np.where(seen, 0.0, np.nan)
    np.maximum.at(outcome, rows, positive.astype(float))
    context = {"wealth": rng.choice(["high", "low"], ROWS), "side": rng.choice(["east", "mid", "west"], ROWS)}
    visits = pd.DataFrame(
        {
            "row_id": [f"r{i:05d}" for i in rows],
            "inspection_id": [f"v{i}" for i in range(rows.size)],
            "channel": np.where(np.arange(rows.size) % 3 == 0, "random", "programme"),
            "propensity": rng.uniform(0.05, 0.9, rows.size),
            "positive": positive.astype(float),
        }
    )
    as_of = ["2024-01-01"] * (ROWS // 2) + ["2024-07-01"] * (ROWS // 2)
    score = rng.permutation(ROWS) / ROWS
    return scores_from({"m": score}, outcome, as_of=as_of, context=context, audit=("wealth", "side")), visits


def by_fairlearn(
    truth: NDArray[np.float64],
    listed: NDArray[np.float64],
    weight: NDArray[np.float64],
    groups: NDArray[np.int64],
    figures: dict[str, object],
) -> dict[str, NDArray[np.float64]]:
    """Figures of each group by their numbers."""
    frame = MetricFrame(
        metrics=figures,
        y_true=truth,
        y_pred=listed,
        sensitive_features=groups,
        sample_params={name: {"sample_weight": weight} for name in figures},
    )
    return {name: frame.by_group[name].sort_index().to_numpy(np.float64) for name in figures}


def test_sums_of_all_rows_are_those_of_fairlearn(made) -> None:
    """Selection of every row; precision and both kinds of error of visited rows."""
    scores, _ = made
    sample = sample_of(scores, lists="per_as_of", cluster_by="unit_id")
    groups = groups_of(sample, intersections=[scores.audit], minimum=10)
    own, plain, once = sample.scores["m"], Counting.plain(sample), everything_once(sample.clusters)
    top = listed_statistic(sample, own, groups, plain, sizes=SIZES)(once)[0]
    whole = whole_statistic(sample, own, groups, plain)(once)[0]
    seen = sample.visited == 1
    assert len(groups.groupings) == 3
    for (k, size), grouping in product(enumerate(SIZES), groups.groupings):
        part, of_row = groups.part(grouping), grouping.of_row.astype(np.int64)
        listed = listed_share(sample, own, capacity=size)
        mine, all_rows = top[k, part], whole[part]
        clear = mine[:, VISITS] - mine[:, FINDINGS], all_rows[:, VISITS] - all_rows[:, FINDINGS]
        told = {
            "precision": mine[:, FINDINGS] / mine[:, VISITS],
            "false_positive_rate": clear[0] / clear[1],
            "false_negative_rate": 1 - mine[:, FINDINGS] / all_rows[:, FINDINGS],
        }
        truth = sample.finding[seen].astype(np.float64)
        expected = by_fairlearn(truth, listed[seen], np.ones(int(seen.sum())), of_row[seen], FIGURES)
        flags = by_fairlearn(listed, listed, np.ones(ROWS), of_row, {"selection_rate": selection_rate})
        assert mine[:, LENGTH] / all_rows[:, LENGTH] == pytest.approx(flags["selection_rate"])
        for name, values in expected.items():
            assert told[name] == pytest.approx(values), (name, size, grouping.attribute)


@pytest.mark.parametrize("form", ["weighted", "audit"])
def test_sums_of_weighed_visits_are_those_of_fairlearn_with_weights(made, form) -> None:
    """Selection of visits, precision and both kinds of error, each visit with its weight."""
    scores, visits = made
    sample = sample_of(scores, lists="per_as_of", cluster_by="unit_id")
    groups = groups_of(sample, intersections=[scores.audit], minimum=10)
    weighed = weigh(visits, sample)
    drawn = weighed.drawn(form, sample, "inspection_id")
    shares = np.column_stack([listed_share(sample, sample.scores["m"], capacity=size) for size in SIZES])
    figures = GroupFigures(groups.groupings, weighed, form, drawn, shares)
    sums = figures.statistic()(everything_once(drawn.things))[0]
    weight, used = weighed.weight[form], weighed.weight[form] > 0
    truth = (weighed.positive > 0).astype(np.float64)[used]
    first, lists = 0, len(SIZES)
    for grouping in groups.groupings:
        part = sums[first : first + len(grouping.values)]
        first += len(grouping.values)
        of_line = grouping.of_row.astype(np.int64)[weighed.row][used]
        hits, total = part[:, -2], part[:, -1]
        for k in range(lists):
            on_hits, on_all = part[:, k], part[:, lists + k]
            told = {
                "selection_rate": on_all / total,
                "precision": on_hits / on_all,
                "false_positive_rate": (on_all - on_hits) / (total - hits),
                "false_negative_rate": 1 - on_hits / hits,
            }
            expected = by_fairlearn(
                truth,
                shares[weighed.row][used, k],
                weight[used],
                of_line,
                {**FIGURES, "selection_rate": selection_rate},
            )
            for name, values in expected.items():
                assert told[name] == pytest.approx(values), (name, SIZES[k], grouping.attribute)
