"""Mitigation as an option of a study: what a file may ask, and a run from configuration to card."""

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
from tegenkracht.models.store import load_model, scores_of
from tegenkracht.study import run_study

QUOTA = "+model@models.lightgbm_quota=lightgbm_quota"
WEIGHED = "+model@models.lightgbm_reweighed=lightgbm_reweighed"
THRESHOLD = "+model@models.lightgbm_threshold=lightgbm_threshold"


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("models.lightgbm_quota.mitigates=trees", "models.lightgbm_quota.mitigates: `trees` is not one of the models."),
        (
            "models.lightgbm_quota.mitigates=lightgbm_reweighed",
            "models.lightgbm_quota.mitigates: `lightgbm_reweighed` is itself a mitigated model.",
        ),
        (
            "models.lightgbm_quota.mitigation.attribute=nationality",
            "models.lightgbm_quota.mitigation.attribute: `nationality` is not one of `audit.attributes`. "
            "Declare it there first: what is not audited may not be acted on.",
        ),
        (
            "models.lightgbm_quota.mitigation.kind=quotum",
            "models.lightgbm_quota.mitigation: ",
        ),
        (
            "models.lightgbm_quota.mitigation.shares={high: 0.7, low: 0.6}",
            "the shares add up to 1.3; they may not exceed 1",
        ),
    ],
)
def test_a_faulty_mitigation_is_refused_before_any_data_are_read(override: str, message: str) -> None:
    """The key, what is wrong there and the way out."""
    with pytest.raises(InputError, match=re.escape(message)):
        compose_spec(["experiment=marina", QUOTA, WEIGHED, override])


def test_an_attribute_of_a_business_is_refused_by_the_study(tmp_path) -> None:
    """`legal_kind` may be audited; acted on it may not be, for a sole trader is a person."""
    spec = compose_spec(
        [
            *("experiment=marina", "data.world.scale=0.1", f"data.path={tmp_path}/data", f"output={tmp_path}/out"),
            *(QUOTA, "models.lightgbm_quota.mitigation.attribute=legal_kind", "audit.attributes=[legal_kind]"),
            *("audit.intersections=[]", "minimum.positives=1"),
        ]
    )
    with pytest.raises(InputError, match="`legal_kind` is a fact of a business, which may be one person"):
        run_study(spec, started=datetime(2026, 1, 1), progress=silent)


def test_a_run_with_mitigated_models_from_file_to_card(marinas, tmp_path) -> None:
    """Estimates, findings and the part of the card are there; the list is the quota's; a stored model gives the scores of the plain one."""
    spec = compose_spec(
        [
            *("experiment=marina", *marinas, "evaluate.replicates=100", "review.capacity=20"),
            *("explain.refits=0", "tracking=off", f"output={tmp_path}/out"),
            *("explain.importance=null", "explain.learned=null", "explain.missed=null", "explain.place_pages=none"),
            *("audit.origins=null", "evaluate.chances=null", "evaluate.pooled=null", "evaluate.inspections=null"),
            *(f"~model@models.{name}" for name in ("additive", "scorecard", "prior", "random")),
            *(QUOTA, WEIGHED, THRESHOLD),
        ]
    )
    run = run_study(spec, started=datetime(2026, 1, 1), progress=silent)
    mitigated = [name for name, plan in spec.models.items() if plan.mitigates]
    estimates = read_estimates((run.folder / "evaluation.json").read_text())
    by_id = {e.id: e for e in estimates}
    for name in mitigated:
        for form in ("labelled", "weighted", "audit", "bounds"):
            told, mirrored = (
                by_id[f"{one}/precision_difference//capacity=20,versus={other}/all/{form}"]
                for one, other in ((name, "lightgbm"), ("lightgbm", name))
            )
            assert (told.low is None) == (mirrored.low is None)
            if told.low is not None:
                assert (told.low, told.high) == pytest.approx((-mirrored.high, -mirrored.low), abs=1e-9)
    findings = json.loads((run.folder / "findings.json").read_text())
    told = {(f["model"], f["code"]) for f in findings}
    assert {(name, f"TK{code}") for name in mitigated for code in (218, 219, 220, 221, 222)} <= told
    assert 'id="mitigation"' in (run.folder / "card.nl.html").read_text()
    scores = pd.read_parquet(run.folder / "scores.parquet")
    top = scores[(scores["model"] == "lightgbm_quota") & (scores["rank"] <= 20)]
    context = run.result.scores.context["deprivation"]
    for date, listed in top.groupby("as_of"):
        everyone = scores[(scores["model"] == "lightgbm_quota") & (scores["as_of"] == date)]
        wanted = 20 * context.loc[everyone["row_id"]].value_counts(normalize=True)
        got = context.loc[listed["row_id"]].value_counts().reindex(wanted.index, fill_value=0)
        assert (abs(got - wanted) <= 1).all()
    for fitted in [f for f in run.result.fitted if f.name in mitigated]:
        folder = run.folder / "models" / fitted.name / fitted.fold.name
        assert scores_of(load_model(folder), fitted.test_table(run.result.panel)) == pytest.approx(fitted.scores)
        assert (folder / "levels.json").is_file() == (fitted.name == "lightgbm_threshold")
