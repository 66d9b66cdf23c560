"""Visits weighed by their recorded chance, visits by lot, and what is said when these disagree."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.bootstrap import Resampling, resample, sum_statistic
from tegenkracht.evaluation.propensity import Propensities
from tegenkracht.evaluation.sample import sample_of
from tegenkracht.evaluation.weighed import weigh
from tegenkracht.evaluation.weighted import weighted_estimates
from tegenkracht.evaluation.weighted_checks import check_weighted

DAYS = ["2020-01-01", "2020-07-01"]


@pytest.fixture(scope="module")
def scores(scores_from) -> Callable[[int], Scores]:
    """Units on two dates, in order of number: the first scores highest. Row `r00003` is unit 3 on the first date."""

    def make(units: int) -> Scores:
        names = [f"u{i:03}" for i in range(units)] * 2
        days = np.repeat(DAYS, units)
        return scores_from({"m": -np.tile(np.arange(units), 2)}, [0.0] * 2 * units, as_of=days, unit=names)

    return make


def visits(table: list[tuple[str, str, str, float, bool]]) -> pd.DataFrame:
    """Lines of row, visit, channel, chance and finding."""
    made = pd.DataFrame(table, columns=["row_id", "inspection_id", "channel", "propensity", "positive"])
    return made.assign(positive=made["positive"].astype(float))


@pytest.fixture(scope="module")
def estimates(scores) -> Callable[..., dict[tuple[str, str, str], Estimate]]:
    """Estimates by model, metric and method."""

    def make(
        units: int,
        table: pd.DataFrame | None,
        capacity: int,
        propensities: Propensities | None = None,
        visits_by: str = "unit_id",
    ) -> dict[tuple[str, str, str], Estimate]:
        made = scores(units)
        sample = sample_of(made, lists="per_as_of", cluster_by="unit_id")
        found = weighted_estimates(
            made,
            None if table is None else weigh(table, sample, propensities),
            propensities=propensities,
            probability_models=("m",) if propensities is not None else (),
            versus={},
            capacity=capacity,
            minimum=10,
            lists="per_as_of",
            visits_by=visits_by,
            replicates=200,
            level=0.95,
            seed=1,
            threads=1,
        )
        return {(e.model, e.metric, e.method): e for e in found}

    return make


@pytest.fixture(scope="module")
def forty(estimates) -> dict[tuple[str, str, str], Estimate]:
    """Forty units with one visit each, that lies in the horizon of both dates.

    The first twenty were visited with chance 1/2 and something was found at ten of them; the others with chance 1/10, and at two something was found.
    All of the others were drawn by lot.
    """
    table = [
        (
            f"r{i + 40 * day:05}",
            f"v{i}",
            "risk" if i < 20 else "random",
            0.5 if i < 20 else 0.1,
            i < 10 or i in (20, 21),
        )
        for i in range(40)
        for day in range(2)
    ]
    return estimates(40, visits(table), capacity=35)


def test_a_visit_stands_for_one_over_its_chance(forty) -> None:
    """(10 x 2 + 2 x 10) / (20 x 2 + 20 x 10) = 40/240; by lot 2 of 20 is refused, for 30 are asked."""
    weighted, audit = (forty["", "prevalence", form] for form in ("weighted", "audit"))
    assert weighted.value == pytest.approx(1 / 6)
    assert weighted.low < 1 / 6 < weighted.high
    assert (audit.value, audit.note, audit.n) == (None, "few_visits", 20)


def test_a_visit_counts_once_however_many_dates_it_serves(forty) -> None:
    """Forty visits on eighty lines are forty visits, and thirty-five of them went to the list."""
    assert forty["", "visits_with_chance", "count"].value == 40
    assert forty["", "prevalence", "weighted"].n == 40
    assert forty["m", "precision_at_capacity", "weighted"].n == 35


def test_a_list_is_weighed_like_everything(forty) -> None:
    """Of the first 35: (10 x 2 + 2 x 10) / (20 x 2 + 15 x 10) = 40/190, and minus a visit anywhere 40/190 - 40/240."""
    assert forty["m", "precision_at_capacity", "weighted"].value == pytest.approx(40 / 190)
    assert forty["m", "precision_above_random", "weighted"].value == pytest.approx(40 / 190 - 40 / 240)


def test_unequal_weights_are_worth_fewer_visits(forty) -> None:
    """(20 x 2 + 20 x 10)^2 / (20 x 4 + 20 x 100) = 57600/2080, of different visits."""
    assert forty["", "effective_visits", "sample"].value == pytest.approx(57_600 / 2_080)


def test_each_visit_tells_something_where_each_was_drawn_by_itself(estimates) -> None:
    """Sixty units seen on both dates, the same thing found both times: 120 visits when visits are drawn, 60 when units are; the numbers are the same."""
    table = [(f"r{i + 60 * day:05}", f"v{i}-{day}", "random", 0.5, i % 3 == 0) for i in range(60) for day in range(2)]
    by_visit, by_unit = (estimates(60, visits(table), capacity=50, visits_by=by) for by in ("inspection_id", "unit_id"))
    assert {key: e.value for key, e in by_visit.items()} == {key: e.value for key, e in by_unit.items()}
    for key in (
        ("", "prevalence", "weighted"),
        ("", "prevalence", "audit"),
        ("m", "precision_at_capacity", "weighted"),
    ):
        one, other = by_visit[key], by_unit[key]
        assert (one.high - one.low) / (other.high - other.low) == pytest.approx(np.sqrt(0.5), rel=0.1)


def test_without_recorded_chances_nothing_is_weighed(estimates) -> None:
    """No chance, no number; chances are never guessed."""
    table = [(f"r{i:05}", f"v{i}", "risk", np.nan, i < 5) for i in range(40)]
    found = estimates(40, visits(table), capacity=30)
    assert (found["", "prevalence", "weighted"].note, found["", "prevalence", "audit"].note) == (
        "no_chances",
        "no_visits_by_lot",
    )


def test_scheduled_visits_need_no_weights(estimates) -> None:
    """Everybody on a list was visited."""
    assert estimates(40, None, capacity=30) == {}


def test_lines_of_other_rows_do_not_count(scores) -> None:
    """A visit of a row that is not tested is refused rather than counted somewhere."""
    sample = sample_of(scores(3), lists="per_as_of", cluster_by="unit_id")
    with pytest.raises(ValueError, match="visits of rows that are not tested"):
        weigh(visits([("elsewhere@2020-01-01", "v", "risk", 0.5, True)]), sample)


def shown(metric: str, method: str, low: float, high: float, model: str = "") -> Estimate:
    """An estimate with this interval."""
    return Estimate(model, metric, (low + high) / 2, low, high, n=50, method=method, level=0.95)


def verdicts(*given: Estimate) -> dict[str, str]:
    """Of TK111 to TK113."""
    return {f.code: f.verdict for f in check_weighted(given, main="m")}


def test_forms_that_exclude_each_other_are_found() -> None:
    """Weighted 5 to 7, by lot 1 to 4: what was written down was not the chance."""
    weighted, lot = shown("prevalence", "weighted", 0.05, 0.07), shown("prevalence", "audit", 0.01, 0.04)
    assert verdicts(weighted, lot)["TK111"] == "found"
    assert verdicts(weighted, shown("prevalence", "audit", 0.01, 0.06))["TK111"] == "not_found"


def test_too_few_visits_by_lot_establish_nothing() -> None:
    """An interval that reaches zero; one that does not; and none at all."""
    assert verdicts(shown("precision_above_random", "audit", -0.01, 0.2, "m"))["TK112"] == "found"
    assert verdicts(shown("precision_above_random", "audit", 0.01, 0.2, "m"))["TK112"] == "not_found"
    assert verdicts()["TK112"] == "not_applicable"


def test_a_few_visits_that_carry_all_are_found() -> None:
    """A hundred visits that are worth fifteen."""
    few, enough = (Estimate("", "effective_visits", worth, n=100, method="sample") for worth in (15.0, 60.0))
    assert verdicts(few)["TK113"] == "found"
    assert verdicts(enough)["TK113"] == "not_found"


def test_draws_vary_a_total_as_visits_with_a_chance_of_their_own_do(scores) -> None:
    """The variance of a weighed total is the sum of (1-e)/e^2 of its visits, give or take the noise of 20,000 draws; by lot each is drawn whole."""
    chance = np.tile([0.05, 0.2, 0.4, 0.5], 20)
    table = visits([(f"r{i:05}", f"v{i}", "random", e, True) for i, e in enumerate(chance)])
    sample = sample_of(scores(80), lists="per_as_of", cluster_by="unit_id")
    weighed, lines = weigh(table, sample), np.arange(80)
    variance = {}
    for form in ("weighted", "audit"):
        drawn = weighed.drawn(form, sample, "inspection_id")
        build = partial(sum_statistic, cluster=drawn.of_line, slices=[lines])
        statistic = drawn.sums(build, weighed.of_lines(form)[:, :1], lines)
        total = resample(
            {"": statistic},
            clusters=80,
            replicates=20_000,
            seed=1,
            threads=1,
            progress=silent,
            how=Resampling("poisson", "percentile"),
        )[""]
        assert total.point.item() == pytest.approx(weighed.of_lines(form)[:, 0].sum())
        variance[form] = total.replicates.var()
    assert variance["weighted"] == pytest.approx(((1 - chance) / chance**2).sum(), rel=0.05)
    assert variance["audit"] == pytest.approx(80, rel=0.05)


def test_a_chance_that_is_written_down_as_certain_still_leaves_something_to_vary(scores) -> None:
    """It goes with the draws as one of a half does: in parts of the square root of a half."""
    table = visits([(f"r{i:05}", f"v{i}", "risk", e, True) for i, e in enumerate([1.0, 0.9, 0.5, 0.19])])
    sample = sample_of(scores(80), lists="per_as_of", cluster_by="unit_id")
    drawn = weigh(table, sample).drawn("weighted", sample, "inspection_id")
    assert drawn.moves == pytest.approx([np.sqrt(0.5)] * 3 + [0.9])
    assert drawn.visits
    assert weigh(table, sample).drawn("weighted", sample, "unit_id").moves.tolist() == [1, 1, 1, 1]


def test_visits_with_a_chance_that_find_nothing_are_not_said_to_have_none(scores_from) -> None:
    """Sixty visits of known chance, fifteen findings expected and none made: there is no ratio because nothing was found."""
    scores, made = (
        scores_from({"m": [0.25] * 60}, [0.0] * 60),
        [(f"r{i:05}", f"v{i}", "risk", 0.5, False) for i in range(60)],
    )
    found = weighted_estimates(
        scores,
        weigh(visits(made), sample_of(scores, lists="per_as_of", cluster_by="unit_id")),
        propensities=None,
        probability_models=("m",),
        versus={},
        capacity=30,
        minimum=10,
        lists="per_as_of",
        visits_by="unit_id",
        replicates=50,
        level=0.95,
        seed=1,
        threads=1,
    )
    (ratio,) = (e for e in found if e.metric == "expected_observed_ratio" and e.method == "weighted")
    assert (ratio.value, ratio.n, ratio.note) == (None, 60, "no_findings")
