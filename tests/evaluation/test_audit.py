"""Audits of groups, combinations of attributes and areas: counted by hand, against other roads, and where the truth is known."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.audit import audit_estimates, lengths, listed_statistic, whole_statistic
from tegenkracht.evaluation.bootstrap import Resampled, draw
from tegenkracht.evaluation.capacity import list_statistic
from tegenkracht.evaluation.counting import Counting
from tegenkracht.evaluation.crossings import groups_of
from tegenkracht.evaluation.families import Share, worth_of_groups
from tegenkracht.evaluation.sample import Sample, sample_of

NAN = float("nan")


def audited(scores: Scores, *, capacity: int, crossed: bool = False, **changed: object) -> dict[str, Estimate]:
    """Every estimate of the audit of model `m`, by id."""
    asked: dict[str, object] = {
        **{"probability": True, "lists": "per_as_of", "cluster_by": "unit_id", "minimum": 10, "replicates": 200},
        **{"level": 0.95, "seed": 1, "threads": 1, "progress": silent},
        "intersections": [scores.audit] if crossed else [],
    }
    return {e.id: e for e in audit_estimates(scores, model="m", capacity=capacity, **{**asked, **changed})}


def simulated(scores_from, *, n: int = 1_000, ties: bool = False, seed: int = 1) -> Scores:
    """Places of two attributes, two thirds of them visited."""
    rng = np.random.default_rng(seed)
    outcome = np.where(rng.random(n) < 1 / 3, NAN, rng.random(n) < 0.3)
    score = np.clip(0.7 * rng.random(n) + 0.3 * np.nan_to_num(outcome), 0, 1)
    context = {"wealth": rng.choice(["high", "low"], n), "side": rng.choice(["east", "west"], n, p=[0.7, 0.3])}
    score = score.round(1) if ties else score
    return scores_from({"m": score}, outcome, context=context, audit=("wealth", "side"))


def sample(scores: Scores) -> Sample:
    """The rows of these scores, each a cluster."""
    return sample_of(scores, lists="per_as_of", cluster_by="unit_id")


@pytest.mark.parametrize("ties", [False, True])
def test_the_walk_over_many_lengths_is_that_over_one(scores_from, ties):
    """At every length the groups hold what the walk for one capacity says, in the data and in resamples, to the last bit but two."""
    rows = sample(simulated(scores_from, ties=ties))
    groups, sizes = groups_of(rows, intersections=[], minimum=10), (50, 100, 200, 400)
    walk = listed_statistic(rows, rows.scores["m"], groups, Counting.plain(rows), sizes=sizes)
    drawn = draw(np.random.default_rng(2), clusters=rows.clusters, replicates=5)
    found = walk(drawn)
    for k, size in enumerate(sizes):
        one = list_statistic(rows, rows.scores["m"], sizes=[size], capacity=size)(drawn)[:, -12:]
        assert found[:, k].reshape(5, -1) == pytest.approx(one, abs=1e-9)


def test_what_a_row_counts_for_is_passed_in(scores_from):
    """Doubling the weight of every visit doubles visits and findings, and leaves lengths as they are."""
    rows = sample(simulated(scores_from))
    groups, once = groups_of(rows, intersections=[], minimum=10), Counting.plain(rows)
    twice = Counting(once.everyone, 2 * once.seen, 2 * once.found)
    drawn = draw(np.random.default_rng(3), clusters=rows.clusters, replicates=2)
    for make in (listed_statistic, whole_statistic):
        more = {"sizes": (100,)} if make is listed_statistic else {}
        a, b = (make(rows, rows.scores["m"], groups, counting, **more)(drawn) for counting in (once, twice))
        assert b[..., 0] == pytest.approx(a[..., 0])
        assert b[..., 1:3] == pytest.approx(2 * a[..., 1:3])


def test_combinations_are_counted_as_a_table_says(scores_from):
    """Rows, flags and expected over found of each combination of two attributes, by plain counting."""
    scores = simulated(scores_from)
    found, rows = audited(scores, capacity=200, crossed=True), scores.of("m")
    flagged = rows["score"].rank(ascending=False) <= 200
    for wealth, side in product(["high", "low"], ["east", "west"]):
        own = (rows["wealth"] == wealth) & (rows["side"] == side)
        seen = own & rows["observed"]
        about = f"wealth*side={wealth}*{side}"
        listed = found[f"m/selection_rate/{about}/capacity=200/all/sample"]
        assert (listed.value, listed.n) == (pytest.approx(flagged[own].mean()), own.sum())
        assert found[f"/inspected_share/{about}//all/sample"].value == pytest.approx(rows["observed"][own].mean())
        ratio = rows.loc[seen, "score"].sum() / rows.loc[seen, "outcome"].sum()
        assert found[f"m/expected_observed_ratio/{about}//all/labelled"].value == pytest.approx(ratio)
        wrong = flagged[seen & (rows["outcome"] == 0)].mean()
        assert found[f"m/false_positive_rate/{about}/capacity=200/all/labelled"].value == pytest.approx(wrong)


def test_lists_are_looked_at_from_half_the_capacity_to_four_times(scores_from):
    """Longer lists flag a larger share of every group; what the study itself measures at capacity is not said again."""
    found = audited(simulated(scores_from), capacity=200)
    shares = [found[f"m/selection_rate/wealth=low/capacity={k}/all/sample"].value for k in (100, 400, 800)]
    assert shares == sorted(shares)
    assert "m/selection_rate/wealth=low/capacity=200/all/sample" not in found
    assert lengths(100, longest=60) == (50, 60, 100)


@pytest.mark.parametrize(
    ("visits", "expected"),
    [
        (
            {"high": 6, "mid": 6, "low": 20},
            {"high": "base_under_minimum", "mid": "base_under_minimum", "low": "reference_withheld"},
        ),
        (
            {"high": 20, "mid": 6, "low": 6},
            {"high": "no_other_group", "mid": "base_under_minimum", "low": "base_under_minimum"},
        ),
    ],
    ids=["the largest has too few", "all others have too few"],
)
def test_groups_that_cannot_be_compared_each_say_why(scores_from, visits: dict[str, int], expected: dict[str, str]):
    """Where no gap can be given every group still has its figure and its gap, without a number and with a reason."""
    sizes = {"high": 60, "mid": 40, "low": 40}
    wealth = [group for group, size in sizes.items() for _ in range(size)]
    outcome = [float(i % 2) if i < visits[group] else NAN for group, size in sizes.items() for i in range(size)]
    scores = scores_from({"m": np.linspace(0, 1, 140)}, outcome, context={"wealth": wealth}, audit=("wealth",))
    found = audited(scores, capacity=20)
    rates = {group: found[f"/finding_rate/wealth={group}//all/pooled"] for group in sizes}
    assert {group: e.note for group, e in rates.items()} == expected
    for group in ("mid", "low"):
        for part in ("gap", "smallest_gap_up", "smallest_gap_down", "gap_chance"):
            e = found[f"/finding_rate_{part}/wealth={group}/versus=high/all/apart"]
            assert (e.note, e.value, e.n) == (expected[group], None, 0)
    assert found["/inspected_share/wealth=low//all/pooled"].value is not None


def test_a_small_combination_and_one_to_hide_it_are_left_out(scores_from):
    """Four places in one cell: that cell, another of its row, one of its column, and so the fourth."""
    wealth = ["high"] * 60 + ["low"] * 40
    side = ["east"] * 30 + ["west"] * 30 + ["east"] * 36 + ["west"] * 4
    context = {"wealth": wealth, "side": side}
    scores = scores_from({"m": np.linspace(0, 1, 100)}, [0, 1] * 50, context=context, audit=("wealth", "side"))
    found = audited(scores, capacity=20, crossed=True)
    cells = [e for e in found.values() if e.metric == "inspected_share" and e.group.startswith("wealth*side=")]
    assert {(e.note, e.n) for e in cells} == {("group_under_minimum", 0)}


def test_one_sector_is_no_group_and_two_are(scores_from):
    """A study of one sector has nothing to compare."""
    rng = np.random.default_rng(4)
    context = {"a": ["x", "y"] * 100, "sector": ["marina", "club"] * 100}
    scores = scores_from({"m": rng.random(200)}, rng.integers(0, 2, 200), context=context, audit=("a",))
    assert "m/selection_rate/sector=marina/capacity=50/all/sample" in audited(scores, capacity=50)
    assert not any(e.group.startswith("sector=") for e in audited(simulated(scores_from), capacity=50).values())


def test_independent_answers_are_worth_their_number():
    """Bootstrap replicates of a plain binomial: as many answers as rows, within what a thousand replicates allow."""
    rng = np.random.default_rng(5)
    n, p = np.array([400.0, 900.0]), np.array([0.3, 0.4])
    drawn = rng.binomial(n.astype(int), p, (4_000, 2))
    share = Share(Resampled(n * p, drawn.astype(float)), Resampled(n, np.broadcast_to(n, drawn.shape)))
    worth = worth_of_groups(share, np.arange(2), 1)
    assert worth.alone == pytest.approx(n, rel=0.06)
    assert worth.apart[0] == pytest.approx(n[0], rel=0.08)


def test_answers_in_clusters_are_worth_the_number_of_clusters():
    """Each answer ten times over: a tenth of the rows."""
    rng = np.random.default_rng(6)
    n, p = np.array([4_000.0, 9_000.0]), np.array([0.3, 0.4])
    drawn = 10 * rng.binomial((n / 10).astype(int), p, (4_000, 2))
    share = Share(Resampled(n * p, drawn.astype(float)), Resampled(n, np.broadcast_to(n, drawn.shape)))
    assert worth_of_groups(share, np.arange(2), 1).alone == pytest.approx(n / 10, rel=0.06)


def test_what_moves_both_groups_does_not_blur_their_gap():
    """Both rates shift together from replicate to replicate: each by itself is worth little, their gap much more."""
    rng = np.random.default_rng(7)
    n = np.array([1_000.0, 1_000.0])
    together = 0.05 * rng.standard_normal((4_000, 1))
    shares = np.array([0.3, 0.4]) + together + 0.005 * rng.standard_normal((4_000, 2))
    share = Share(Resampled(n * [0.3, 0.4], n * shares), Resampled(n, np.broadcast_to(n, shares.shape)))
    worth = worth_of_groups(share, np.arange(2), 1)
    assert (worth.alone < 110).all()
    assert worth.apart[0] == 1_000


def test_gaps_come_with_what_could_be_seen_and_what_chance_gives(scores_from):
    """A gap, the smallest that could be seen, and its chance stand under one name; the widest of all beside what chance gives."""
    found = audited(simulated(scores_from), capacity=200)
    at = "wealth=low/capacity=200,versus=high/all/apart"
    parts = ("gap", "smallest_gap_up", "smallest_gap_down", "gap_chance")
    gap, up, down, chance = (found[f"m/selection_rate_{part}/{at}"] for part in parts)
    assert gap.low < gap.value < gap.high
    assert 0 < down.value < up.value < 0.2
    assert 0 <= chance.value <= 1
    widest = found["m/selection_rate_largest_gap//capacity=200,by=wealth/all/sample"]
    shares = audited(simulated(scores_from), capacity=100)
    assert widest.value == pytest.approx(
        abs(
            np.subtract(
                *[shares[f"m/selection_rate/wealth={v}/capacity=200/all/sample"].value for v in ("high", "low")]
            )
        )
    )


def test_a_planted_gap_is_shown_and_none_raises_no_alarm(scores_from):
    """Sixty worlds: flags of one group thirty points more often, twenty times the same; Holm's chance at most 0.05 in nearly all, in few."""
    alarms = {0.0: [], 0.3: []}
    for seed, planted in product(range(30), alarms):
        rng = np.random.default_rng(seed)
        a = rng.choice(["x", "y", "z"], 300)
        score = rng.random(300) + planted * (a == "z")
        scores = scores_from({"m": score}, rng.random(300) < 0.3, context={"a": a}, audit=("a",))
        found = audited(scores, capacity=100, probability=False, seed=seed)
        chances = [e.value for e in found.values() if e.metric == "selection_rate_gap_chance"]
        alarms[planted].append(min(chances) < 0.05)
    assert np.mean(alarms[0.0]) <= 0.1
    assert np.mean(alarms[0.3]) >= 0.9


