"""What ties a place to others, on graphs that fit on the back of an envelope."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from tegenkracht.core.cohort import Time
from tegenkracht.core.text import Text
from tegenkracht.data.dictionary import Indicator, TableInfo
from tegenkracht.features.network import FAMILIES, NetworkRecipe, names, problems, values, words

TIME = Time.model_validate(
    {"first": "2021-07-01", "last": "2023-07-01", "horizon": "12 months", "label_delay": "0 days"}
)
T = pd.Timestamp("2022-01-01")
LINK = ("unit_id", "party_id", "role", "from_on", "until_on", "known_on")


def _recipe(*roles: str, **asked) -> NetworkRecipe:
    return NetworkRecipe.model_validate({"from": "links", "roles": roles or ("director",), **asked})


def _role(nl: str, en: str, **changed) -> Indicator:
    entry = {
        "label": Text(nl=nl, en=en),
        "definition": Text(nl=f"Wie {nl} is.", en=f"Who is {en}."),
        "subject": "business",
        "source": "Handelsregister",
        "availability": "licensed",
        "direction": "±",
        "proxy_risk": "low",
        "manipulability": 1,
    }
    return Indicator.model_validate(entry | changed)


ROLES = {
    "director": _role("bestuurder", "director"),
    "owner": _role("eigenaar", "owner", source="Kadaster", proxy_risk="medium", subject="place"),
    "address": _role("postadres", "postal address", availability="open", manipulability=2),
}


@pytest.fixture(scope="module")
def linked(make_dataset):
    """Units a to f with these links: `a-P director` with dates, and these findings."""

    def make(links=(), visits=(), units="abcdef"):
        dataset = make_dataset(
            units=[{"unit_id": u, "sector": "shop", "kind": "place", "area_code": "x"} for u in units],
            inspections=[
                {"inspection_id": str(i), "finding": True}
                | dict(zip(("unit_id", "inspected_on", "known_on"), v, strict=True))
                for i, v in enumerate(visits)
            ],
        )
        table = pd.DataFrame(list(links), columns=list(LINK)).astype(
            dict.fromkeys(LINK[:3], "str") | dict.fromkeys(LINK[3:], "datetime64[us]")
        )
        info: TableInfo = dataset.description.tables["events"]
        described = dataset.description.model_copy(
            update={"link_roles": ROLES, "tables": {**dataset.description.tables, "links": info}}
        )
        return replace(dataset, tables={**dataset.tables, "links": table}, description=described)

    return make


def _link(tie: str, role: str = "director", since="2020-01-01", until=None, known=None) -> tuple[object, ...]:
    """`a-P`: unit a with party P."""
    unit, party = tie.split("-")
    return unit, party, role, since, until, known or since


def _rows(dataset, *dates) -> pd.DataFrame:
    ids = dataset.tables["units"]["unit_id"]
    return pd.concat([pd.DataFrame({"unit_id": ids, "known_until": day}) for day in dates or (T,)], ignore_index=True)


def test_degree_counts_different_parties(linked):
    """Unit a has P and Q, and P twice; b has P in another role, which counts when that role is asked for; c has nobody."""
    links = [_link("a-P"), _link("a-P", since="2021-01-01"), _link("a-Q"), _link("b-P", "owner")]
    dataset = linked(links)
    assert values(dataset, _rows(dataset), _recipe(statistics=["degree"]))[:3, 0].tolist() == [2, 0, 0]
    assert values(dataset, _rows(dataset), _recipe("director", "owner", statistics=["degree"]))[:3, 0].tolist() == [
        2,
        1,
        0,
    ]


@pytest.mark.parametrize(
    ("link", "counts"),
    [
        (_link("a-P", since="2022-01-01"), True),
        (_link("a-P", since="2022-01-02", known="2021-12-01"), False),
        (_link("a-P", known="2022-01-02"), False),
        (_link("a-P", until="2022-01-01"), False),
        (_link("a-P", until="2022-01-02"), True),
    ],
    ids=["begins today", "begins tomorrow", "known tomorrow", "ends today", "ends tomorrow"],
)
def test_a_link_counts_while_it_is_known_begun_and_not_ended(linked, link, counts):
    """On 1 January 2022, with each of the three dates one day this side or that side of it."""
    dataset = linked([link, _link("b-P")])
    recipe = _recipe(statistics=["degree", "shared"], hub_limit=9)
    assert values(dataset, _rows(dataset), recipe)[0].tolist() == [float(counts), float(counts)]


def test_shared_counts_other_units_once(linked):
    """Units a and b share P and Q, a and c share Q: a has two others, b has a and c through Q, d shares only with itself."""
    dataset = linked([_link(tie) for tie in ("a-P", "b-P", "a-Q", "b-Q", "c-Q", "d-R")])
    found = values(dataset, _rows(dataset), _recipe(statistics=["shared"], hub_limit=9))
    assert found[:, 0].tolist() == [2, 2, 2, 0, 0, 0]


def test_a_hub_ties_nothing_together(linked):
    """The notary's address N has four units: with a limit of four all hang together, with three only a and b through P."""
    dataset = linked(
        [_link(tie) for tie in ("a-N", "b-N", "c-N", "d-N", "a-P", "b-P")], [("d", "2021-01-01", "2021-01-01")]
    )
    asked = {"statistics": ["degree", "shared", "component_size", "finding_distance"], "at_most": 3, "windows": ["all"]}
    whole = values(dataset, _rows(dataset), _recipe(**asked, hub_limit=4))
    assert whole[:4].tolist() == [[2, 3, 4, 1], [2, 3, 4, 1], [1, 3, 4, 1], [1, 3, 4, 3]]
    cut = values(dataset, _rows(dataset), _recipe(**asked, hub_limit=3))
    assert cut[:4].tolist() == [[2, 1, 2, 3], [2, 1, 2, 3], [1, 0, 1, 3], [1, 0, 1, 3]]


