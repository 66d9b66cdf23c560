"""Chances at another base rate, and two chances for a single place: brute force and simulated truth."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from tegenkracht.evaluation.calibration_shift import at_prior, restated, restated_estimates
from tegenkracht.evaluation.calibration_venn import (
    Band,
    band_estimates,
    check_bands,
    rolling_bands,
    settled_before,
    venn_abers,
)


def test_a_known_shift_is_undone_exactly():
    """There and back gives the same scores, and the chance at the new rate is Bayes' rule."""
    scores = np.linspace(0.01, 0.99, 50)
    there = at_prior(scores, fitted_prior=0.5, prior=0.03)
    assert at_prior(there, fitted_prior=0.03, prior=0.5) == pytest.approx(scores, abs=1e-12)
    assert there[24] == pytest.approx(scores[24] * 0.03 / (scores[24] * 0.03 + (1 - scores[24]) * 0.97))


def test_a_base_rate_of_nothing_is_refused():
    """Odds of zero cannot be shifted."""
    with pytest.raises(ValueError, match=r"Base rates 0 and 0\.5 must lie between 0 and 1"):
        at_prior(np.array([0.1]), fitted_prior=0.0, prior=0.5)


def test_band_is_isotonic_regression_with_the_place_added():
    """Equal to 1e-12 to fitting scikit-learn's twice for every place."""
    rng = np.random.default_rng(2)
    earlier, new = rng.integers(0, 30, 150) / 30, rng.random(25)
    outcome = (rng.random(150) < earlier).astype(np.uint8)
    band = venn_abers(new, earlier=earlier, outcome=outcome, weight=np.ones(150))
    for i, score in enumerate(new):
        for added, mine in ((0, band.low[i]), (1, band.high[i])):
            model = IsotonicRegression().fit([*earlier, score], [*outcome, added])
            assert mine == pytest.approx(model.predict([score])[0], abs=1e-12)


def test_one_of_the_two_chances_is_right():
    """Taking the chance that belongs to the outcome, the mean chance equals the share of findings (theorem 1 of Vovk & Petej), over 150 draws."""
    gaps = []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        scores = rng.random(120)
        outcome = (rng.random(120) < scores**2).astype(np.uint8)
        band = venn_abers(scores[100:], earlier=scores[:100], outcome=outcome[:100], weight=np.ones(100))
        gaps.append((np.where(outcome[100:] == 1, band.high, band.low) - outcome[100:]).mean())
    assert np.mean(gaps) == pytest.approx(0, abs=3 * np.std(gaps) / np.sqrt(150))


def test_bands_narrow_with_more_earlier_places():
    """Ten times as many earlier places, less than half of the width."""
    rng = np.random.default_rng(3)
    scores = rng.random(4000)
    outcome = (rng.random(4000) < scores).astype(np.uint8)
    few, many = (
        venn_abers(np.linspace(0.1, 0.9, 30), earlier=scores[:n], outcome=outcome[:n], weight=np.ones(n)).width.mean()
        for n in (400, 4000)
    )
    assert many < few / 2


def three_folds(seed: int):
    """A hundred rows in each of three yearly folds, each outcome known a hundred days after the row."""
    rng = np.random.default_rng(seed)
    fold = np.repeat([0, 1, 2], 100)
    split_on = np.array(["2020-01-01", "2021-01-01", "2022-01-01"], "datetime64[D]")
    known_on = split_on[fold] + np.tile(np.arange(100), 3) * 3 + 100
    return rng, fold, split_on, known_on


