"""The chance that somebody looks: learnt from what was known, checked against who was looked at."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.feature import Feature
from tegenkracht.core.panel import Panel
from tegenkracht.core.text import Text
from tegenkracht.evaluation.propensity import (
    Chances,
    Propensities,
    chance_estimates,
    check_chances,
    covariates,
    propensities_of,
)
from tegenkracht.evaluation.sample import Sample, sample_of

ASKED = Chances("logistic", 5, 0.01)


def panel_of(
    x: np.ndarray, seen: np.ndarray, *, area: list[str] | None = None, audit: np.ndarray | None = None
) -> Panel:
    """One date, one feature; nothing was found anywhere. With `audit`, an attribute that only audits may see."""
    n = len(x)
    day = pd.Timestamp("2024-01-01")
    rows = pd.DataFrame(
        {
            "row_id": [f"r{i:05d}" for i in range(n)],
            "unit_id": [f"u{i:05d}" for i in range(n)],
            "as_of": day,
            "known_until": day,
            "sector": "s",
            "cluster_id": None,
            "area_code": "a" if area is None else area,
            "outcome": np.where(seen, 0.0, np.nan),
            "observed": seen,
            "outcome_known_on": day,
            "inspector": None,
            "channel": None,
            "earlier_visits": 0.0,
            "x": x,
        }
    )
    attributes = () if audit is None else ("who",)
    return Panel(rows if audit is None else rows.assign(who=audit), (_feature("x"),), attributes, False, "p")


def _feature(name: str) -> Feature:
    text = Text(nl=name, en=name)
    return Feature(name=name, label=text, definition=text, subject="place", source="made up")


def visits_of(panel: Panel) -> pd.DataFrame:
    """A visit of every seen row, in which nothing was found."""
    rows = panel.rows[panel.rows["observed"]]
    return pd.DataFrame({"row_id": rows["row_id"], "inspection_id": rows["row_id"], "positive": 0.0})


@pytest.fixture
def sample(scores_from) -> Callable[[Panel], Sample]:
    """The sample of a panel, every row its own cluster."""

    def make(panel: Panel) -> Sample:
        scores = scores_from({"m": np.zeros(len(panel.rows))}, panel.rows["outcome"].to_numpy())
        return sample_of(scores, lists="per_as_of", cluster_by="unit_id")

    return make


@pytest.fixture
def drawn() -> tuple[Panel, np.ndarray]:
    """Four thousand places whose chance of a visit is a known function of one feature, and that chance."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=4_000)
    chance = 1 / (1 + np.exp(1.5 - x))
    return panel_of(x, rng.uniform(size=4_000) < chance), chance


def learnt(panel: Panel, sample: Sample) -> Propensities:
    """Chances learnt as a study learns them."""
    found = propensities_of(panel, sample, visits_of(panel), ASKED, seed=1, threads=1)
    assert found is not None
    return found


def told(found: Propensities | None, sample: Sample) -> dict[str, Estimate]:
    """Estimates without a band, by metric."""
    made = chance_estimates(found, sample, replicates=200, level=0.95, seed=1, threads=1)
    return {e.metric: e for e in made if not e.at.startswith("chance=")}


def test_the_chance_of_a_visit_is_found_again(drawn, sample) -> None:
    """Within three points on average of the chance that visits were drawn with, and seen rows stand for all rows."""
    panel, chance = drawn
    found = learnt(panel, sample(panel))
    assert np.abs(found.chance - chance).mean() < 0.03
    assert found.weight.sum() == pytest.approx(4_000, rel=0.1)


def test_chances_that_come_true_raise_nothing(drawn, sample) -> None:
    """Neither TK114 nor TK115 where all have a chance and the model is of the right kind."""
    panel, _ = drawn
    made = chance_estimates(learnt(panel, sample(panel)), sample(panel), replicates=200, level=0.95, seed=1, threads=1)
    assert {f.code: f.verdict for f in check_chances(made)} == {"TK114": "not_found", "TK115": "not_found"}


def test_scheduled_visits_leave_nothing_to_estimate(drawn, sample) -> None:
    """Everybody on a schedule is visited: no chance, no figure, and a reason."""
    panel, _ = drawn
    assert propensities_of(panel, sample(panel), None, ASKED, seed=1, threads=1) is None
    assert told(None, sample(panel)) == {}
    assert [(f.verdict, f.facts["reason"]) for f in check_chances(())] == [("not_applicable", "nothing_estimated")] * 2