def test_a_component_falls_apart_when_a_link_ends(linked):
    """The chain a-b-c-d hangs together until c leaves Q on 1 May 2022: then a and b, and c and d."""
    links = [_link("a-P"), _link("b-P"), _link("b-Q"), _link("c-Q", until="2022-05-01"), _link("c-R"), _link("d-R")]
    dataset, recipe = linked(links), _recipe(statistics=["component_size"], hub_limit=9)
    assert values(dataset, _rows(dataset, pd.Timestamp("2022-04-30")), recipe)[:, 0].tolist() == [4, 4, 4, 4, 1, 1]
    assert values(dataset, _rows(dataset, pd.Timestamp("2022-05-01")), recipe)[:, 0].tolist() == [2, 2, 2, 2, 1, 1]


CHAIN = [_link(tie) for tie in ("a-P", "b-P", "b-Q", "c-Q", "c-R", "d-R", "d-S", "e-S")]


def test_steps_to_a_finding_are_steps_to_another_unit(linked):
    """On the chain a-b-c-d-e with a finding at a: b is one step away, e four; a itself has no other, and f is not connected."""
    dataset = linked(CHAIN, [("a", "2021-01-01", "2021-01-01")])
    recipe = _recipe(statistics=["finding_distance"], windows=["all"], hub_limit=9, at_most=9)
    assert values(dataset, _rows(dataset), recipe)[:, 0].tolist() == [9, 1, 2, 3, 4, 9]


def test_two_findings_see_each_other_and_not_themselves(linked):
    """With findings at a and d: d is three steps from a, and a from d; c is nearest to d, b to a; three steps is the most."""
    dataset = linked(CHAIN, [("a", "2021-01-01", "2021-01-01"), ("d", "2021-01-01", "2021-01-01")])
    recipe = _recipe(statistics=["finding_distance"], windows=["all"], hub_limit=9, at_most=9)
    assert values(dataset, _rows(dataset), recipe)[:, 0].tolist() == [3, 1, 1, 3, 1, 9]
    short = recipe.model_copy(update={"at_most": 2})
    assert values(dataset, _rows(dataset), short)[:, 0].tolist() == [2, 1, 1, 2, 1, 2]


