"""Equal scores beside findings, and two looks at one place: by hand, beside scikit-learn, and with a planted gap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.metrics import cohen_kappa_score

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.scores import Scores
from tegenkracht.core.wilson import wilson_interval
from tegenkracht.evaluation.bootstrap import everything_once
from tegenkracht.evaluation.contrast import Contrast, contrasts
from tegenkracht.evaluation.label_audit import (
    BEFORE_APPEAL,
    EQUAL,
    EQUAL_LOT,
    GAP,
    SEVERE,
    Looks,
    agreement_estimates,
    agreement_statistic,
    band_of,
    by_whom,
    check_labels,
    gap_estimates,
    gap_statistic,
    second_looks,
)
from tegenkracht.evaluation.sample import UNKNOWN, Sample, sample_of
from tegenkracht.evaluation.visited import Visited, visited_once

Build = Callable[..., Scores]


def sampled(scores: Scores) -> Sample:
    """Test rows, resampled by unit."""
    return sample_of(scores, lists="whole_window", cluster_by="unit_id")


def test_the_gap_at_equal_scores_is_that_of_mantel_and_haenszel() -> None:
    """Low band: 1 of 2 against 1 of 4; high band: 2 of 2 against 1 of 2. (1x4-1x2)/6 + (2x2-1x2)/4 over 8/6 + 4/4."""
    positive = np.array([1, 0, 1, 0, 0, 0, 1, 1, 1, 0], float)
    member = np.array([1, 1, 0, 0, 0, 0, 1, 1, 0, 0], bool)
    band = np.repeat([0, 1], [6, 4])
    statistic = gap_statistic(
        positive, band, [Contrast("a=b", member, ~member)], np.arange(10), np.arange(10, dtype=np.int32)
    )
    inside, rest, gap = statistic(everything_once(10))[0, 0]
    assert (inside, rest) == (3 / 4, 2 / 6)
    assert gap == pytest.approx((2 / 6 + 2 / 4) / (8 / 6 + 4 / 4))


def test_bands_hold_equal_numbers_and_equal_scores_share_one() -> None:
    """Ten scores in five bands; a tie is not cut."""
    assert band_of(np.arange(10.0), np.zeros(10, int), bands=5).tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert np.unique(band_of(np.ones(10), np.zeros(10, int), bands=5)).size == 1


def test_a_visit_counts_once_with_the_last_list_before_it(scores_from: Build) -> None:
    """It stands on two lines, for two as-of dates; the later one keeps it."""
    scores = scores_from({"m": [0.1, 0.2]}, [1.0, 1.0], as_of=["2024-01-01", "2024-04-01"], unit=["u", "u"])
    lines = pd.DataFrame(
        {
            "row_id": ["r00000", "r00001"],
            "inspection_id": ["v", "v"],
            "inspected_on": pd.to_datetime(["2024-05-01"] * 2),
            "channel": [None, None],
            "inspector": ["i", "i"],
            "positive": [1.0, 1.0],
        }
    )
    once = visited_once(lines, sampled(scores))
    assert (once.row.tolist(), once.positive.tolist(), once.channel.tolist()) == ([1], [1.0], [UNKNOWN])


def test_scheduled_rows_are_their_own_visits(scores_from: Build) -> None:
    """A row without an outcome is no visit."""
    scores = scores_from({"m": [0.1, 0.2, 0.3]}, [1.0, np.nan, 0.0], context={"inspector": ["i", "j", None]})
    once = visited_once(None, sampled(scores))
    assert (once.row.tolist(), once.positive.tolist(), once.inspector.tolist()) == ([0, 2], [1.0, 0.0], ["i", UNKNOWN])


def process(scores_from: Build, seed: int, gap: float) -> tuple[Sample, Visited]:
    """Two thousand visited places; `gap` is added to what is found in group b, whatever the score."""
    rng = np.random.default_rng(seed)
    n = 2000
    side = np.where(rng.random(n) < 0.4, "b", "a")
    score = rng.normal(size=n) + 0.5 * (side == "b")
    found = rng.random(n) < np.clip(expit(-2 + score) + gap * (side == "b"), 0, 1)
    lot = np.where(rng.random(n) < 0.5, "random", "risk")
    scores = scores_from({"m": score}, found.astype(float), context={"side": side, "channel": lot}, audit=("side",))
    sample = sampled(scores)
    return sample, visited_once(None, sample)


def audited(sample: Sample, visited: Visited, seed: int = 1) -> list[Estimate]:
    """The gaps of a process."""
    return list(
        gap_estimates(
            sample,
            visited,
            tuple(contrasts(sample.groupings, minimum=10, unknown=UNKNOWN)),
            model="m",
            capacity=100,
            bands=10,
            minimum=10,
            replicates=200,
            level=0.95,
            seed=seed,
            threads=1,
        )
    )


def test_a_planted_gap_is_recovered_and_none_is_not_invented(scores_from: Build) -> None:
    """Group b scores higher and so is found more often; at equal scores only the planted ten points remain."""
    for gap, verdict in ((0.0, "not_found"), (0.10, "found")):
        told = audited(*process(scores_from, 11, gap))
        equal = next(e for e in told if e.metric == GAP and e.at == EQUAL)
        assert equal.low is not None
        assert equal.low <= gap <= (equal.high or 0)
        every, lot, _ = check_labels(told, model="m", level=0.95)
        assert (every.code, every.verdict, every.facts["by"], lot.facts["by"]) == (
            "TK212",
            verdict,
            "every_visit",
            "lot",
        )
    raw = next(e for e in told if e.metric == GAP and e.at == "visits=all")
    assert (raw.value or 0) > (equal.value or 0)


def test_each_gap_has_its_chance_and_the_check_reads_that_of_the_widest(scores_from: Build) -> None:
    """Beside every gap that has an interval; the smallest of them is that of the form."""
    told = [e for e in audited(*process(scores_from, 5, 0.03)) if e.at == EQUAL]
    gaps = [e for e in told if e.metric == "found_gap" and e.low is not None]
    chances = {e.group: e.value for e in told if e.metric == "found_gap_chance"}
    assert set(chances) == {"", *(e.group for e in gaps)}
    assert chances[""] == min(chances.values())


def test_other_outcomes_of_a_visit_are_asked_at_equal_scores_too(scores_from: Build) -> None:
    """As often found in both groups; what is found in b is heavy more often, and an appeal takes more of it away."""
    sample, visited = process(scores_from, 11, 0.0)
    in_b = sample.groupings[0].of_row[visited.row] == sample.groupings[0].values.index("b")
    rng = np.random.default_rng(5)
    found, u = visited.positive > 0, rng.random(visited.row.size)
    heavy = found & (u < np.where(in_b, 0.6, 0.1))
    told = replace(
        visited,
        severity=np.where(found, np.where(heavy, 3.0, 1.0), np.nan),
        overturned=~found & (u < np.where(in_b, 0.2, 0.02)),
    )
    gaps = {e.at: e for e in audited(sample, told) if e.metric == GAP and e.group == "side=b"}
    assert (gaps[EQUAL].low or 0) <= 0 <= (gaps[EQUAL].high or 0)
    assert (gaps[SEVERE].low or 0) > 0.04
    assert (gaps[BEFORE_APPEAL].low or 0) > 0.05


def test_outcomes_that_no_table_tells_are_not_asked(scores_from: Build) -> None:
    """Without appeals and severity there is one outcome; with one severity for all nothing is heavier than the middle one."""
    sample, visited = process(scores_from, 11, 0.0)
    assert not {SEVERE, BEFORE_APPEAL} & {e.at for e in audited(sample, visited)}
    assert replace(visited, severity=np.where(visited.positive > 0, 2.0, np.nan)).severe is None
    assert replace(visited, positive=visited.positive * 0, severity=np.full(visited.row.size, 3.0)).severe is None


def test_severity_and_appeals_come_from_the_table_of_visits(scores_from: Build) -> None:
    """Three visits: a heavy finding, a light one, and one that an appeal took away."""
    scores = scores_from({"m": [0.1, 0.2, 0.3]}, [1.0, 1.0, 0.0], unit=["u", "v", "w"])
    lines = pd.DataFrame(
        {
            "row_id": ["r00000", "r00001", "r00002"],
            "inspection_id": ["x", "y", "z"],
            "inspected_on": pd.to_datetime(["2024-05-01"] * 3),
            "channel": [None] * 3,
            "inspector": ["i"] * 3,
            "positive": [1.0, 1.0, 0.0],
            "severity": [3.0, 1.0, np.nan],
            "appeal": [None, None, "overturned"],
        }
    )
    once = visited_once(lines, sampled(scores))
    assert once.severe is not None
    assert once.before_appeal is not None
    assert (once.severe.tolist(), once.before_appeal.tolist()) == ([1.0, 0.0, 0.0], [1.0, 1.0, 1.0])


def test_without_a_gap_few_processes_raise_an_alarm(scores_from: Build) -> None:
    """Forty processes without a gap: at 5 % two are expected, and six or more is rarer than one in a hundred."""
    verdicts = [
        next(iter(check_labels(audited(*process(scores_from, seed, 0.0), seed), model="m", level=0.95))).verdict
        for seed in range(40)
    ]
    assert verdicts.count("found") < 6


def test_few_expected_findings_give_a_reason_instead(scores_from: Build) -> None:
    """Twenty visits by lot with one finding say nothing of a gap."""
    scores = scores_from(
        {"m": np.arange(40.0)},
        [1.0] + [0.0] * 39,
        context={"side": ["a", "b"] * 20, "channel": ["random"] * 40},
        audit=("side",),
    )
    sample = sampled(scores)
    told = audited(sample, visited_once(None, sample))
    assert {e.note for e in told if e.metric == GAP and e.at == EQUAL_LOT} == {"base_under_minimum"}
    assert [f.verdict for f in check_labels(told, model="m", level=0.95)] == ["not_applicable"] * 3


def test_shares_per_inspector_are_counted_and_small_cells_withheld(scores_from: Build) -> None:
    """Inspector i went to b twelve times and found three; j went twice."""
    scores = scores_from(
        {"m": np.arange(30.0)},
        [1.0] * 3 + [0.0] * 27,
        context={"side": ["b"] * 14 + ["a"] * 16, "inspector": ["i"] * 12 + ["j"] * 2 + ["i"] * 16},
        audit=("side",),
    )
    sample = sampled(scores)
    chosen = tuple(contrasts(sample.groupings, minimum=10, unknown=UNKNOWN))
    told = {e.at: e for e in by_whom(sample, visited_once(None, sample), chosen, minimum=10, level=0.95)}
    assert (told["inspector=i"].value, told["inspector=i"].n) == (0.25, 12)
    assert told["inspector=j"].note == "base_under_minimum"
    assert told["inspector=j"].n == 0


def test_a_cell_that_would_tell_the_only_small_one_is_withheld_too(scores_from: Build) -> None:
    """Of one inspector thirty visits to a, twelve to b and four to c: what is left of all visits would be c, so that b goes too."""
    sides = ["a"] * 30 + ["b"] * 12 + ["c"] * 4 + ["c"] * 20
    scores = scores_from(
        {"m": [1.0] * 66},
        [1.0, 0.0] * 33,
        context={"side": sides, "inspector": ["i"] * 46 + ["j"] * 20},
        audit=("side",),
    )
    sample = sampled(scores)
    chosen = tuple(contrasts(sample.groupings, minimum=10, unknown=UNKNOWN))
    told = {(e.group, e.at): e for e in by_whom(sample, visited_once(None, sample), chosen, minimum=10, level=0.95)}
    assert [told[f"side={side}", "inspector=i"].is_known for side in "abc"] == [True, False, False]


def of_strips(rng: np.random.Generator, alike: float) -> tuple[np.ndarray, ...]:
    """Forty-eight strips of unequal size with rates around 0.05, so alike within a strip; groups and inspectors follow strips."""
    size = rng.lognormal(0, 0.8, 48)
    strip = rng.choice(48, 2_000, p=size / size.sum())
    rate = rng.beta(0.05 * (1 / alike - 1), 0.95 * (1 / alike - 1), 48) if alike else np.full(48, 0.05)
    side, inspector = rng.random(48), rng.dirichlet(np.ones(3), 48).cumsum(1)
    lot = rng.random((3, 2_000))
    return strip, lot[0] < side[strip], (lot[1][:, None] > inspector[strip]).sum(1), lot[2] < rate[strip]


@pytest.mark.parametrize("alike", [0.0, 0.06])
def test_findings_of_an_inspector_are_held_where_those_of_a_strip_are_alike(scores_from: Build, alike: float) -> None:
    """In nearly 95 of 100 cells the interval holds the rate; Wilson's at the number of visits does not where findings are clustered."""
    held, at_visits = [], []
    for seed in range(60):
        strip, member, inspector, found = of_strips(np.random.default_rng([seed, 8]), alike)
        context = {
            "side": np.where(member, "a", "b"),
            "inspector": inspector.astype(str),
            "cluster_id": strip.astype(str),
        }
        scores = scores_from({"m": np.zeros(strip.size)}, found.astype(float), context=context, audit=("side",))
        sample = sample_of(scores, lists="whole_window", cluster_by="cluster_id")
        chosen = [Contrast("side=a", member, ~member), Contrast("side=b", ~member, member)]
        for e in by_whom(sample, visited_once(None, sample), chosen, minimum=10, level=0.95):
            if e.value is not None and e.at.startswith("inspector="):
                low, high = wilson_interval(e.value, e.n, level=0.95)
                held.append(e.low <= 0.05 <= e.high)
                at_visits.append(low <= 0.05 <= high)
    assert len(held) > 300
    assert 0.92 < np.mean(held) < 0.98
    assert (np.mean(at_visits) < 0.88) == (alike > 0)


