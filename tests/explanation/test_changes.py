"""What would have taken a place off the list: the smallest change that the model of the fold agrees with."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tegenkracht.explanation.changes import Asked, changes


class Sum:
    """A model whose score is the sum of its columns."""

    def decision_function(self, X: pd.DataFrame) -> np.ndarray:
        """One number per row."""
        return X.fillna(0).sum(axis=1).to_numpy()


MODEL = SimpleNamespace(estimator=Sum())
TABLE = pd.DataFrame({"a": [3.0, 0.0, 1.0, 2.0], "b": [3.0, 0.0, 1.0, 1.0], "c": [1.0, 0.0, 0.0, 1.0]})
OTHERS = np.array([1, 2, 3])


def asked(below: float | None, **facts: tuple[str, ...]) -> Asked:
    """A change wanted for the first place, whose score is seven; more of every column is more reason to look."""
    return Asked(0, OTHERS, {name: dict.fromkeys(columns, 1) for name, columns in facts.items()}, below)


def test_the_smallest_change_of_one_fact_is_taken() -> None:
    """Below 6 asks `a` of 1 or less: by 1 the score is 5. Taking 2 gives 6, which is not below; taking 0 is a larger step."""
    (found,) = changes(MODEL, TABLE, [asked(6.0, a=("a",))])
    assert (found.state, found.values, found.facts, found.score) == ("found", {"a": 1.0}, ("a",), 5.0)


def test_two_facts_are_tried_when_one_is_not_enough() -> None:
    """Below 3 asks `a` and `b` together: by a = 1 and b = 0, or 0 and 1, the score is 2."""
    (found,) = changes(MODEL, TABLE, [asked(3.0, a=("a",), b=("b",))])
    assert found.state == "found"
    assert found.facts == ("a", "b")
    assert found.score is not None
    assert found.score < 3.0


@pytest.mark.parametrize(
    ("wanted", "state"),
    [
        (asked(0.0, a=("a",), c=("c",)), "none"),
        (asked(6.0), "no_facts"),
        (asked(None, a=("a",)), "whole_list"),
    ],
)
def test_why_there_is_no_change(wanted, state) -> None:
    """Nothing reaches below nought; there is no fact; everybody is on the list."""
    (found,) = changes(MODEL, TABLE, [wanted])
    assert (found.state, dict(found.values)) == (state, {})


def test_columns_of_one_fact_change_together_to_values_that_a_place_has() -> None:
    """`a` and `b` are one fact: pairs that occur are (0, 0), (1, 1) and (2, 1), so that (0, 1) is not tried."""
    (found,) = changes(MODEL, TABLE, [asked(4.0, ab=("a", "b"))])
    assert found.values in ({"a": 0.0, "b": 0.0}, {"a": 1.0, "b": 1.0})
    assert found.values == {"a": 1.0, "b": 1.0}


def test_what_the_model_says_of_the_changed_place_is_what_is_promised() -> None:
    """Scored again with the new values, it lies below the first place that is off the list."""
    rng = np.random.default_rng(3)
    table = pd.DataFrame(rng.poisson(2, size=(200, 3)).astype(float), columns=list("abc"))
    places = [Asked(i, np.arange(200), {"a": {"a": 1}, "bc": {"b": 1, "c": 1}}, 4.0) for i in range(20)]
    for place, found in zip(places, changes(MODEL, table, places), strict=True):
        if found.state == "found":
            again = table.iloc[[place.row]].assign(**found.values)
            assert Sum().decision_function(again)[0] == found.score
            assert found.score < 4.0


def test_the_same_question_gives_the_same_answer() -> None:
    """Nothing is drawn by lot."""
    wanted = [asked(6.0, a=("a",), b=("b",))]
    assert changes(MODEL, TABLE, wanted) == changes(MODEL, TABLE, wanted)


def moved(signs: dict[str, int], own: dict[str, float], donors: list[dict[str, float]]) -> dict[str, float]:
    """What one fact with these signs moves to from `own`, when any lower score will do; empty when it does not move."""
    table = pd.DataFrame([own, *donors])
    wanted = Asked(0, np.arange(1, len(table)), {"fact": signs}, float("inf"))
    return dict(changes(MODEL, table, [wanted])[0].values)


@pytest.mark.parametrize(
    ("signs", "own", "donors", "expected"),
    [
        ({"a": 1}, {"a": 2.0}, [{"a": 3.0}], {}),  # more of a bad sign never takes a place off
        ({"a": 1}, {"a": 2.0}, [{"a": 3.0}, {"a": 1.0}], {"a": 1.0}),
        ({"a": -1}, {"a": 2.0}, [{"a": 1.0}], {}),
        ({"a": -1}, {"a": 2.0}, [{"a": 3.0}], {"a": 3.0}),
        ({"a": 0}, {"a": 2.0}, [{"a": 1.0}, {"a": 3.0}], {}),  # a fact without a direction stays
        (
            {"a": 1, "b": -1},
            {"a": 2.0, "b": 9.0},
            [{"a": 1.0, "b": 5.0}],
            {},
        ),  # one column would move along its direction
        ({"a": 1, "b": -1}, {"a": 2.0, "b": 9.0}, [{"a": 1.0, "b": 9.0}], {"a": 1.0, "b": 9.0}),
        ({"a": 1, "b": 0}, {"a": 2.0, "b": 9.0}, [{"a": 1.0, "b": 5.0}], {}),
        ({"a": 1}, {"a": 2.0}, [{"a": 2.0}], {}),
    ],
)
def test_a_fact_moves_only_to_where_it_gives_less_reason(signs, own, donors, expected) -> None:
    """By the declared direction, whatever the model makes of it."""
    assert moved(signs, own, donors) == expected


@pytest.mark.parametrize(
    ("own", "donors"),
    [
        ({"a": 2.0, "b": 9.0}, [{"a": np.nan, "b": 9.0}, {"a": 1.0, "b": np.nan}]),
        ({"a": np.nan, "b": 9.0}, [{"a": 1.0, "b": 9.0}]),
    ],
)
def test_what_is_not_known_is_no_value_to_move_to_and_none_to_move_from(own, donors) -> None:
    """A missing value scores as nought here, so that it would take the place off the list."""
    assert moved({"a": 1, "b": -1}, own, donors) == {}


def test_a_place_whose_facts_cannot_get_better_is_told_so() -> None:
    """Nobody has less of `a`: no fact, which is another answer than that no change is enough."""
    wanted = Asked(1, np.array([0, 2, 3]), {"a": {"a": 1}}, float("inf"))
    assert changes(MODEL, TABLE, [wanted])[0].state == "no_facts"