def test_a_finding_counts_once_it_was_known_and_within_its_window(linked):
    """The finding at a of June 2020 became known on 1 January 2022, and left the window of 24 months on 1 June 2022."""
    dataset = linked(CHAIN, [("a", "2020-06-01", "2022-01-01")])
    recipe = _recipe(statistics=["finding_distance"], windows=["24 months"], hub_limit=9, at_most=5)
    dates = [pd.Timestamp(day) for day in ("2021-12-31", "2022-01-01", "2022-05-31", "2022-06-01")]
    found = values(dataset, _rows(dataset, *dates), recipe)[:, 0].reshape(4, 6)
    assert found[:, 1].tolist() == [5, 1, 1, 5]


def test_operators_in_a_window_are_a_takeover_chain(linked):
    """Unit a was run by P until 2018, by Q until 1 March 2019, by R until 2020, and by S since: three in 36 months, four in all."""
    links = [
        _link("a-P", since="2015-01-01", until="2018-12-01"),
        _link("a-Q", since="2018-12-01", until="2019-03-01"),
        _link("a-R", since="2019-03-01", until="2020-01-01"),
        _link("a-S", since="2020-01-01"),
        _link("a-X", since="2022-01-02", known="2021-12-01"),
    ]
    dataset, recipe = linked(links), _recipe(statistics=["operators"], windows=["36 months", "all"])
    assert values(dataset, _rows(dataset), recipe)[0].tolist() == [3, 4]
    later = values(dataset, _rows(dataset, pd.Timestamp("2022-03-01")), recipe)
    assert later[0].tolist() == [3, 5], "Q has left the window on the day itself, X has come"


def test_operators_at_one_address_are_those_of_all_units_there(linked):
    """At address M unit a was run by P, and b after it by Q and R; b's earlier director S was there when b was elsewhere."""
    links = [
        _link("a-M", "address", since="2019-01-01", until="2021-01-01"),
        _link("a-P", since="2019-01-01"),
        _link("b-N", "address", since="2018-01-01", until="2021-01-01"),
        _link("b-M", "address", since="2021-01-01"),
        _link("b-S", since="2018-01-01", until="2021-01-01"),
        _link("b-Q", since="2021-01-01", until="2021-06-01"),
        _link("b-R", since="2021-06-01"),
    ]
    recipe = _recipe(address="address", hub_limit=9, statistics=["operators"], windows=["36 months"])
    dataset = linked(links)
    found = values(dataset, _rows(dataset), recipe)
    np.testing.assert_array_equal(found[:3, 0], [np.nan, 3, np.nan], "a and c have no address now")
    earlier = values(dataset, _rows(dataset, pd.Timestamp("2020-12-31")), recipe)
    np.testing.assert_array_equal(earlier[:2, 0], [1, 1])


def test_an_address_with_too_many_units_is_missing(linked):
    """Three units at one address and a limit of two: nobody's chain; with three it is a chain of two."""
    links = [_link(f"{u}-M", "address") for u in "abc"] + [_link("a-P"), _link("b-Q")]
    dataset = linked(links)
    asked = {"address": "address", "statistics": ["operators"], "windows": ["all"]}
    assert np.isnan(values(dataset, _rows(dataset), _recipe(**asked, hub_limit=2))).all()
    np.testing.assert_array_equal(values(dataset, _rows(dataset), _recipe(**asked, hub_limit=3))[:3, 0], [2, 2, 2])


def test_a_visit_in_the_future_is_no_earlier_finding(linked):
    """A visit that is dated tomorrow does not count, even if its result is said to be known already."""
    dataset = linked(CHAIN, [("a", "2022-01-02", "2021-12-01")])
    recipe = _recipe(statistics=["finding_distance"], windows=["all"], hub_limit=9, at_most=5)
    assert values(dataset, _rows(dataset), recipe)[1, 0] == 5


EVERYTHING = _recipe(
    "director",
    "owner",
    statistics=["degree", "shared", "component_size", "finding_distance", "operators"],
    windows=["9 months", "all"],
    hub_limit=5,
    at_most=4,
    address="address",
)
DATES = [pd.Timestamp(day) for day in ("2020-03-01", "2021-01-01", "2022-02-01", "2023-01-01")]


