"""Every kind of leak is planted once in a clean world and found; clean worlds raise no alarm."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter

from tegenkracht.assembly import assemble
from tegenkracht.config import compose_spec
from tegenkracht.core.feature import Feature
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.core.progress import silent
from tegenkracht.core.text import Text
from tegenkracht.data.sources import Dataset, read_dataset
from tegenkracht.data.world import make_world, read_world
from tegenkracht.features import Recipe
from tegenkracht.features.build import build
from tegenkracht.features.recipe import UnitRecipe
from tegenkracht.splits.folds import make_folds
from tegenkracht.splits.leakage import LeakageError, probe_future_facts
from tegenkracht.splits.leaks import CODES, look_for_leaks

TEXT = Text(nl="kolom", en="column")


def studied(folder, *, seed: int) -> tuple[Dataset, Panel, tuple[Fold, ...], tuple]:
    """The strip study on a small clean world: dataset, panel, folds and recipes."""
    make_world(
        read_world("clean"),
        scale=0.05,
        seed=seed,
        sectors=["shopping_strip"],
        to=folder / "w",
        force=False,
        progress=silent,
    )
    spec, dataset = compose_spec(["experiment=shopping_strip"]), read_dataset(folder / "w")
    recipes = tuple(r for r in spec.features.recipes if r.source not in ("space", "links"))
    panel = assemble(
        dataset,
        cohort=spec.cohort,
        time=spec.time,
        outcome=spec.label,
        recipes=recipes,
        audit=(),
        sole_traders="business_facts_only",
        threads=1,
    ).panel
    return dataset, panel, make_folds(panel, tables=dataset.tables, split=spec.split, time=spec.time), recipes


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """One clean world."""
    return studied(tmp_path_factory.mktemp("clean"), seed=1)


def verdicts(dataset, panel, folds, recipes) -> dict[str, str]:
    """The verdict of each check."""
    return {finding.code: finding.verdict for finding in look_for_leaks(dataset, panel, folds, recipes, seed=1)}


def with_column(panel: Panel, values, *, name: str = "planted", family: str = "planted") -> Panel:
    """The panel with one more feature."""
    feature = Feature(name=name, label=TEXT, definition=TEXT, subject="place", source="-", family=family)
    return replace(
        panel, rows=panel.rows.assign(**{name: np.asarray(values, dtype=float)}), features=(*panel.features, feature)
    )


def test_a_clean_world_raises_no_alarm(clean) -> None:
    """Every check looks, or says why it cannot."""
    found = verdicts(*clean)
    assert set(found) == set(CODES)
    assert "found" not in found.values()


@pytest.mark.slow
def test_ten_clean_worlds_raise_no_alarm(tmp_path) -> None:
    """Not one of nine checks in ten worlds."""
    for seed in range(2, 12):
        assert "found" not in verdicts(*studied(tmp_path / str(seed), seed=seed)).values()


def seen_too_early(panel: Panel, column: str, later: pd.DataFrame) -> Panel:
    """The panel in which a column was made from tables as they were known a year later."""
    return replace(panel, rows=panel.rows.assign(**{column: later[column].to_numpy()}))


@pytest.mark.parametrize(
    "recipe",
    [
        {"from": "events", "kind": "takeover_chain", "statistics": ["count"], "windows": ["all"]},
        {"from": "links", "roles": ["shop_director"], "statistics": ["operators"], "windows": ["36 months"]},
    ],
    ids=["future facts", "future edges"],
)
def test_facts_and_edges_of_the_future_are_found(clean, recipe: dict) -> None:
    """TK002: a column of events, and one of the network, made from what was known a year later; honest columns pass."""
    dataset, panel, _, _ = clean
    recipes = TypeAdapter(tuple[Recipe, ...]).validate_python([recipe])
    part = replace(panel, rows=panel.rows.iloc[:: max(len(panel.rows) // 4_000, 1)].reset_index(drop=True))
    honest, features = build(dataset, part.rows, recipes, threads=1)
    name = str(honest.columns[0])
    year = pd.DateOffset(years=1)
    ahead = part.rows.assign(as_of=part.rows["as_of"] + year, known_until=part.rows["known_until"] + year)
    later, _ = build(dataset, ahead, recipes, threads=1)
    assert not honest[name].equals(later[name]), "a year brings something new"
    held = replace(part, rows=part.rows.assign(**{n: honest[n] for n in honest}), features=tuple(features))
    asked = {"seed": 1, "n": 200, "threads": 1}
    assert probe_future_facts(dataset, held, recipes, **asked)[0].verdict == "not_found"
    with pytest.raises(LeakageError, match=rf"TK002: the columns {name} use facts that were known later"):
        probe_future_facts(dataset, seen_too_early(held, name, later), recipes, **asked)


def test_a_declared_neighbour_of_the_outcome_is_found(clean) -> None:
    """TK006: the author says that an indicator lies next to the outcome, and a recipe uses it."""
    dataset, panel, folds, recipes = clean
    kinds = dict(dataset.description.event_kinds)
    kinds["no_footfall"] = kinds["no_footfall"].model_copy(update={"label_adjacent": True})
    near = replace(dataset, description=dataset.description.model_copy(update={"event_kinds": kinds}))
    assert verdicts(near, panel, folds, recipes)["TK006"] == "found"


def test_an_attribute_without_a_date_is_found(clean) -> None:
    """TK007: legal forms stand in the register as they are now."""
    dataset, panel, folds, recipes = clean
    form = UnitRecipe.model_validate({"from": "units", "statistics": ["legal_form"], "forms": ["bv"]})
    assert verdicts(dataset, panel, folds, (*recipes, form))["TK007"] == "found"


def test_an_indicator_that_visits_make_is_found(clean) -> None:
    """TK008: each visit writes down an event a few days later."""
    dataset, panel, folds, recipes = clean
    visits = dataset.tables["inspections"]
    written = pd.DataFrame(
        {
            "unit_id": visits["unit_id"],
            "kind": "no_footfall",
            "occurred_on": visits["inspected_on"] + pd.Timedelta(days=3),
            "known_on": visits["inspected_on"] + pd.Timedelta(days=10),
            "value": np.nan,
        }
    )
    events = pd.concat([dataset.tables["events"], written], ignore_index=True)
    planted = replace(dataset, tables={**dataset.tables, "events": events})
    assert verdicts(planted, panel, folds, recipes)["TK008"] == "found"


def test_places_on_both_sides_of_a_split_are_found(clean) -> None:
    """TK009: folds that say that they hold out a place, and test units that were learnt from."""
    dataset, panel, folds, recipes = clean
    claimed = tuple(replace(fold, place="north") for fold in folds)
    assert verdicts(dataset, panel, claimed, recipes)["TK009"] == "found"


def test_one_place_under_two_numbers_is_found(clean) -> None:
    """TK010: the history of one unit is copied to another on the same spot."""
    dataset, panel, folds, recipes = clean
    events, units = dataset.tables["events"], dataset.tables["units"].copy()
    busy = events["unit_id"].value_counts().index[0]
    other = next(unit for unit in panel.rows["unit_id"].unique() if unit != busy)
    copied = events[events["unit_id"] == busy].assign(unit_id=other)
    spot = units.loc[units["unit_id"] == busy, ["x", "y"]].to_numpy()
    units.loc[units["unit_id"] == other, ["x", "y"]] = spot
    tables = {**dataset.tables, "units": units, "events": pd.concat([events[events["unit_id"] != other], copied])}
    assert verdicts(replace(dataset, tables=tables), panel, folds, recipes)["TK010"] == "found"


def test_a_mean_of_the_outcome_over_all_rows_is_found(clean) -> None:
    """TK012: each row gets the mean outcome of its strip, test rows included."""
    dataset, panel, folds, recipes = clean
    means = panel.rows.groupby("cluster_id")["outcome"].transform("mean")
    assert verdicts(dataset, with_column(panel, means), folds, recipes)["TK012"] == "found"


def test_a_column_that_knows_the_outcome_is_found(clean) -> None:
    """TK013: the outcome itself with a little noise."""
    dataset, panel, folds, recipes = clean
    rng = np.random.default_rng(1)
    told = panel.rows["outcome"].fillna(0) + rng.normal(0, 0.3, len(panel.rows))
    assert verdicts(dataset, with_column(panel, told), folds, recipes)["TK013"] == "found"


def test_an_outcome_that_was_not_settled_is_found(clean) -> None:
    """TK014: the tables were drawn before the last outcomes were settled."""
    dataset, panel, folds, recipes = clean
    rows = panel.rows.assign(outcome_known_on=panel.rows["outcome_known_on"] + pd.DateOffset(years=5))
    assert verdicts(dataset, replace(panel, rows=rows), folds, recipes)["TK014"] == "found"


def test_what_only_holds_on_the_same_dates_is_found(clean) -> None:
    """TK015: a column that tells the outcome on the dates that are learnt from, and nothing on later ones."""
    dataset, panel, folds, recipes = clean
    rng = np.random.default_rng(1)
    early = panel.rows["as_of"] < folds[-1].split_on
    told = np.where(
        early & (panel.rows["outcome"] == 1), rng.normal(2.0, 1, len(panel.rows)), rng.normal(0, 1, len(panel.rows))
    )
    last = folds[-1:]
    assert verdicts(dataset, with_column(panel, told), last, recipes)["TK015"] == "found"
