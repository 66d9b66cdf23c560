"""What is told of one flagged place: reasons that hold, comparable places, what is left out, and a change that holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.feature import Feature
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.core.text import Text
from tegenkracht.explanation.attributions import Attributions
from tegenkracht.explanation.families import Together
from tegenkracht.explanation.places import Place, places_of
from tegenkracht.explanation.reasons import reasons_table
from tegenkracht.explanation.refits import Refits
from tegenkracht.explanation.shown import Shown
from tegenkracht.explanation.teller import Around, Facts, Teller, Told
from tegenkracht.features.telling import Telling
from tegenkracht.models.fitting import FittedModel
from tegenkracht.models.plan import Estimator, ModelPlan
from tegenkracht.reporting.places import FOLDER, KEY_FILE, Reading, write_places

TEXT = Text(nl="x", en="x")
N = 80
LISTED = 12


class Sum:
    """A score that is the sum of its columns."""

    def decision_function(self, X: pd.DataFrame) -> np.ndarray:
        """One number per row."""
        return X.fillna(0).sum(axis=1).to_numpy()


def feature(name: str, **changed: object) -> Feature:
    """An entry of the dictionary: a fact of the business, no proxy."""
    fields = {"name": name, "label": TEXT, "definition": TEXT, "subject": "business", "source": "s", "family": name}
    return Feature(**{**fields, **changed})


FEATURES = (
    feature("takeovers", direction="+"),
    feature("late", proxy_risk="high", direction="+"),
    feature("footfall", subject="place"),
    feature("ties", direction="+"),
    feature("vacancy", subject="area"),
)
WORDS = {"label": ("x", "x"), "where": ("", ""), "window": ("", "")}
TELLINGS = {
    "takeovers": Telling("event.count", "count", WORDS, own=True, absent="none"),
    "late": Telling("event.count", "count", WORDS, own=True, absent="none"),
    "footfall": Telling("event.count", "count", WORDS, own=True, absent="none"),
    "ties": Telling("links.shared", "count", WORDS, own=False, absent="unknown"),
    "vacancy": Telling("area.latest", "number", WORDS, own=False, absent="unknown", around=True),
}
NAMES = [f.name for f in FEATURES]


def world() -> tuple[Panel, FittedModel, Attributions]:
    """Eighty shops on one date; the first twelve have most and are on the list; unit 0 and the last twenty are sole traders, unit 0 with ties."""
    columns = {name: np.ones(N) for name in NAMES}
    columns["takeovers"][:LISTED] = 3.0
    columns["takeovers"][LISTED:40] = 0.0
    columns["takeovers"][60:], columns["late"][60:] = 3.0, 0.0
    columns["ties"][:LISTED] = 1.5
    columns["ties"][1], columns["ties"][60:] = np.nan, 0.5
    rows = pd.DataFrame(
        {
            "row_id": [f"u{i:02}@d" for i in range(N)],
            "unit_id": [f"u{i:02}" for i in range(N)],
            "as_of": pd.Timestamp("2022-04-01"),
            "known_until": pd.Timestamp("2022-04-01"),
            "sector": "shops",
            "cluster_id": "c",
            "area_code": ["A"] * 30 + ["B"] * 50,
            "outcome": np.nan,
            "observed": False,
            "outcome_known_on": pd.Timestamp("2023-10-01"),
            "inspector": None,
            "channel": None,
            "earlier_visits": 0.0,
            **columns,
        }
    )
    panel = Panel(rows, FEATURES, (), False, "made")
    plan = ModelPlan(
        label=TEXT,
        description=TEXT,
        estimator=Estimator(target="sum", parameters={}),
        columns="features",
        probability=False,
        explain=True,
    )
    fold = Fold("f", pd.Timestamp("2022-04-01"), np.arange(0), np.arange(N))
    scores = rows[NAMES].fillna(0).sum(axis=1).to_numpy()
    model = FittedModel("m", plan, fold, tuple(NAMES), Sum(), scores)
    values = rows[NAMES].fillna(0).sub(rows[NAMES][:60].mean())
    explained = Attributions("m", rows["row_id"].to_numpy(), np.repeat("f", N), np.zeros(N), values, "log-odds")
    return panel, model, explained


APART = Together({n: (n,) for n in NAMES}, {n: (n,) for n in NAMES}, {})
FACTS = Facts(
    tellings=TELLINGS,
    sole_traders=frozenset({"u00", *(f"u{i}" for i in range(60, N))}),
    blanked=True,
    at_least=10,
    at_most=5,
    change_over="low",
    others={},
    proxies=frozenset(),
    capacity=LISTED,
    lists="per_as_of",
)


def tell(refits: Refits | None = None, together: Together = APART, **changed: object) -> dict[str, object]:
    """The places of the made-up list, by unit."""
    panel, model, explained = world()
    facts = replace(FACTS, **changed)
    found = places_of(panel, [model], explained, refits, together, facts, changed="last")
    return {place.row_id[:3]: place for place in found}


def test_every_flagged_place_is_told_and_no_other() -> None:
    """The first twelve have the highest scores."""
    assert list(tell()) == [f"u{i:02}" for i in range(LISTED)]


def test_a_reason_stands_beside_what_is_typical_of_comparable_places() -> None:
    """Three takeovers; the thirty of the area have twelve times three among them. Without the place itself the mean would tell its value."""
    first = tell()["u02"].reasons[0]
    assert (first.feature, first.shown.low, first.typical.n) == ("takeovers", 3.0, 30)
    assert first.typical.value == pytest.approx(12 * 3 / 30)
    assert first.typical.scope == "area"


@pytest.mark.parametrize(
    ("areas", "at_least", "scope"),
    [
        ([f"a{i}" for i in range(N)], 10, "sector"),
        ([f"a{i % 4}" for i in range(N)], 2, "area"),
        (["A"] * 30 + ["B"] * 50, 10, "area"),
    ],
)
def test_the_number_of_places_beside_a_reason_is_the_number_that_was_compared(areas, at_least, scope) -> None:
    """Where a column is not known of all, the reason tells of how many; of an area as a number that as many areas have, or not at all."""
    panel, model, explained = world()
    unknown = panel.rows["ties"].where((np.arange(N) % 5 > 0) | (np.arange(N) < LISTED))
    panel = replace(panel, rows=panel.rows.assign(ties=unknown, area_code=areas))
    places = places_of(panel, [model], explained, None, APART, replace(FACTS, at_least=at_least), changed="none")
    told = [(place, reason) for place in places for reason in place.reasons]
    assert scope in {place.compared.scope for place, _ in told}
    for place, reason in told:
        whole = (place.compared.scope, len(place.compared.rows) + 1)
        assert (reason.known is None) == ((reason.typical.scope, reason.typical.n) == whole)
        if reason.known is not None and reason.known.state == "exact":
            assert reason.known.low == reason.typical.n
        if reason.known is not None and reason.known.state == "or_more":
            assert reason.known.low <= reason.typical.n
            assert reason.typical.scope == "area"
    assert any(reason.known is not None for _, reason in told)


def test_of_a_sole_trader_no_ties_and_no_place_are_told() -> None:
    """The party of a sole trader is a person, and the place may be a home: the reason counts, the fact is not told."""
    place = tell()["u00"]
    assert [reason.feature for reason in place.reasons] == ["takeovers"]
    assert (place.untold, place.left_out, place.sole_trader) == ({"person": 1}, 1, True)
    assert [reason.feature for reason in tell()["u02"].reasons] == ["takeovers", "ties"]


def test_a_change_is_one_of_own_facts_of_low_proxy_risk() -> None:
    """Takeovers may change; being late has a high proxy risk, ties are another's, and vacancy is of the area."""
    place = tell()["u02"]
    assert place.change.state == "found"
    assert place.change.facts == ("takeovers",)
    assert {a.feature for a in place.altered} == {"takeovers"}
    model = world()[1]
    assert place.change.score < np.sort(model.scores)[::-1][LISTED]