@pytest.fixture(scope="module", params=[7, 8, 9, 10])
def city(linked, request):
    """Fifty units and 40 parties with 220 links, two in five of which end, and 25 findings; much becomes known later."""
    rng = np.random.default_rng(request.param)

    def day() -> pd.Timestamp:
        return pd.Timestamp("2019-06-01") + pd.Timedelta(days=int(rng.integers(0, 1200)))

    def some(most: int) -> pd.Timedelta:
        return pd.Timedelta(days=int(rng.integers(0, most)))

    units = [f"u{i:02d}" for i in range(50)]
    links = []
    for _ in range(220):
        since, role = day(), str(rng.choice(["director", "owner", "address"]))
        kind = "place" if role == "address" else "party"
        party = f"{kind}{int(rng.integers(0, 12 if rng.random() < 0.4 else 40))}"
        until = since + some(500) if rng.random() < 0.4 else None
        links.append((str(rng.choice(units)), party, role, since, until, since + some(120)))
    found = [day() for _ in range(25)]
    visits = [(str(rng.choice(units)), when, when + some(200)) for when in found]
    return linked(links, visits, units=units)


def test_every_cell_is_what_a_plain_loop_gives(city):
    """Fifty units on four dates, against sets, walks and loops over all links."""
    rows = _rows(city, *DATES)
    found = values(city, rows, EVERYTHING)
    by_hand = np.concatenate([_by_hand(city, day, EVERYTHING) for day in DATES])
    np.testing.assert_array_equal(found, by_hand)
    assert len(np.unique(found[:, 2])) > 3, "the components differ"
    assert set(np.unique(found[:, 3:5])) == {1, 2, 3, 4}, "the steps differ"


def _by_hand(dataset, t, recipe) -> list[list[float]]:
    """All columns of all units on one date."""
    units = dataset.tables["units"]["unit_id"].tolist()
    known = [link for link in dataset.tables["links"].itertuples() if link.known_on <= t and link.from_on <= t]
    is_open = [link for link in known if pd.isna(link.until_on) or link.until_on > t]
    ties = {(link.unit_id, link.party_id) for link in is_open if link.role in recipe.roles}
    size = {party: sum(1 for _, p in ties if p == party) for _, party in ties}
    around = {
        unit: {
            o
            for o in units
            if o != unit and any((unit, p) in ties and (o, p) in ties for p in size if size[p] <= recipe.hub_limit)
        }
        for unit in units
    }
    walks = {unit: _walk(around, unit) for unit in units}
    return [
        [
            sum(1 for who, _ in ties if who == unit),
            len(around[unit]),
            len(walks[unit]),
            *(_nearest(dataset, walks[unit], unit, t, window, recipe.at_most) for window in recipe.windows),
            *(_at_address(known, is_open, unit, t, window, recipe) for window in recipe.windows),
        ]
        for unit in units
    ]


def _walk(around, start) -> dict[str, int]:
    """Steps to everything that can be reached."""
    steps, edge = {start: 0}, [start]
    while edge:
        edge = [
            other
            for unit in edge
            for other in around[unit]
            if other not in steps and steps.setdefault(other, steps[unit] + 1)
        ]
    return steps


def _nearest(dataset, walk, unit, t, window, at_most) -> int:
    visits = dataset.tables["inspections"].itertuples()
    since = pd.Timestamp.min if window is None else window.before(t)
    found = {v.unit_id for v in visits if v.finding and v.known_on <= t and since < v.inspected_on <= t} - {unit}
    return min([at_most, *(walk[other] for other in found if other in walk)])


def _at_address(known, is_open, unit, t, window, recipe) -> float:
    at = {(link.unit_id, link.party_id) for link in is_open if link.role == recipe.address}
    mine = {a for who, a in at if who == unit and sum(1 for _, other in at if other == a) <= recipe.hub_limit}
    since = pd.Timestamp.min if window is None else window.before(t)

    def end(link):
        return pd.Timestamp.max if pd.isna(link.until_on) else link.until_on

    met = {
        run.party_id
        for there in known
        if there.role == recipe.address and there.party_id in mine
        for run in known
        if run.role in recipe.roles and run.unit_id == there.unit_id
        if max(there.from_on, run.from_on) < min(end(there), end(run)) and min(end(there), end(run)) > since
    }
    return len(met) if mine else np.nan


