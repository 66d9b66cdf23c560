"""What lies around a place, on small maps that can be measured with a ruler."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from tegenkracht.core.cohort import Time
from tegenkracht.features.space import FAMILIES, SpaceRecipe, names, problems, values, words

TIME = Time.model_validate(
    {"first": "2021-07-01", "last": "2023-07-01", "horizon": "12 months", "label_delay": "0 days"}
)
T = pd.Timestamp("2022-01-01")
DUTCH = {name: (155000.0 + i, 463000.0) for i, name in enumerate("abcd")}


def _recipe(**asked) -> SpaceRecipe:
    return SpaceRecipe.model_validate({"from": "space", **asked})


TAKEOVERS = {"of": "events", "kind": "takeover", "windows": ["all"]}
FINDINGS = {"of": "findings", "windows": ["all"]}


def _units(**places) -> list[dict[str, object]]:
    """Units by name: (x, y), or (x, y, columns)."""
    return [
        {"unit_id": name, "sector": "shop", "kind": "place", "area_code": "a", "x": at[0], "y": at[1]}
        | (at[2] if len(at) > 2 else {})
        for name, at in places.items()
    ]


def _takeover(unit: str, occurred: str, known: str | None = None) -> dict[str, object]:
    return {"unit_id": unit, "kind": "takeover", "occurred_on": occurred, "known_on": known or occurred}


def _visit(unit: str, day: str, known: str | None = None, finding: bool = True) -> dict[str, object]:
    return {
        "inspection_id": f"{unit}-{day}",
        "unit_id": unit,
        "inspected_on": day,
        "known_on": known or day,
        "finding": finding,
    }


def _rows(dataset, *dates) -> pd.DataFrame:
    ids = dataset.tables["units"]["unit_id"]
    return pd.concat([pd.DataFrame({"unit_id": ids, "known_until": day}) for day in dates or (T,)], ignore_index=True)


@pytest.fixture(scope="module")
def street(make_dataset):
    """Four places on a line at 0, 300, 400 and 1,000 metres (a, b, c, d), and one of which the place is not known (e)."""

    def make(events=(), visits=(), **changed):
        places = {"a": (0.0, 0.0), "b": (300.0, 0.0), "c": (0.0, 400.0), "d": (1000.0, 0.0), "e": (None, None)}
        return make_dataset(units=_units(**places | changed), events=list(events), inspections=list(visits))

    return make


def test_events_within_a_radius_are_those_of_the_others(street):
    """Place b had one, c two, a itself one: within 400 m of a lie b and c, whose three count; the edge belongs to the circle."""
    days = [("a", "2021-01-01"), ("b", "2021-01-01"), ("c", "2021-01-01"), ("c", "2021-02-01"), ("d", "2021-01-01")]
    dataset = street(events=[_takeover(*day) for day in days])
    found = values(dataset, _rows(dataset), _recipe(**TAKEOVERS, statistics=["count"], within=400))
    np.testing.assert_array_equal(found[:, 0], [3, 1, 1, 0, np.nan])


def test_a_place_without_coordinates_is_missing_and_counts_for_nobody(street):
    """Place e lies nowhere: its row is missing in every statistic, and its event is near nobody."""
    dataset = street(events=[_takeover("e", "2021-01-01")])
    recipe = _recipe(
        **TAKEOVERS, statistics=["count", "density", "distance"], within=9000, kernel="gaussian", bandwidth=100
    )
    found = values(dataset, _rows(dataset), recipe)
    assert np.isnan(found[4]).all()
    np.testing.assert_array_equal(found[:4], [[0, 0, np.nan]] * 4)


def test_nothing_counts_before_it_happened_or_was_known(street):
    """Of three events at b one lies in the future and one was not known yet; the third left the window of a year today. One of c was announced."""
    dataset = street(
        events=[
            _takeover("b", "2022-01-02"),
            _takeover("b", "2021-06-01", "2022-01-02"),
            _takeover("b", "2021-01-01"),
            _takeover("c", "2021-01-02"),
            _takeover("c", "2022-01-03", "2021-06-01"),
        ]
    )
    recipe = _recipe(
        of="events", kind="takeover", statistics=["count", "distance"], within=400, windows=["12 months", "all"]
    )
    found = values(dataset, _rows(dataset), recipe)
    np.testing.assert_array_equal(found[0], [1, 2, 400, 300])
    later = values(dataset, _rows(dataset, T + pd.Timedelta(days=1)), recipe)
    np.testing.assert_array_equal(later[0], [2, 4, 300, 300])


def test_the_nearest_few_are_others_that_were_open(street):
    """Of a the two nearest are b and c; once b has closed they are c and d, unless closed places also count."""
    events = [_takeover("b", "2020-06-01"), _takeover("d", "2020-06-01"), _takeover("d", "2020-07-01")]
    asked = {**TAKEOVERS, "statistics": ["count"], "nearest": 2}
    closed = {"b": (300.0, 0.0, {"closed_on": "2021-05-01"})}
    assert values(street(events), _rows(street()), _recipe(**asked))[0] == 1
    assert values(street(events, **closed), _rows(street()), _recipe(**asked))[0] == 2
    assert values(street(events, **closed), _rows(street()), _recipe(**asked, closed=True))[0] == 1
    assert values(street(events, **closed), _rows(street(), pd.Timestamp("2021-04-30")), _recipe(**asked))[0] == 1


def test_a_place_counts_from_the_day_that_it_opens_until_the_day_that_it_closes(street):
    """Place b opens on 1 May 2021 and closes on 1 June: it counts on 1 May and on 31 May, not the day before nor on 1 June."""
    dataset = street(b=(300.0, 0.0, {"opened_on": "2021-05-01", "closed_on": "2021-06-01"}))
    dates = [pd.Timestamp(day) for day in ("2021-04-30", "2021-05-01", "2021-05-31", "2021-06-01")]
    found = values(dataset, _rows(dataset, *dates), _recipe(of="units", statistics=["count"], within=300))
    assert found[::5, 0].tolist() == [0, 1, 1, 0]


def test_fewer_places_than_asked_for_are_all_that_there_are(street):
    """Ten nearest of three others are the three; c has not opened yet and does not count."""
    events = [_takeover(unit, "2021-01-01") for unit in "abcd"]
    dataset = street(events, c=(0.0, 400.0, {"opened_on": "2022-01-02"}))
    found = values(dataset, _rows(dataset), _recipe(**TAKEOVERS, statistics=["count"], nearest=10))
    np.testing.assert_array_equal(found[:, 0], [2, 2, 3, 2, np.nan])


def test_units_of_a_sector_are_counted_and_measured(street):
    """Place d is the only marina: 1,000 m from a; one of the three nearest to a; and its own distance to a marina is missing."""
    dataset = street(d=(1000.0, 0.0, {"sector": "marina"}))
    found = values(
        dataset, _rows(dataset), _recipe(of="units", sector="marina", statistics=["distance", "count"], nearest=3)
    )
    np.testing.assert_allclose(found[:4, 0], [1000, 700, np.hypot(1000, 400), np.nan])
    np.testing.assert_array_equal(found[:4, 1], [1, 1, 1, 0])


def test_units_of_a_kind_within_a_radius(street):
    """Within 500 m of c lie a and b (500 m exactly); b is a business and does not count as a place."""
    dataset = street(b=(300.0, 0.0, {"kind": "business"}))
    recipe = _recipe(of="units", unit_kind="place", statistics=["count"], within=500)
    assert values(dataset, _rows(dataset), recipe)[2] == 1


def test_distance_to_an_earlier_known_finding(street):
    """Place b has a finding that became known later, c one that was known, d a visit without one."""
    visits = [
        _visit("b", "2021-11-01", "2022-03-01"),
        _visit("c", "2021-11-01"),
        _visit("d", "2021-11-01", None, False),
    ]
    dataset = street(visits=visits)
    recipe = _recipe(**FINDINGS, statistics=["distance"])
    np.testing.assert_array_equal(
        values(dataset, _rows(dataset), recipe)[:, 0], [400, 500, np.nan, np.hypot(1000, 400), np.nan]
    )
    later = values(dataset, _rows(dataset, pd.Timestamp("2022-03-01")), recipe)[:, 0]
    np.testing.assert_array_equal(later, [300, 500, 500, 700, np.nan])


@pytest.mark.parametrize(
    ("kernel", "at_300"),
    [("gaussian", np.exp(-0.5 * 0.5625) / (2 * np.pi * 0.16)), ("epanechnikov", 2 * (1 - 0.5625) / (np.pi * 0.16))],
)
def test_a_density_is_the_kernel_at_the_distance(street, kernel, at_300):
    """One event 300 m away with a bandwidth of 400 m: (300/400)^2 = 0.5625, and the bandwidth squared is 0.16 km2."""
    dataset = street(events=[_takeover("b", "2021-01-01")])
    recipe = _recipe(**TAKEOVERS, statistics=["density"], kernel=kernel, bandwidth=400)
    assert values(dataset, _rows(dataset), recipe)[0, 0] == pytest.approx(at_300, rel=1e-12)


@pytest.mark.parametrize("kernel", ["gaussian", "epanechnikov"])
def test_a_density_is_per_square_kilometre(make_dataset, kernel):
    """On a grid with a unit every 50 m there are 400 in a square kilometre: in the middle the density is that, less the unit itself."""
    grid = {f"u{i}_{j}": (50.0 * i, 50.0 * j) for i in range(41) for j in range(41)}
    dataset = make_dataset(units=_units(**grid))
    recipe = _recipe(of="units", statistics=["density"], kernel=kernel, bandwidth=240)
    middle = pd.DataFrame({"unit_id": ["u20_20"], "known_until": [T]})
    itself = {"gaussian": 0.5, "epanechnikov": 2.0}[kernel] / (np.pi * 0.24**2)
    assert values(dataset, middle, recipe)[0, 0] + itself == pytest.approx(400, rel=0.01)


def test_places_at_one_address_are_each_others_neighbours(make_dataset):
    """Three places on one point, each with an event: each has the two others, at distance 0, and never itself."""
    dataset = make_dataset(
        units=_units(a=(5.0, 5.0), b=(5.0, 5.0), c=(5.0, 5.0)), events=[_takeover(u, "2021-01-01") for u in "abc"]
    )
    for near in ({"within": 1}, {"nearest": 2}, {"nearest": 5}):
        found = values(dataset, _rows(dataset), _recipe(**TAKEOVERS, statistics=["count", "distance"], **near))
        np.testing.assert_array_equal(found, [[2, 0]] * 3)


@pytest.fixture(scope="module")
def town(make_dataset):
    """Sixty places in a square kilometre, some closed or not open yet, with 300 events and 80 visits that became known later."""
    rng = np.random.default_rng(4)
    start = pd.Timestamp("2020-01-01")

    def days(size: int) -> list[pd.Timestamp]:
        return [start + pd.Timedelta(days=int(day)) for day in rng.integers(0, 1200, size)]

    units = [
        {"unit_id": f"u{i:02d}", "sector": rng.choice(["shop", "marina"]), "kind": "place", "area_code": "a"}
        | ({} if i % 10 == 0 else {"x": rng.uniform(0, 1000), "y": rng.uniform(0, 1000)})
        | ({"opened_on": days(1)[0]} if i % 3 == 0 else {"closed_on": days(1)[0]} if i % 4 == 0 else {})
        for i in range(60)
    ]

    def who(size: int) -> list[str]:
        return [f"u{i:02d}" for i in rng.integers(0, 60, size)]

    def late(day: pd.Timestamp) -> pd.Timestamp:
        return day + pd.Timedelta(days=int(rng.integers(0, 200)))

    events = [_takeover(u, day, late(day)) for u, day in zip(who(300), days(300), strict=True)]
    visits = [
        _visit(u, day, late(day), bool(rng.random() < 0.5)) | {"inspection_id": str(i)}
        for i, (u, day) in enumerate(zip(who(80), days(80), strict=True))
    ]
    return make_dataset(units=units, events=events, inspections=visits)


BRUTE = [
    {"of": "events", "kind": "takeover", "statistics": ["count", "distance"], "within": 250},
    {"of": "events", "kind": "takeover", "statistics": ["density"], "kernel": "gaussian", "bandwidth": 70},
    {"of": "findings", "statistics": ["density"], "kernel": "epanechnikov", "bandwidth": 200},
    {"of": "findings", "statistics": ["count", "distance"], "nearest": 7, "sector": "shop"},
    {"of": "findings", "statistics": ["count"], "within": 300, "closed": True},
    {"of": "units", "statistics": ["count", "distance"], "nearest": 7, "sector": "marina"},
]
DATES = [pd.Timestamp(day) for day in ("2020-03-01", "2021-01-01", "2022-02-01", "2023-01-01")]


@pytest.mark.parametrize("asked", BRUTE, ids=lambda asked: f"{asked['of']} {asked['statistics']}")
def test_cells_are_what_a_plain_loop_gives(town, asked):
    """Every thirteenth row of sixty places on four dates, against a loop over all places and all facts."""
    windows = {} if asked["of"] == "units" else {"windows": ["9 months", "all"]}
    recipe, rows = _recipe(**asked, **windows), _rows(town, *DATES)
    found, chosen = values(town, rows, recipe), np.arange(0, len(rows), 13)
    places, facts = town.tables["units"].to_dict("records"), _facts(town, recipe)
    for column, (_, statistic, window, _) in enumerate(names(recipe)):
        by_hand = [
            _by_hand(places, facts, recipe, row.unit_id, row.known_until, statistic, window)
            for row in rows.iloc[chosen].itertuples()
        ]
        np.testing.assert_allclose(found[chosen, column], by_hand, rtol=1e-9)


def _by_hand(places, facts, recipe, unit_id, t, statistic, window) -> float:
    """One cell, by a plain loop over places and facts."""
    (me,) = (place for place in places if place["unit_id"] == unit_id)
    if np.isnan(me["x"]):
        return np.nan
    others = []
    for place in places:
        not_yet = not pd.isna(place["opened_on"]) and place["opened_on"] > t
        gone = not pd.isna(place["closed_on"]) and place["closed_on"] <= t and not recipe.closed
        if place["unit_id"] == unit_id or np.isnan(place["x"]) or gone or not_yet:
            continue
        of_kind = recipe.sector in (None, place["sector"])
        if of_kind or (recipe.of == "units" and recipe.nearest):
            distance = float(np.hypot(place["x"] - me["x"], place["y"] - me["y"]))
            others.append((distance, _amount(facts, recipe, place["unit_id"], t, window) if of_kind else 0))
    return _of_pairs(sorted(others), recipe, statistic)


def _of_pairs(others, recipe, statistic) -> float:
    """The statistic of (metres, amount) of the others, nearest first."""
    if statistic == "distance":
        return min((d for d, n in others if n), default=np.nan)
    if statistic == "count":
        chosen = others[: recipe.nearest] if recipe.nearest else [pair for pair in others if pair[0] <= recipe.within]
        return float(sum(n for _, n in chosen))
    h = recipe.bandwidth / 1000
    if recipe.kernel == "gaussian":
        near = [(d / 1000, n) for d, n in others if d <= 4 * recipe.bandwidth]
        return sum(n * np.exp(-(d**2) / (2 * h**2)) for d, n in near) / (2 * np.pi * h**2)
    near = [(d / 1000, n) for d, n in others if d <= recipe.bandwidth]
    return sum(n * 2 * (1 - d**2 / h**2) for d, n in near) / (np.pi * h**2)


def _facts(dataset, recipe) -> list[tuple[str, pd.Timestamp, pd.Timestamp]]:
    """Unit, day and day of knowledge of everything that such a column counts."""
    if recipe.of == "events":
        events = dataset.tables["events"]
        return list(zip(events["unit_id"], events["occurred_on"], events["known_on"], strict=True))
    visits = dataset.tables["inspections"].query("finding")
    return list(zip(visits["unit_id"], visits["inspected_on"], visits["known_on"], strict=True))


def _amount(facts, recipe, unit, t, window) -> int:
    """How often it had happened at one unit, by a plain loop over the facts."""
    if recipe.of == "units":
        return 1
    since = pd.Timestamp.min if window is None else window.before(t)
    return sum(1 for who, day, known in facts if who == unit and known <= t and since < day <= t)


@pytest.mark.parametrize("asked", BRUTE, ids=lambda asked: f"{asked['of']} {asked['statistics']}")
@pytest.mark.parametrize("metres", [None, 250], ids=["everywhere", "on a few corners"])
def test_cutting_what_was_not_known_yet_changes_nothing(town, asked, metres):
    """The rows of a date are the same to the bit when later facts, openings and closings are struck out, also among equal distances."""
    if metres is not None:
        units = town.tables["units"]
        corners = units.assign(x=units["x"] // metres * metres, y=units["y"] // metres * metres)
        town = replace(town, tables={**town.tables, "units": corners})
    recipe = _recipe(**asked, **({} if asked["of"] == "units" else {"windows": ["9 months", "all"]}))
    for day in DATES:
        events, visits, units = (town.tables[name] for name in ("events", "inspections", "units"))
        cut = {
            "events": events[(events["known_on"] <= day) & (events["occurred_on"] <= day)],
            "inspections": visits[(visits["known_on"] <= day) & (visits["inspected_on"] <= day)],
            "units": units.assign(closed_on=units["closed_on"].where(units["closed_on"] <= day)),
        }
        open_rows = _rows(town, day)[(units["opened_on"].isna() | (units["opened_on"] <= day)).to_numpy()]
        cut["units"] = cut["units"][cut["units"]["opened_on"].isna() | (cut["units"]["opened_on"] <= day)]
        before = values(replace(town, tables=cut), open_rows, recipe)
        np.testing.assert_array_equal(values(town, open_rows, recipe), before)


def test_dates_and_pairs_in_parts_give_the_same(town, monkeypatch):
    """A part of one date, ten pairs and seven units at a time gives what one part gives."""
    recipe, rows = _recipe(**BRUTE[1], windows=["9 months", "all"]), _rows(town, *DATES)
    whole = values(town, rows, recipe)
    monkeypatch.setattr("tegenkracht.features.space.surroundings._CELLS", 1)
    monkeypatch.setattr("tegenkracht.features.space.near._PAIRS", 10)
    monkeypatch.setattr("tegenkracht.features.space.near._UNITS", 7)
    np.testing.assert_array_equal(values(town, rows, recipe), whole)


@pytest.mark.parametrize("near", [{"within": 400}, {"nearest": 3}], ids=["within", "nearest"])
def test_empty_tables_have_nothing_nearby(street, make_dataset, near):
    """Without events there are none nearby, and none anywhere; without rows or places there is nothing to fill."""
    recipe = _recipe(**TAKEOVERS, statistics=["count", "distance"], **near)
    np.testing.assert_array_equal(values(street(), _rows(street()), recipe)[:4], [[0, np.nan]] * 4)
    assert values(street(), _rows(street()).iloc[:0], recipe).shape == (0, 2)
    nowhere = make_dataset(units=_units(a=(None, None)))
    assert np.isnan(values(nowhere, _rows(nowhere), recipe)).all()


def test_a_place_alone_has_nobody_nearby(make_dataset):
    """One place: no other to count, and no distance to measure."""
    dataset = make_dataset(units=_units(a=(0.0, 0.0)), events=[_takeover("a", "2021-01-01")])
    recipe = _recipe(**TAKEOVERS, statistics=["count", "distance"], nearest=3)
    np.testing.assert_array_equal(values(dataset, _rows(dataset), recipe), [[0, np.nan]])


def test_names_carry_radius_sector_and_window():
    """A name says where was looked, for what, and how far back; events and findings stay in their own family."""
    asked = {"statistics": ["count", "density", "distance"], "kernel": "gaussian", "bandwidth": 300}
    events = _recipe(of="events", kind="takeover", within=500, windows=["36 months", "all"], **asked)
    assert [(name, family) for name, _, _, family in names(events)] == [
        ("within_500_takeover_count_36m", "takeover"),
        ("within_500_takeover_count", "takeover"),
        ("gaussian_300_takeover_density_36m", "takeover"),
        ("gaussian_300_takeover_density", "takeover"),
        ("takeover_distance_36m", "takeover"),
        ("takeover_distance", "takeover"),
    ]
    marinas = _recipe(of="units", sector="marina", unit_kind="place", nearest=5, closed=True, statistics=["count"])
    assert [name for name, *_ in names(marinas)] == ["nearest_5_marina_place_ever_count"]
    findings = _recipe(**FINDINGS, sector="marina", statistics=["distance"])
    assert [(name, family) for name, _, _, family in names(findings)] == [("finding_at_marina_distance", "visit")]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"of": "events", "statistics": ["distance"], "windows": ["all"]}, "`kind` names an event kind"),
        ({"of": "units", "kind": "takeover", "statistics": ["distance"]}, "`kind` names an event kind"),
        ({"of": "units", "statistics": ["distance"], "windows": ["all"]}, "units have none"),
        ({"of": "findings", "statistics": ["distance"]}, "`windows` belongs to"),
        ({**FINDINGS, "statistics": ["count"]}, "needs either `within`"),
        ({**FINDINGS, "statistics": ["count"], "within": 5, "nearest": 5}, "needs either `within`"),
        ({**FINDINGS, "statistics": ["distance"], "within": 5}, "only `count` has them"),
        ({**FINDINGS, "statistics": ["density"], "kernel": "gaussian"}, "needs `kernel` and `bandwidth`"),
        ({**FINDINGS, "statistics": ["distance"], "bandwidth": 5}, "only `density` has them"),
        ({"of": "units", "statistics": ["count"], "nearest": 5}, "of the 5 nearest units all are units"),
        ({**FINDINGS, "statistics": ["share"]}, "Input should be 'count'"),
        ({**FINDINGS, "statistics": ["distance"], "person": "x"}, "Extra inputs are not permitted"),
    ],
)
def test_a_recipe_that_means_nothing_is_refused(asked, message):
    """What belongs together stands together; the message says what to write."""
    with pytest.raises(ValidationError, match=message):
        _recipe(**asked)


def test_unknown_names_and_windows_longer_than_the_data_are_problems(street):
    """A typing error in the kind, a sector that no unit has, an audit attribute, and ten years back in data of four years."""
    dataset = street(**DUTCH)
    recipe = _recipe(of="events", kind="takover", sector="harbour", statistics=["distance"], windows=["10 years"])
    assert [str(problem) for problem in problems(dataset, recipe, "features.recipes.0", TIME)] == [
        "features.recipes.0.kind: `takover` is not an event kind of dataset small. Did you mean `takeover`?",
        "features.recipes.0.sector: `harbour` is not a sector of dataset small. It has: shop.",
        "features.recipes.0.windows: a window of 120 months before 2023-07-01 starts before the events do, on 2020-01-01."
        " Take a shorter window, or `all`.",
    ]
    wealth = _recipe(of="events", kind="wealth", statistics=["distance"], windows=["all"])
    assert [problem.way_out for problem in problems(dataset, wealth, "r", TIME)] == ["Remove it."]
    body = _recipe(of="units", unit_kind="public_body", statistics=["distance"])
    assert [problem.where for problem in problems(dataset, body, "r", TIME)] == ["r.unit_kind"]


def test_coordinates_in_another_system_are_a_problem_with_column_and_count(street):
    """Degrees in a table that says metres: two of the four values of y lie outside the extent, in rows 3 and 4."""
    dataset = street(c=(0.0, -52.1), d=(1000.0, -4.9))
    dataset = replace(
        dataset, description=dataset.description.model_copy(update={"extent": (0.0, 0.0, 2000.0, 2000.0)})
    )
    (problem,) = problems(dataset, _recipe(**FINDINGS, statistics=["distance"]), "r", TIME)
    assert (problem.where, problem.column, problem.rows, problem.count) == ("units.parquet", "y", (3, 4), 2)
    assert str(problem) == (
        "units.parquet, rows 3, 4, column `y`: 2 of 4 values lie outside the extent 0 … 2000 (EPSG:28992)."
        " Correct the coordinates (are x and y exchanged, or in another system?), or `crs` and `extent` in dataset.yaml."
    )


def test_degrees_and_no_coordinates_at_all_are_problems(make_dataset):
    """A radius in metres means nothing in degrees, and nothing lies near a place that lies nowhere."""
    dataset = make_dataset(units=_units(a=(None, None)))
    dataset = replace(dataset, description=dataset.description.model_copy(update={"crs": "EPSG:4326"}))
    found = [str(problem) for problem in problems(dataset, _recipe(**FINDINGS, statistics=["distance"]), "r", TIME)]
    assert found == [
        "dataset.yaml, crs: EPSG:4326 is in degrees, and r measures in metres."
        " Convert x and y to a system in metres (in the Netherlands EPSG:28992), and change `crs`.",
        "units.parquet, column `x`: no unit has coordinates, and r needs them. Fill in x and y, or remove the recipe.",
    ]


def test_a_sound_recipe_has_no_problems(street):
    """Coordinates inside the extent of the Netherlands, known names and a window within the data."""
    assert not list(problems(street(**DUTCH), _recipe(**TAKEOVERS, statistics=["distance"]), "r", TIME))


def test_the_dictionary_says_who_counts_and_how_it_is_measured(street):
    """The entry of a count of events: a sentence in both languages, the indicator's own words, and who does not count."""
    recipe = _recipe(
        of="events", kind="takeover", statistics=["count"], within=500, windows=["36 months"], sector="shop"
    )
    entry = words(recipe, "count", recipe.windows[0], street().description)
    assert entry.label.in_("en") == "Number of times ‘change’ within 500 metres (shop) in 36 months"
    assert entry.definition.in_("nl") == (
        "Aantal keer ‘wisseling’ binnen 500 meter (shop) in 36 maanden. Een nieuwe uitbater. De plaats zelf telt niet mee."
        " Alleen wat toen open was telt mee. Zonder coördinaten is dit onbekend."
    )
    assert entry[2:] == ("place", "register × units", "+", "medium", 1, "open", "never")


@pytest.mark.parametrize("statistic", ["count", "density", "distance"])
@pytest.mark.parametrize("of", ["events", "findings", "units"])
def test_every_column_has_its_words(street, of, statistic):
    """No statistic of no kind is without a label, a definition and a family that has a name; far from it is less of it."""
    how = {"count": {"within": 5}, "density": {"kernel": "gaussian", "bandwidth": 5}, "distance": {}}[statistic]
    asked = {"events": TAKEOVERS, "findings": FINDINGS, "units": {"of": "units", "closed": True}}[of]
    recipe = _recipe(**asked, statistics=[statistic], **how)
    ((_, _, window, family),) = names(recipe)
    entry = words(recipe, statistic, window, street().description)
    assert "{" not in entry.label.nl + entry.label.en + entry.definition.nl + entry.definition.en
    assert family in {"takeover", "visit", *FAMILIES}
    assert entry.direction == {"units": "±"}.get(of, "-" if statistic == "distance" else "+")


def test_a_recipe_survives_being_written_down():
    """What was read from YAML and written back is the same recipe."""
    recipe = _recipe(of="findings", statistics=["distance"], windows=["36 months", "all"])
    assert SpaceRecipe.model_validate(recipe.model_dump(mode="json")) == recipe