def test_only_earlier_folds_are_looked_at():
    """Changing outcomes of the last fold changes no band; the first fold has none, and abstains."""
    rng, fold, split_on, known_on = three_folds(4)
    scores = rng.random(300)
    finding = (rng.random(300) < scores).astype(np.uint8)
    unit = np.array([f"u{i}" for i in range(300)])
    earlier = settled_before(fold=fold, split_on=split_on, known_on=known_on, visited=np.ones(300, np.uint8), unit=unit)
    everyone = np.ones(300, bool)
    band = rolling_bands(scores, fold=fold, asked=everyone, finding=finding, earlier=earlier, minimum=50)
    other = np.where(fold == 2, 1 - finding, finding)
    again = rolling_bands(scores, fold=fold, asked=everyone, finding=other, earlier=earlier, minimum=50)
    assert np.array_equal(band.low, again.low, equal_nan=True)
    assert band.known.tolist() == [False] * 100 + [True] * 200
    found = {e.metric: e for e in band_estimates(band, model="m", wider_than=0.2)}
    assert found["band_width"].value == pytest.approx(np.mean((band.high - band.low)[100:]))
    assert (found["without_band"].value, found["without_band"].n) == (100, 300)
    assert found["abstained"].value == pytest.approx(np.mean((band.high - band.low)[100:] > 0.2))
    assert ((band.low <= band.middle) & (band.middle <= band.high))[100:].all()


def test_what_was_not_settled_when_the_fold_was_made_is_not_looked_at():
    """Outcomes known on or before the day count: 89 of the first fold for the second (day 100 + 3 i <= 366), and no row twice for one unit."""
    _, fold, split_on, known_on = three_folds(5)
    unit = np.array([f"u{i % 100}" for i in range(300)])
    visited = np.ones(300, np.uint8)
    first, second, third = settled_before(fold=fold, split_on=split_on, known_on=known_on, visited=visited, unit=unit)
    assert first.size == 0
    assert second.tolist() == [i for i in range(100) if known_on[i] <= split_on[1]]
    assert len(set(unit[third])) == third.size == 100
    assert (known_on[third] <= split_on[2]).all()
    assert (third >= 100).sum() > 80


def test_without_earlier_outcomes_the_reason_is_told():
    """One fold: nothing to compare with, so no width and no share of abstentions."""
    band = Band(np.full(5, np.nan), np.full(5, np.nan))
    notes = {e.metric: e.note for e in band_estimates(band, model="m", wider_than=0.2) if e.value is None}
    assert set(notes.values()) == {"no_earlier_outcomes"}
    assert band.abstains(wider_than=0.2).all()


@pytest.mark.parametrize(
    ("wide", "asked", "verdict", "reason"),
    [
        (30, True, "found", None),
        (10, True, "not_found", None),
        (None, True, "not_applicable", "no_earlier_outcomes"),
        (None, False, "not_applicable", "no_single"),
    ],
)
def test_many_abstentions_are_found(wide, asked, verdict, reason):
    """TK126: more than one in five of a hundred flagged places."""
    ends = (np.full(100, np.nan),) * 2 if wide is None else (np.zeros(100), np.where(np.arange(100) < wide, 0.5, 0.1))
    band = Band(*ends)
    told = band_estimates(band, model="m", wider_than=0.2) if asked else ()
    finding = check_bands(told, asked=asked, main="m")
    assert (finding.verdict, finding.facts.get("reason")) == (verdict, reason)
    if wide is not None:
        assert finding.facts == {"share": wide, "places": 100, "wide": 20}


def test_chances_are_told_again_at_each_base_rate():
    """Learnt at 10 and 20 in a hundred; at the rate that it was learnt at a chance stays what it was."""
    scores, learnt = np.array([0.3, 0.3]), np.array([0.1, 0.2])
    chances = restated(scores, learnt_at=learnt, base_rates={"base": 0.1, "high": 0.2})
    assert chances["base"][0] == pytest.approx(0.3)
    assert chances["high"][1] == pytest.approx(0.3)
    assert chances["base"][1] == pytest.approx(0.3 / 2 / (0.3 / 2 + 0.7 * 0.9 / 0.8))
    found = {
        e.at: e.value
        for e in restated_estimates(scores, chances, learnt_at=learnt, base_rates={"base": 0.1, "high": 0.2}, model="m")
        if e.metric == "chance_flagged"
    }
    assert found["prior=learnt"] == pytest.approx(0.3)
    assert found["prior=base"] == pytest.approx(chances["base"].mean())
