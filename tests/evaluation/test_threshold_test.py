"""Hit rates mislead when groups differ in what there is to find; estimated thresholds do not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.special import expit, logit, ndtr

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.label_audit import CHOSEN, GAP
from tegenkracht.evaluation.sample import UNKNOWN, sample_of
from tegenkracht.evaluation.threshold_posterior import layout_of, log_chances
from tegenkracht.evaluation.threshold_test import (
    SIGNAL,
    chances_of_gaps,
    check_thresholds,
    decisions_of,
    threshold_estimates,
)
from tegenkracht.evaluation.thresholds import Decisions, fit_thresholds
from tegenkracht.evaluation.visited import Visited


def decisions(rng: np.random.Generator, share: tuple[float, ...], threshold: tuple[float, ...]) -> Decisions:
    """Two groups in eight areas; visitors go where the chance that follows from what they see is above the threshold."""
    of_area = rng.normal(0, 0.5, 8), rng.normal(0, 0.3, 8)
    lines = []
    for p0, t0 in zip(share, threshold, strict=True):
        p, shift = expit(logit(p0) + of_area[0]), 1.2
        x = (logit(t0) + of_area[1] - logit(p)) / shift + shift / 2
        hit, empty = p * ndtr(shift - x), (1 - p) * ndtr(-x)
        lines += [rng.multinomial(1500, [h, e, 1 - h - e]) for h, e in zip(hit, empty, strict=True)]
    line = np.arange(16)
    return Decisions(np.array(lines, float), line // 8, line % 8, line)


def rejects_outcome(made: Decisions) -> bool:
    """Two hit rates differ by more than 1.96 standard errors."""
    found, empty, _ = np.array([made.counts[made.group == g].sum(0) for g in (0, 1)]).T
    rate, n = found / (found + empty), found + empty
    return bool(abs(rate[1] - rate[0]) > 1.96 * np.sqrt((rate * (1 - rate) / n).sum()))


def test_the_slope_is_the_derivative() -> None:
    """Analytic against numeric, at a place that is no optimum."""
    rng = np.random.default_rng(1)
    table, layout = rng.integers(1, 50, (6, 3)).astype(float), layout_of(2, 3)

    def loss(theta: np.ndarray) -> float:
        return -float((table * log_chances(layout @ theta, 6)[0]).sum())

    def slope(theta: np.ndarray) -> np.ndarray:
        return -layout.T @ np.einsum("ck,ckp->pc", table, log_chances(layout @ theta, 6)[1]).ravel()

    at = rng.normal(0, 0.3, 15) + np.r_[[-2.0] * 2, [0.1] * 2, [-2.0] * 2, [0.0] * 9]
    assert check_grad(loss, slope, at) < 1e-3


def test_chances_of_one_place_are_those_of_two_normals() -> None:
    """Share 0.2, shift 1, threshold 0.2: x is one half, so a visit finds something with 0.2 x Phi(0.5)."""
    figures = np.array([logit(0.2), 0.0, logit(0.2)])
    found, empty, rest = np.exp(log_chances(figures, 1)[0][0])
    assert found == pytest.approx(0.2 * ndtr(0.5))
    assert empty == pytest.approx(0.8 * ndtr(-0.5))
    assert found + empty + rest == pytest.approx(1)


def test_under_one_threshold_the_outcome_test_errs_and_the_threshold_test_does_not() -> None:
    """Twice as much to find in one group, the same threshold for both: infra-marginality."""
    made = [decisions(np.random.default_rng(seed), (0.03, 0.06), (0.08, 0.08)) for seed in range(20)]
    outcome = sum(map(rejects_outcome, made))
    gaps = [fit_thresholds(one).gap(1, 0, errors=1.96) for one in made]
    assert outcome >= 12  # it should be one in twenty
    assert sum(abs(gap.errors) > 1.96 for gap in gaps) <= 4
    assert sum(gap.low <= 0 <= gap.high for gap in gaps) >= 16


def test_a_lower_threshold_is_found() -> None:
    """The same to find, and visited from 5 instead of 8 of a hundred: log-odds half a point lower."""
    fits = [
        fit_thresholds(decisions(np.random.default_rng(seed), (0.03, 0.03), (0.08, 0.05))).gap(1, 0, errors=1.96)
        for seed in range(8)
    ]
    assert sum(gap.errors < -1.96 for gap in fits) >= 7
    assert np.mean([gap.value for gap in fits]) == pytest.approx(logit(0.05) - logit(0.08), abs=0.15)


def test_a_lower_threshold_where_there_is_more_to_find_is_found_when_it_is_beyond_what_is_stated() -> None:
    """Visited from 3 instead of 8 of a hundred, with twice as much to find: a difference that is further than the smallest one stated is found."""
    fits = [
        fit_thresholds(decisions(np.random.default_rng(seed), (0.03, 0.06), (0.08, 0.03))) for seed in range(40, 44)
    ]
    true = logit(0.03) - logit(0.08)
    beyond = [fit for fit in fits if true < fit.detectable(1, 0, errors=1.96)[0]]
    assert beyond
    assert all(fit.gap(1, 0, errors=1.96).errors < -1.96 for fit in beyond)


def test_one_area_does_not_tell_the_signal() -> None:
    """Two figures of one area cannot tell share, signal and threshold apart: the signal is left nearly as open as it was."""
    fit = fit_thresholds(
        Decisions(np.array([[4.0, 40, 300], [5, 50, 290]]), np.arange(2), np.zeros(2, int), np.arange(2))
    )
    assert fit.signal.max() < SIGNAL


def test_rows_become_decisions(scores_from: Callable[..., Scores]) -> None:
    """Chosen visits count, a visit by lot does not; two bands of areas."""
    scores = scores_from(
        {"m": [0.0] * 6},
        [np.nan] * 6,
        context={"side": list("aaabbb"), "area_code": ["1", "1", "2", "1", "2", "2"]},
        audit=("side",),
    )
    sample = sample_of(scores, lists="whole_window", cluster_by="unit_id")
    visited = Visited(
        np.array([0, 1, 3]), np.array([1.0, 0.0, 1.0]), np.array(["2024-01-02"] * 3, "datetime64[ns]"),
        np.array(["risk", "signal", "random"]), np.array(["i"] * 3),
    )  # fmt: skip
    made = decisions_of(sample, visited, sample.groupings[0], np.array([0, 1]), areas=2)
    table = np.zeros((2, 2, 3))
    np.add.at(table, (made.group, made.area), made.counts)
    assert table.tolist() == [[[1, 1, 0], [0, 0, 1]], [[0, 0, 1], [0, 0, 2]]]


def test_scheduled_visits_have_no_threshold(scores_from: Callable[..., Scores]) -> None:
    """Nobody chose; the reason is given, and both checks say so."""
    sample = sample_of(
        scores_from({"m": [0.0, 1.0]}, [1.0, 0.0], context={"side": ["a", "b"]}, audit=("side",)),
        lists="whole_window",
        cluster_by="unit_id",
    )
    told = list(threshold_estimates(sample, None, areas=3, minimum=1, level=0.95, unknown=UNKNOWN))
    assert {e.note for e in told} == {"scheduled"}
    assert [(f.code, f.verdict) for f in check_thresholds(told, level=0.95)] == [
        ("TK213", "not_applicable"),
        ("TK214", "not_applicable"),
    ]


def told(errors: float, hit: tuple[float, float]) -> list[Estimate]:
    """A threshold so many standard errors apart, and a gap in hit rate."""
    where = {"group": "side=b", "at": "versus=a"}
    return [
        Estimate("", "visit_threshold", 0.05, 0.03, 0.08, n=100, level=0.95, group="side=b"),
        Estimate(
            "",
            "visit_threshold_gap",
            0.01 * errors,
            0.01 * errors - 0.02,
            0.01 * errors + 0.02,
            n=100,
            level=0.95,
            **where,
        ),
        Estimate("", "visit_threshold_errors", errors, n=100, **where),
        Estimate("", GAP, sum(hit) / 2, *hit, n=100, level=0.95, group="side=b", at=CHOSEN),
    ]


@pytest.mark.parametrize(
    ("errors", "hit", "verdicts"),
    [
        (-4.0, (-0.05, -0.01), ("found", "not_found")),
        (0.3, (0.01, 0.05), ("not_found", "found")),
        (-4.0, (0.01, 0.05), ("found", "found")),
        (0.3, (-0.02, 0.03), ("not_found", "not_found")),
    ],
    ids=["both lower", "hit rate only", "opposite", "neither"],
)
def test_two_tests_agree_or_not(errors: float, hit: tuple[float, float], verdicts: tuple[str, str]) -> None:
    """A hit rate that differs where the threshold does not, or the other way, is infra-marginality."""
    assert tuple(f.verdict for f in check_thresholds(told(errors, hit), level=0.95)) == verdicts


@pytest.mark.parametrize(("others", "chance"), [(0, 0.0455), (3, 0.1820), (30, 1.0)])
def test_the_chance_of_a_difference_counts_all_that_are_looked_at(others: int, chance: float) -> None:
    """Two standard errors alone are rare (0.0455, a table of the normal distribution); among four they are not, and TK213 says the same."""
    two = told(2.0, (-0.02, 0.03))
    rest = [replace(e, group=f"side={i}") for i in range(others) for e in told(0.1, (-0.02, 0.03))]
    first = next(chances_of_gaps([*two, *rest]))
    assert (first.id, first.value) == (
        "/visit_threshold_gap_chance/side=b/versus=a/all/labelled",
        pytest.approx(chance, abs=1e-4),
    )
    verdict = next(f for f in check_thresholds([*two, *rest], level=0.95) if f.code == "TK213").verdict
    assert verdict == ("found" if chance < 0.05 else "not_found")


def of_groups(errors: Sequence[float], hits: Sequence[float]) -> list[Estimate]:
    """Thresholds and hit rates of several groups so many standard errors apart from those of the largest."""
    out = []
    for number, (z, hit) in enumerate(zip(errors, hits, strict=True)):
        ends = (0.01 * (hit - 1.96), 0.01 * (hit + 1.96))
        out += [
            replace(e, group=f"side={number}", value=0.01 * hit if e.metric == GAP else e.value) for e in told(z, ends)
        ]
    return out


def test_hit_rates_of_many_groups_are_corrected_for_how_many_are_looked_at() -> None:
    """Where nothing differs, of one group, of two, of eight or of sixteen, no more than five in a hundred are told."""
    rng = np.random.default_rng(5)
    for groups in (1, 2, 8, 16):
        said = [
            [f.verdict for f in check_thresholds(of_groups(*rng.normal(size=(2, groups))), level=0.95)]
            for _ in range(1_000)
        ]
        for verdicts in zip(*said, strict=True):
            assert verdicts.count("found") / 1_000 < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 1_000)


def test_the_clearest_hit_rate_is_the_one_that_is_told() -> None:
    """Of three groups the first leaves zero out by itself, but not when three are looked at; where the last does too, that one is named."""
    hits = [2.2, 1.0, 0.1], [2.2, 1.0, 4.0]
    first, second = (
        next(f for f in check_thresholds(of_groups([0.1] * 3, hit), level=0.95) if f.code == "TK214") for hit in hits
    )
    assert (first.verdict, first.facts["group"]) == ("not_found", "0")
    assert (second.verdict, second.facts["group"], second.facts["looked_at"]) == ("found", "2", 3)


def test_a_threshold_that_differs_the_same_way_is_no_contradiction_for_any_group() -> None:
    """Of two groups both lower in hit rate and threshold nothing is told; turned round for one, that one is."""
    same = list(check_thresholds(of_groups([-4.0, -4.0], [-4.0, -4.0]), level=0.95))
    turned = list(check_thresholds(of_groups([-4.0, -4.0], [-4.0, 4.0]), level=0.95))
    assert [f.verdict for f in same] == ["found", "not_found"]
    assert [(f.verdict, f.facts["group"]) for f in turned if f.code == "TK214"] == [("found", "1")]