def test_cutting_what_was_not_known_yet_changes_nothing(city):
    """The rows of a date are the same when later links and findings are struck out, and the ends that lie after the date."""
    for day in DATES:
        links, visits = city.tables["links"], city.tables["inspections"]
        links = links[(links["known_on"] <= day) & (links["from_on"] <= day)]
        cut = {
            "links": links.assign(until_on=links["until_on"].where(links["until_on"] <= day)),
            "inspections": visits[(visits["known_on"] <= day) & (visits["inspected_on"] <= day)],
        }
        before = replace(city, tables={**city.tables, **cut})
        rows = _rows(city, day)
        np.testing.assert_array_equal(values(city, rows, EVERYTHING), values(before, rows, EVERYTHING))


def test_rows_may_come_in_any_order_and_of_unknown_units(city):
    """Rows are matched by unit and date; a unit that is not in the table is missing."""
    rows = _rows(city, *DATES)
    shuffled = rows.sample(frac=1, random_state=1)
    mixed = pd.concat([shuffled, pd.DataFrame({"unit_id": ["nobody"], "known_until": [T]})])
    found = values(city, mixed, EVERYTHING)
    np.testing.assert_array_equal(found[:-1], values(city, rows, EVERYTHING)[shuffled.index])
    assert np.isnan(found[-1]).all()


def test_empty_tables_give_a_unit_alone(linked):
    """Without links and findings every unit hangs together with itself, farthest from all, and no rows give no values."""
    dataset = linked()
    found = values(dataset, _rows(dataset), EVERYTHING)
    np.testing.assert_array_equal(found, [[0, 0, 1, 4, 4, np.nan, np.nan]] * 6)
    assert values(dataset, _rows(dataset).iloc[:0], EVERYTHING).shape == (0, 7)


def test_names_carry_role_or_name_and_window():
    """One role names its columns; several are the network, unless the recipe has a name."""
    assert [(name, statistic, str(window), family) for name, statistic, window, family in names(EVERYTHING)][2:5] == [
        ("network_component_size", "component_size", "None", "network"),
        ("network_finding_distance_9m", "finding_distance", "9 months", "network"),
        ("network_finding_distance", "finding_distance", "None", "network"),
    ]
    assert [name for name, *_ in names(EVERYTHING)][-1] == "network_operators_at_address"
    one = _recipe(statistics=["degree"])
    assert [name for name, *_ in names(one)] == ["director_degree"]
    assert [name for name, *_ in names(one.model_copy(update={"name": "board"}))] == ["board_degree"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"statistics": ["operators"]}, "`windows` belongs to finding_distance and operators"),
        ({"statistics": ["degree"], "windows": ["all"]}, "`windows` belongs to"),
        ({"statistics": ["shared"]}, "`hub_limit` belongs to"),
        ({"statistics": ["degree"], "hub_limit": 5}, "`hub_limit` belongs to"),
        ({"statistics": ["operators"], "windows": ["all"], "address": "address"}, "`hub_limit` belongs to"),
        ({"statistics": ["finding_distance"], "windows": ["all"], "hub_limit": 5}, "`at_most` .steps. belongs to"),
        (
            {"statistics": ["shared"], "hub_limit": 5, "address": "address"},
            "`address` says where operators are counted",
        ),
        ({"statistics": ["pagerank"]}, "Input should be 'degree'"),
        ({"statistics": []}, "at least 1 item"),
        ({"statistics": ["degree"], "subject": "person"}, "Extra inputs are not permitted"),
    ],
)
def test_a_recipe_that_means_nothing_is_refused(asked, message):
    """What belongs together stands together; the message says what to write."""
    with pytest.raises(ValidationError, match=message):
        _recipe(**asked)


