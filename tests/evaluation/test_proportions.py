"""Two shares beside each other: intervals as published, chances, and gaps that could be seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from tegenkracht.core.progress import silent
from tegenkracht.evaluation.audit import audit_estimates
from tegenkracht.evaluation.proportions import chance_of_gap, holm, newcombe_interval, smallest_visible_gap

SLIMME_CHECK = (
    # data set, model, attribute, group, compared with; then false-positive gap and selection gap with their ends, in points.
    ("Training", "BR", "geslacht", "V", "M", (-1.1, -5.4, 3.2), (-5.3, -8.4, -2.1)),
    ("Prepilot", "BR", "geslacht", "V", "M", (-4.9, -12.0, 2.4), (-2.1, -7.5, 3.4)),
    ("Pilot", "BR", "geslacht", "V", "M", (11.4, -4.2, 26.4), (6.3, -4.9, 17.3)),
    ("Pilot", "AR", "geslacht", "V", "M", (6.9, -8.0, 21.6), (3.6, -7.6, 14.4)),
    ("Prepilot", "BR", "IsNederlands", "0", "1", (18.0, 9.0, 27.1), (18.5, 12.3, 24.5)),
    ("Prepilot", "AR", "IsNederlands", "0", "1", (-0.6, -7.8, 7.7), (8.6, 2.8, 14.5)),
    ("Pilot", "AR", "IsNederlands", "0", "1", (-13.5, -33.5, 4.9), (-8.3, -22.3, 4.8)),
)


@pytest.mark.parametrize(
    ("part", "whole", "other", "other_whole", "low", "high"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (5, 56, 0, 29, -0.0381, 0.1926),
        (0, 10, 0, 20, -0.1611, 0.2775),
        (10, 10, 0, 10, 0.6075, 1.0),
    ],
)
def test_newcombe_as_in_his_table(part, whole, other, other_whole, low, high):
    """Newcombe 1998, table II, method 10, cases (a), (b), (d), (f) and (h)."""
    found = newcombe_interval(part / whole, whole, other / other_whole, other_whole, level=0.95)
    assert found == (pytest.approx(low, abs=5e-4), pytest.approx(high, abs=5e-4))


@pytest.fixture(scope="module")
def slimme_check(shared_data: Path) -> pd.DataFrame:
    """Counts per data set (training and its test together), model, attribute and group: columns TN, FP, FN, TP."""
    counts = pd.read_parquet(shared_data / "amsterdam_slimme_check" / "confusion_counts.parquet")
    together = counts.replace({"Dataset": {"TrainingTrain": "Training", "TrainingTest": "Training"}})
    return together.pivot_table(
        index=["Dataset", "Model", "Feature", "Feature_Value"], columns="Metric", values="Value", aggfunc="sum"
    )


@pytest.mark.parametrize(("data", "model", "attribute", "group", "other", "false_positive", "selection"), SLIMME_CHECK)
def test_slimme_check_gaps_as_worked_out(slimme_check, data, model, attribute, group, other, false_positive, selection):
    """Gaps between groups of the city's own counts with their intervals, to a tenth of a point."""
    a, b = (slimme_check.loc[(data, model, attribute, value)] for value in (group, other))
    negatives = [(row.FP, row.FP + row.TN) for row in (a, b)]
    flagged = [(row.FP + row.TP, row.FP + row.TP + row.FN + row.TN) for row in (a, b)]
    for pairs, expected in ((negatives, false_positive), (flagged, selection)):
        (part, whole), (other_part, other_whole) = pairs
        share, other_share = part / whole, other_part / other_whole
        low, high = newcombe_interval(share, whole, other_share, other_whole, level=0.95)
        shown = 100 * np.array([share - other_share, low, high])
        assert shown == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize(("data", "model", "attribute", "group", "other", "false_positive", "selection"), SLIMME_CHECK)
def test_slimme_check_gaps_come_out_of_an_audit(
    scores_from, slimme_check, data, model, attribute, group, other, false_positive, selection
):
    """The same, asked as a study asks it: a row per case of the city's counts, who was flagged on the list, and the audit's own gaps (`apart`).

    Cases are independent, so that the bootstrap finds each worth about one answer and the interval is Newcombe's of the counts, to a tenth of a point.
    """
    kinds = slimme_check.loc[[(data, model, attribute, value) for value in (group, other)], ["TN", "FP", "FN", "TP"]]
    counts = kinds.to_numpy(np.int64).ravel()
    flagged, positive = np.repeat([0, 1, 0, 1] * 2, counts), np.repeat([0, 0, 1, 1] * 2, counts)
    capacity, context = int(flagged.sum()), {"g": np.repeat([group] * 4 + [other] * 4, counts).tolist()}
    found = audit_estimates(
        scores_from({"m": flagged}, positive, context=context, audit=("g",)),
        model="m",
        probability=False,
        capacity=capacity,
        lists="per_as_of",
        cluster_by="unit_id",
        intersections=[],
        minimum=10,
        replicates=2_000,
        level=0.95,
        seed=1,
        threads=1,
        progress=silent,
    )
    by_id = {e.id: e for e in found}
    for metric, expected in (("false_positive_rate", false_positive), ("selection_rate", selection)):
        gap = by_id[f"m/{metric}_gap/g={group}/capacity={capacity},versus={other}/all/apart"]
        assert 100 * np.array([gap.value, gap.low, gap.high]) == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize(
    ("attribute", "part", "whole", "expected"),
    [
        ("Leeftijd<40", ["FP"], ["FP", "TN"], (-15.2, -29.7, -0.1)),
        ("Leeftijd<50", ["FP"], ["FP", "TP"], (21.8, 3.5, 36.3)),
    ],
)
def test_other_gaps_of_the_pilot_as_worked_out(slimme_check, attribute, part, whole, expected):
    """After reweighing: false positives of the over-forties, false discoveries of the over-fifties."""
    a, b = (slimme_check.loc[("Pilot", "AR", attribute, value)] for value in ("0", "1"))
    (share, n), (other, other_n) = ((row[part].sum() / row[whole].sum(), row[whole].sum()) for row in (a, b))
    shown = 100 * np.array([share - other, *newcombe_interval(share, n, other, other_n, level=0.95)])
    assert shown == pytest.approx(expected, abs=0.1)


