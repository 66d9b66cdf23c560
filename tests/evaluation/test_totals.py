"""What was found per total of points."""

from __future__ import annotations

import numpy as np
import pytest

from tegenkracht.evaluation.sample import sample_of
from tegenkracht.evaluation.totals import bands_of, total_estimates


def test_neighbouring_totals_go_together_until_enough_rows_have_them():
    """Also at the top, where too few are left."""
    total = np.repeat([0, 1, 2, 3, 4, 9], [40, 9, 1, 12, 6, 3])
    assert bands_of(total, minimum=10) == [(0, 0), (1, 2), (3, 9)]
    assert bands_of(np.array([3, 5, 5]), minimum=10) == [(3, 5)]
    assert bands_of(np.array([2] * 10), minimum=10) == [(2, 2)]


def asked(scores_from, *, clusters: list[str] | None = None):
    """Forty visited rows without points, of which four have a finding, and twenty with three points, of which ten have."""
    outcome = np.repeat([1.0, 0.0, 1.0, 0.0, np.nan], [4, 36, 10, 10, 5])
    context = {"cluster_id": clusters} if clusters else {}
    scores = scores_from({"m": [0.5] * 65}, outcome, context=context)
    sample = sample_of(scores, lists="per_as_of", cluster_by="cluster_id" if clusters else "unit_id")
    rows = np.flatnonzero(sample.visited)
    total, chance = np.repeat([0, 3], [40, 20]), np.repeat([0.2, 0.4, 0.3, 0.5], [20, 20, 10, 10])
    told = total_estimates(
        sample, rows, total, chance, model="m", minimum=10, replicates=400, level=0.95, seed=1, threads=1
    )
    return {(e.metric, e.at): e for e in told}


def test_found_and_expected_stand_beside_each_other(scores_from):
    """Of visited rows alone, with their number."""
    told = asked(scores_from)
    assert [at for metric, at in told if metric == "found_at_total"] == ["total=0-0", "total=3-3"]
    none, three = told["found_at_total", "total=0-0"], told["found_at_total", "total=3-3"]
    assert (none.value, none.n, three.value, three.n) == (0.1, 40, 0.5, 20)
    assert none.low < 0.1 < none.high < three.low
    assert told["expected_at_total", "total=0-0"].value == pytest.approx(0.3)
    assert told["expected_at_total", "total=3-3"].value == pytest.approx(0.4)


def test_rows_that_are_drawn_together_are_worth_less(scores_from):
    """Five clusters that are all or nothing leave a wider interval than twenty rows."""
    clusters = [f"c{i}" for i in range(40)] + [f"d{i // 4}" for i in range(20)] + ["e"] * 5
    alone, together = (asked(scores_from, clusters=of)["found_at_total", "total=3-3"] for of in (None, clusters))
    assert together.high - together.low > 1.3 * (alone.high - alone.low)


def test_nobody_visited_tells_nothing(scores_from):
    """No rows, no figure."""
    sample = sample_of(scores_from({"m": [0.5] * 5}, [np.nan] * 5), lists="per_as_of", cluster_by="unit_id")
    nobody = np.empty(0, np.int64)
    chance = np.empty(0)
    assert (
        total_estimates(
            sample, nobody, nobody, chance, model="m", minimum=10, replicates=50, level=0.95, seed=1, threads=1
        )
        == ()
    )
