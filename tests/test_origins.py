"""The stage that asks where differences come from: only when a study asks, and every number from the study's own rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tegenkracht.core.cache import Cache
from tegenkracht.core.feature import Feature
from tegenkracht.core.panel import Panel
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import COLUMNS, Scores
from tegenkracht.core.text import Text
from tegenkracht.evaluation.sample import sample_of
from tegenkracht.experiment import Origins, Questions
from tegenkracht.experiment import Tested as StudyTested
from tegenkracht.experiment.origins import latest_lines, traced

N = 1200
ASKED = Origins(proxy_size=0.1, flagged_ratio=1.25, folds=3, bands=5, areas=4, second_look_days=14, draws=200)


def study(origins: Origins | None) -> StudyTested:
    """Six hundred places on two dates in forty strips; every second row was visited; the score tells the side."""
    rng = np.random.default_rng(1)
    unit, half = np.tile(np.arange(N // 2), 2), N // 2
    side = np.where(unit % 3 == 0, "b", "a")
    score = rng.normal(size=N) + 1.5 * (side == "b")
    visited = rng.random(N) < 0.5
    found = rng.random(N) < 0.3
    row_id = [f"u{u:04d}@{d}" for d in (1, 2) for u in range(half)]
    rows = pd.DataFrame(
        {
            "row_id": row_id,
            "unit_id": [f"u{u:04d}" for u in unit],
            "as_of": pd.to_datetime(["2024-01-01"] * half + ["2024-04-01"] * half),
            "known_until": pd.Timestamp("2024-01-01"),
            "sector": "s",
            "cluster_id": [f"c{u % 40}" for u in unit],
            "area_code": [f"{u % 40:02d}" for u in unit],
            "outcome": np.where(visited, found, np.nan).astype(float),
            "observed": visited,
            "outcome_known_on": pd.Timestamp("2025-01-01"),
            "inspector": None,
            "channel": None,
            "earlier_visits": 0.0,
            "x": score,
            "side": side,
        }
    )
    label = Text(nl="x", en="x")
    panel = Panel(
        rows,
        (Feature(name="x", label=label, definition=label, subject="place", source="s", family="f"),),
        ("side",),
        False,
        "i",
    )
    scored = rows.assign(model="m", fold="one", score=score, rank=1)[list(COLUMNS)]
    context = rows.set_index("row_id")[["cluster_id", "area_code", "sector", "inspector", "channel", "side"]]
    seen = rows[rows["observed"]]
    visits = pd.DataFrame(
        {
            "row_id": seen["row_id"].to_numpy(),
            "inspection_id": [f"v{i}" for i in range(len(seen))],
            "inspected_on": (seen["as_of"] + pd.Timedelta(days=9)).to_numpy(),
            "channel": "risk",
            "inspector": "i",
            "propensity": np.nan,
            "finding": (seen["outcome"] == 1).to_numpy(),
            "positive": seen["outcome"].to_numpy(),
        }
    )
    questions = Questions(
        main="m",
        reference="m",
        capacity=50,
        lists="per_as_of",
        min_group=10,
        min_positives=1,
        replicates=100,
        level=0.95,
        cluster_by="cluster_id",
        replay=None,
        dimensions={},
        refits=0,
        reasons=5,
        importance=None,
        origins=origins,
    )
    return StudyTested(
        panel,
        (),
        {},
        (),
        Scores(scored, context, ("side",), ("m",)),
        visits,
        questions,
        1,
        1,
        Cache(None, notice=silent),
        silent,
    )


def test_a_study_that_does_not_ask_gets_no_answer() -> None:
    """No estimates, no findings."""
    told = traced(study(None))
    assert (told.estimates, told.findings) == ((), ())


def test_every_question_is_answered_once() -> None:
    """Each code, and for the planted proxy the verdict that fits."""
    told = traced(study(ASKED))
    verdicts = {(f.code, str(f.facts.get("by", f.facts.get("metric", "")))): f.verdict for f in told.findings}
    assert {code for code, _ in verdicts} == {f"TK21{i}" for i in range(1, 8)}
    assert verdicts["TK211", ""] == "found"
    assert verdicts["TK217", "withheld"] == "found"
    assert verdicts["TK212", "lot"] == "not_applicable"
    assert verdicts["TK215", "selection_rate"] == "found"


def test_every_estimate_has_a_name_of_its_own_and_every_finding_can_be_traced() -> None:
    """No id twice; what a finding rests on is there."""
    told = traced(study(ASKED))
    ids = [e.id for e in told.estimates]
    assert len(set(ids)) == len(ids)
    assert {i for f in told.findings for i in f.estimates} <= set(ids)


def test_the_same_seed_gives_the_same_numbers() -> None:
    """Twice the same study."""
    assert traced(study(ASKED)) == traced(study(ASKED))


def test_of_each_place_the_last_row_of_a_fold_counts_for_proxies() -> None:
    """Six hundred places on two dates: the second date only."""
    sample = sample_of(study(ASKED).scores, lists="per_as_of", cluster_by="cluster_id")
    kept = latest_lines(sample)
    assert kept.size == N // 2
    assert sample.rows["as_of"].iloc[kept].unique().tolist() == [pd.Timestamp("2024-04-01")]