def test_a_gap_of_ten_points_needs_as_many_as_stated():
    """With a quarter to a third of false positives, 330 to 360 negatives per group show a gap of ten points in 80 of 100 repetitions."""
    assert smallest_visible_gap(0.26, 335, 335, level=0.95, power=0.8, up=True) == pytest.approx(0.10, abs=0.0005)
    assert smallest_visible_gap(0.30, 356, 356, level=0.95, power=0.8, up=True) == pytest.approx(0.10, abs=0.0005)


@pytest.mark.parametrize("up", [True, False], ids=["up", "down"])
@pytest.mark.parametrize(("rate", "n", "reference_n"), [(0.3, 200, 400), (0.5, 150, 150), (0.7, 120, 600)])
def test_the_smallest_visible_gap_is_seen_four_times_out_of_five(rate, n, reference_n, up):
    """Simulated: the score test finds a gap of that size in 80 of 100 repetitions either way, within what 20,000 of them allow."""
    gap = smallest_visible_gap(rate, n, reference_n, level=0.95, power=0.8, up=up)
    rng, sign = np.random.default_rng(1), 1 if up else -1
    a, b = rng.binomial(n, rate + sign * gap, 20_000) / n, rng.binomial(reference_n, rate, 20_000) / reference_n
    together = (a * n + b * reference_n) / (n + reference_n)
    z = np.abs(a - b) / np.sqrt(together * (1 - together) * (1 / n + 1 / reference_n))
    assert (z > norm.ppf(0.975)).mean() == pytest.approx(0.80, abs=0.02)


def test_tiny_groups_show_no_gap_at_all():
    """Two and three answers: not even all against none would be seen often enough."""
    assert smallest_visible_gap(0.5, 2, 3, level=0.95, power=0.8, up=True) is None


@pytest.mark.parametrize(("n", "down"), [(300, None), (3_000, 0.00956)])
def test_a_gap_downwards_is_no_larger_than_the_rate(n, down):
    """Below 1.8 in a hundred nothing lies 3 points lower: with few answers no gap downwards is visible, with ten times as many one of a point is (by hand)."""
    assert smallest_visible_gap(0.018, n, n, level=0.95, power=0.9, up=True) > 0.009
    assert smallest_visible_gap(0.018, n, n, level=0.95, power=0.9, up=False) == pytest.approx(down, abs=5e-5)


@given(rate=st.floats(0, 1), n=st.floats(1, 1e5), reference_n=st.floats(1, 1e5))
def test_no_stated_gap_leads_to_a_share_that_cannot_be(rate, n, reference_n):
    """Both ways the other group's rate lies between none and all; what holds up for a rate holds down for its opposite."""
    up, down = (
        smallest_visible_gap(rate, n, reference_n, level=0.95, power=0.9, up=direction) for direction in (True, False)
    )
    assert up is None or rate + up <= 1 + 1e-9
    assert down is None or rate - down >= -1e-9
    opposite = smallest_visible_gap(1 - rate, n, reference_n, level=0.95, power=0.9, up=False)
    assert (up is None) == (opposite is None) or rate < 1e-9
    assert up is None or opposite is None or up == pytest.approx(opposite, abs=1e-6)


def test_the_chance_of_a_gap_by_hand():
    """56 of 70 against 48 of 80: z is 0.2 over 0.0755; nothing differs: always."""
    assert chance_of_gap(0.8, 70, 0.6, 80) == pytest.approx(2 * norm.sf(0.2 / 0.075476), abs=1e-4)
    assert chance_of_gap(0.0, 70, 0.0, 80) == 1.0


def test_holm_corrects_in_order():
    """Holm 1979: the smallest times their number, the next times one fewer, and never falling."""
    assert holm([0.01, 0.02, 0.04, 0.03]).tolist() == pytest.approx([0.04, 0.06, 0.06, 0.06])
    assert holm([0.6, 0.9]).tolist() == [1.0, 1.0]
    assert holm([]).size == 0
