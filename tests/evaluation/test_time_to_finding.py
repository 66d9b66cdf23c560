"""Concordance of scores with days to a finding."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tegenkracht.evaluation.bootstrap import Draw, everything_once
from tegenkracht.evaluation.time_to_finding import _statistic, concordance_estimates


def by_hand(score, time, weight) -> float:
    """Every comparable pair, one by one."""
    agree = pairs = 0.0
    for i in range(len(score)):
        for j in range(len(score)):
            if np.isfinite(time[i]) and (np.isnan(time[j]) or time[j] > time[i]):
                w = weight[i] * weight[j]
                pairs += w
                agree += w * (1.0 if score[i] > score[j] else 0.5 if score[i] == score[j] else 0.0)
    return agree / pairs


@pytest.mark.parametrize("seed", range(5))
def test_concordance_is_that_of_all_pairs(seed: int) -> None:
    """With ties in scores and times, and with rows that were drawn more than once or not at all."""
    rng = np.random.default_rng(seed)
    n = 40
    score, time = rng.integers(0, 6, n).astype(float), rng.integers(1, 9, n).astype(float)
    time[rng.uniform(size=n) < 0.5] = np.nan
    rows = pd.DataFrame({"score": score, "fold": "f", "as_of": "2020-01-01"})
    cluster = np.arange(n) // 2
    statistic = _statistic(rows, time, cluster, n // 2)
    counts = rng.integers(0, 3, n // 2).astype(np.uint8)
    for draw in (everything_once(n // 2), Draw(counts[None, :], seed=1)):
        agree, pairs = statistic(draw)[0]
        assert agree / pairs == pytest.approx(by_hand(score, time, draw.counts[0][cluster].astype(float)))


def test_dates_are_compared_apart() -> None:
    """Two rows of different dates are no pair."""
    rows = pd.DataFrame({"score": [1.0, 0.0], "fold": "f", "as_of": ["2020-01-01", "2021-01-01"]})
    assert _statistic(rows, np.array([3.0, np.nan]), np.array([0, 1]), 2)(everything_once(2))[0].tolist() == [0.0, 0.0]


def test_nobody_visited_gives_a_reason(scores_from) -> None:
    """No test row has an outcome: no number for any model, and why."""
    scores = scores_from({"m": [0.1, 0.2], "n": [0.3, 0.1]}, [np.nan, np.nan])
    rows = scores.of("m").assign(days_to_finding=np.nan)
    panel = SimpleNamespace(rows=rows)
    found = concordance_estimates(panel, scores, cluster_by="unit_id", replicates=20, level=0.95, seed=1, threads=1)
    assert [(e.model, e.value, e.n, e.note) for e in found] == [
        ("m", None, 0, "nobody_visited"),
        ("n", None, 0, "nobody_visited"),
    ]
