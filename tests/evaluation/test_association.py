"""How strongly a column goes with an attribute is what others count, chance is taken off, and intervals hold the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr
from scipy.stats import f_oneway
from scipy.stats.contingency import association

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.association import association_estimates, cramers_v_squared, eta_squared
from tegenkracht.evaluation.sample import Grouping


def told(columns: dict[str, np.ndarray], group: np.ndarray, cluster: np.ndarray, seed: int = 1) -> dict[str, Estimate]:
    """Every column of one attribute by its name."""
    names, of_row = np.unique(group, return_inverse=True)
    estimates = association_estimates(
        pd.DataFrame(columns),
        [Grouping("a", tuple(names), of_row.astype(np.int32), np.arange(of_row.size))],
        cluster=cluster.astype(np.int32),
        minimum=10,
        unknown="unknown",
        replicates=200,
        level=0.95,
        seed=seed,
        threads=1,
    )
    return {e.at.removeprefix("feature="): e for e in estimates}


def test_the_correlation_ratio_is_that_of_an_analysis_of_variance() -> None:
    """F = (eta / (1 - eta)) (n - k) / (k - 1), of three groups of unequal size."""
    rng = np.random.default_rng(1)
    parts = [rng.normal(m, 1, n) for m, n in ((0.0, 40), (0.4, 70), (1.0, 30))]
    n, total, squares = (np.array([f(p) for p in parts]) for f in (np.size, np.sum, lambda p: (p**2).sum()))
    eta = float(eta_squared(n.astype(float), total, squares))
    assert eta / (1 - eta) * (140 - 3) / 2 == pytest.approx(f_oneway(*parts).statistic)


def test_cramers_v_is_that_of_scipy() -> None:
    """A table of three rows and two columns, and one of two and four."""
    for table in ([[30, 10], [25, 40], [5, 50]], [[3, 10, 8, 1], [9, 4, 6, 12]]):
        v = association(np.array(table), method="cramer")
        assert float(cramers_v_squared(np.array(table, float))) ** 0.5 == pytest.approx(v)


def test_what_chance_adds_is_taken_off_as_bergsma_does() -> None:
    """Bergsma 2013: phi squared less (r-1)(c-1)/(n-1); two columns and three groups of independent rows."""
    rng = np.random.default_rng(2)
    group = rng.choice(["x", "y", "z"], 600)
    flag = (rng.random(600) < np.select([group == "x", group == "y"], [0.3, 0.45], 0.5)).astype(float)
    table = pd.crosstab(group, flag).to_numpy(float)
    bergsma = float(cramers_v_squared(table)) - 2 / 599
    found = told({"flag": flag}, group, np.arange(600))["flag"]
    assert found.metric == "cramers_v"
    assert found.value == pytest.approx(bergsma**0.5, abs=0.01)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Strips with an effect of their own, a shift of 0.6 in a third of the places: the truth by hand, for a number and for a yes or no."""
    p, times, held = 1 / 3, 100, []
    between = p * (1 - p) * 0.6**2
    high = ndtr((np.array([0.0, 0.6]) - 0.5) / np.sqrt(1.09))
    share = (1 - p) * high[0] + p * high[1]
    truth = {
        "number": between / (1.09 + between),
        "flag": float(np.sqrt(p * (1 - p) * (high[1] - high[0]) ** 2 / (share * (1 - share)))),
    }
    for seed in range(times):
        rng = np.random.default_rng(seed)
        cluster = np.repeat(np.arange(100), 20)
        group = rng.random(2000) < rng.beta(2, 4, 100)[cluster]
        number = rng.normal(size=2000) + 0.3 * rng.normal(size=100)[cluster] + 0.6 * group
        found = told({"number": number, "flag": (number > 0.5).astype(float)}, np.where(group, "y", "x"), cluster, seed)
        held += [(e.low or 0) <= truth[name] <= (e.high or 0) for name, e in found.items()]
    assert 0.90 <= np.mean(held) <= 0.99  # 95 % in 200: two standard errors are 3 points


def test_a_column_that_says_nothing_of_the_group_has_an_interval_from_nought() -> None:
    """Strips of one group each, whose places are alike, thirty times: chance alone gives much, and intervals leave nought out in four at most."""
    from_nought = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        cluster = np.repeat(np.arange(60), 50)
        group = np.where(rng.random(60) < 0.4, "x", "y")[cluster]
        number = rng.normal(size=60)[cluster] + 0.1 * rng.normal(size=3000)
        from_nought += told({"number": number}, group, cluster, seed)["number"].low == 0.0
    assert from_nought >= 26


def test_a_fact_that_is_left_out_for_one_group_gives_it_away() -> None:
    """Where it is known its value says nothing of the group; that it is missing says all. A column that is always known, or never, has no such figure."""
    rng = np.random.default_rng(5)
    group = np.where(np.arange(400) < 150, "sole", "other")
    blanked = np.where(group == "sole", np.nan, rng.normal(size=400))
    lost = np.where(rng.random(400) < 0.3, np.nan, rng.normal(size=400))
    columns = {"blanked": blanked, "lost": lost, "known": rng.normal(size=400), "never": np.full(400, np.nan)}
    found = told(columns, group, np.arange(400))
    assert {name for name in found if "missing" in name} == {"blanked,missing=yes", "lost,missing=yes"}
    assert (found["blanked"].value, found["blanked"].note) == (None, "known_in_one_group")
    assert (found["blanked,missing=yes"].metric, found["blanked,missing=yes"].n) == ("cramers_v", 400)
    assert found["blanked,missing=yes"].value == pytest.approx(1.0)
    assert found["lost,missing=yes"].value < 0.15


def test_what_is_missing_or_too_small_takes_no_part_and_what_does_not_vary_has_a_reason() -> None:
    """Half of the values missing; a group of four; a column that is always nought; an attribute that nobody knows."""
    rng = np.random.default_rng(4)
    group = np.array(["x"] * 120 + ["y"] * 80 + ["z"] * 4 + ["unknown"] * 30)
    number = np.where(np.arange(234) % 2 == 0, np.nan, rng.normal(size=234))
    found = told({"number": number, "never": np.zeros(234)}, group, np.arange(234))
    assert found["number"].n == 100
    assert (found["never"].value, found["never"].note) == (None, "nothing_varies")
    alone = told({"number": number}, np.array(["x"] * 230 + ["z"] * 4), np.arange(234))["number"]
    assert (alone.value, alone.note) == (None, "base_under_minimum")
