"""All five sectors run end to end, at every base rate; areas and public bodies get a resilience profile."""

from __future__ import annotations

import json
import re
from datetime import datetime

import pandas as pd
import pytest

from tegenkracht.config import compose_spec
from tegenkracht.core.errors import InputError
from tegenkracht.core.estimate import read_estimates
from tegenkracht.core.progress import silent
from tegenkracht.core.text import LANGUAGES
from tegenkracht.data.sector import read_sector, sectors
from tegenkracht.data.world import at_base_rate, read_world
from tegenkracht.data.world.calibrate import correction_for, prevalence_of
from tegenkracht.reporting.tree import Card
from tegenkracht.study import run_study

PROFILED = ("neighbourhood", "local_council")
NOT_ASKED = ("explain.learned=null", "explain.missed=null", "audit.origins=null", "audit.intersections=[]")
"""Of a study with a list: what other tests ask."""
SMALL = {"neighbourhood": 0.15, "local_council": 0.4, "football_club": 0.3}


@pytest.fixture(scope="module", params=SMALL)
def run(request, tmp_path_factory):
    """One small run of a sector."""
    folder = tmp_path_factory.mktemp(request.param)
    spec = compose_spec(
        [
            f"experiment={request.param}",
            f"data.world.scale={SMALL[request.param]}",
            "data.world.prevalence=high",
            "evaluate.replicates=100",
            *("explain.refits=0", "explain.importance=null"),
            *(() if request.param in PROFILED else NOT_ASKED),
            "review.capacity=10",
            "tracking=off",
            f"data.path={folder}/data",
            f"output={folder}/outputs",
        ]
    )
    return request.param, run_study(spec, started=datetime(2026, 1, 2), progress=silent)


def test_every_sector_has_a_study_with_its_own_reading_guide() -> None:
    """The study speaks the sector's own words, and has at least eight indicators."""
    for name in sectors():
        spec, sector = compose_spec([f"experiment={name}"]), read_sector(name)
        assert spec.sector == sector
        assert spec.purpose.unit == sector.unit
        assert (
            len({getattr(r, "kind", None) or getattr(r, "measure", None) for r in spec.features.recipes} - {None}) >= 8
        )


def test_areas_and_public_bodies_get_a_profile_and_places_a_list(run) -> None:
    """The first page of a profile speaks of sides and shows no hundred places; the files hold every unit, and a readable model stands beside the others."""
    name, done = run
    card = Card.from_json((done.folder / "card.json").read_text("utf-8"))
    keys = [section.key for section in card.sections]
    assert ("profile" in keys) == (name in PROFILED)
    assert (card.first.lead.key == "profile.lead") == (name in PROFILED)
    assert (done.folder / "profiles.parquet").exists() == (name in PROFILED)
    if name in PROFILED:
        assert "readable" in keys
        assert card.first.hundred is None
        table = pd.read_parquet(done.folder / "profiles.parquet")
        assert set(table["side"]) == set(read_sector(name).dimensions)
        assert (table["low"] <= table["high"]).all()


def test_a_profile_tells_what_its_model_learnt_and_why_nobody_can_be_missed(run) -> None:
    """Curves, directions with their cost, and what trees find more than a readable model; without a list there is a reason in place of whom it misses."""
    name, done = run
    findings = json.loads((done.folder / "findings.json").read_text("utf-8"))
    of_main = {f["code"]: f for f in findings if f["model"] in ("logistic", "lightgbm")}
    assert {"TK308", "TK310", "TK311", "TK312"} <= set(
        of_main
    )  # silence is not a pass, in a study with a list that does not ask either
    whom = {code: of_main[code] for code in ("TK310", "TK312")}
    assert {f["verdict"] for f in whom.values()} == {"not_applicable"}
    reason = "profiles_have_no_list" if name in PROFILED else "missed_not_asked"
    assert {f["facts"]["reason"] for f in whom.values()} == {reason}
    if name not in PROFILED:
        assert of_main["TK308"]["facts"] == of_main["TK311"]["facts"] == {"reason": "learned_not_asked"}
        return
    assert "learned" in [s.key for s in Card.from_json((done.folder / "card.json").read_text("utf-8")).sections]
    assert [f["model"] for f in findings if f["code"] == "TK308" and f["model"] == "logistic"] == ["logistic"]
    estimates = read_estimates((done.folder / "evaluation.json").read_text("utf-8"))
    metrics = {e.metric for e in estimates if e.model == "logistic"}
    assert {"ale", "ale_size", "interaction", "against_direction", "constraint_gain"} <= metrics
    for other in ("scorecard", "additive"):
        at = f"capacity=10,versus={other}"
        forms = {e.method for e in estimates if (e.model, e.metric, e.at) == ("lightgbm", "precision_difference", at)}
        assert {"labelled", "weighted"} <= forms
    page = re.sub(r"<[^>]+>", "", (done.folder / "card.nl.html").read_text("utf-8"))
    assert "Beslisbomen (LightGBM): vindt meer (punten)" in page
    assert "daar hoort geen lijst bij waar iemand op kan ontbreken" in page


def test_the_page_of_profiles_is_in_order_of_number_and_needs_no_network(run) -> None:
    """No ranking: rows follow the ids; nothing is loaded from elsewhere."""
    name, done = run
    if name not in PROFILED:
        pytest.skip("a list has no page of profiles")
    for language in LANGUAGES:
        page = (done.folder / f"profiles.{language}.html").read_text("utf-8")
        units = re.findall(r'<th scope="row">([^<]+)</th>', page)
        assert units == sorted(units)
        assert len(units) == pd.read_parquet(done.folder / "profiles.parquet")["unit_id"].nunique()
        assert not re.search(r"https?://|<script", page)


@pytest.mark.parametrize("name", sectors())
def test_base_rates_come_low_middle_and_high(name: str) -> None:
    """`prevalence=low|base|high` asks for the sector's own base rates, and each of them can be reached."""
    rates = read_sector(name).base_rates
    for rate in ("low", "high"):
        world = at_base_rate(read_world("selected"), rate)
        assert prevalence_of(world, name) == getattr(rates, rate)
    assert abs(correction_for(at_base_rate(read_world("selected"), "low"), name)) < 8


def test_a_study_of_areas_without_sides_is_refused() -> None:
    """There is no yes-or-no card for an area to fall back on."""
    with pytest.raises(InputError, match=r"described by a resilience profile, and it has no sides"):
        compose_spec(["experiment=marina", "purpose.unit=area"])