def test_values_are_taken_over_from_places_whose_facts_are_not_left_out() -> None:
    """All who have fewer takeovers are sole traders: there is no value left to take over."""
    few = frozenset(f"u{i:02}" for i in range(LISTED, N))
    assert tell()["u02"].change.state == "found"
    assert tell(sole_traders=few)["u02"].change.state == "no_facts"


def test_a_change_goes_against_the_declared_direction() -> None:
    """Where fewer takeovers are declared to be more reason to look, none of the places with fewer is taken over."""
    panel, model, explained = world()
    turned = replace(
        panel, features=tuple(f.model_copy(update={"direction": "-"}) if f.name == "takeovers" else f for f in FEATURES)
    )
    found = places_of(turned, [model], explained, None, APART, FACTS, changed="last")
    assert {place.change.state for place in found if not place.sole_trader} == {"no_facts"}


def test_what_would_have_changed_it_is_asked_of_the_lists_that_are_wanted() -> None:
    """It is a search: for a table of reasons nobody asks."""
    panel, model, explained = world()
    found = places_of(panel, [model], explained, None, APART, FACTS, changed="none")
    assert {place.change.state for place in found} == {"not_asked"}
    asked = places_of(panel, [model], explained, None, APART, FACTS, changed="all")
    assert [place.reasons for place in found] == [place.reasons for place in asked]


