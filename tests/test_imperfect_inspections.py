"""A study that asks what is there behind what inspections record: from the record to numbers, findings, the card and messages."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tegenkracht.config import compose_spec
from tegenkracht.core.cache import Cache
from tegenkracht.core.errors import InputError
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.feature import Feature
from tegenkracht.core.inspections import Inspections
from tegenkracht.core.panel import Panel
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import COLUMNS, Scores
from tegenkracht.core.text import Text
from tegenkracht.core.wilson import wilson_interval
from tegenkracht.experiment import Questions
from tegenkracht.experiment import Tested as StudyTested
from tegenkracht.experiment.imperfect import imperfect
from tegenkracht.study import _looked_twice

ASKED = {
    "sensitivity": {"found": 55, "of": 100},
    "specificity": {"found": 99, "of": 100},
    "double_visits": {"within_days": 14, "at_least": 10},
    "why": {"nl": "geteld", "en": "counted"},
}

WORDS = Text(nl="x", en="x")
FEATURE = Feature(name="x", label=WORDS, definition=WORDS, subject="place", source="s", family="f")


def small(asked: dict | None, pairs: pd.DataFrame | None = None) -> StudyTested:
    """A hundred places on one list, of which the first twenty were visited once and the next twenty twice."""
    row_id, day = [f"u{i}" for i in range(100)], pd.Timestamp("2024-01-01")
    scored = pd.DataFrame(
        {
            "row_id": row_id,
            "unit_id": row_id,
            "as_of": day,
            "outcome": [0.0] * 40 + [np.nan] * 60,
            "observed": [True] * 40 + [False] * 60,
            "outcome_known_on": day,
            "model": "m",
            "fold": "one",
            "score": np.linspace(1, 0, 100),
            "rank": 1,
        }
    )
    context = pd.DataFrame(
        {"cluster_id": row_id, "area_code": "a", "sector": "s"}, index=pd.Index(row_id, name="row_id")
    )
    context = context.assign(inspector=None, channel=None)
    visits = pd.DataFrame({"row_id": [*row_id[:40], *row_id[20:40]]})
    questions = Questions(
        main="m", reference="m", capacity=20, lists="per_as_of", min_group=10, min_positives=1, replicates=100, level=0.95,
        cluster_by="unit_id", replay=None, dimensions={}, refits=0, reasons=5, importance=None,
        inspections=Inspections(**asked) if asked else None,
    )  # fmt: skip
    rows = scored.drop(columns=["model", "fold", "score", "rank"]).join(context, on="row_id")
    panel = Panel(rows.assign(known_until=day, earlier_visits=0.0, x=1.0), (FEATURE,), (), False, "i")
    scores = Scores(scored[list(COLUMNS)], context, (), ("m",))
    return StudyTested(
        panel, (), {}, (), scores, visits, questions, 1, 1, Cache(None, notice=silent), silent, looked_twice=pairs
    )


def recorded(
    share: float, n: int, metric: str = "prevalence", *, model: str = "", at: str = "", method: str = "labelled"
):
    """A share with an interval, as earlier stages give it."""
    return Estimate(model, metric, share, *wilson_interval(share, n, level=0.95), n, method, 0.95, at=at)


def pairs_of(both: int, one: int) -> pd.DataFrame:
    """Pairs of visits in which both, or only the first, found something, and a hundred in which nobody did."""
    first = np.r_[np.ones(both + one, bool), np.zeros(100, bool)]
    second = np.r_[np.ones(both, bool), np.zeros(one + 100, bool)]
    return pd.DataFrame({"first": first, "second": second, "channel": "risk", "inspector": "i"})


def test_nothing_is_told_when_nothing_is_asked():
    """Neither numbers nor findings."""
    told = imperfect(small(None), ())
    assert (told.estimates, told.findings) == ((), ())


def test_recorded_shares_are_corrected_with_the_declared_tallies():
    """By lot (0.1 + 0.99 - 1) / 0.54. Where somebody went, half the places were seen twice: sensitivity 0.66125, specificity 0.98505. The list once."""
    of_list = {"metric": "precision_at_capacity", "model": "m", "at": "capacity=20"}
    before = [recorded(0.1, 300), recorded(0.1, 300, method="audit"), recorded(0.3, 20, **of_list)]
    told = imperfect(small(ASKED, pairs_of(2, 2)), before)
    made = {(e.metric, e.method, e.at): e for e in told.estimates}
    assert made["true_prevalence", "audit", "by=rogan_gladen"].value == pytest.approx(0.09 / 0.54)
    sees, clean = (0.55 + 1 - 0.45**2) / 2, (0.99 + 0.99**2) / 2
    assert made["true_prevalence", "labelled", "by=rogan_gladen"].value == pytest.approx(
        (0.1 + clean - 1) / (sees + clean - 1)
    )
    listed = made["true_precision_at_capacity", "labelled", "capacity=20,by=rogan_gladen"]
    assert (listed.model, listed.value) == ("m", pytest.approx(0.29 / 0.54))
    assert made["sensitivity", "labelled", "source=double_visits"].note == "few_double_visits"
    codes = {(f.code, f.verdict) for f in told.findings}
    assert {("TK135", "found"), ("TK134", "not_applicable")} <= codes


def test_enough_double_visits_take_the_place_of_what_was_declared():
    """80 of 90 findings were found again by the other visit: sensitivity lies above the declared 55 of 100, and the check says so."""
    told = imperfect(small(ASKED | {"specificity": None}, pairs_of(80, 20)), ())
    sensitivity = next(e for e in told.estimates if e.metric == "sensitivity" and e.at == "source=double_visits")
    assert sensitivity.value == pytest.approx(160 / 180)
    found = {f.code: f for f in told.findings}
    assert (found["TK134"].verdict, found["TK135"].verdict) == ("found", "not_found")


def test_a_study_without_repeated_visits_that_declares_nothing_is_refused(tmp_path):
    """The message names the key, the window and the way out."""
    one = {"unit_id": ["a"], "inspection_id": ["1"], "channel": ["risk"], "inspector": ["x"], "finding": [True]}
    visits = pd.DataFrame(one).assign(inspected_on=pd.Timestamp("2024-01-01"))
    dataset = SimpleNamespace(tables={"inspections": visits})
    only = "{double_visits: {within_days: 14, at_least: 20}}"
    spec = compose_spec(["experiment=neighbourhood", f"output={tmp_path}", f"+evaluate.inspections={only}"])
    with pytest.raises(InputError, match="double_visits: no place was visited twice by different inspectors within 14"):
        _looked_twice(spec, dataset)


def test_a_label_of_several_findings_is_refused(tmp_path):
    """Only single findings can be corrected."""
    asked = [f"output={tmp_path}", "label.kind=count", "+label.at_least=2"]
    with pytest.raises(InputError, match="a label of kind `count` needs several findings"):
        compose_spec(["experiment=shopping_strip", *asked])


def test_what_is_not_asked_leaves_the_digest_of_a_study_as_it_was(tmp_path):
    """The key is absent from the plain record."""
    spec = compose_spec(["experiment=neighbourhood", f"output={tmp_path}"])
    assert "inspections" not in json.dumps(spec.as_plain()["evaluate"])
