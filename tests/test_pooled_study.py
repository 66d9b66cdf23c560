"""A small sector beside others: what a study, a refusal and one command say of sixty marinas."""

from __future__ import annotations

import json
import re
from datetime import datetime

import pytest

from tegenkracht.cli import main
from tegenkracht.config import compose_spec
from tegenkracht.core.errors import InputError
from tegenkracht.core.estimate import read_estimates
from tegenkracht.core.finding import read_findings
from tegenkracht.core.progress import silent
from tegenkracht.core.text import LANGUAGES
from tegenkracht.data.world import make_from_settings
from tegenkracht.models.store import load_model
from tegenkracht.reporting.tree import Card
from tegenkracht.study import run_study

QUICK = [
    *("evaluate.replicates=100", "explain.refits=0", "explain.place_pages=none", "evaluate.chances=null"),
    *("tracking=off", "review.capacity=20", "data.world.scale=0.05", "audit.origins=null"),
    *("explain.importance=null", "explain.learned=null", "explain.missed=null"),
    *("~models.additive", "~models.scorecard"),
]
SEES = (
    "+evaluate.inspections={sensitivity: {found: 60, of: 100}, specificity: {found: 990, of: 1000}, "
    "double_visits: {within_days: 180, at_least: 10}, why: {nl: geteld in een proef, en: counted in a trial}}"
)
"""Asked of the same study, so that one run shows both."""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The study of small sectors, smaller still."""
    folder = tmp_path_factory.mktemp("small_sectors")
    spec = compose_spec(
        ["experiment=small_sectors", *QUICK, SEES, f"data.path={folder}/data", f"output={folder}/outputs"]
    )
    return run_study(spec, started=datetime(2026, 1, 2), progress=silent).folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """All sectors of the world in which there are sixty marinas."""
    path = tmp_path_factory.mktemp("tiny") / "world"
    make_from_settings(["world=tiny_sector", "scale=0.02", "seed=1"], to=path, force=False, progress=silent)
    return path


def test_marinas_lean_on_other_sectors_more_than_shops_do(run):
    """Visits to shop premises are many; the marinas' pooled rate lies between their own and the common one."""
    told = {
        (e.metric, e.group): e for e in read_estimates((run / "evaluation.json").read_text()) if "form=labelled" in e.at
    }
    leaning = {s: told["group_finding_rate_leaning", f"sector={s}"].value for s in ("marina", "shopping_strip")}
    assert leaning["marina"] > leaning["shopping_strip"]
    own, pooled = (told[metric, "sector=marina"] for metric in ("group_finding_rate", "group_finding_rate_pooled"))
    assert pooled.high - pooled.low < own.high - own.low


def test_the_study_checks_each_sector_against_the_others(run):
    """Three sectors can be left out in turn; a split in time only leaves none out of learning."""
    findings = read_findings((run / "findings.json").read_text())
    by = {(f.code, f.facts.get("attribute"), f.facts.get("metric")): f for f in findings}
    assert by["TK140", "sector", "group_finding_rate"].facts["looked_at"] == 3
    assert by["TK143", None, None].facts["reason"] == "nothing_left_out"


def test_gaps_between_sectors_are_judged_and_sectors_are_called_by_their_labels(run):
    """TK202 and TK207 tell of the sector as of any attribute; no code of a sector stands on a page."""
    findings = read_findings((run / "findings.json").read_text())
    told = {f.code: f for f in findings if f.facts.get("attribute") == "sector" and f.code in ("TK202", "TK207")}
    assert set(told) == {"TK202", "TK207"}
    assert told["TK207"].facts["looked_at"] > 0
    pages = {language: (run / f"card.{language}.html").read_text("utf-8") for language in LANGUAGES}
    assert ("winkelpanden" in pages["nl"], "shop premises" in pages["en"]) == (True, True)
    assert not any(re.search(r">[^<]*\bfootball_club\b[^<]*<", page) for page in pages.values())


def test_the_card_shows_both_roads(run):
    """Each attribute has its figure."""
    card = Card.from_json((run / "card.json").read_text("utf-8"))
    section = next(section for section in card.sections if section.key == "pooled")
    panels = [panel.key for block in section.blocks for panel in getattr(block, "panels", ())]
    assert panels == ["fig-pooled-sector", "fig-pooled-region"]


