"""Groups beside the rest, and several differences seen together."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, t

from tegenkracht.evaluation.bootstrap import Resampled
from tegenkracht.evaluation.contrast import contrasts, freedom_of, seen_together, smallest_shown
from tegenkracht.evaluation.sample import UNKNOWN, Grouping


def grouping(values: list[str]) -> Grouping:
    """One attribute of some rows."""
    names, of_row = np.unique(values, return_inverse=True)
    return Grouping("a", tuple(names), of_row.astype(np.int32), np.arange(of_row.size))


def names(values: list[str], minimum: int = 2) -> list[str]:
    """The groups that are set apart."""
    return [c.group for c in contrasts([grouping(values)], minimum=minimum, unknown=UNKNOWN)]


def test_of_two_groups_only_the_smaller_is_compared() -> None:
    """The other says the same with another sign."""
    assert names(["x"] * 5 + ["y"] * 3) == ["a=y"]


def test_each_of_three_groups_is_compared_with_the_rest() -> None:
    """Three groups, three comparisons."""
    assert names(["x"] * 5 + ["y"] * 3 + ["z"] * 2) == ["a=x", "a=y", "a=z"]


def test_a_group_under_the_minimum_counts_with_the_rest_only() -> None:
    """One place of z: with x and y both beside the rest it would be what is left over, so that y is not set apart either; nor is x of x and z alone."""
    (one,) = contrasts([grouping(["x"] * 5 + ["y"] * 3 + ["z"])], minimum=2, unknown=UNKNOWN)
    assert (one.group, int(one.rest.sum())) == ("a=x", 4)
    assert names(["x"] * 5 + ["z"]) == []


def test_places_are_counted_not_the_dates_on_which_they_were_scored() -> None:
    """Two places of y on three dates each are six rows, and under a minimum of three."""
    names, of_row = np.unique(["x"] * 20 + ["y"] * 6 + ["z"] * 5 + ["w"] * 4, return_inverse=True)
    unit = np.r_[np.arange(20), 20, 20, 20, 21, 21, 21, np.arange(22, 31)]
    one = Grouping("a", tuple(names), of_row.astype(np.int32), unit)
    assert one.places.tolist() == [4, 20, 2, 5]
    assert [c.group for c in contrasts([one], minimum=3, unknown=UNKNOWN)] == ["a=x", "a=z"]


def test_unknown_stands_on_neither_side() -> None:
    """Of a row without a value nobody knows where it belongs."""
    (one,) = contrasts([grouping(["x"] * 5 + ["y"] * 3 + [UNKNOWN] * 4)], minimum=2, unknown=UNKNOWN)
    assert (int(one.member.sum()), int(one.rest.sum())) == (3, 5)


def test_the_widest_of_many_needs_more_than_one_alone() -> None:
    """Twenty independent differences: chance gives a widest one of about three standard errors, against two for one."""
    rng = np.random.default_rng(1)
    replicates = rng.normal(size=(4000, 20))
    many = seen_together(Resampled(np.zeros(20) + 0.1, replicates + 0.1), freedom=np.full(20, np.inf), level=0.95)
    one = seen_together(Resampled(np.array([0.1]), replicates[:, :1] + 0.1), freedom=np.full(1, np.inf), level=0.95)
    assert many.critical[0] == pytest.approx(3.02, abs=0.08)  # the 0.95 quantile of the largest of 20 |normal|
    assert one.critical[0] == pytest.approx(1.96, abs=0.08)
    assert many.chance > 0.5


def test_a_gap_of_the_stated_size_is_shown_nine_times_in_ten() -> None:
    """Detectable = (critical + 1.2816) standard errors, and a normal figure around it is beyond the critical value in 90 % of draws."""
    rng = np.random.default_rng(2)
    seen = seen_together(
        Resampled(np.array([0.0]), rng.normal(0, 0.5, size=(4000, 1))), freedom=np.full(1, np.inf), level=0.95
    )
    around = rng.normal(seen.detectable[0], 0.5, 20_000)
    assert np.mean(np.abs(around) > seen.critical[0] * 0.5) == pytest.approx(0.90, abs=0.015)


def test_each_difference_has_its_chance_among_all_and_the_widest_has_the_smallest() -> None:
    """Of twenty independent ones, one at 3.02 standard errors is as far as chance gives in one of twenty; one at two is no rarity."""
    rng = np.random.default_rng(7)
    point = np.zeros(20)
    point[:2] = 3.02, 2.0
    seen = seen_together(Resampled(point, rng.normal(size=(8000, 20)) + point), freedom=np.full(20, np.inf), level=0.95)
    assert seen.corrected[0] == pytest.approx(1 - (1 - 2 * norm.sf(3.02)) ** 20, abs=0.01)
    assert seen.corrected[1] == pytest.approx(1 - (1 - 2 * norm.sf(2.0)) ** 20, abs=0.03)
    assert seen.corrected[2:].min() > 0.99
    assert seen.chance == seen.corrected[0]


def test_without_spread_there_is_no_answer() -> None:
    """A difference that is the same in every replicate takes no part."""
    assert np.isnan(
        seen_together(Resampled(np.array([0.0]), np.zeros((100, 1))), freedom=np.ones(1), level=0.95).chance
    )


def test_few_clusters_need_more_standard_errors() -> None:
    """One difference whose error rests on five equal clusters: Student's 0.975 quantile with four degrees of freedom is 2.776.

    Draws of five from themselves spread the root of 4/5 of what the error is.
    """
    replicates = np.random.default_rng(3).normal(size=(20_000, 1)) * np.sqrt(0.8)
    few = seen_together(Resampled(np.array([2.3]), replicates), freedom=np.array([freedom_of(np.ones(5))]), level=0.95)
    assert few.critical[0] == pytest.approx(2.776, abs=0.1)
    assert few.error[0] == pytest.approx(1.0, abs=0.02)
    assert few.chance > 0.05


def test_the_error_of_a_mean_of_few_clusters_is_the_textbooks() -> None:
    """Of seven numbers drawn from themselves: the root of their variance (with six in its denominator) over seven."""
    rng = np.random.default_rng(6)
    numbers = np.array([3.0, -1.0, 4.0, 1.0, -5.0, 9.0, 2.0])
    drawn = numbers[rng.integers(7, size=(40_000, 7))].mean(axis=1)
    seen = seen_together(
        Resampled(numbers.mean()[None], drawn[:, None]), freedom=np.array([freedom_of(np.ones(7))]), level=0.95
    )
    assert seen.error[0] == pytest.approx(numbers.std(ddof=1) / np.sqrt(7), rel=0.01)


def test_one_cluster_that_carries_most_leaves_one_degree_of_freedom() -> None:
    """Nine hundredths beside one: (1.09)^2 / 1.0009 is 1.19, less one is under one, and one is the least."""
    assert freedom_of(np.array([1.0] + [0.01] * 9)) == 1.0


def test_the_smallest_difference_that_could_be_shown_is_shown_nine_times_in_ten() -> None:
    """Of normal draws with error 1 and a hundred equal clusters: Student's 97.5 and 90 hundredths together; none where nothing moves."""
    rng = np.random.default_rng(1)
    pulls = np.tile([1.0, -1.0], 50) / 10
    number = Resampled(np.array(0.0), rng.normal(size=20_000), pulls)
    expected = t.ppf(0.975, 99) + t.ppf(0.9, 99)
    assert smallest_shown(number, level=0.95) == pytest.approx(expected, rel=0.02)
    assert smallest_shown(Resampled(np.array(0.0), np.zeros(100), np.zeros(10)), level=0.95) is None


