"""What is said when tips may have decided who was visited: bands as estimates, and the three checks."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.hidden_tips import Seen, tips_estimates
from tegenkracht.evaluation.hidden_tips_checks import check_tips
from tegenkracht.evaluation.propensity import Propensities
from tegenkracht.evaluation.sample import sample_of
from tegenkracht.evaluation.sensitivity import GAMMAS, Visits

PLACES, CAPACITY = 20_000, 1_000


def told(
    scores_from: Callable[..., Scores],
    *,
    tip: float,
    strengths: dict[str, float],
    seed: int,
    capacity: int = CAPACITY,
    only_listed: bool = False,
) -> dict[tuple[str, str, str, str], Estimate]:
    """Places of which one in twenty has a finding, more at a high score. Visitors go to one in ten; a tip makes the odds `tip` times as high where
    there is something to find. Chances are estimated without the tip, a fifth of the visits is by lot. With `only_listed` nobody goes anywhere else.
    """
    rng = np.random.default_rng(seed)
    score = rng.random(PLACES)
    positive = rng.random(PLACES) < 0.1 * score
    odds = np.where(positive, tip, 1.0) * 0.1 / 0.9
    lot = rng.random(PLACES) < 0.05
    visited = lot | (rng.random(PLACES) < odds / (1 + odds))
    listed = (score >= np.sort(score)[-capacity]).astype(float)
    if only_listed:
        lot, visited = lot & (listed > 0), visited & (listed > 0)
    scores: Scores = scores_from({"m": score}, np.where(visited, positive, np.nan))
    sample = sample_of(scores, lists="per_as_of", cluster_by="unit_id")

    def lines(chosen: np.ndarray, chance: float) -> Visits:
        row = np.flatnonzero(chosen)
        ones = np.ones(len(row))
        return Visits(row, row, ones, positive[row].astype(float), chance * ones, 0.1 * score[row])

    seen = Seen(
        sample=sample,
        model="m",
        listed=listed,
        estimated=lines(visited, float(visited.mean())),
        recorded=lines(np.zeros(PLACES, bool), 1.0),
        by_lot=lines(lot, 1.0),
        without=None,
        strengths=strengths,
        found=Propensities(
            row=np.arange(PLACES),
            chance=np.full(PLACES, float(visited.mean())),
            observed=visited,
            outcome=np.where(visited, positive, np.nan),
            expected=0.1 * score,
            limit=0.01,
        ),
    )
    found = tips_estimates(seen, capacity=capacity, replicates=200, level=0.95, seed=1, threads=1)
    return {(e.model, e.metric, e.at, e.method): e for e in found}


@pytest.fixture(scope="module")
def tipped(scores_from) -> dict[tuple[str, str, str, str], Estimate]:
    """Tips of strength three."""
    return told(scores_from, tip=3.0, strengths={"indicator": 1.4}, seed=1)


@pytest.fixture(scope="module")
def honest(scores_from) -> dict[tuple[str, str, str, str], Estimate]:
    """No tips."""
    return told(scores_from, tip=1.0, strengths={"indicator": 1.4}, seed=2)


def verdicts(found: dict) -> dict[str, str]:
    """By code."""
    return {f.code: f.verdict for f in check_tips(tuple(found.values()), main="m", why="few_visits")}


def test_estimated_chances_are_confidently_wrong_under_tips_and_the_lot_says_so(tipped) -> None:
    """The interval at strength 1 leaves the truth out (one in twenty), and TK121 is found with a strength near the true one."""
    plain = tipped["", "prevalence", "chance=estimated,gamma=1", "tips_interval"]
    assert plain.low > 0.055
    assert verdicts(tipped)["TK121"] == "found"
    meets = tipped["", "gamma_meets", "chance=estimated,reference=audit", "sample"]
    assert meets.low < 3.0 < meets.high


def test_the_band_at_the_true_strength_holds_the_truth(tipped) -> None:
    """One in twenty lies between the ends at strength 3 and at every greater one."""
    for gamma in (g for g in GAMMAS if g >= 3):
        band = tipped["", "prevalence", f"chance=estimated,gamma={gamma:g}", "tips"]
        assert band.low <= 0.05 <= band.high


def test_without_tips_nothing_is_found(honest) -> None:
    """The lot agrees with estimated chances."""
    assert verdicts(honest)["TK121"] == "not_found"
    plain = honest["", "prevalence", "chance=estimated,gamma=1", "tips_interval"]
    assert plain.low < 0.05 < plain.high


def test_an_interval_holds_its_band_and_bands_are_nested(tipped) -> None:
    """For every figure: wider with the strength, and the interval around it."""
    for model, metric, at in {(m, k, a.rpartition(",")[0]) for m, k, a, form in tipped if form == "tips"}:
        rows = [tipped[model, metric, f"{at},gamma={g:g}", "tips"] for g in GAMMAS]
        if rows[0].low is None:
            continue
        around = [tipped[model, metric, f"{at},gamma={g:g}", "tips_interval"] for g in GAMMAS]
        assert all(a.low >= b.low and a.high <= b.high for a, b in pairwise(rows))
        assert all(a.low >= b.low and a.high <= b.high for a, b in pairwise(around))
        assert all(b.low <= a.low and a.high <= b.high for a, b in zip(rows, around, strict=True))


def test_the_conclusion_turns_where_the_interval_meets_zero(tipped) -> None:
    """The low end of the strength is the one at which the interval of the distance to a lot begins to hold zero: in between two shown strengths."""
    turns = tipped["m", "gamma_turns", f"capacity={CAPACITY},chance=estimated", "sample"]
    for gamma in GAMMAS:
        interval = tipped[
            "m", "precision_above_random", f"capacity={CAPACITY},chance=estimated,gamma={gamma:g}", "tips_interval"
        ]
        if abs(gamma - turns.low) > 0.05:
            assert (interval.low > 0) == (gamma < turns.low)


def test_tips_as_strong_as_a_known_family_turn_the_conclusion(tipped) -> None:
    """TK122 is found when the yardstick reaches the strength at which the list is no longer established, and not when it stays below."""
    turns = tipped["m", "gamma_turns", f"capacity={CAPACITY},chance=estimated", "sample"]
    assert turns.low > 1

    def verdict(strength: float) -> str:
        yardstick = Estimate("", "gamma_benchmark", strength, n=100, method="sample", at="family=indicator")
        return verdicts({"t": turns, "y": yardstick})["TK122"]

    assert (verdict(turns.low + 0.1), verdict(turns.low - 0.1)) == ("found", "not_found")


def test_what_was_never_established_cannot_turn() -> None:
    """An interval that reaches strength 1 leaves nothing to turn."""
    turns = Estimate(
        "m", "gamma_turns", 1.4, 1.0, 2.0, n=80, method="sample", level=0.95, at="capacity=5,chance=estimated"
    )
    yardstick = Estimate("", "gamma_benchmark", 1.5, n=100, method="sample", at="family=indicator")
    finding = next(f for f in check_tips((turns, yardstick), main="m", why="few_visits") if f.code == "TK122")
    assert (finding.verdict, finding.facts["reason"]) == ("not_applicable", "nothing_to_turn")


def test_visits_after_a_signal_that_carry_the_result_are_found() -> None:
    """A difference whose interval leaves zero out; one that does not; and none."""

    def verdict(low: float, high: float) -> str:
        gap = Estimate(
            "",
            "prevalence_gap",
            (low + high) / 2,
            low,
            high,
            n=90,
            method="weighted",
            level=0.95,
            at="without=signal+complaint",
        )
        return verdicts({"g": gap})["TK123"]

    assert (verdict(0.01, 0.03), verdict(-0.01, 0.03)) == ("found", "not_found")
    assert verdicts({})["TK123"] == "not_applicable"


def test_a_rest_where_nobody_went_leaves_nothing_to_turn(scores_from) -> None:
    """When every visit lies on the list, what the rest would give is anything from none to all: no strength is needed to undo the comparison."""
    found = told(scores_from, tip=1.0, strengths={"indicator": 1.4}, seed=3, only_listed=True)
    at = f"capacity={CAPACITY},chance=estimated"
    listed = found["m", "precision_at_capacity", f"{at},gamma=1", "tips"]
    band = found["m", "precision_above_random", f"{at},gamma=1", "tips"]
    rest = 1 - CAPACITY / PLACES
    assert (band.low, band.high) == pytest.approx((rest * (listed.low - 1), rest * listed.high))
    assert found["m", "gamma_turns", at, "sample"].value == 1.0
    finding = next(f for f in check_tips(tuple(found.values()), main="m", why="few_visits") if f.code == "TK122")
    assert (finding.verdict, finding.facts["reason"]) == ("not_applicable", "nothing_to_turn")


def test_a_list_of_everybody_cannot_be_compared(scores_from) -> None:
    """Without a rest there is no distance to a lot, and no strength at which it turns: that is not the same as a strength above all that were tried."""
    found = told(scores_from, tip=1.0, strengths={"indicator": 1.4}, seed=3, capacity=PLACES)
    assert found["m", "gamma_turns", f"capacity={PLACES},chance=estimated", "sample"].note == "few_visits"
    finding = next(f for f in check_tips(tuple(found.values()), main="m", why="few_visits") if f.code == "TK122")
    assert (finding.verdict, finding.facts["reason"]) == ("not_applicable", "few_visits")