# ---------------------------------------------------------------- two looks


def test_a_second_look_is_soon_and_by_somebody_else(scores_from: Build) -> None:
    """Of four pairs of visits one is too late, one by the same inspector, one at another place."""
    sample = sampled(scores_from({"m": [1.0] * 3}, [1.0] * 3, unit=["u", "v", "w"]))
    on = np.array(
        ["2024-01-01", "2024-01-05", "2024-01-01", "2024-03-01", "2024-01-01", "2024-01-03"], "datetime64[ns]"
    )
    visited = Visited(
        np.array([0, 0, 1, 1, 2, 2]),
        np.array([1.0, 0, 1, 1, 0, 0]),
        on,
        np.full(6, "risk"),
        np.array(["i", "j", "i", "j", "i", "i"]),
    )
    looks = second_looks(visited, sample, within_days=14)
    assert (looks.row.tolist(), looks.first.tolist(), looks.second.tolist()) == ([0], [1.0], [0.0])


def test_kappa_is_that_of_scikit_learn_and_found_again_is_the_share_of_findings() -> None:
    """Two hundred pairs; found again = 2 both / (first + second)."""
    rng = np.random.default_rng(6)
    first = (rng.random(200) < 0.3).astype(float)
    second = np.where(rng.random(200) < 0.7, first, rng.random(200) < 0.3).astype(float)
    looks = Looks(np.arange(200), first, second)
    statistic = agreement_statistic(looks, [np.ones(200, bool)], np.arange(200, dtype=np.int32))
    kappa, again = statistic(everything_once(200))[0, 0]
    assert kappa == pytest.approx(cohen_kappa_score(first, second))
    assert again == pytest.approx(2 * (first * second).sum() / (first.sum() + second.sum()))