def test_a_figure_of_an_area_is_never_a_reason() -> None:
    """Also when a model saw it after all: it is counted with what is not told. Where units are areas it is a fact about them."""
    panel, model, explained = world()
    heavy = replace(explained, values=explained.values.assign(vacancy=5.0))
    places = places_of(panel, [model], heavy, None, APART, FACTS, changed="last")
    assert {reason.feature for place in places for reason in place.reasons} == {"takeovers", "ties"}
    assert [place.untold for place in places[:2]] == [{"no_fact": 1, "person": 1}, {"no_fact": 1}]
    assert "vacancy" not in {name for place in places for name in place.missing or ()}
    rows = panel.rows.assign(
        vacancy=np.where(np.arange(N) < LISTED, 5.0, 1.0), area_code=[f"a{i % 12}" for i in range(N)]
    )
    of_areas = places_of(replace(panel, rows=rows, of_areas=True), [model], heavy, None, APART, FACTS, changed="last")
    assert of_areas[2].reasons[0].feature == "vacancy"


@pytest.mark.parametrize(
    ("areas", "expected"),
    [
        (["A"] * 30 + ["B"] * 50, Shown("withheld")),  # two areas: their number of shops would tell which
        ([f"a{i % 3}" for i in range(N)], Shown("withheld")),
        ([f"a{i % 4}" for i in range(N)], Shown("exact", 19.0, 19.0)),
        (["A"] * 29 + [f"a{i % 3}" for i in range(51)], Shown("or_more", 16.0)),
    ],
)
def test_the_number_of_comparable_places_does_not_tell_the_area(areas, expected) -> None:
    """It is shown as a number that as many areas share as places must share a value; here four."""
    panel, model, _ = world()
    panel = replace(panel, rows=panel.rows.assign(area_code=areas))
    teller = Teller(Around(Told(panel, replace(FACTS, at_least=4)), np.arange(N), model), 2)
    assert teller.comparable(teller.comparisons[0]) == expected


def test_without_facts_that_may_change_there_is_no_change() -> None:
    """When nothing is told of the place itself."""
    others = {name: replace(told, own=False) for name, told in TELLINGS.items()}
    assert tell(tellings=others)["u02"].change.state == "no_facts"


def test_what_is_not_known_and_matters_is_named() -> None:
    """Ten ties are not known, and that is said; when one is, saying so would tell which place it is. No event is not unknown."""
    panel, model, explained = world()
    heavy = replace(explained, values=explained.values.assign(ties=0.5))
    alone = places_of(panel, [model], heavy, None, APART, FACTS, changed="last")
    assert [place.missing for place in alone[:3]] == [(), None, ()]
    unknown = panel.rows["ties"].where(~panel.rows.index.isin(range(1, 11)))
    more = replace(panel, rows=panel.rows.assign(ties=unknown))
    assert places_of(more, [model], heavy, None, APART, FACTS, changed="last")[1].missing == ("ties",)


def test_the_order_is_shown_only_where_ten_places_share_the_first_reason() -> None:
    """All twelve have takeovers first; in a list of nine the order would point at somebody."""
    assert tell()["u02"].in_order
    few = tell(capacity=9)["u02"]
    assert not few.in_order
    assert [reason.feature for reason in few.reasons] == ["takeovers", "ties"]


