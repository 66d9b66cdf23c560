"""The make-up of each step, counted by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.funnel import STEPS, check_funnel, funnel_estimates
from tegenkracht.evaluation.sample import sample_of


def funnel(scores: Scores, capacity: int, overturned: np.ndarray | None = None, *, minimum: int = 0) -> list[Estimate]:
    """The steps of a study; nothing is too small unless a test says so."""
    sample = sample_of(scores, lists="whole_window", cluster_by="unit_id")
    return list(
        funnel_estimates(
            sample,
            overturned,
            model="m",
            capacity=capacity,
            minimum=minimum,
            replicates=200,
            level=0.95,
            seed=1,
            threads=1,
        )
    )


def test_each_step_is_counted(scores_from: Callable[..., Scores]) -> None:
    """Eight places, four of b; three visited, two of b; two found, one of b; of three flagged two are of b, one visited and found."""
    scores = scores_from(
        {"m": [8, 7, 6, 5, 4, 3, 2, 1]},
        [1.0, np.nan, np.nan, 0.0, 1.0, np.nan, np.nan, np.nan],
        context={"side": ["b", "b", "a", "b", "a", "a", "a", "b"]},
        audit=("side",),
    )
    told = {(e.metric, e.group, e.at.partition(",")[0].partition("=")[2]): e for e in funnel(scores, 3)}
    counts = [told["step_count", "side=b", step].value for step in STEPS[:-1]]
    assert counts == [4, 2, 1, 2, 1, 1]
    shares = [told["step_share", "side=b", step].value for step in STEPS[:-1]]
    assert shares == pytest.approx([4 / 8, 2 / 3, 1 / 2, 2 / 3, 1, 1])
    assert told["step_share", "side=b", "overturned"].note == "no_appeals"
    ratio = next(e for e in funnel(scores, 3) if e.metric == "flagged_ratio" and e.group == "side=b")
    assert ratio.value == pytest.approx((2 / 3) / (4 / 8))


def test_findings_that_an_appeal_took_away_are_the_last_step(scores_from: Callable[..., Scores]) -> None:
    """Three findings were overturned, two of them at one place of b."""
    scores = scores_from({"m": [3, 2, 1]}, [0.0, 0.0, 1.0], context={"side": ["b", "a", "a"]}, audit=("side",))
    told = {(e.metric, e.group): e for e in funnel(scores, 1, np.array([2.0, 1.0, 0.0])) if e.at == "step=overturned"}
    assert [told["step_count", f"side={side}"].value for side in "ab"] == [1, 2]
    assert told["step_share", "side=b"].value == pytest.approx(2 / 3)
    assert told["step_share", "side=b"].n == 3


def test_equal_scores_share_the_last_places(scores_from: Callable[..., Scores]) -> None:
    """One place on the list for four equal scores: a quarter each."""
    scores = scores_from({"m": [1.0] * 4}, [0.0] * 4, context={"side": list("abbb")}, audit=("side",))
    flagged = next(
        e for e in funnel(scores, 1) if e.metric == "step_count" and e.group == "side=b" and "step=flagged," in e.at
    )
    assert flagged.value == pytest.approx(0.75)


def test_a_group_of_few_places_is_not_in_the_funnel_nor_the_next_that_would_give_it_away(
    scores_from: Callable[..., Scores],
) -> None:
    """Nine places of a, twenty of b and forty of c: only c is told; a step of nine findings is told of no group, nor is a list of c alone."""
    side = ["a"] * 9 + ["b"] * 20 + ["c"] * 40
    outcome = [0.0] * 60 + [1.0] * 9
    scores = scores_from({"m": np.arange(69.0)}, outcome, context={"side": side}, audit=("side",))
    told = funnel(scores, 20, minimum=10)
    notes = {(e.group, e.note) for e in told if not e.is_known and "overturned" not in e.at}
    assert notes == {
        ("side=a", "group_under_minimum"),
        ("side=b", "group_under_minimum"),
        ("side=c", "base_under_minimum"),
        ("side=c", "cell_under_minimum"),
    }
    assert all(e.n == 0 for e in told if not e.is_known)
    withheld = {e.at.partition(",")[0] for e in told if e.note == "base_under_minimum"}
    assert withheld == {"step=confirmed", "step=flagged_confirmed"}
    alone = {e.at.partition(",")[0] for e in told if e.note == "cell_under_minimum"}
    assert alone == {"step=flagged", "step=flagged_inspected"}
    assert {e.group for e in told if e.metric == "flagged_ratio" and e.is_known} == {"side=c"}


def test_places_are_counted_in_the_funnel_not_dates(scores_from: Callable[..., Scores]) -> None:
    """Three businesses on four dates are twelve rows of a, and are not told; with a minimum of three they are."""
    unit = [f"u{i:02d}" for i in range(23)] * 4
    scores = scores_from(
        {"m": np.arange(92.0)}, [0.0] * 92, unit=unit, context={"side": (["a"] * 3 + ["b"] * 20) * 4}, audit=("side",)
    )
    known = [{e.group for e in funnel(scores, 20, minimum=least) if e.is_known} for least in (3, 10)]
    assert known == [{"side=a", "side=b"}, set()]


def test_a_small_cell_is_withheld_and_so_is_what_would_tell_it(scores_from: Callable[..., Scores]) -> None:
    """Forty places of a, thirty of b and twenty of c, all visited; four findings of c, so that the twelve of b, the fewest of the others, are withheld too."""
    sides = ["a"] * 40 + ["b"] * 30 + ["c"] * 20
    found = [1.0] * 15 + [0.0] * 25 + [1.0] * 12 + [0.0] * 18 + [1.0] * 4 + [0.0] * 16
    scores = scores_from({"m": list(range(90, 0, -1))}, found, context={"side": sides}, audit=("side",))
    told = {(e.metric, e.group[-1], e.at.partition(",")[0]): e for e in funnel(scores, 60, minimum=10)}
    assert told["step_count", "a", "step=confirmed"].value == 15
    for side in "bc":
        assert ("step_count", side, "step=confirmed") not in told
        assert told["step_share", side, "step=confirmed"].note == "cell_under_minimum"
    assert told["step_share", "c", "step=population"].value == pytest.approx(20 / 90)
    # Nobody of c is among the first sixty: forty of a, twenty of b. The nought is withheld, b beside it, and both ratios that would tell them.
    assert told["step_share", "c", "step=flagged"].note == "cell_under_minimum"
    ratios = {side: told["flagged_ratio", side, "capacity=60"] for side in "abc"}
    assert [ratios[side].value is None for side in "abc"] == [False, True, True]


def test_a_step_of_one_group_is_told_of_none(scores_from: Callable[..., Scores]) -> None:
    """All sixteen findings are at forty places of a, or twelve of them: then the rest would be nought, or four. Twenty of a and of b: both are told."""
    for of_a, of_b, shown in ((16, 0, set()), (12, 4, set()), (20, 20, {"a", "b"})):
        sides = ["a"] * 40 + ["b"] * 40
        found = [1.0] * of_a + [0.0] * (40 - of_a) + [1.0] * of_b + [0.0] * (40 - of_b)
        scores = scores_from({"m": list(range(80, 0, -1))}, found, context={"side": sides}, audit=("side",))
        step = [e for e in funnel(scores, 60, minimum=10) if e.at == "step=confirmed"]
        assert {e.group[-1] for e in step if e.is_known} == shown
        assert shown or {(e.metric, e.note, e.n) for e in step} == {("step_share", "cell_under_minimum", 0)}


def test_a_ratio_beside_several_withheld_cells_holds_the_minimum_at_least(scores_from: Callable[..., Scores]) -> None:
    """Flagged are forty of a and b each, three of c and none of d: with three left over a goes too, and as b is as large, b."""
    sides = ["a"] * 40 + ["b"] * 40 + ["c"] * 3 + ["c"] * 40 + ["d"] * 40
    scores = scores_from({"m": list(range(163, 0, -1))}, [0.0] * 163, context={"side": sides}, audit=("side",))
    told = {e.group[-1]: e for e in funnel(scores, 83, minimum=10) if e.metric == "flagged_ratio"}
    for side in "ab":
        assert told[side].value is None
        assert (told[side].low or 0) < (40 / 83) / (40 / 163) < (told[side].high or 0)


def test_a_list_with_hardly_anybody_of_a_group_is_found_without_its_count(scores_from: Callable[..., Scores]) -> None:
    """Of a hundred places half are of a; of the forty flagged two are. Between none and ten of forty is less than half of its part; the other has from thirty on."""
    sides = ["b"] * 38 + ["a"] * 2 + ["b"] * 12 + ["a"] * 48
    scores = scores_from({"m": list(range(100, 0, -1))}, [0.0] * 100, context={"side": sides}, audit=("side",))
    told = {e.group: e for e in funnel(scores, 40, minimum=10) if e.metric == "flagged_ratio"}
    few, many = told["side=a"], told["side=b"]
    assert [(e.value, e.method) for e in (few, many)] == [(None, "bounds_interval")] * 2
    assert few.low == 0
    assert few.high == pytest.approx((10 / 40) / 0.5, rel=0.5)
    assert (many.low or 0) < (30 / 40) / 0.5 < (40 / 40) / 0.5 < (many.high or 0)
    finding = check_funnel(told.values(), model="m", ratio=1.25)
    assert (finding.verdict, finding.facts["group"], finding.facts["by"]) == ("found", "a", "withheld")
    assert "part_ratio" not in finding.facts


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(1.4, 2.0, "found"), (0.3, 0.7, "found"), (1.1, 2.0, "not_found"), (0.7, 1.4, "not_found")],
)
def test_a_part_that_is_clearly_larger_or_smaller_is_found(low: float, high: float, verdict: str) -> None:
    """Beyond a quarter more, or a fifth less, with its whole interval."""
    ratio = Estimate("m", "flagged_ratio", (low + high) / 2, low, high, n=100, level=0.95, group="side=b")
    assert check_funnel([ratio], model="m", ratio=1.25).verdict == verdict
    assert check_funnel([], model="m", ratio=1.25).verdict == "not_applicable"