def test_the_smallest_difference_reads_the_jackknife() -> None:
    """Without it the error's degrees of freedom are not known."""
    with pytest.raises(ValueError, match="read from the jackknife: resample with jackknife=True"):
        smallest_shown(Resampled(np.array(0.0), np.ones(100)), level=0.95)


def test_a_difference_that_a_few_draws_do_not_answer_takes_part() -> None:
    """As an interval is given when nineteen in twenty replicates answer; with fewer there is neither."""
    rng = np.random.default_rng(4)
    replicates = rng.normal(0.0, 0.1, size=(1000, 2))
    replicates[:40, 0] = np.nan
    replicates[:60, 1] = np.nan
    seen = seen_together(Resampled(np.array([0.1, 0.1]), replicates), freedom=np.full(2, 30.0), level=0.95)
    assert seen.error[0] == pytest.approx(replicates[40:, 0].std(ddof=1) * np.sqrt(31 / 30))
    assert np.isfinite(seen.detectable).tolist() == [True, False]
    assert 0 < seen.chance < 1


def test_a_difference_that_never_moves_promises_nothing() -> None:
    """Beside one that does: no smallest gap of nought."""
    replicates = np.column_stack([np.random.default_rng(5).normal(size=200), np.zeros(200)])
    seen = seen_together(Resampled(np.zeros(2), replicates), freedom=np.full(2, 30.0), level=0.95)
    assert np.isfinite(seen.detectable).tolist() == [True, False]
