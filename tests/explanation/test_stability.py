"""Ranks, signs and the first family over refits."""

from __future__ import annotations

import numpy as np
import pytest

from tegenkracht.explanation.stability import check_first_family, concordance, of_next, order_stability, stability


def by_key(estimates):
    """Estimates by metric and place."""
    return {(estimate.metric, estimate.at): estimate for estimate in estimates}


def test_signs_agree_as_often_as_two_refits_drawn_by_lot(attributions_of):
    """Signs + + - on one row and + + + on the other: pairs agree 1 in 3 and 3 in 3, on average 2 in 3."""
    refits = [
        attributions_of({"x": [1.0, 1.0]}),
        attributions_of({"x": [2.0, 1.0]}),
        attributions_of({"x": [-1.0, 3.0]}),
    ]
    found = by_key(stability(refits, features=[], level=0.9))[("sign_agreement", "feature=x")]
    assert found.value == pytest.approx(2 / 3)
    assert found.n == 3
    assert (found.low, found.note) == (None, "describes_refits")


def test_zero_is_a_sign_of_its_own(attributions_of):
    """A contribution that is there in one fit and not in the other does not agree."""
    refits = [attributions_of({"x": [0.0, 0.0]}), attributions_of({"x": [0.0, 1.0]})]
    assert by_key(stability(refits, features=[], level=0.9))[("sign_agreement", "feature=x")].value == 0.5


def test_ranks_are_counted_by_size_and_ties_share(attributions_of):
    """Largest mean absolute contribution is 1; two equal ones are both 2.5."""
    refits = [attributions_of({"x": [-4.0], "y": [1.0], "z": [1.0]})] * 2
    found = by_key(stability(refits, features=[], level=0.9))
    assert [found[("attribution_rank", f"feature={name}")].value for name in "xyz"] == [1.0, 2.5, 2.5]


def test_twins_have_unstable_ranks_and_a_stable_family(attributions_of, feature):
    """Each refit gives the credit to another copy: single ranks run from 1 to 3, the family is always first."""
    rng = np.random.default_rng(1)
    refits = []
    for i in range(20):
        credit, other = rng.normal(size=(2, 50))
        refits.append(attributions_of({"first": credit * (i % 2), "twin": credit * (1 - i % 2), "other": 0.5 * other}))
    features = [feature("first", "cause"), feature("twin", "cause"), feature("other")]
    found = by_key(stability(refits, features=features, level=0.9))
    single = found[("attribution_rank", "feature=first")]
    together = found[("attribution_rank", "family=cause")]
    assert (single.low, single.high) == (1.0, 3.0)
    assert single.level == pytest.approx(19 / 21)
    assert (together.value, together.low, together.high) == (1.0, 1.0, 1.0)


def test_refits_of_other_rows_are_refused(attributions_of):
    """Stability is about the same rows and columns explained again."""
    first = attributions_of({"x": [1.0]})
    with pytest.raises(ValueError, match=r"^Stability needs at least two refits\.$"):
        stability([first], features=[], level=0.9)
    for other in (attributions_of({"x": [1.0]}, rows=["elsewhere"]), attributions_of({"y": [1.0]})):
        with pytest.raises(ValueError, match=r"^Refits have other rows or columns"):
            stability([first, other], features=[], level=0.9)


def test_concordance_by_hand():
    """Three orders of six items with rank sums 8, 14, 11, 11, 11, 8: S = 25.5, and W = 12 x 25.5 / (9 x 210)."""
    ranks = np.array([[1, 6, 3, 2, 5, 4], [1, 5, 6, 4, 2, 3], [6, 3, 2, 5, 4, 1]], dtype=float)
    assert ranks.sum(axis=0).tolist() == [8, 14, 11, 11, 11, 8]
    assert concordance(ranks) == pytest.approx(12 * 25.5 / (9 * 210))
    assert concordance(np.array([[1.0, 2.0, 3.0]] * 4)) == 1.0
    assert concordance(np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]])) == 0.0
    assert concordance(np.array([[1.5, 1.5, 3.0]] * 3)) == pytest.approx(1.0)


