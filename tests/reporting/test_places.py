"""A page per flagged place: local, without a name, with every number in the table beside it."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.feature import Feature
from tegenkracht.core.text import LANGUAGES, Text
from tegenkracht.explanation.changes import Change
from tegenkracht.explanation.comparable import Comparison, Typical
from tegenkracht.explanation.places import Altered, Place, Reason, Sure
from tegenkracht.explanation.shown import Shown
from tegenkracht.features.telling import Telling
from tegenkracht.reporting.places import (
    FLAGS_FILE,
    FOLDER,
    KEY_FILE,
    LOCAL_ONLY,
    REASONS_FILE,
    SINGLE_FILE,
    Reading,
    pseudonym,
    write_places,
)

KEY = b"0123456789abcdef"
WORDS = {"label": ("wisseling <b>", "change <b>"), "where": ("", ""), "window": (" in 24 maanden", " in 24 months")}
TEXT = Text(nl="Aantal wisselingen", en="Number of changes")
FEATURE = Feature(name="changes", label=TEXT, definition=TEXT, subject="business", source="s", family="changes")
READING = Reading(
    run_id="run-1",
    title=Text(nl="Welke panden?", en="Which premises?"),
    units=Text(nl="winkelpanden", en="premises"),
    synthetic=True,
    capacity=100,
    features={"changes": FEATURE},
    tellings={"changes": Telling("event.count", "count", WORDS, own=True, absent="none")},
    families={"network": Text(nl="het netwerk", en="the network")},
    last_only=True,
)
ONE, THREE = Shown("exact", 1.0, 1.0), Shown("exact", 3.0, 3.0)
REASON = Reason(("changes", "network"), "changes", THREE, Typical(0.42, 41, "area", True), None, 0.9)


def place(row_id: str = "S000001@2022-04-01", **changed: object) -> Place:
    """A flagged place with one reason, and one change that takes it off the list."""
    given = {
        "row_id": row_id,
        "as_of": pd.Timestamp("2022-04-01"),
        "listed": pd.Timestamp("2022-04-01"),
        "fold": "f",
        "sole_trader": False,
        "compared": Comparison("area", np.arange(40)),
        "comparable": Shown("or_more", 30.0, None),
        "in_order": True,
        "reasons": (REASON,),
        "withheld": 2,
        "untold": {},
        "missing": (),
        "left_out": 0,
        "sure": Sure(10, 0.3, 137, 10, 822),
        "change": Change("found", {"changes": 1.0}, ("changes",), 0.1, 0.2),
        "altered": (Altered("changes", THREE, ONE),),
    }
    return Place(**{**given, **changed})


def write(folder, *places: Place) -> dict[str, str]:
    """The pages, by file name."""
    write_places(places or (place(),), READING, key=KEY, folder=folder)
    return {path.name: path.read_text("utf-8") for path in (folder / FOLDER).glob("*.html")}


def visible(page: str) -> str:
    """What a reader sees."""
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", " ", body))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_says_why_how_sure_what_not_and_what_would_change_it(tmp_path, language) -> None:
    """In that order."""
    page = visible(write(tmp_path)[f"{pseudonym(place().row_id, KEY)}.{language}.html"])
    said = {
        "nl": (
            *("Redenen om te kijken", "keer ‘wisseling <b>’", "bleef in 9 van de 10", "‘het netwerk’", "Bij 3 daarvan"),
            *(
                "de middelste plek van deze plaats 137. Het laagste nummer is 10, het hoogste 822.",
                "Wat de score niet zegt",
                "Wat niet bekend was",
            ),
            *("één keer, in plaats van drie keer", "Wat doet u nu"),
        ),
        "en": (
            *("Reasons to look", "times ‘change <b>’", "stayed in 9 of the 10", "‘the network’", "In 3 of them"),
            *(
                "the middle rank of this place is 137. The lowest number is 10, the highest 822.",
                "What the score does not say",
                "What was not known",
            ),
            *("once, instead of three times", "What do you do now"),
        ),
    }[language]
    flat = re.sub(r"\s+", " ", page).replace("( ", "(")
    flat = re.sub(r" ([,.;])", r"\1", flat)
    at = [flat.find(re.sub(r" ([,.;])", r"\1", words)) for words in said]
    assert -1 not in at, said[at.index(-1)]
    assert at == sorted(at)


def test_nothing_on_a_page_says_which_place_it_is(tmp_path) -> None:
    """No id, no area and no party, not even in the file's name; only the key says."""
    pages = write(tmp_path)
    assert not [name for name, page in pages.items() if "S000001" in page or "S000001" in name]
    key = pd.read_csv(tmp_path / KEY_FILE)
    assert key["row_id"].tolist() == ["S000001@2022-04-01"]
    assert f"{key['place'].iloc[0]}.nl.html" in pages
    assert {FOLDER, KEY_FILE, REASONS_FILE, SINGLE_FILE, FLAGS_FILE} == LOCAL_ONLY


