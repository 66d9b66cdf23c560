"""What one list finds more than another with visits weighed by their chance: by hand, on the same draws, and never more sure than both shares allow."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.sample import sample_of
from tegenkracht.evaluation.score_interval import Counted, score_interval
from tegenkracht.evaluation.weighed import weigh
from tegenkracht.evaluation.weighted import weighted_estimates

UNITS, CAPACITY = 200, 100
Told = dict[tuple[str, str, str, str], Estimate]


@pytest.fixture(scope="module")
def told(scores_from) -> Callable[..., Told]:
    """Estimates of models with these scores, by model, metric, `at` and method; every unit is visited, every third by lot."""

    def make(found: np.ndarray, chance: np.ndarray, **scored: np.ndarray) -> Told:
        visits = pd.DataFrame(
            {
                "row_id": [f"r{i:05d}" for i in range(UNITS)],
                "inspection_id": [f"v{i}" for i in range(UNITS)],
                "channel": np.where(np.arange(UNITS) % 3 == 0, "random", "risk"),
                "propensity": chance,
                "positive": found.astype(float),
            }
        )
        scores = scores_from(scored, [np.nan] * UNITS)
        estimates = weighted_estimates(
            scores,
            weigh(visits, sample_of(scores, lists="per_as_of", cluster_by="unit_id")),
            propensities=None,
            probability_models=(),
            versus={"one": ("other",)},
            capacity=CAPACITY,
            lists="per_as_of",
            visits_by="inspection_id",
            minimum=10,
            replicates=500,
            level=0.95,
            seed=1,
            threads=1,
        )
        return {(e.model, e.metric, e.at, e.method): e for e in estimates}

    return make


NUMBER = np.arange(UNITS)
AT, VERSUS = f"capacity={CAPACITY}", "versus=other"


@pytest.fixture(scope="module")
def halves(told) -> Told:
    """The list of one is the first half and that of the other the second; 30 findings in the first, 15 in the second, where visits weigh twice as much."""
    found = (NUMBER < 30) | ((NUMBER >= 100) & (NUMBER < 115))
    return told(found, np.where(NUMBER < 100, 0.5, 0.25), one=-NUMBER, other=NUMBER)


def test_the_difference_is_that_of_both_shares(halves: Told) -> None:
    """30 and 15 of a hundred visits on each list; the interval leaves zero out, and `n` is a list's own hundred."""
    gap = halves["one", "precision_difference", f"{AT},{VERSUS}", "weighted"]
    assert gap.value == pytest.approx(0.15)
    assert gap.n == 100
    assert 0 < gap.low < 0.05
    assert 0.24 < gap.high < 0.27
    audit = halves["one", "precision_difference", f"{AT},{VERSUS}", "audit"]
    assert audit.value == pytest.approx(
        10 / 34 - 5 / 33
    )  # every third visit: 34 of the first half, ten of them with a finding, and 33 of the second, five
    assert audit.n == 33


def test_lists_that_share_nothing_have_the_score_interval_of_both(halves: Told) -> None:
    """Thirty findings are held to be worth the hundred visits at most; fifteen, of visits that each had one chance in four, a hundred and thirty-three."""
    gap = halves["one", "precision_difference", f"{AT},{VERSUS}", "weighted"]
    shares = (Counted(1.0, 0.3, 100), Counted(-1.0, 0.15, 400 / 3))
    assert (gap.low, gap.high) == pytest.approx(score_interval(shares, level=0.95))


def test_more_than_anywhere_is_made_of_the_list_and_what_is_not_on_it(halves: Told) -> None:
    """A list of a third of the weight: the gap is two thirds of what its share is above that of the rest, and so is the interval."""
    above = halves["one", "precision_above_random", AT, "weighted"]
    apart = score_interval((Counted(1.0, 0.3, 100), Counted(-1.0, 0.15, 400 / 3)), level=0.95)
    assert above.value == pytest.approx(2 / 3 * 0.15)
    assert (above.low, above.high) == pytest.approx(tuple(2 / 3 * np.array(apart)))


def test_areas_are_compared_on_the_same_draws(halves: Told) -> None:
    """Orders that mirror each other have areas that add up to one, and the difference is their distance."""
    one, other = (halves[model, "auc", "", "weighted"].value for model in ("one", "other"))
    gap = halves["one", "auc_difference", VERSUS, "weighted"]
    assert one + other == pytest.approx(1)
    assert gap.value == pytest.approx(one - other)
    assert gap.low < gap.value < gap.high


def test_lists_that_share_most_places_are_told_apart_more_sharply(told) -> None:
    """Ninety of a hundred places on both: what they share cancels, and the interval is less than half as long as that of two lists that share nothing."""
    found, even = NUMBER % 5 == 0, np.full(UNITS, 0.5)
    shifted = np.where(NUMBER < 10, NUMBER + 100, np.where((NUMBER >= 100) & (NUMBER < 110), NUMBER - 100, NUMBER))
    near, far = (
        told(found, even, one=-NUMBER, other=other)["one", "precision_difference", f"{AT},{VERSUS}", "weighted"]
        for other in (-shifted, NUMBER)
    )
    assert near.high - near.low < 0.5 * (far.high - far.low)


def test_one_and_the_same_list_differs_by_nothing(told) -> None:
    """Not by a little, with an interval: nothing at all."""
    same = told(NUMBER % 5 == 0, np.full(UNITS, 0.5), one=-NUMBER, other=-2 * NUMBER)
    gap = same["one", "precision_difference", f"{AT},{VERSUS}", "weighted"]
    assert (gap.value, gap.low, gap.high) == (0, 0, 0)


def test_lists_without_a_finding_are_not_called_equal(told) -> None:
    """None of a hundred on both: the difference is nought, and may be what Wilson's interval leaves to each."""
    none = told(np.zeros(UNITS, bool), np.full(UNITS, 0.5), one=-NUMBER, other=NUMBER)
    gap = none["one", "precision_difference", f"{AT},{VERSUS}", "weighted"]
    wilson = 1.959964**2 / (100 + 1.959964**2)
    assert gap.value == 0
    assert (gap.low, gap.high) == pytest.approx((-wilson, wilson))
