"""The same figures in every way of counting: by hand on a few visits, and where the truth is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.wilson import wilson_interval
from tegenkracht.evaluation.propensity import Propensities
from tegenkracht.evaluation.sample import sample_of
from tegenkracht.evaluation.weighed import weigh
from tegenkracht.evaluation.weighted import weighted_estimates
from tegenkracht.evaluation.weighted_checks import check_weighted

Told = dict[tuple[str, str, str, str], Estimate]


@pytest.fixture(scope="module")
def told(scores_from) -> Callable[..., tuple[Told, tuple[Estimate, ...]]]:
    """Estimates of one model `m` by model, metric, method and group; and all of them."""

    def make(
        score: np.ndarray,
        visits: pd.DataFrame,
        propensities: Propensities | None,
        *,
        capacity: int,
        group: list[str] | None = None,
        probability: bool = True,
        visits_by: str = "unit_id",
    ) -> tuple[Told, tuple[Estimate, ...]]:
        audit = () if group is None else ("g",)
        context = None if group is None else {"g": group}
        scores = scores_from({"m": score}, [np.nan] * len(score), context=context, audit=audit)
        found = weighted_estimates(
            scores,
            weigh(visits, sample_of(scores, lists="per_as_of", cluster_by="unit_id"), propensities),
            propensities=propensities,
            probability_models=("m",) if probability else (),
            versus={},
            capacity=capacity,
            lists="per_as_of",
            visits_by=visits_by,
            minimum=10,
            replicates=200,
            level=0.95,
            seed=1,
            threads=1,
        )
        return {(e.model, e.metric, e.method, e.group): e for e in found}, found

    return make


def visits_of(
    rows: np.ndarray, positive: np.ndarray, *, chance: float | np.ndarray, channel: str | np.ndarray
) -> pd.DataFrame:
    """A visit of each of these rows."""
    return pd.DataFrame(
        {
            "row_id": [f"r{i:05d}" for i in rows],
            "inspection_id": [f"v{i}" for i in rows],
            "channel": channel,
            "propensity": chance,
            "positive": positive.astype(float),
        }
    )


def chances(chance: np.ndarray, seen: np.ndarray, outcome: np.ndarray, expected: np.ndarray) -> Propensities:
    """Chances and expectations as given."""
    n = len(chance)
    return Propensities(np.arange(n), chance, seen, np.where(seen, outcome, np.nan), expected, 0.01)


@pytest.fixture(scope="module")
def by_hand(told) -> tuple[Told, dict[str, np.ndarray]]:
    """Eighty rows of which sixty were visited, with unequal recorded and estimated chances, one probability as score, and two groups."""
    rng = np.random.default_rng(3)
    score = rng.permutation(80) / 100
    seen = np.arange(80) < 60
    outcome = (np.arange(80) % 3 == 0).astype(float)
    recorded = np.where(np.arange(60) % 2 == 0, 0.5, 0.1)
    estimated = np.where(np.arange(80) % 4 == 0, 0.8, 0.2)
    expected = np.full(80, 0.25)
    visits = visits_of(np.arange(60), outcome[:60], chance=recorded, channel="random")
    group = ["a" if i % 5 else "b" for i in range(80)]
    found, _ = told(score, visits, chances(estimated, seen, outcome, expected), capacity=55, group=group)
    weight = {"weighted": 1 / recorded, "audit": np.ones(60), "adjusted": 1 / estimated[:60]}
    listed = score >= np.sort(score)[-55]
    return found, {"score": score, "outcome": outcome, "listed": listed, "b": np.array(group) == "b", **weight}


@pytest.mark.parametrize("form", ["weighted", "audit", "adjusted"])
def test_every_form_is_the_same_figure_with_other_weights(by_hand, form) -> None:
    """Prevalence, precision and recall as weighted means; area and Brier score as scikit-learn gives them with these weights."""
    found, of = by_hand
    w, y, score, listed = of[form], of["outcome"][:60], of["score"][:60], of["listed"][:60]
    expected = {
        ("", "prevalence"): np.average(y, weights=w),
        ("m", "precision_at_capacity"): np.average(y[listed], weights=w[listed]),
        ("m", "precision_above_random"): np.average(y[listed], weights=w[listed]) - np.average(y, weights=w),
        ("m", "recall_at_capacity"): (w * y * listed).sum() / (w * y).sum(),
        ("m", "auc"): roc_auc_score(y, score, sample_weight=w),
        ("m", "brier"): brier_score_loss(y, score, sample_weight=w),
        ("m", "expected_observed_ratio"): (w * score).sum() / (w * y).sum(),
    }
    for (model, metric), value in expected.items():
        assert found[model, metric, form, ""].value == pytest.approx(value), metric
        assert found[model, metric, form, ""].low < value < found[model, metric, form, ""].high


def test_expected_over_found_wants_ten_findings_to_be_expected(told) -> None:
    """Sixty visits of which twenty found something, and scores that expect one: too few visits to tell, however many were found."""
    outcome = (np.arange(60) % 3 == 0).astype(float)
    visits = visits_of(np.arange(60), outcome, chance=0.5, channel="random")
    found, _ = told(np.linspace(0.01, 0.02, 80), visits, None, capacity=55)
    for form in ("weighted", "audit"):
        e = found["m", "expected_observed_ratio", form, ""]
        assert (e.value, e.note, e.n) == (None, "few_visits", 60)


@pytest.mark.parametrize("form", ["weighted", "adjusted"])
def test_errors_of_a_group_are_weighed_too(by_hand, form) -> None:
    """Of group a: on the list for nothing, and missed though there was something."""
    found, of = by_hand
    own = ~of["b"][:60]
    w, y, listed = of[form][own], of["outcome"][:60][own], of["listed"][:60][own]
    values = {
        "precision_at_capacity": np.average(y[listed], weights=w[listed]),
        "false_positive_rate": np.average(listed[y == 0], weights=w[y == 0]),
        "false_negative_rate": np.average(~listed[y == 1], weights=w[y == 1]),
    }
    for metric, value in values.items():
        assert found["m", metric, form, "g=a"].value == pytest.approx(value), metric
    assert found["m", "precision_at_capacity", form, "g=b"].note == "few_visits"


def test_a_gap_of_groups_is_that_of_their_rates(told) -> None:
    """Two groups of a hundred with half of each on the list; the second was visited half as often, so that its visits weigh twice as much."""
    number, group = np.arange(200), ["a"] * 101 + ["b"] * 99
    of_b = np.array(group) == "b"
    outcome = (number % 4 == 0) | (of_b & (number % 4 == 1) & (number % 3 == 0))
    visits = visits_of(number, outcome, chance=np.where(of_b, 0.25, 0.5), channel="risk")
    found, _ = told(-(number % 7).astype(float), visits, None, capacity=87, group=group, probability=False)
    for metric in ("precision_at_capacity", "false_positive_rate", "false_negative_rate"):
        one, other = (found["m", metric, "weighted", f"g={g}"] for g in "ba")
        gap = found["m", f"{metric}_gap", "weighted", "g=b"]
        assert gap.at == "capacity=87,versus=a"
        assert gap.value == pytest.approx(one.value - other.value)
        assert gap.n == min(one.n, other.n)
        apart = np.hypot(one.value - one.low, other.high - other.value)
        assert gap.value - gap.low == pytest.approx(
            apart, rel=0.15
        )  # visits are drawn by themselves: the two groups go together by chance alone


def test_what_a_visit_to_a_group_finds_is_weighed_and_compared(told) -> None:
    """Visits to the second half of group b weigh three times as much: (10 + 3 x 20) / (50 + 3 x 50) there, and 10 of 100 in group a."""
    number = np.arange(200)
    outcome = np.where(number < 100, number % 10 == 0, np.where(number < 150, number % 5 == 0, number % 5 < 2))
    chance = np.where(number < 150, 0.6, 0.2)
    group = ["a"] * 100 + ["b"] * 100
    visits = visits_of(number, outcome, chance=chance, channel="risk")
    found, every = told(-number.astype(float), visits, None, capacity=50, group=group, probability=False)
    assert found["", "finding_rate", "weighted", "g=b"].value == pytest.approx(70 / 200)
    gap = next(e for e in every if (e.metric, e.method) == ("finding_rate_gap", "weighted"))
    assert (gap.model, gap.at, gap.n) == ("", f"versus={'a' if gap.group == 'g=b' else 'b'}", 100)
    assert abs(gap.value) == pytest.approx(70 / 200 - 10 / 100)
    assert min(abs(gap.low), abs(gap.high)) > 0


@pytest.mark.parametrize("listed", [10, 3])
def test_a_share_of_clear_visits_that_weigh_the_same_has_wilsons_interval(told, listed: int) -> None:
    """Ten or three of ninety clear visits went to the list, all with one chance: it counts which visits there happened to be, not only what a finding more changes."""
    number = np.arange(100)
    visits = visits_of(number, number % 10 == 0, chance=0.5, channel="risk")
    clear = number[number % 10 != 0][:listed]
    first = np.where(np.isin(number, clear), 1.0, 0.0)
    found, _ = told(first, visits, None, capacity=listed, group=["a"] * 100, probability=False)
    rate = found["m", "false_positive_rate", "weighted", "g=a"]
    assert rate.value == pytest.approx(listed / 90)
    assert (rate.low, rate.high) == pytest.approx(wilson_interval(listed / 90, 90, level=0.95), abs=0.005)


def test_one_light_visit_to_a_list_does_not_make_looks_for_nothing_seldom(told) -> None:
    """Of sixty clear visits to a group none, or one that was sure to take place, went to its list: the upper end is not lower with that one, nor is a gap narrower."""
    score, group = np.r_[np.full(5, 0.9), np.full(115, 0.1)], ["a"] * 60 + ["b"] * 60
    highs, widths = [], []
    for first in (5, 4):
        rows = np.r_[np.arange(first, 60), np.arange(62, 120)]
        chance = np.where(rows < 5, 1.0, 0.1)
        outcome = (rows % 6 == 5).astype(float) * (rows >= 5)
        found, every = told(
            score,
            visits_of(rows, outcome, chance=chance, channel="risk"),
            None,
            capacity=5,
            group=group,
            visits_by="inspection_id",
        )
        rate = found["m", "false_positive_rate", "weighted", "g=a"]
        gap = next(e for e in every if e.metric == "false_positive_rate_gap" and e.method == "weighted")
        highs.append(rate.high)
        widths.append(gap.high - gap.low)
    assert highs[1] >= highs[0] > 0.03
    assert widths[1] > 0.9 * widths[0]


def test_doubly_robust_by_hand(by_hand) -> None:
    """A quarter is expected everywhere; plus the weighted mean of what visits differed from a quarter."""
    found, of = by_hand
    w, y, listed = of["adjusted"], of["outcome"][:60], of["listed"]
    assert found["", "prevalence", "doubly_robust", ""].value == pytest.approx(0.25 + np.average(y - 0.25, weights=w))
    seen = listed[:60]
    assert found["m", "precision_at_capacity", "doubly_robust", ""].value == pytest.approx(
        0.25 + np.average(y[seen] - 0.25, weights=w[seen])
    )


def test_visits_of_one_row_share_its_weight(told) -> None:
    """Forty rows with chance a half, the first twenty with two visits of which one found something: 20 x 1/2 of 40."""
    rows = np.concatenate([np.arange(40), np.arange(20)])
    visits = visits_of(rows, np.arange(60) >= 40, chance=np.nan, channel="risk")
    visits = visits.assign(inspection_id=[f"v{i}" for i in range(60)])
    seen = np.ones(40, bool)
    given = chances(np.full(40, 0.5), seen, np.where(np.arange(40) < 20, 0.5, 0.0), np.zeros(40))
    found, _ = told(-np.arange(40.0), visits, given, capacity=30, probability=False)
    assert found["", "prevalence", "adjusted", ""].value == pytest.approx(10 / 40)
    assert found["", "prevalence", "weighted", ""].note == "no_chances"


def test_without_estimated_chances_there_is_no_such_form(told) -> None:
    """The forms that rest on an estimate are absent, not empty."""
    visits = visits_of(np.arange(100), np.arange(100) < 20, chance=0.1, channel="random")
    found, _ = told(-np.arange(200.0), visits, None, capacity=50, probability=False)
    assert {method for _, _, method, _ in found} == {"count", "sample", "weighted", "audit"}


def test_shares_of_findings_need_findings(told) -> None:
    """Nine findings are too few to say which part of findings is on the list, or how well they are ranked."""
    visits = visits_of(np.arange(100), np.arange(100) < 9, chance=0.1, channel="risk")
    found, _ = told(-np.arange(100.0), visits, None, capacity=50, probability=False)
    assert {found["m", metric, "weighted", ""].note for metric in ("recall_at_capacity", "auc")} == {"few_findings"}


# ---------------------------------------------------------------- where the truth is known


class World:
    """Forty thousand rows with one known trait; `tip` makes visitors know what is to be found. Truth and what was seen."""

    def __init__(self, seed: int, *, tip: float) -> None:
        rng = np.random.default_rng(seed)
        n = 40_000
        self.x = rng.normal(size=n)
        self.expected = 1 / (1 + np.exp(3 - self.x))
        self.outcome = (rng.uniform(size=n) < self.expected).astype(float)
        self.chance = 1 / (1 + np.exp(3 - 0.8 * self.x))
        drawn = 1 / (1 + np.exp(3 - 0.8 * self.x - tip * self.outcome))
        lot = rng.uniform(size=n) < 0.05
        self.seen = lot | (rng.uniform(size=n) < drawn)
        self.by_lot = lot
        self.chance = 1 - (1 - 0.05) * (1 - self.chance)

    def visits(self) -> pd.DataFrame:
        """Visits without a recorded chance."""
        rows = np.flatnonzero(self.seen)
        channel = np.where(self.by_lot[rows], "random", "risk")
        return visits_of(rows, self.outcome[rows], chance=np.nan, channel=channel)

    def given(self, *, chance: np.ndarray | None = None, expected: np.ndarray | None = None) -> Propensities:
        """The right chance and the right expectation unless others are given."""
        return chances(
            self.chance if chance is None else chance,
            self.seen,
            self.outcome,
            self.expected if expected is None else expected,
        )


def holds(estimate: Estimate, truth: float) -> bool:
    """Whether the interval holds the truth."""
    return estimate.low is not None and estimate.high is not None and estimate.low <= truth <= estimate.high


def test_a_wrong_expectation_with_the_right_chance_is_repaired(told) -> None:
    """Methods B-4 (i): what is expected is twenty points too high everywhere; both adjusted forms hold the truth, and labelled-only does not."""
    world = World(1, tip=0)
    found, _ = told(
        world.x, world.visits(), world.given(expected=world.expected + 0.2), capacity=2_000, probability=False
    )
    truth = world.outcome.mean()
    assert holds(found["", "prevalence", "doubly_robust", ""], truth)
    assert holds(found["", "prevalence", "adjusted", ""], truth)
    assert world.outcome[world.seen].mean() > 1.3 * truth


def test_a_wrong_chance_with_the_right_expectation_is_repaired(told) -> None:
    """Methods B-4 (ii): every row is given the same chance; doubly robust holds the truth of the list and of all, weighing alone does not."""
    world = World(7, tip=0)
    given = world.given(chance=np.full(len(world.x), 0.15))
    found, _ = told(-np.abs(world.x), world.visits(), given, capacity=10_000, probability=False)
    listed = np.argsort(np.abs(world.x), kind="stable")[:10_000]
    assert holds(found["", "prevalence", "doubly_robust", ""], world.outcome.mean())
    assert holds(found["m", "precision_at_capacity", "doubly_robust", ""], world.outcome[listed].mean())
    assert not holds(found["", "prevalence", "adjusted", ""], world.outcome.mean())


def test_hidden_tips_make_both_confidently_wrong_and_are_found(told) -> None:
    """Methods B-4 (iii), which must fail: visitors know the outcome. The interval excludes the truth, visits by lot hold it, and TK116 says so."""
    world = World(3, tip=2)
    found, every = told(world.x, world.visits(), world.given(), capacity=2_000, probability=False)
    truth = world.outcome.mean()
    assert found["", "prevalence", "adjusted", ""].low > 1.2 * truth
    assert found["", "prevalence", "doubly_robust", ""].low > 1.2 * truth
    assert holds(found["", "prevalence", "audit", ""], truth)
    assert verdict(every, "TK116") == "found"


def test_without_tips_nothing_is_found(told) -> None:
    """The same world in which visitors know no more than the table."""
    world = World(4, tip=0)
    _, every = told(world.x, world.visits(), world.given(), capacity=2_000, probability=False)
    assert verdict(every, "TK116") == "not_found"


def verdict(estimates: tuple[Estimate, ...], code: str) -> str:
    """The verdict of one check."""
    return next(f for f in check_weighted(estimates, main="m") if f.code == code).verdict


# ---------------------------------------------------------------- what is said of it


def shown(metric: str, method: str, low: float, high: float, *, model: str = "", note: str = "") -> Estimate:
    """An estimate with this interval."""
    return Estimate(model, metric, (low + high) / 2, low, high, n=50, method=method, level=0.95, note=note)


def test_recorded_chances_contradict_too() -> None:
    """Six of a hundred with estimated chances; recorded ones say two to four."""
    pair = (shown("prevalence", "adjusted", 0.05, 0.07), shown("prevalence", "weighted", 0.02, 0.04))
    finding = next(f for f in check_weighted(pair, main="m") if f.code == "TK116")
    assert (finding.verdict, finding.facts) == ("found", {"by": "chance", "adjusted": 6.0, "low": 2.0, "high": 4.0})


def test_without_anything_to_compare_the_check_is_not_made() -> None:
    """Estimated chances alone cannot be contradicted, and that is said."""
    alone = (shown("prevalence", "adjusted", 0.05, 0.07),)
    finding = next(f for f in check_weighted(alone, main="m") if f.code == "TK116")
    assert (finding.verdict, finding.facts) == ("not_applicable", {"reason": "nothing_to_compare"})


@pytest.mark.parametrize(
    ("claim", "verdict_"),
    [((0.09, 0.11), "found"), ((0.2, 0.3), "not_found")],
)
def test_an_interval_wider_than_the_claim_establishes_nothing(claim, verdict_) -> None:
    """By lot two to twenty points above a lot: enough for a claim of twenty-five points, too wide for one of ten."""
    pair = (
        shown("precision_above_random", "audit", 0.02, 0.2, model="m"),
        shown("precision_above_random", "weighted", *claim, model="m"),
    )
    assert verdict(pair, "TK112") == verdict_


def test_too_few_visits_by_lot_establish_nothing() -> None:
    """Six visits on the list give no figure, and therefore no claim."""
    few = Estimate("m", "precision_above_random", n=6, method="audit", note="few_visits")
    finding = next(f for f in check_weighted((few,), main="m") if f.code == "TK112")
    assert (finding.verdict, finding.facts) == ("found", {"by": "few", "visits": 6})