def test_a_unit_counts_once_in_its_area_and_small_areas_are_left_out(scores_from):
    """Twelve units on two dates in one area, fifteen in another, seven and six in the rest: n counts units, and small areas hide."""
    unit = [f"u{i}" for i in range(40)] * 2
    area = (["a"] * 12 + ["b"] * 15 + ["c"] * 7 + ["d"] * 6) * 2
    context = {"area_code": area, "g": ["x", "y"] * 40}
    dates = ["2024-01-01"] * 40 + ["2024-04-01"] * 40
    scores = scores_from(
        {"m": np.linspace(0, 1, 80)}, [0, 1] * 40, unit=unit, as_of=dates, context=context, audit=("g",)
    )
    found = audited(scores, capacity=5)
    assert found["m/selection_rate/area_code=a/capacity=5/all/pooled"].n == 12
    assert found["m/selection_rate/area_code=b/capacity=5/all/pooled"].n == 15
    assert {found[f"m/selection_rate/area_code={v}/capacity=5/all/pooled"].note for v in "cd"} == {
        "group_under_minimum"
    }


def test_the_same_seed_gives_the_same_numbers_whatever_the_threads(scores_from):
    """Not a byte differs."""
    scores = simulated(scores_from)
    assert audited(scores, capacity=100, threads=1) == audited(scores, capacity=100, threads=3)


def test_without_audit_attributes_nothing_is_audited(scores_from):
    """A study that names no groups gets none."""
    assert audited(scores_from({"m": [0.1, 0.2]}, [0, 1]), capacity=1) == {}