def test_a_gap_in_detection_shows_in_what_is_found_again(scores_from: Build) -> None:
    """A quarter has something; a visit sees 0.8 of it in b and 0.4 in a: found again is 0.8 and 0.4."""
    rng = np.random.default_rng(7)
    n = 4000
    side = np.where(rng.random(n) < 0.5, "b", "a")
    sample = sampled(scores_from({"m": rng.normal(size=n)}, [0.0] * n, context={"side": side}, audit=("side",)))
    there, sees = rng.random(n) < 0.25, np.where(side == "b", 0.8, 0.4)
    looks = Looks(
        np.arange(n), (there & (rng.random(n) < sees)).astype(float), (there & (rng.random(n) < sees)).astype(float)
    )
    member = side == "b"
    told = list(
        agreement_estimates(
            looks,
            sample,
            [Contrast("side=b", member, ~member)],
            minimum=10,
            replicates=200,
            level=0.95,
            seed=1,
            threads=1,
        )
    )
    gap = next(e for e in told if e.metric == "found_again_gap")
    assert gap.low is not None
    assert gap.low <= 0.4 <= (gap.high or 0)
    assert gap.low > 0.2
    kappa = [f for f in check_labels(told, model="m", level=0.95) if f.code == "TK216"]
    assert (kappa[0].verdict, kappa[0].facts["pairs"]) == ("not_found", 4000) or kappa[0].facts["kappa"] < 0.6