def test_places_where_nobody_goes_are_found(sample) -> None:
    """Half of the places are never visited and the table knows which: their chance is under the limit, and TK114 says so."""
    rng = np.random.default_rng(1)
    x = np.repeat([0.0, 1.0], 1_000)
    panel = panel_of(x, (x == 1) & (rng.uniform(size=2_000) < 0.5))
    found = learnt(panel, sample(panel))
    assert found.chance[:1_000].max() < 0.01
    assert found.chance.min() > 0
    made = chance_estimates(found, sample(panel), replicates=200, level=0.95, seed=1, threads=1)
    assert next(f for f in check_chances(made) if f.code == "TK114").verdict == "found"


def test_audit_attributes_take_no_part(sample) -> None:
    """The same columns with and without an attribute for audits, whatever it says."""
    x, seen = np.arange(6.0), np.array([True, False] * 3)
    plain, audited = panel_of(x, seen), panel_of(x, seen, audit=np.array(["one", "two"] * 3))
    assert (covariates(plain, sample(plain)) == covariates(audited, sample(audited))).all()


def hand(chance: list[float], observed: list[bool]) -> Propensities:
    """Chances as given."""
    n = len(chance)
    seen = np.array(observed)
    return Propensities(np.arange(n), np.array(chance), seen, np.where(seen, 0.0, np.nan), np.zeros(n), 0.01)


def test_overlap_by_hand(sample) -> None:
    """Four rows with chances 1/2, 1/2, 1/4 and 1/200, of which the first and third were seen.

    They stand for 2 + 4 = 6 of 4 rows; are worth 36/20 rows; one of four is under the limit; of the band from a fifth to a half nothing but the third is
    there, and the halves are in the band above.
    """
    panel = panel_of(np.zeros(4), np.array([True, False, True, False]))
    made = chance_estimates(
        hand([0.5, 0.5, 0.25, 0.005], [True, False, True, False]),
        sample(panel),
        replicates=200,
        level=0.95,
        seed=1,
        threads=1,
    )
    values = {(e.metric, e.at): e.value for e in made}
    assert values["chance_total", ""] == pytest.approx(6 / 4)
    assert values["effective_rows", ""] == pytest.approx(36 / 20)
    assert values["chance_under_limit", "limit=0.01"] == 1 / 4
    assert values["chance_smallest", ""] == 0.005
    assert (values["chance_band", "chance=0.2-0.5"], values["chance_band", "chance=0.5-1"]) == (1 / 4, 1 / 2)
    assert (values["chance_band_seen", "chance=0.2-0.5"], values["chance_seen", "chance=0.5-1"]) == (1 / 2, 1 / 2)


def shown(metric: str, value: float, low: float, high: float) -> Estimate:
    """A figure of the fit with this interval."""
    return Estimate("", metric, value, low, high, n=1_000, method="sample", level=0.95)


@pytest.mark.parametrize(
    ("total", "slope", "verdict"),
    [
        ((1.02, 0.9, 1.1), (1.0, 0.9, 1.1), "not_found"),
        ((1.3, 1.1, 1.5), (1.0, 0.9, 1.1), "found"),
        ((1.0, 0.9, 1.1), (0.5, 0.4, 0.6), "found"),
        ((1.03, 1.01, 1.05), (1.1, 1.05, 1.15), "not_found"),
        ((1.3, 0.8, 1.8), (1.0, 0.9, 1.1), "not_found"),
    ],
)
def test_chances_that_do_not_come_true_are_found(total, slope, verdict) -> None:
    """A total or a slope away from one, beyond its interval and by more than a margin."""
    tells = shown("inspection_auc", 0.7, 0.65, 0.75)
    made = (shown("chance_total", *total), shown("chance_slope", *slope), tells)
    assert next(f for f in check_chances(made) if f.code == "TK115").verdict == verdict


def test_the_slope_of_chances_that_hardly_differ_is_noise() -> None:
    """Where nobody can be told apart, a slope of nearly zero is no reason for alarm."""
    lottery = shown("inspection_auc", 0.51, 0.48, 0.54)
    made = (shown("chance_total", 1.0, 0.98, 1.02), shown("chance_slope", 0.1, -0.1, 0.3), lottery)
    assert next(f for f in check_chances(made) if f.code == "TK115").verdict == "not_found"


@pytest.mark.parametrize("seen", [0, 4, 60])
def test_a_tiny_sector_gives_figures_or_reasons(sample, seen) -> None:
    """Sixty places of which none, four or all were visited: chances above nothing, and no number without a value or a reason."""
    panel = panel_of(np.arange(60.0), np.arange(60) < seen)
    found = learnt(panel, sample(panel))
    assert found.chance.min() > 0
    assert found.chance.max() <= 1
    made = chance_estimates(found, sample(panel), replicates=100, level=0.95, seed=1, threads=1)
    assert all(e.is_known or e.note for e in made)
    assert {f.code for f in check_chances(made)} == {"TK114", "TK115"}
