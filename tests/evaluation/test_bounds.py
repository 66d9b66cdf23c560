"""Bounds are sharp: they are what enumeration of every order of ties and every unseen outcome finds."""

from __future__ import annotations

from itertools import pairwise, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.bounds import bounds_of, lot_bounds
from tegenkracht.evaluation.sample import Sample, sample_of

NAN = float("nan")
places = st.lists(st.tuples(st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.0, 1.0, NAN])), min_size=1, max_size=5)


def sample_from(scores: Scores) -> Sample:
    """One list for each as-of date."""
    return sample_of(scores, lists="per_as_of", cluster_by="unit_id")


def orders(score: list[float], size: int):
    """Every list of `size` that puts high scores first, as sets of positions."""
    found = {
        frozenset(order[:size])
        for order in permutations(range(len(score)))
        if all(score[a] >= score[b] for a, b in pairwise(order))
    }
    return sorted(found, key=sorted)


def share(part: float, whole: float) -> float:
    """A share, NaN of nothing."""
    return part / whole if whole else NAN


def enumerated(lists: list[list[tuple[float, float]]], size: int) -> dict[str, tuple[float, float]]:
    """Lowest and highest of each figure over all orders of ties (and all unseen outcomes) of these lists."""
    seen: dict[str, list[float]] = {
        name: [] for name in ("precision_ties", "recall_ties", "precision", "recall", "above_lot")
    }
    options = [orders([s for s, _ in rows], min(size, len(rows))) for rows in lists]
    unseen = [(i, j) for i, rows in enumerate(lists) for j, (_, y) in enumerate(rows) if np.isnan(y)]
    for chosen in product(*options):
        listed = [rows[j][1] for rows, top in zip(lists, chosen, strict=True) for j in top]
        visited = [y for y in listed if not np.isnan(y)]
        seen["precision_ties"].append(share(sum(visited), len(visited)))
        seen["recall_ties"].append(share(sum(visited), sum(y for rows in lists for _, y in rows if not np.isnan(y))))
        for guess in product([0.0, 1.0], repeat=len(unseen)):
            outcome = {(i, j): y for i, rows in enumerate(lists) for j, (_, y) in enumerate(rows)} | dict(
                zip(unseen, guess, strict=True)
            )
            hits = sum(outcome[i, j] for i, top in enumerate(chosen) for j in top)
            k = len(listed)
            seen["precision"].append(hits / k)
            seen["recall"].append(share(hits, sum(outcome.values())))
            lot = sum(
                len(chosen[i]) * sum(outcome[i, j] for j in range(len(rows))) / len(rows)
                for i, rows in enumerate(lists)
            )
            seen["above_lot"].append((hits - lot) / k)
    ends = {}
    for name, values in seen.items():
        known = [value for value in values if not np.isnan(value)]
        ends[name] = (min(known), max(known)) if known else (NAN, NAN)
    return ends


@settings(deadline=None, max_examples=150)
@given(first=places, second=places, size=st.integers(1, 4))
def test_bounds_are_the_extremes_of_every_order_and_outcome(scores_from, first, second, size):
    """Two lists of up to five places with ties and unseen outcomes: nothing lies outside the bounds, and both ends are reached."""
    rows = [*first, *second]
    dates = ["2024-01-01"] * len(first) + ["2024-02-01"] * len(second)
    scores = scores_from({"m": [s for s, _ in rows]}, [y for _, y in rows], as_of=dates)
    bounds = bounds_of(sample_from(scores), np.array([s for s, _ in rows]), sizes=[size])
    for name, (low, high) in enumerated([first, second], size).items():
        ends = getattr(bounds, name)
        assert (ends[0][-1, 0], ends[1][-1, 0]) == pytest.approx((low, high), nan_ok=True), name


def test_integer_card_with_a_thousand_ties(scores_from):
    """A checklist with 257 places above the cut of 360 and 1,153 tied at it: worst .197, best .483 (71 and 124 findings)."""
    score = [2.0] * 257 + [1.0] * 1153 + [0.0] * 90
    outcome = [1.0] * 71 + [0.0] * 186 + [1.0] * 124 + [0.0] * 1029 + [0.0] * 90
    bounds = bounds_of(sample_from(scores_from({"card": score}, outcome)), np.array(score), sizes=[360])
    low, high = bounds.precision_ties
    assert (low[-1, 0], high[-1, 0]) == pytest.approx((71 / 360, 174 / 360))
    assert (round(low[-1, 0], 3), round(high[-1, 0], 3)) == (0.197, 0.483)


def test_bounds_by_hand(scores_from):
    """Four on the list (one finding, one without, two unseen), four off it (one finding, two without, one unseen)."""
    score, outcome = [8, 7, 6, 5, 4, 3, 2, 1], [1, 0, NAN, NAN, 1, 0, 0, NAN]
    bounds = bounds_of(sample_from(scores_from({"m": score}, outcome)), np.array(score, float), sizes=[4])
    ends = {
        name: tuple(float(end[-1, 0]) for end in getattr(bounds, name)) for name in ("precision", "recall", "above_lot")
    }
    assert ends["precision"] == (1 / 4, 3 / 4)
    assert ends["recall"] == (1 / 3, 3 / 4)
    assert ends["above_lot"] == (1 / 4 - 3 / 8, 3 / 4 - 4 / 8)


def test_a_list_by_lot_finds_the_prevalence_of_each_date(scores_from):
    """Lists of two from cohorts of four and two: prevalences 1/4 and 1/2 (one unseen) weigh equally."""
    dates = ["2024-01-01"] * 4 + ["2024-02-01"] * 2
    sample = sample_from(scores_from({"m": [0] * 6}, [1, 0, 0, 0, 1, NAN], as_of=dates))
    low, high = lot_bounds(sample, size=2)
    assert (low[-1], high[-1]) == pytest.approx(((0.25 + 0.5) / 2, (0.25 + 1.0) / 2))


def test_everything_visited_and_no_ties_leaves_nothing_open(scores_from):
    """Then all bounds are one number."""
    sample = sample_from(scores_from({"m": [4, 3, 2, 1]}, [1, 0, 1, 0]))
    bounds = bounds_of(sample, np.array([4.0, 3, 2, 1]), sizes=[1, 2, 3])
    for name in ("precision", "recall", "above_lot", "precision_ties", "recall_ties"):
        low, high = getattr(bounds, name)
        assert np.array_equal(low, high)


def test_a_list_longer_than_its_cohort_is_the_cohort(scores_from):
    """Asking for ten of three places gives three."""
    sample = sample_from(scores_from({"m": [3, 2, 1]}, [1, 0, NAN]))
    assert bounds_of(sample, np.array([3.0, 2, 1]), sizes=[10]).length.tolist() == [[3.0], [3.0]]