def refits(*, ties: float, flags: list[bool], ranks: list[int]) -> Refits:
    """Refits in which ties speak for a review in this share."""
    panel, _, explained = world()
    ids = panel.rows["row_id"].to_numpy(dtype=str)
    n = len(flags)
    made = [
        replace(explained, values=explained.values.assign(ties=1.0 if i < round(ties * n) else -1.0)) for i in range(n)
    ]
    listed = np.repeat(np.array(flags)[:, None], LISTED, axis=1)
    placed = np.repeat(np.array(ranks)[:, None], LISTED, axis=1)
    return Refits("m", ids[:LISTED], listed, np.ones(n), tuple(made), placed, ())


def test_a_reason_that_does_not_survive_is_not_told() -> None:
    """Ties speak for a review in 7 of 10 refits: withheld, and counted. In 8 of 10 they are told, with how often."""
    flags, ranks = [True] * 3 + [False] * 7, list(range(1, 11))
    gone = tell(refits(ties=0.7, flags=flags, ranks=ranks))["u02"]
    assert [reason.feature for reason in gone.reasons] == ["takeovers"]
    assert gone.withheld == 1
    kept = tell(refits(ties=0.8, flags=flags, ranks=ranks))["u02"]
    assert [(reason.feature, reason.agreement) for reason in kept.reasons] == [("takeovers", 1.0), ("ties", 0.8)]


@pytest.mark.parametrize(("share", "state", "facts"), [(0.7, "no_facts", ()), (0.8, "found", ("takeovers",))])
def test_a_fact_whose_reason_did_not_survive_is_not_tried(share, state, facts) -> None:
    """Takeovers speak for a review in 7 of 10 refits: they are no reason, and do not come back as the fact to check first. In 8 of 10 they are both."""
    again = refits(ties=1.0, flags=[True] * 10, ranks=list(range(1, 11)))
    turned = tuple(
        replace(fit, values=fit.values.assign(takeovers=1.0 if i < round(10 * share) else -1.0))
        for i, fit in enumerate(again.attributions)
    )
    place = tell(replace(again, attributions=turned))["u02"]
    assert (place.change.state, place.change.facts) == (state, facts)
    assert ("takeovers" in {reason.feature for reason in place.reasons}) == bool(facts)


def test_how_sure_is_told_in_refits_and_ranks() -> None:
    """Three of ten refits flag it, and its rank runs from 1 to 10."""
    place = tell(refits(ties=1.0, flags=[True] * 3 + [False] * 7, ranks=list(range(1, 11))))["u02"]
    assert place.sure is not None
    assert (place.sure.times, place.sure.flagged) == (10, pytest.approx(0.3))
    assert (place.sure.low, place.sure.high) == (1, 10)
    twenty = tell(refits(ties=1.0, flags=[True] * 20, ranks=list(range(1, 21))))["u02"].sure
    assert twenty is not None
    assert (twenty.low, twenty.high) == (1, 20)
    assert tell()["u02"].sure is None


def test_families_that_move_together_are_one_reason() -> None:
    """Takeovers and ties as one: told by the one that adds most, with both names."""
    members = {"takeovers": ("takeovers", "ties"), "late": ("late",)}
    names = {"takeovers": ("takeovers", "ties"), "late": ("late",)}
    (reason,) = tell(together=Together(members, names, {("takeovers", "ties"): 0.8}))["u02"].reasons
    assert (reason.feature, reason.families) == ("takeovers", ("takeovers", "ties"))


def test_columns_that_are_no_facts_are_never_told() -> None:
    """Who inspects is no fact about a place: the reason is counted and not told."""
    told = {name: telling for name, telling in TELLINGS.items() if name != "takeovers"}
    place = tell(tellings=told)["u02"]
    assert [reason.feature for reason in place.reasons] == ["ties"]
    assert place.untold == {"no_fact": 1}


def test_one_list_for_a_window_is_told_too() -> None:
    """Scheduled visits have one list for the window; comparable are those of the window."""
    assert len(tell(lists="whole_window")) == LISTED
    assert len(tell(lists="whole_window", capacity=20)) == 20