def test_a_model_with_a_level_per_sector_tells_how_far_each_leans(run):
    """Levels, spreads and leaning stand in the run's files and in a table of the card; each sector was left out once; the model is stored as plain data."""
    told = {
        (e.metric, e.group): e
        for e in read_estimates((run / "evaluation.json").read_text())
        if e.model == "partially_pooled" and "feature" not in e.at
    }
    leaning = {s: told["group_level_leaning", f"sector={s}"].value for s in ("marina", "shopping_strip")}
    assert leaning["marina"] > leaning["shopping_strip"]
    level = told["group_level", "sector=marina"]
    assert level.low < level.value < level.high
    assert told["group_level_spread", ""].low < told["group_level_spread", ""].high
    assert told["group_left_out_gain", "sector=shopping_strip"].low is not None
    finding = next(f for f in read_findings((run / "findings.json").read_text()) if f.code == "TK144")
    assert (finding.verdict, finding.facts["looked_at"]) == ("not_found", 2)
    card = Card.from_json((run / "card.json").read_text("utf-8"))
    section = next(section for section in card.sections if section.key == "pooled")
    tables = [
        block for block in section.blocks if getattr(getattr(block, "name", None), "key", "") == "pooled.levels_table"
    ]
    assert [len(table.rows) for table in tables] == [4]
    fold = sorted((run / "models").glob("partially_pooled/*"))[-1]
    assert load_model(fold)[-1].coef_.shape[0] == 3


def test_what_inspections_miss_stands_on_the_card(run):
    """What was declared, what double visits said and both figures, with numbers that stand in the run's files."""
    told = read_estimates((run / "evaluation.json").read_text())
    there = next(e for e in told if e.id == "/true_prevalence//by=bayes/all/weighted")
    assert there.low < there.value < there.high
    card = Card.from_json((run / "card.json").read_text("utf-8"))
    section = next(section for section in card.sections if section.key == "imperfect")
    panels = [panel.key for block in section.blocks for panel in getattr(block, "panels", ())]
    assert panels == ["fig-imperfect-prevalence", "fig-imperfect-precision-at-capacity"]
    terms = [pair.term.key for pair in section.blocks[0].pairs]
    assert {"imperfect.sensitivity.declared", "imperfect.specificity.declared", "imperfect.double_visits"} <= set(terms)
    assert "counted in a trial" in (run / "card.en.html").read_text("utf-8")


def test_marinas_alone_are_refused_and_the_refusal_names_folds_and_a_way_out(tmp_path):
    """One or two places with a finding are no study of their own: wrong input, every fold at once, nothing left behind."""
    spec = compose_spec(
        [
            *("experiment=marina", "data.world.name=tiny_sector", "data.world.prevalence=null", "tracking=off"),
            *("review.capacity=10", f"data.path={tmp_path}/data", f"output={tmp_path}/outputs"),
        ]
    )
    with pytest.raises(InputError, match=r"fold 2019-07-01 has 1 places .* asks for 3\.") as refused:
        run_study(spec, started=datetime(2026, 1, 2), progress=silent)
    message = str(refused.value)
    assert refused.value.exit_code == 2
    assert message.count("minimum.positives: fold ") == 3
    assert "`tegenkracht data rates` tells what few findings say when they lean on other sectors or regions." in message


def test_one_command_prints_what_marinas_say_alone_and_pooled(tiny, capsys):
    """Sixty places, their visits, own and pooled rate with intervals, and how far they lean."""
    assert main(["data", "rates", str(tiny)]) == 0
    lines = capsys.readouterr().out.splitlines()
    marina = next(line.split() for line in lines if line.lstrip().startswith("marina"))
    assert marina[1] == "60"
    assert lines[1].split()[:6] == ["places", "visited", "visits", "alone", "pooled", "leans"]
    assert any("a group never seen" in line for line in lines)
    main(["data", "rates", str(tiny), "--json"])
    told = {(e["metric"], e["group"]): e for e in json.loads(capsys.readouterr().out)["estimates"]}
    own, pooled = (told[f"group_finding_rate{part}", "sector=marina"]["value"] for part in ("", "_pooled"))
    assert f"{100 * own:.1f}" in marina
    assert f"{100 * pooled:.1f}" in marina
    assert 0 < told["group_finding_rate_leaning", "sector=marina"]["value"] < 1


def test_regions_of_one_sector(tiny, capsys):
    """Marinas by region, where a region is the first five characters of an area's code."""
    assert main(["data", "rates", str(tiny), "--by", "region", "--prefix", "5", "--sector", "marina"]) == 0
    assert "by region, marina" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--sector", "harbour"],
            "--sector: there is no `harbour` in dataset world_tiny_sector. It has: football_club,",
        ),
        (
            ["--prefix", "4"],
            "--prefix: it says how many characters of an area's code name a region. Write --by region.",
        ),
    ],
)
def test_a_wrong_question_is_told_in_words(tiny, capsys, arguments, message):
    """Exit code 2, and the way out."""
    assert main(["data", "rates", str(tiny), *arguments]) == 2
    assert message in capsys.readouterr().err