def test_another_run_has_other_names() -> None:
    """A name is keyed: who knows the ids of all places cannot find them without the key."""
    assert pseudonym("S1@d", KEY) != pseudonym("S1@d", b"another key of this length")
    assert re.fullmatch(r"[0-9a-f]{12}", pseudonym("S1@d", KEY))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_of_a_page_stands_in_the_table(tmp_path, language) -> None:
    """By its name, and no other number stands there; and there is no digit that comes from nowhere."""
    page = write(tmp_path)[f"{pseudonym(place().row_id, KEY)}.{language}.html"]
    table = pd.read_parquet(tmp_path / FOLDER / "places.parquet")
    kept = dict(zip(table["number"], table["value"], strict=True))
    found = re.findall(r'<data value="([^"]+)" data-number="([^"]+)">', page)
    assert found
    assert {name: float(value) for value, name in found} == kept
    body = page[page.index("<main") :]
    rest = re.sub(r"<data.*?</data>|<[^>]+>", "", body)
    declared = (
        rest.replace("24 maanden", "").replace("24 months", "").replace("1 april 2022", "").replace("1 April 2022", "")
    )
    assert not re.search(r"\d", declared)


@pytest.mark.parametrize("in_order", [True, False])
def test_the_folder_tells_no_more_than_its_pages(tmp_path, in_order) -> None:
    """How much a reason adds, how far a fact would move and the score after it are on no page: with them one place of thousands fits."""
    write(tmp_path, place(in_order=in_order))
    table = pd.read_parquet(tmp_path / FOLDER / "places.parquet")
    assert list(table) == ["place", "number", "feature", "value"]
    assert not table["number"].str.contains("contribution|step|score").any()
    assert not table["value"].isin([place().change.step, place().change.score]).any()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_stands_alone_and_says_that_it_is_local(tmp_path, language) -> None:
    """Nothing is fetched, no script runs, and it says once not to share it; words from the data are escaped."""
    for page in write(tmp_path).values():
        assert "<script" not in page
        assert "default-src 'none'" in page
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//|url\(", page)
        assert "‘wisseling <b>" not in page
    said = {"nl": "Deel haar niet.", "en": "Do not share it."}[language]
    pages = write(tmp_path / "again") if (tmp_path / "again").mkdir() is None else {}
    assert all(page.count(said) == 1 for name, page in pages.items() if f".{language}." in name)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"sure": Sure(10, 0.4, 90, 1, 200)}, "De plek hangt af van toeval."),
        ({"sure": Sure(10, 0.5, 90, 1, 200)}, "De plek hangt voor een deel af van toeval."),
        ({"sure": Sure(10, 0.9, 90, 1, 200)}, "De plek hangt weinig af"),
        ({"sure": None}, "Het model is niet opnieuw gemaakt."),
        ({"reasons": ()}, "Geen enkele reden bleef staan"),
        ({}, "andere winkelpanden in hetzelfde gebied, op dezelfde datum: 30 of meer."),
        ({}, "Sommige getallen zijn grof gemaakt."),
        ({"comparable": Shown("withheld")}, "Hoeveel, staat hier niet: anders is het gebied te herkennen."),
        ({"compared": None}, "Er zijn te weinig vergelijkbare plaatsen."),
        (
            {"sole_trader": True, "left_out": 4},
            "alleen feiten over het bedrijf en de omgeving, en geen eerdere bevindingen.",
        ),
        ({"sole_trader": True}, "Deze zaak is van één persoon. Wat hier staat, gaat dus ook over die persoon."),
        ({}, "De score zegt niets over een persoon."),
        (
            {"reasons": (replace(REASON, known=Shown("or_more", 20.0)),)},
            "Vergeleken met de winkelpanden in hetzelfde gebied waarvan dit bekend is: 20 of meer.",
        ),
        (
            {"reasons": (replace(REASON, known=Shown("withheld")),)},
            "in hetzelfde gebied waarvan dit bekend is. Hoeveel, staat hier niet:",
        ),
        (
            {
                "reasons": (
                    replace(REASON, typical=Typical(0.4, 1894, "sector", True), known=Shown("exact", 1894, 1894)),
                )
            },
            "Vergeleken met alle winkelpanden in de sector waarvan dit bekend is: 1.894",
        ),
        ({"missing": ("changes",)}, "Niet bekend van deze plaats"),
        ({"change": Change("none", {}), "altered": ()}, "Geen verandering van één of twee feiten"),
        (
            {"change": Change("no_facts", {}), "altered": ()},
            "Alleen feiten over de plaats of de zaak zelf komen in aanmerking, zoals gebeurtenissen uit een register en eerdere bevindingen.",
        ),
        (
            {"change": Change("untold", {}), "altered": ()},
            "Er is zo'n feit. Maar met dat feit erbij is de plaats te herkennen.",
        ),
        (
            {"altered": (Altered("changes", Shown("withheld"), ONE),)},
            "Wat het nu is, staat hier niet: anders is de plaats te herkennen",
        ),
        ({"missing": ()}, "Van de kenmerken die zwaar wegen, is er geen enkel onbekend."),
        ({"missing": None}, "Of er iets niet bekend was, staat hier niet."),
        ({"untold": {"few": 2}}, "omdat de plaats dan te herkennen is: "),
        ({"untold": {"person": 1}}, "omdat ze naar een persoon of een woning kunnen leiden: "),
        ({"untold": {"says_nothing": 1}}, "omdat het feit zelf niet opvalt naast andere plaatsen: "),
        ({"untold": {"no_fact": 3}}, "zonder een feit over deze plaats zelf: "),
        ({"untold": {"few": 2}, "reasons": ()}, "Hier mag geen enkele reden staan."),
        ({"change": Change("not_asked", {}), "altered": ()}, "Dat is bij deze lijst niet nagegaan."),
        ({"in_order": False, "reasons": (REASON, REASON)}, "De volgorde zegt niets."),
    ],
)
def test_what_is_not_there_is_said(tmp_path, changed, said) -> None:
    """Silence is not a pass."""
    pages = write(tmp_path, place(**changed))
    page = re.sub(r"\s+", " ", visible(pages[f"{pseudonym(place().row_id, KEY)}.nl.html"]))
    assert said in page


@pytest.mark.parametrize(
    ("language", "said"),
    [("nl", "De score zegt niets over een persoon"), ("en", "The score says nothing about a person")],
)
def test_of_one_persons_business_it_is_not_said_that_nothing_is_about_a_person(tmp_path, language, said) -> None:
    """The card says that data on it are data on a person."""
    pages = write(tmp_path, place(sole_trader=True))
    assert said not in visible(pages[f"{pseudonym(place().row_id, KEY)}.{language}.html"])


def test_the_index_is_no_ranking(tmp_path) -> None:
    """In order of number, whatever the score."""
    places = [place(f"S{i:06}@2022-04-01") for i in range(5)]
    index = write(tmp_path, *places)["index.nl.html"]
    names = re.findall(r'href="([0-9a-f]{12})\.nl\.html"', index)
    assert names == sorted(names)
    assert len(names) == 5
    assert "Dit is geen ranglijst." in index


def test_a_hundred_pages_take_a_few_seconds(tmp_path) -> None:
    """Two hundred files with their index, in less than the ten seconds that a slow machine may need."""
    import time

    begun = time.process_time()
    assert len(write(tmp_path, *(place(f"S{i:06}@2022-04-01") for i in range(100)))) == 202
    assert time.process_time() - begun < 10