def test_the_table_of_reasons_holds_no_fact_that_a_page_withholds() -> None:
    """No ties and no place of a sole trader, no figure of an area, no exact value that few share, and no reason that turned in other draws."""
    panel, model, explained = world()
    rare = panel.rows["takeovers"].where(panel.rows["row_id"] != "u05@d", 7.0)
    panel = replace(
        panel, rows=panel.rows.assign(takeovers=rare, footfall=np.where(panel.rows.index < LISTED, 2.0, 1.0))
    )
    heavy = replace(explained, values=explained.values.assign(vacancy=2.0, footfall=1.0))
    again = refits(ties=0.7, flags=[True] * 10, ranks=list(range(1, 11)))
    turned = replace(
        again,
        attributions=tuple(replace(a, values=a.values.assign(vacancy=2.0, footfall=1.0)) for a in again.attributions),
    )
    table = reasons_table(places_of(panel, [model], heavy, turned, APART, FACTS, changed="none"))
    assert set(table["feature"]) == {"takeovers", "footfall"}
    assert table.loc[table["row_id"] == "u00@d", "feature"].tolist() == ["takeovers"]
    few = table[(table["row_id"] == "u05@d") & (table["feature"] == "takeovers")]
    assert few[["state", "low"]].to_numpy().tolist() == [["or_more", 3.0]]
    untied = reasons_table(places_of(panel, [model], heavy, None, APART, FACTS, changed="none"))
    assert set(untied.loc[untied["row_id"] == "u00@d", "feature"]) == {"takeovers"}
    assert "ties" in set(untied["feature"])


@pytest.mark.parametrize(("elsewhere", "state"), [(1462.0, "untold"), (900.0, "found")])
def test_a_change_within_one_band_is_not_told(elsewhere, state) -> None:
    """Fifteen hundred days is between four and five years; so is 1462, and 900 is between two and three: in place of itself, a band says nothing."""
    panel, model, explained = world()
    days = np.where(np.arange(N) < LISTED, 1500.0, elsewhere) + np.arange(N) / N
    tellings = {**TELLINGS, "takeovers": replace(TELLINGS["takeovers"], measure="days")}
    rows = panel.rows.assign(takeovers=days)
    scored = replace(model, scores=rows[NAMES].fillna(0).sum(axis=1).to_numpy())
    facts = replace(FACTS, tellings=tellings)
    place = places_of(replace(panel, rows=rows), [scored], explained, None, APART, facts, changed="last")[2]
    assert place.change.state == state
    assert [altered.now for altered in place.altered] == ([Shown("band", 1461.0, 1826.25)] if state == "found" else [])


def test_what_leads_to_a_person_is_not_told_and_counted() -> None:
    """Ties through directors anywhere; earlier findings where the business is one person's."""
    panel, model, explained = world()

    def with_ties(person: str) -> list[Place]:
        entries = tuple(
            f.model_copy(update={"leads_to_person": person}) if f.name == "takeovers" else f for f in FEATURES
        )
        return list(places_of(replace(panel, features=entries), [model], explained, None, APART, FACTS, changed="last"))

    everywhere, of_one = with_ties("always"), with_ties("sole_trader")
    assert not {"takeovers"} & {reason.feature for place in everywhere for reason in place.reasons}
    assert {place.change.state for place in everywhere} == {"no_facts"}
    assert [everywhere[2].untold, of_one[0].untold, of_one[2].untold] == [{"person": 1}, {"person": 2}, {}]
    assert [reason.feature for reason in of_one[2].reasons] == ["takeovers", "ties"]


def test_a_fact_that_does_not_stand_out_is_no_reason() -> None:
    """Footfall is one at every place: whatever it adds, there is nothing to see. It is counted."""
    panel, model, explained = world()
    heavy = replace(explained, values=explained.values.assign(footfall=2.0))
    place = places_of(panel, [model], heavy, None, APART, FACTS, changed="none")[2]
    assert ([reason.feature for reason in place.reasons], place.untold) == (["takeovers", "ties"], {"says_nothing": 1})


def test_a_fact_that_was_measured_as_a_proxy_does_not_change() -> None:
    """Whatever its declared risk."""
    assert tell(proxies=frozenset({"takeovers"}))["u02"].change.state == "no_facts"


