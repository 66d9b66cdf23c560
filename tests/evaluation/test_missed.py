"""Whom a list misses: groups by hand, no alarm where nothing differs, and what was planted is found."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from tests.evaluation.conftest import build_scores

from tegenkracht.core.feature import Feature
from tegenkracht.core.text import Text
from tegenkracht.evaluation.missed import (
    check_missed,
    differences,
    family_values,
    outcomes_of,
    rule_of_missed,
)
from tegenkracht.evaluation.sample import Sample, sample_of

WORDS = Text(nl="woord", en="word")


def feature(name: str, family: str = "", direction: str = "+") -> Feature:
    """An entry of the dictionary."""
    return Feature(
        name=name, label=WORDS, definition=WORDS, subject="place", source="s", family=family, direction=direction
    )


def test_every_visited_place_is_in_one_group() -> None:
    """Capacity 2 of six, one not visited: one caught, one wrong, one missed, two passed."""
    sample = sample_of(
        build_scores({"m": [6, 5, 4, 3, 2, 1]}, [1, 0, 1, 0, 0, np.nan]), lists="per_as_of", cluster_by="unit_id"
    )
    groups = outcomes_of(sample, "m", capacity=2)
    assert groups.parts.sum(axis=0).tolist() == [1, 1, 2, 1]
    assert groups.of("missed").tolist() == [0, 0, 1, 0, 0]


def test_a_place_that_ties_at_the_cut_counts_for_its_chance() -> None:
    """Two equal scores for one place on the list: each is half caught and half missed."""
    sample = sample_of(build_scores({"m": [2, 2, 1]}, [1, 1, 0]), lists="per_as_of", cluster_by="unit_id")
    groups = outcomes_of(sample, "m", capacity=1)
    assert groups.of("caught").tolist() == [0.5, 0.5, 0]
    assert groups.of("missed").tolist() == [0.5, 0.5, 0]


def test_a_family_is_turned_towards_more_reason_to_look() -> None:
    """One rising and one falling member say the same: the family is their common standard score."""
    table = pd.DataFrame({"up": [0.0, 1.0, 2.0], "down": [2.0, 1.0, 0.0], "one": [1.0, 1.0, 1.0]})
    values = family_values(table, [feature("up", "f"), feature("down", "f", "-"), feature("one")])
    assert values["f"].to_numpy() == pytest.approx([-(1.5**0.5), 0, 1.5**0.5])
    assert values["one"].isna().all()


@pytest.fixture(scope="module")
def world() -> Callable[[float], tuple[Sample, pd.DataFrame]]:
    """1,500 visited places of 300 clusters: one column makes the score, six say nothing, `hidden` raises findings by its strength."""

    def make(strength: float, seed: int = 1) -> tuple[Sample, pd.DataFrame]:
        rng = np.random.default_rng(seed)
        n = 1_500
        table = pd.DataFrame(rng.normal(size=(n, 8)), columns=["seen", "hidden", *(f"noise{i}" for i in range(6))])
        chance = 1 / (1 + np.exp(2 - table["seen"] - strength * table["hidden"]))
        scores = build_scores(
            {"m": table["seen"]},
            (rng.random(n) < chance).astype(float),
            context={"cluster_id": [f"c{i % 300}" for i in range(n)]},
        )
        return sample_of(scores, lists="per_as_of", cluster_by="cluster_id"), table

    return make


def looked(sample: Sample, table: pd.DataFrame, seed: int = 1):
    """Differences and TK312."""
    outcomes = outcomes_of(sample, "m", capacity=150)
    values = family_values(table, [feature(name) for name in table])
    told = differences(
        sample, outcomes, values, model="m", capacity=150, minimum=10, replicates=300, level=0.95, seed=seed, threads=1
    )
    return told, check_missed(told, "m")


def test_what_the_list_does_not_use_is_found(world) -> None:
    """Missed places have more of `hidden`; the finding names it."""
    told, finding = looked(*world(1.0))
    assert (finding.verdict, finding.facts["family"], finding.facts["more"]) == ("found", "hidden", "more")
    planted = next(e for e in told if e.at == "family=hidden,versus=passed")
    assert planted.low is not None
    assert planted.low > 0


def test_looking_at_many_families_raises_few_alarms(world) -> None:
    """Of 40 worlds in which no column but the score's own says anything, at most five have an alarm about another column.

    The chance of more than five at five in a hundred is 1.4 in a hundred.
    """
    alarms = 0
    for seed in range(40):
        sample, table = world(0.0, seed=seed + 10)
        told, _ = looked(sample, table.drop(columns="seen"), seed=seed)
        alarms += any(
            e.metric == "missed_difference"
            and e.at.endswith("passed")
            and e.low is not None
            and (e.low > 0 or e.high < 0)
            for e in told
        )
    assert alarms <= 5


def test_too_few_places_are_withheld(world) -> None:
    """With a minimum above every group there is no difference, and the finding says why."""
    sample, table = world(0.0)
    values = family_values(table, [feature("seen")])
    told = differences(
        sample,
        outcomes_of(sample, "m", capacity=150),
        values,
        model="m",
        capacity=150,
        minimum=5_000,
        replicates=100,
        level=0.95,
        seed=1,
        threads=1,
    )
    assert {e.note for e in told if e.metric == "missed_difference"} == {"few_of_this_kind"}
    assert check_missed(told, "m").facts == {"reason": "few_missed"}


def test_a_rule_is_told_when_it_holds_in_other_clusters(world) -> None:
    """Learnt on one half of the clusters, `hidden` holds in the other; in a world where nothing differs no rule is told."""
    kind = {"model": "m", "replicates": 300, "level": 0.95, "seed": 1, "threads": 1}
    sample, table = world(1.5)
    _, finding = rule_of_missed(sample, outcomes_of(sample, "m", capacity=150), table, **kind)
    assert finding.verdict == "found"
    assert "hidden" in (finding.facts["first"], finding.facts.get("second"))
    assert finding.facts["inside"] > finding.facts["outside"]
    sample, table = world(0.0)
    noise = table[[name for name in table if name.startswith("noise")]]
    assert rule_of_missed(sample, outcomes_of(sample, "m", capacity=150), noise, **kind)[1].verdict == "not_found"
