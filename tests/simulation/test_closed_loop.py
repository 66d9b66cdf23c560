"""A policy that learns from its own visits: whom it visits, whom it never sees, and what exploring costs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from tegenkracht.core.errors import InputError
from tegenkracht.core.progress import silent
from tegenkracht.data.world.world import World, read_world
from tegenkracht.simulation.closed_loop import LoopRecord, closed_loop, price_of_exploration
from tegenkracht.simulation.policies import POLICIES


def world() -> World:
    """The everyday world with 2,400 shops, one in ten with a state, and indicators twice as strong, so that few quarters show a difference."""
    changed = {"units": {"shopping_strip": 2_400}, "signal": 2.0, "prevalence": {"shopping_strip": 0.1}}
    return read_world("selected").model_copy(update=changed)


@pytest.fixture(scope="module", autouse=True)
def level() -> Iterator[None]:
    """A level of onset near the right one: what is tested here does not hang on it, and finding it takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tegenkracht.data.world.maker.correction_for", lambda world, sector: -0.5)
        yield


@pytest.fixture(scope="module")
def records(level: None) -> dict[str, LoopRecord]:
    """Every policy, six quarters in the same world."""
    made = closed_loop(
        world(),
        sector="shopping_strip",
        policies=list(POLICIES),
        quarters=6,
        explore=0.2,
        scale=0.02,
        seed=3,
        progress=silent,
    )
    return {record.policy: record for record in made}


def test_every_policy_spends_the_same_budget(records: dict[str, LoopRecord]) -> None:
    """3 % of about 2,200 open shops, six quarters; by chance a few more or less."""
    assert set(records) == set(POLICIES)
    for record in records.values():
        assert record.visits == pytest.approx(0.03 * 2_200 * 6, rel=0.12), record.policy
        assert 0 <= record.gini <= 1
        assert len(record.auc) == 6


def test_choosing_by_lot_is_proportional_to_units_and_finds_least(records: dict[str, LoopRecord]) -> None:
    """A rule and a model find more than lots do."""
    by_lot = records["random"].finds
    assert by_lot < records["rule"].finds
    assert by_lot < records["model_greedy"].finds


def test_a_bias_towards_group_1_is_seen_in_its_amplification(records: dict[str, LoopRecord]) -> None:
    """The same rule with and without the bias, in the same world."""
    assert records["biased"].amplification[1] > 1.2 * records["rule"].amplification[1]


def test_exploring_reaches_more_places_than_greed(records: dict[str, LoopRecord]) -> None:
    """A fifth of the visits by lot: fewer units and strips are never visited, and visits are spread more evenly."""
    greedy, exploring = records["model_greedy"], records["model_eps"]
    assert exploring.never_visited < greedy.never_visited
    assert exploring.gini < greedy.gini
    assert -0.5 < price_of_exploration(greedy, exploring) < 0.7


def test_the_same_seed_gives_the_same_record() -> None:
    """Also for the policy that draws bootstrap samples."""
    twice = [
        closed_loop(
            world(),
            sector="shopping_strip",
            policies=["thompson"],
            quarters=2,
            explore=0.1,
            scale=0.02,
            seed=4,
            progress=silent,
        )
        for _ in range(2)
    ]
    one, two = (record for (record,) in twice)
    assert (one.visits, one.finds, one.amplification, one.gini) == (two.visits, two.finds, two.amplification, two.gini)
    assert np.array_equal(one.auc, two.auc, equal_nan=True)


@pytest.mark.parametrize(
    ("policies", "explore", "message"),
    [
        (["greedy"], 0.1, r"policies: `greedy` is not a policy\. Choose from: random, rule, biased, model_greedy"),
        (["random"], 1.5, r"explore: 1\.5 is not a share\. Write for example 0\.1\."),
    ],
)
def test_wrong_choices_are_told(policies: list[str], explore: float, message: str) -> None:
    """Before anything is made."""
    with pytest.raises(InputError, match=message):
        closed_loop(
            world(),
            sector="shopping_strip",
            policies=policies,
            quarters=2,
            explore=explore,
            scale=0.02,
            seed=1,
            progress=silent,
        )