def fits(place: Place, rows: pd.DataFrame, sole: np.ndarray) -> int:
    """How many rows a page may be about, by all facts that it tells."""
    own = rows[rows["row_id"] == place.row_id].iloc[0]
    kept = sole == place.sole_trader
    if "area" in {reason.typical.scope for reason in place.reasons}:
        kept &= (rows["area_code"] == own["area_code"]).to_numpy()
    told = [(r.feature, r.shown) for r in place.reasons] + [(a.feature, a.now) for a in place.altered]
    for name, shown in told:
        value = rows[name].to_numpy()
        if shown.state in ("exact", "or_more", "band"):
            kept &= value >= shown.low
        if shown.state == "exact":
            kept &= value == shown.low
        if shown.state == "band":
            kept &= value < shown.high
        if shown.state == "missing":
            kept &= np.isnan(value)
    for name in place.missing or ():
        kept &= rows[name].isna().to_numpy()
    return int(kept.sum())


READING = Reading(
    run_id="run-1",
    title=TEXT,
    units=TEXT,
    synthetic=True,
    capacity=40,
    features={f.name: f for f in FEATURES},
    tellings=TELLINGS,
    families={},
    last_only=True,
)
OF_LIST_OR_MODEL = r"compared|capacity|withheld|left_out|sure\.\w+|untold\.\w+|reason\.\d+\.agreed"


def fits_numbers(kept: pd.DataFrame, place: Place, rows: pd.DataFrame, sole: np.ndarray) -> int:
    """How many rows fit every number that is kept of a page, whatever it is called; one that is not of the list or the model is of a column."""
    own = rows[rows["row_id"] == place.row_id].iloc[0]
    alike = sole == place.sole_trader
    if "area" in {reason.typical.scope for reason in place.reasons}:
        alike &= (rows["area_code"] == own["area_code"]).to_numpy()
    shown = {f"reason.{i}": reason.shown for i, reason in enumerate(place.reasons, 1)}
    shown |= {f"change.{i}.now": altered.now for i, altered in enumerate(place.altered, 1)}
    facts = kept[~kept["number"].str.fullmatch(OF_LIST_OR_MODEL)]
    for number, name, value in facts[["number", "feature", "value"]].itertuples(index=False):
        about, _, end = number.rpartition(".")
        column = rows[name].to_numpy()
        if end == "low" and about in shown:
            alike &= column >= value if shown[about].state != "exact" else column == value
        elif end == "high" and about in shown:
            alike &= column < value if shown[about].state != "exact" else column == value
        else:
            assert end in ("typical", "n") or about.endswith(".then"), number
    return int(alike.sum())


def test_all_that_a_page_tells_together_fits_ten_places_or_more(tmp_path) -> None:
    """Matched back against the table, for every place of lists in which values are rare together though none is rare alone.

    So do all numbers that are kept beside the pages.
    """
    told = 0
    for seed in range(5):
        rng = np.random.default_rng(seed)
        panel, model, explained = world()
        drawn = {name: rng.poisson(1.2, N).astype(float) for name in NAMES}
        drawn["ties"][rng.random(N) < 0.3] = np.nan
        rows = panel.rows.assign(**drawn)
        values = rows[NAMES].fillna(0) - 1 + rng.normal(0, 0.1, (N, len(NAMES)))
        scores = rows[NAMES].fillna(0).sum(axis=1).to_numpy()
        traders = frozenset(rows["unit_id"][rng.random(N) < 0.5])
        facts = replace(FACTS, sole_traders=traders, change_over="medium", capacity=40)
        places = places_of(
            replace(panel, rows=rows),
            [replace(model, scores=scores)],
            replace(explained, values=values),
            None,
            APART,
            facts,
            changed="last",
        )
        sole = rows["unit_id"].isin(traders).to_numpy()
        told += sum(len(place.reasons) for place in places)
        assert min(fits(place, rows, sole) for place in places if place.reasons or place.altered or place.missing) >= 10
        assert {why for place in places for why in place.untold} >= {"few"}
        (folder := tmp_path / str(seed)).mkdir()
        write_places(places, READING, key=b"0" * 16, folder=folder)
        names = pd.read_csv(folder / KEY_FILE).set_index("row_id")["place"]
        kept = dict(iter(pd.read_parquet(folder / FOLDER / "places.parquet").groupby("place")))
        assert min(fits_numbers(kept[names[place.row_id]], place, rows, sole) for place in places) >= 10
    assert told > 50
