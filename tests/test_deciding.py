"""A study that asks what its list is worth, what to say of one place and what the next round is for: from YAML to card."""

from __future__ import annotations

import json
from datetime import datetime

import pandas as pd
import pytest

from tegenkracht.config import compose_spec
from tegenkracht.core.errors import InputError
from tegenkracht.core.estimate import Estimate, read_estimates
from tegenkracht.core.progress import silent
from tegenkracht.study import run_study

SMALL = ["experiment=marina", "evaluate.replicates=100", "review.capacity=20", "tracking=off"]
SMALL += ["explain.refits=0", "explain.importance=null", "explain.learned=null", "explain.missed=null"]
SMALL += ["explain.place_pages=none", "audit.origins=null", "audit.intersections=[]"]
SMALL += ["evaluate.pooled=null", "evaluate.inspections=null"]
SMALL += [f"~model@models.{name}" for name in ("additive", "scorecard", "logistic", "prior", "random")]
COSTS = "{unit: {nl: uren, en: hours}, visit: 4, finding: 44, harm: 6, weights: [0.1, 0.5], why: {nl: proef, en: test}}"
ASKED = [
    f"+review.costs={COSTS}",
    "+review.next_round={random_share: 0.1, shares: [0, 0.2], half_width: 0.05}",
    "+evaluate.single={wider_than: 0.3, minimum: 30}",
]


def ends(estimate: Estimate) -> tuple[float | None, float | None]:
    """An interval."""
    return estimate.low, estimate.high


def run(marinas, folder, *more):
    """Estimates by id, verdicts by code, and the folder of the run."""
    spec = compose_spec([*SMALL, *marinas, f"output={folder}/outputs", *more])
    done = run_study(spec, started=datetime(2026, 1, 2), progress=silent)
    found = {e.id: e for e in read_estimates((done.folder / "evaluation.json").read_text())}
    return found, {f.code: f for f in done.result.findings}, done


@pytest.fixture(scope="module")
def asked(marinas, tmp_path_factory):
    """Everything is asked, with BCa intervals from Poisson draws."""
    return run(marinas, tmp_path_factory.mktemp("asked"), *ASKED, "+evaluate.interval=bca", "+evaluate.draws=poisson")


@pytest.fixture(scope="module")
def plain(marinas, tmp_path_factory):
    """Nothing is asked."""
    return run(marinas, tmp_path_factory.mktemp("plain"))


def test_the_card_has_a_section_for_each_question(asked):
    """In both languages, and the decision curve as a file."""
    card = json.loads((asked[2].folder / "card.json").read_text())
    assert {"lists", "worth", "single", "next_round"} <= {section["key"] for section in card["sections"]}
    assert (asked[2].folder / "figures" / "fig-decision.nl.svg").exists()
    assert (asked[2].folder / "card.en.html").exists()


def test_flagged_places_have_two_chances_that_were_known_in_time(asked):
    """A line per flagged row; the first test period has no earlier outcomes, so nobody is told a chance there."""
    table = pd.read_parquet(asked[2].folder / "single_places.parquet")
    assert {"row_id", "fold", "score", "low", "high", "abstains", "at_low", "at_base", "at_high"} <= set(table)
    first = table[table["fold"] == table["fold"].min()]
    assert first["low"].isna().all()
    assert first["abstains"].all()
    known = table.dropna(subset=["low"])
    assert (known["low"] <= known["high"]).all()
    assert (table["at_low"] < table["at_high"]).all()
    assert table.groupby("as_of").size().min() >= 20


def test_break_even_follows_from_the_stated_costs(asked):
    """(4 + 6) / (44 + 6): one visit in five must find something."""
    found, verdicts, _ = asked
    assert found["/break_even//weight=0.25/all/fixed"].value == pytest.approx(0.2)
    assert verdicts["TK124"].verdict in ("found", "not_found")
    assert verdicts["TK124"].facts["needed"] == 20.0


def test_a_study_that_does_not_ask_says_so(plain):
    """No costs, no next round and no single place: the checks say why they did not look, and nothing else changes."""
    found, verdicts, done = plain
    codes = ("TK124", "TK126", "TK127")
    assert [verdicts[code].facts["reason"] for code in codes] == ["no_costs", "no_single", "no_next_round"]
    assert not any(e.metric in ("net_benefit", "expected_finds", "abstained") for e in found.values())
    assert not (done.folder / "single_places.parquet").exists()


def test_points_do_not_depend_on_how_intervals_are_made(asked, plain):
    """Poisson draws and BCa give other ends of the same numbers; only a posterior starts from how many visits an interval says they are worth."""
    one, other = plain[0], asked[0]
    shared = [key for key in one if key in other and one[key].level is not None and "by=bayes" not in key]
    assert len(shared) > 50
    assert all(one[key].value == other[key].value for key in shared)
    lists = [key for key in shared if "precision_at_capacity" in key]
    assert any(ends(one[key]) != ends(other[key]) for key in lists)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("+review.costs=" + COSTS.replace("finding: 44", "finding: 3"), "no list can pay"),
        ("+review.costs=" + COSTS.replace("[0.1, 0.5]", "[0.5, 0.1]"), "must be zero or more and ascend"),
        ("+review.next_round={random_share: 0.1, shares: [0.2, 0], half_width: 0.05}", "must ascend from 0 to below 1"),
        (
            "+models.lightgbm.estimator.sample_weight=inverse_chance",
            "`sample_weight` is not a parameter of tegenkracht.models.lightgbm",
        ),
        ("+evaluate.interval=wald", "Input should be 'percentile' or 'bca'"),
    ],
)
def test_a_wrong_statement_is_refused_before_any_data_are_read(override, message):
    """With the key and the way out."""
    with pytest.raises(InputError, match=message):
        compose_spec([*SMALL, override])