def test_too_few_pairs_give_a_reason(scores_from: Build) -> None:
    """Ten pairs say nothing."""
    sample = sampled(scores_from({"m": [1.0] * 10}, [1.0] * 10))
    looks = Looks(np.arange(10), np.ones(10), np.ones(10))
    told = list(agreement_estimates(looks, sample, [], minimum=10, replicates=100, level=0.95, seed=1, threads=1))
    assert [(e.metric, e.note) for e in told] == [("kappa", "few_second_looks")]
    (finding,) = (f for f in check_labels(told, model="m", level=0.95) if f.code == "TK216")
    assert (finding.verdict, finding.facts["reason"]) == ("not_applicable", "few_second_looks")


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_group_that_some_draws_leave_out_still_gets_a_verdict(scores_from: Build, seed: int) -> None:
    """Forty strips of twelve, of which four hold all of group b: now and then no strip of b is drawn."""
    rng = np.random.default_rng(seed)
    strip = np.repeat(np.arange(40), 12)
    side = np.where(strip < 4, "b", "a")
    score = rng.normal(size=480)
    scores = scores_from(
        {"m": score},
        (rng.random(480) < 0.3).astype(float),
        context={"side": side, "cluster_id": [f"s{s:02}" for s in strip]},
        audit=("side",),
    )
    sample = sample_of(scores, lists="whole_window", cluster_by="cluster_id")
    told = audited(sample, visited_once(None, sample))
    every = next(iter(check_labels(told, model="m", level=0.95)))
    assert every.verdict in ("found", "not_found")
    shown = next(e for e in told if e.metric == "found_gap_detectable" and e.at == EQUAL).value
    assert every.facts["by"] == ("every_visit" if shown is not None else "every_visit_none")
    assert every.facts.get("smallest") == (None if shown is None else round(100 * shown, 1))


def test_a_look_by_nobody_known_is_no_second_look(scores_from: Build) -> None:
    """Nobody can tell whether it was somebody else; the next look by another inspector is compared with nothing either."""
    sample = sampled(scores_from({"m": [1.0] * 2}, [1.0] * 2, unit=["u", "v"]))
    on = np.array(["2024-01-01", "2024-01-03", "2024-01-05", "2024-01-01", "2024-01-02"], "datetime64[ns]")
    visited = Visited(
        np.array([0, 0, 0, 1, 1]),
        np.array([1.0, 0, 1, 1, 1]),
        on,
        np.full(5, "risk"),
        np.array(["i", UNKNOWN, "j", "i", "j"]),
    )
    looks = second_looks(visited, sample, within_days=14)
    assert looks.row.tolist() == [1]
