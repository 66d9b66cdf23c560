"""The truth is read apart from the dataset, and what is computed from it is right on a world small enough to count by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tegenkracht.data.sources import Dataset
from tegenkracht.data.world.truth import (
    Truth,
    amplification,
    auc,
    oracle,
    precision_at,
    prevalence,
    rates_by_group,
    read_truth,
    state_at,
    types,
)


@pytest.fixture
def six() -> Truth:
    """Six marinas in one quarter: the states are 1, 0, 2, 0, 0, 3; a visit would find the first and the fifth."""
    units = pd.DataFrame({"unit_id": list("abcdef"), "sector": "marina", "group": [1, 1, 1, 0, 0, 0]})
    quarters = pd.DataFrame(
        {
            "unit": np.arange(6),
            "quarter": 4,
            "state": [1, 0, 2, 0, 0, 3],
            "potential": [True, False, False, False, True, False],
        }
    )
    return Truth({}, units, quarters)


def scored(*values: float) -> pd.Series:
    """A score for each of the six."""
    return pd.Series(values, index=list("abcdef"))


def test_prevalence_and_types_are_counted(six: Truth) -> None:
    """Three of six, one of each type; of a sector that is not there, nothing is known."""
    assert prevalence(six, "marina") == 0.5
    assert types(six, "marina") == {"functional": 1 / 3, "competitive": 1 / 3, "relational": 1 / 3}
    assert np.isnan(types(six, "football_club")["functional"])


def test_auc_counts_pairs_and_half_of_the_ties(six: Truth) -> None:
    """Scores 3, 2, 2, 1, 0, 1 of states 1, 0, 1, 0, 0, 1: of nine pairs 6 are right and 2 tie, so 7 / 9."""
    assert auc(six, "marina", 4, scored(3, 2, 2, 1, 0, 1)) == pytest.approx(7 / 9)
    assert np.isnan(auc(six, "marina", 5, scored(3, 2, 2, 1, 0, 1)))


def test_a_list_shares_out_its_last_place_among_ties(six: Truth) -> None:
    """Two places: a (3) and half of b and c (2): (1 + 0 + 0.5) / 2 with a state; found at a only: 1 / 2."""
    assert precision_at(six, "marina", 4, scored(3, 2, 2, 1, 0, 1), capacity=2) == {"prevalence": 0.75, "yield": 0.5}


def test_rates_by_group_are_those_of_the_list(six: Truth) -> None:
    """Listed a, b and d. Group 1 has states at a and c: one of two listed, and b wrongly; group 0 has one at f, and d is wrong."""
    listed = pd.Series([True, True, False, True, False, False], index=list("abcdef"))
    rates = rates_by_group(six, "marina", 4, listed, attribute="group")
    assert rates.loc[1].to_dict() == pytest.approx({"n": 3, "base_rate": 2 / 3, "tpr": 0.5, "fpr": 1.0, "ppv": 0.5})
    assert rates.loc[0].to_dict() == pytest.approx({"n": 3, "base_rate": 1 / 3, "tpr": 0.0, "fpr": 0.5, "ppv": 0.0})


def test_a_state_is_looked_up_by_unit_and_day(six: Truth) -> None:
    """The fifth quarter is the first of 2015; in another nothing is known."""
    days = pd.Series(pd.to_datetime(["2015-02-03", "2015-03-31", "2015-04-01"]))
    found = state_at(six, pd.Series(["a", "b", "a"]), days)
    assert found.iloc[:2].tolist() == [1, 0]
    assert np.isnan(found.iloc[2])


def test_amplification_compares_shares_of_visits_and_of_states(truth: Truth, dataset: Dataset) -> None:
    """Counted again from the tables: group 1's share of the visits over its share of the states."""
    visits = dataset.tables["inspections"]
    group = truth.units.set_index("unit_id")["group"]
    shops = visits[visits["unit_id"].str.startswith("S")]["unit_id"]
    states = truth.of("shopping_strip").query("state > 0")
    expected = group[shops].mean() / group[states.index].mean()
    assert amplification(truth, dataset, "shopping_strip", attribute="group")[1] == pytest.approx(expected)


def test_the_oracle_beats_every_single_indicator(truth: Truth, dataset: Dataset) -> None:
    """Who knows the mechanisms orders shops better than the number of takeovers, and much better than chance."""
    best = auc(truth, "shopping_strip", 30, oracle(truth, dataset, "shopping_strip", 30))
    events = dataset.tables["events"].query("kind == 'takeover_chain'")
    before = events[events["known_on"] < pd.Timestamp("2021-07-01")]
    count = before["unit_id"].value_counts().reindex(truth.units["unit_id"]).fillna(0)
    assert best > 0.7
    assert best > auc(truth, "shopping_strip", 30, count)


def test_the_truth_is_read_with_how_it_was_made(folder: Path) -> None:
    """World, scale and seed; with these it can be made again."""
    truth = read_truth(folder)
    assert (truth.about["world"]["name"], truth.about["scale"], truth.about["seed"]) == ("selected", 0.05, 1)
    assert truth.about["sectors"]["shopping_strip"]["prevalence"] == 0.03
    assert truth.quarters["quarter"].min() == 0
    assert truth.quarters["quarter"].max() == 39
