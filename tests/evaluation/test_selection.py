"""Who was visited, by date, channel and inspector."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.sample import sample_of
from tegenkracht.evaluation.selection import scheduled_visits, selection_ledger

NAN = float("nan")


def ledger(scores: Scores, visits: pd.DataFrame | None = None, minimum: int = 10) -> dict[str, Estimate]:
    """The ledger by id."""
    sample = sample_of(scores, lists="per_as_of", cluster_by="cluster_id")
    return {e.id: e for e in selection_ledger(sample, visits, minimum=minimum, level=0.95)}


@pytest.fixture(scope="module")
def two_dates(scores_from) -> Scores:
    """Twenty units on two dates: on the first all are visited (5 findings), on the second six (2 findings)."""
    outcome = [1.0] * 5 + [0.0] * 15 + [1.0] * 2 + [0.0] * 4 + [NAN] * 14
    return scores_from(
        {"m": range(40)},
        outcome,
        as_of=["2024-01-01"] * 20 + ["2024-07-01"] * 20,
        unit=[f"u{i % 20}" for i in range(20)] + [f"u{i}" for i in range(10, 30)],
        context={"cluster_id": ["strip"] * 20 + [None] * 20},
    )


def test_counts_in_all(two_dates):
    """Forty rows of thirty units, twenty-six outcomes, seven findings; u10 … u29 on the second date, u16 … u29 unseen then."""
    found = ledger(two_dates)
    shown = {
        metric: found[f"/{metric}///all/count"].value
        for metric in ("rows", "units", "observed", "positives", "inspected_share")
    }
    assert shown == {"rows": 40, "units": 30, "observed": 26, "positives": 7, "inspected_share": 0.65}
    assert found["/never_inspected///all/count"].value == pytest.approx(10 / 30)
    assert found["/never_inspected///all/count"].n == 30
    assert found["/clusters///all/count"].value == 21  # the strip, and twenty units on their own


def test_counts_per_date_withhold_what_rests_on_few(two_dates):
    """On the second date six outcomes are too few to show how many were findings."""
    found = ledger(two_dates)
    assert found["/finding_rate//as_of=2024-01-01/all/labelled"].value == 0.25
    assert found["/inspected_share//as_of=2024-07-01/all/count"].value == pytest.approx(0.3)
    assert found["/finding_rate//as_of=2024-07-01/all/labelled"].note == "base_under_minimum"
    assert found["/positives//as_of=2024-07-01/all/count"].note == "base_under_minimum"


def test_visits_per_inspector_and_channel(two_dates):
    """Counts always, finding rates with an interval from ten visits on; who is not known is `unknown`."""
    visits = pd.DataFrame(
        {
            "row_id": [f"r{20 + i % 20:05d}" for i in range(36)],
            "inspector": ["a"] * 20 + ["b"] * 4 + [None] * 12,
            "channel": ["random"] * 36,
            "finding": [True] * 5 + [False] * 31,
        }
    )
    found = ledger(two_dates, visits)
    assert (found["/visits/inspector=a//all/count"].value, found["/visits/inspector=b//all/count"].value) == (20, 4)
    rate = found["/finding_rate/inspector=a//all/labelled"]
    assert (rate.value, rate.n) == (0.25, 20)
    assert rate.low < 0.112 < 0.469 < rate.high  # Wilson's at twenty visits, were it known how alike places are
    assert found["/finding_rate/inspector=b//all/labelled"].note == "base_under_minimum"
    assert found["/finding_rate/inspector=unknown//all/labelled"].value == 0
    assert found["/visits/channel=random//all/count"].value == 36


def test_without_visits_there_are_no_cells(two_dates):
    """What is not known is not guessed from the visit before."""
    assert not any(key.startswith("/visits") for key in ledger(two_dates))


def test_scheduled_visits_are_the_observed_rows(scores_from):
    """One visit for each row with an outcome, with the inspector and channel of that row."""
    scores = scores_from(
        {"a": [1, 2, 3], "b": [3, 2, 1]}, [1, NAN, 0], context={"inspector": ["x", "y", "z"], "channel": ["risk"] * 3}
    )
    visits = scheduled_visits(scores)
    assert visits.to_dict("list") == {
        "row_id": ["r00000", "r00002"],
        "channel": ["risk"] * 2,
        "inspector": ["x", "z"],
        "finding": [True, False],
    }


def test_findings_of_an_inspector_are_held_where_those_of_a_strip_are_alike(scores_from):
    """Forty strips of twenty places, in each of which little or much is found: nineteen in twenty intervals hold the share, also of one inspector's eight strips."""
    rng, held = np.random.default_rng(6), []
    strip = np.repeat(np.arange(40), 20)
    for _ in range(60):
        found = rng.random(800) < rng.beta(1, 9, 40)[strip]
        scores = scores_from(
            {"m": range(800)}, found.astype(float), context={"cluster_id": [f"s{i:02d}" for i in strip]}
        )
        visits = pd.DataFrame({"row_id": [f"r{i:05d}" for i in range(800)], "inspector": (strip % 5).astype(str)})
        told = ledger(scores, visits.assign(channel="random", finding=found))
        rates = [e for e in told.values() if e.metric == "finding_rate" and e.group.startswith("inspector=")]
        assert len(rates) == 5
        held += [e.low <= 0.1 <= e.high for e in rates]
    assert np.mean(held) >= 0.9


def test_inspected_share_per_sector(scores_from):
    """Of two sectors with four places each, three places and one were seen; with a minimum of five neither is told."""
    outcome = [0.0, 0.0, 0.0, NAN, 0.0, NAN, NAN, NAN]
    scores = scores_from({"m": range(8)}, outcome, context={"sector": ["a"] * 4 + ["b"] * 4})
    shown, hidden = (
        [ledger(scores, minimum=least)[f"/inspected_share/sector={s}//all/count"] for s in ("a", "b")]
        for least in (4, 5)
    )
    assert [(e.value, e.n) for e in shown] == [(0.75, 4), (0.25, 4)]
    assert [(e.value, e.n, e.note) for e in hidden] == [(None, 0, "group_under_minimum")] * 2


def test_how_unequal_areas_are_visited(scores_from):
    """Twenty areas of ten rows; nobody went to the first, in each of the others two rows are seen, in the last three all ten.

    One tiny area with a row of its own is left out. At the tenth of a hundred and in the middle a fifth is seen, at the ninetieth everything.
    """
    seen = [0] + [2] * 16 + [10] * 3
    outcome = [0.0 if i < seen[a] else NAN for a in range(20) for i in range(10)] + [0.0]
    areas = [f"area {a:02}" for a in range(20) for _ in range(10)] + ["tiny"]
    found = ledger(scores_from({"m": range(201)}, outcome, context={"area_code": areas}))
    shares = {
        rank: found[f"/inspected_share//area={rank}/all/count"].value for rank in ("tenth", "middle", "ninetieth")
    }
    assert shares == {"tenth": 0.2, "middle": 0.2, "ninetieth": 1.0}
    assert found["/areas_without_visits///all/count"].value == pytest.approx(1 / 20)
    assert found["/areas_without_visits///all/count"].n == 20


def test_few_areas_are_not_put_in_order(two_dates):
    """One area has no middle."""
    assert ledger(two_dates)["/inspected_share//area=middle/all/count"].note == "few_areas"