def test_unknown_roles_and_windows_longer_than_the_data_are_problems(linked):
    """Two typing errors and ten years back in data of four: all at once, each with its way out."""
    recipe = _recipe("directer", address="adres", statistics=["operators"], windows=["10 years"], hub_limit=9)
    assert [str(problem) for problem in problems(linked(), recipe, "features.recipes.3", TIME)] == [
        "features.recipes.3.roles: `directer` is not a link role of dataset small. Did you mean `director`?",
        "features.recipes.3.address: `adres` is not a link role of dataset small. Did you mean `address`?",
        "features.recipes.3.windows: a window of 120 months before 2023-07-01 starts before the links do, on 2020-01-01."
        " Take a shorter window, or `all`.",
    ]
    distance = _recipe(statistics=["finding_distance"], windows=["10 years"], hub_limit=9, at_most=3)
    assert ["before the inspections do" in str(problem) for problem in problems(linked(), distance, "r", TIME)] == [
        True
    ]


def test_a_dataset_without_links_is_a_problem(make_dataset):
    """The table is optional; a recipe that needs it says so."""
    assert [str(problem) for problem in problems(make_dataset(), _recipe(statistics=["degree"]), "r", TIME)] == [
        "r: dataset small has no table `links`. Add the table, or remove the recipe."
    ]


def test_links_with_a_cycle_in_time_are_problems_with_their_rows(linked):
    """Row 2 ends before it begins, rows 3 and 4 were known more than a year ahead; a year to the day is announced in time."""
    links = [
        _link("a-P", since="2021-01-01", known="2020-01-01"),
        _link("b-P", since="2021-01-01", until="2020-12-31"),
        _link("c-P", since="2021-01-02", known="2020-01-01"),
        _link("d-P", since="2023-01-01", known="2020-01-01"),
        _link("e-P", "owner", since="2021-01-01", until="2020-01-01"),
    ]
    assert [str(problem) for problem in problems(linked(links), _recipe(statistics=["degree"]), "r", TIME)] == [
        "links.parquet, row 2, column `until_on`: the link of b with P (director, from 2021-01-01) ends before it begins."
        " Correct one of the dates.",
        "links.parquet, rows 3, 4, column `known_on`: the link of c with P (director, from 2021-01-02) was known more than a year"
        " before it began (the first of 2). Correct one of the dates, or drop the link.",
    ]


def test_a_sound_recipe_has_no_problems(linked):
    """Known roles, and windows within the data."""
    assert not list(problems(linked(CHAIN), EVERYTHING, "r", TIME))


def test_the_dictionary_takes_the_most_careful_of_its_roles(linked):
    """Steps over owners and directors to a finding: closed as findings are, of high proxy risk, and less is more reason to look."""
    recipe = EVERYTHING.model_copy(update={"windows": EVERYTHING.windows[:1]})
    entry = words(recipe, "finding_distance", recipe.windows[0], linked().description)
    assert entry.label.en == "Steps to another place with an earlier finding (director, owner) in 9 months"
    assert entry[2:] == ("business", "Handelsregister, Kadaster, inspections", "-", "high", 1, "closed", "always")
    assert "4 betekent: 4 of meer stappen, of niet verbonden." in entry.definition.nl
    at_address = words(recipe, "operators", None, linked().description)
    assert at_address.label.nl.endswith("(bestuurder, eigenaar) op hetzelfde adres (postadres)")
    assert at_address[4:] == ("+", "medium", 2, "licensed", "always")


@pytest.mark.parametrize("column", range(7))
def test_every_column_has_its_words(linked, column):
    """No statistic is without a label, a definition and a family that has a name."""
    _, statistic, window, family = names(EVERYTHING)[column]
    entry = words(EVERYTHING, statistic, window, linked().description)
    assert "{" not in entry.label.nl + entry.label.en + entry.definition.nl + entry.definition.en
    assert family in FAMILIES


def test_a_recipe_survives_being_written_down():
    """What was read from YAML and written back is the same recipe."""
    assert NetworkRecipe.model_validate(EVERYTHING.model_dump(mode="json")) == EVERYTHING
