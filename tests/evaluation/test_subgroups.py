"""A search pays for how much it looked at."""

from __future__ import annotations

import numpy as np
import pytest

from tegenkracht.evaluation.sample import UNKNOWN, Grouping
from tegenkracht.evaluation.subgroups import check_subgroups, subgroup_estimates, subgroups, worst_of

N, CLUSTERS = 3000, 150
CLUSTER = np.repeat(np.arange(CLUSTERS), N // CLUSTERS)


def groupings(rng: np.random.Generator) -> tuple[Grouping, ...]:
    """Three attributes of three values each, by lot."""
    return tuple(
        Grouping(name, ("x", "y", "z"), rng.integers(3, size=N).astype(np.int32), np.arange(N))
        for name in ("one", "two", "three")
    )


def searched(rng: np.random.Generator, *, more: float, cluster: np.ndarray = CLUSTER):
    """Flagged by lot in strips that differ; `more` is added where one is x and two is y."""
    made = groupings(rng)
    planted = (made[0].of_row == 0) & (made[1].of_row == 1)
    chance = np.clip(0.15 + 0.1 * rng.normal(size=CLUSTERS)[cluster] + more * planted, 0, 1)
    flagged = (rng.random(N) < chance).astype(float)
    found = tuple(subgroups(made, minimum=10, unknown=UNKNOWN))
    return worst_of(flagged, np.ones(N, bool), found, cluster=cluster, minimum=10, draws=400, level=0.95, seed=1)


def test_every_value_and_every_pair_is_searched() -> None:
    """Nine values and 27 pairs; a pair under the minimum is left out."""
    made = groupings(np.random.default_rng(1))
    assert len(list(subgroups(made, minimum=10, unknown=UNKNOWN))) == 9 + 27
    assert len(list(subgroups(made, minimum=500, unknown=UNKNOWN))) == 9


def test_a_planted_subgroup_is_found_by_its_name() -> None:
    """Fifteen points more in one pair of values."""
    worst, looked = searched(np.random.default_rng(2), more=0.15)
    assert worst is not None
    assert (worst.name, looked) == ("one=x & two=y", 36)
    assert worst.chance < 0.01
    assert worst.low <= 0.15 <= worst.high


def test_searching_alone_seldom_finds_something() -> None:
    """Sixty searches where there is nothing: at 5 % three are expected, and nine is rarer than one in a hundred; uncorrected most would be found."""
    worst = [searched(np.random.default_rng(seed), more=0.0)[0] for seed in range(60)]
    assert sum(w.chance < 0.05 for w in worst if w is not None) < 9
    assert np.mean([w.gap for w in worst if w is not None]) > 0.02


def test_few_clusters_raise_no_more_alarms() -> None:
    """Two hundred searches in 12 clusters where there is nothing: ten are expected, eighteen are rarer than one in a hundred."""
    few = np.repeat(np.arange(12), N // 12)
    worst = [searched(np.random.default_rng([seed, 5]), more=0.0, cluster=few)[0] for seed in range(200)]
    assert sum(w.chance < 0.05 for w in worst if w is not None) < 18


def test_a_group_of_nearly_everybody_raises_no_more_alarms_where_few_clusters_have_most() -> None:
    """Three hundred searches where there is nothing, clusters very unequal: fifteen are expected; without a correction for skewness it was 36."""
    alarms, cluster = 0, np.repeat(np.arange(100), N // 100)
    for seed in range(300):
        rng = np.random.default_rng([seed, 9])
        nearly_all = Grouping("one", ("x", "y"), (rng.random(N) < 0.97).astype(np.int32), np.arange(N))
        flagged = (rng.random(N) < np.clip(0.016 * rng.lognormal(0, 1.5, 100), 0, 1)[cluster]).astype(float)
        found = [one for one in subgroups([nearly_all], minimum=10, unknown=UNKNOWN) if one.name == "one=y"]
        how = {"cluster": cluster, "minimum": 10, "draws": 400, "level": 0.95, "seed": 1}
        worst, _ = worst_of(flagged, np.ones(N, bool), found, **how)
        assert worst is not None
        alarms += worst.chance < 0.05
    assert alarms < 26


def test_interval_and_chance_say_the_same() -> None:
    """The interval lies above zero when chance gives as much less often than one in twenty, and only then; and it holds the gap."""
    for more in (0.0, 0.04, 0.06, 0.08):
        for seed in range(8):
            worst, _ = searched(np.random.default_rng([seed, 6]), more=more)
            assert worst is not None
            assert worst.low < worst.gap < worst.high
            if not 0.045 < worst.chance < 0.055:
                assert (worst.low > 0) == (worst.chance < 0.05)


def test_a_subgroup_in_one_large_cluster_has_an_open_interval() -> None:
    """Of a subgroup that is nearly one cluster any gap may be taken away: the interval is everything."""
    cluster = np.repeat(np.arange(30), [N - 290, *[10] * 29])
    inside = np.zeros(N, np.int32)
    inside[: N // 3] = 1
    inside[N - 290 :: 20] = 1
    found = tuple(subgroups([Grouping("one", ("x", "y"), inside, np.arange(N))], minimum=10, unknown=UNKNOWN))
    rate = (np.random.default_rng(7).random(N) < 0.2).astype(float)
    worst, _ = worst_of(rate, np.ones(N, bool), found, cluster=cluster, minimum=10, draws=100, level=0.95, seed=1)
    assert worst is not None
    assert (worst.low, worst.high) == (-1.0, 1.0)


@pytest.mark.parametrize(("clusters", "searched"), [(9, 0), (15, 2)])
def test_a_subgroup_in_few_clusters_is_not_searched(clusters: int, searched: int) -> None:
    """With nine clusters on either side chance cannot be told from a cluster."""
    inside = Grouping("one", ("x", "y"), (clusters > CLUSTER).astype(np.int32), np.arange(N))
    found = tuple(subgroups([inside], minimum=10, unknown=UNKNOWN))
    rate = np.random.default_rng(4).random(N)
    worst, looked = worst_of(rate, np.ones(N, bool), found, cluster=CLUSTER, minimum=10, draws=100, level=0.95, seed=1)
    assert (looked, worst is None) == (searched, searched == 0)


def test_looking_at_two_rates_is_corrected_for_too() -> None:
    """The same rate asked twice: chances are twice as high as when asked once, and the interval is wider."""
    rng = np.random.default_rng(8)
    made = groupings(rng)
    found = tuple(subgroups(made, minimum=10, unknown=UNKNOWN))
    rate = (rng.random(N) < 0.15 + 0.05 * (made[0].of_row == 0)).astype(float), np.ones(N, bool)
    how = {"cluster": CLUSTER, "model": "m", "capacity": 10, "minimum": 10, "draws": 400, "level": 0.95, "seed": 1}
    once, twice = (
        {e.metric: e for e in subgroup_estimates(rates, found, **how) if "rate=one" in e.at}
        for rates in ({"one": rate}, {"one": rate, "two": rate})
    )
    assert twice["subgroup_chance"].value == pytest.approx(2 * once["subgroup_chance"].value)
    gap, wider = once["subgroup_gap"], twice["subgroup_gap"]
    assert wider.low < gap.low < gap.value == wider.value < gap.high < wider.high


def test_what_is_said_can_be_found_in_the_estimates() -> None:
    """Gap, chance and number searched; nothing to search gives a reason."""
    rng = np.random.default_rng(3)
    found = tuple(subgroups(groupings(rng), minimum=10, unknown=UNKNOWN))
    rates = {
        "selection_rate": (rng.random(N), np.ones(N, bool)),
        "false_positive_rate": (rng.random(N), np.zeros(N, bool)),
    }
    told = list(
        subgroup_estimates(
            rates, found, cluster=CLUSTER, model="m", capacity=10, minimum=10, draws=100, level=0.95, seed=1
        )
    )
    one, two = check_subgroups(told, model="m", level=0.95)
    assert (one.verdict, one.facts["looked_at"], set(one.estimates) <= {e.id for e in told}) == ("not_found", 36, True)
    assert (two.verdict, two.facts["reason"]) == ("not_applicable", "base_under_minimum")
    assert next(check_subgroups([], model="m", level=0.95)).facts["reason"] == "no_audit_attributes"
    assert not list(subgroups([], minimum=10, unknown=UNKNOWN))