def test_orders_by_lot_agree_as_little_as_chance_gives():
    """Friedman: the mean of W over orders by lot is one over the number of orders."""
    rng = np.random.default_rng(2)
    drawn = [concordance(np.array([rng.permutation(8) + 1.0 for _ in range(5)])) for _ in range(2000)]
    assert np.mean(drawn) == pytest.approx(1 / 5, abs=0.01)


def test_first_families_of_two_refits_are_compared(attributions_of, feature):
    """Of three refits two name a and b first, and one a and c: of two first families each pair shares 2, 1 and 1."""
    one = {"a": [3.0], "b": [2.0], "c": [1.0]}
    refits = [attributions_of(one), attributions_of(one), attributions_of({"a": [3.0], "b": [1.0], "c": [2.0]})]
    found = {e.metric: e for e in order_stability(refits, features=[feature(n) for n in "abc"], first=2, level=0.9)}
    overlap = found["first_shared"]
    assert (overlap.value, overlap.low, overlap.high, overlap.at) == (1, 1, 2, "first=2")
    assert found["rank_concordance"].value == pytest.approx(7 / 9)
    assert found["rank_concordance"].note == "describes_refits"


@pytest.mark.parametrize(("refits", "level"), [(9, 0.95), (9, 0.5), (60, 0.95)])
def test_a_next_refit_lies_in_the_interval_as_often_as_it_says(refits, level):
    """Nine refits hold a next one in eight of ten times, whatever was asked beyond that; sixty hold it as often as was asked, and little more."""
    drawn = np.random.default_rng(4).normal(size=(refits + 1, 20_000))
    low, high, held = of_next(drawn[:-1], level=level)
    inside = float(((low < drawn[-1]) & (drawn[-1] < high)).mean())
    assert inside == pytest.approx(held, abs=0.01)
    most = (refits - 1) / (refits + 1)
    assert min(level, most) <= held + 1e-9 <= min(level + 2 / (refits + 1), most) + 1e-8


def test_an_interval_of_ranks_says_the_level_that_it_has(attributions_of):
    """Nine refits and ninety-five of a hundred asked: the range, which has eighty."""
    refits = [attributions_of({"x": [float(i)], "y": [4.5]}) for i in range(9)]
    rank = by_key(stability(refits, features=[], level=0.95))[("attribution_rank", "feature=x")]
    assert (rank.low, rank.high, rank.level) == (1.0, 2.0, 0.8)


FOLDS = ["2020", "2020", "2021", "2021"]


def test_the_same_family_first_in_every_fold_is_not_found(attributions_of, feature):
    """Members may change places: their family stays first."""
    attributions = attributions_of(
        {"a": [2.0, 2.0, 0.0, 0.0], "b": [0.0, 0.0, 2.0, 2.0], "c": [1.0, -1.0, 1.0, 1.0]}, folds=FOLDS
    )
    found = check_first_family(attributions, features=[feature("a", "one"), feature("b", "one"), feature("c")])
    assert (found.code, found.verdict) == ("TK303", "not_found")
    assert found.facts == {"folds": 2, "family": "one", "first_in": 2, "families": "one"}


def test_another_family_first_in_another_fold_is_found(attributions_of, feature):
    """What the model leans on most differs with the training period."""
    attributions = attributions_of({"a": [2.0, 2.0, 0.0, 0.0], "c": [1.0, -1.0, 1.0, 1.0]}, folds=FOLDS)
    found = check_first_family(attributions, features=[feature("a"), feature("c")])
    assert found.verdict == "found"
    assert found.facts == {"folds": 2, "family": "a", "first_in": 1, "families": "a, c"}


@pytest.mark.parametrize(
    ("values", "folds", "why"),
    [
        ({"a": [1.0, 2.0], "b": [1.0, 1.0]}, ["2020", "2020"], "one_fold"),
        ({"a": [1.0, 2.0]}, ["2020", "2021"], "one_family"),
    ],
)
def test_one_fold_or_one_family_cannot_tell(values, folds, why, attributions_of):
    """Silence is not a pass."""
    found = check_first_family(attributions_of(values, folds=folds), features=[])
    assert (found.verdict, found.facts) == ("not_applicable", {"reason": why})
