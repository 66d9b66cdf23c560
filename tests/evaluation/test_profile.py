"""Positions on the sides of a resilience profile, and what each side is worth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.feature import Feature
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.core.text import Text
from tegenkracht.evaluation.profile import Profiles, check_profiles, profile_estimates, profiles_of, sides_of

DAYS = pd.to_datetime(["2020-01-01", "2021-01-01"])


def feature(name: str, family: str, direction: str) -> Feature:
    """A column of an indicator."""
    text = Text(nl=name, en=name)
    return Feature(
        name=name, label=text, definition=text, subject="area", source="-", family=family, direction=direction
    )


def panel_of(columns: dict[str, list[float]], features: tuple[Feature, ...], **given: list[object]) -> Panel:
    """Areas on two dates: the first half of every column is the first date."""
    n = len(next(iter(columns.values())))
    units = [f"N{i:03}" for i in range(n // 2)] * 2
    days = np.repeat(DAYS, n // 2)
    rows = pd.DataFrame(
        {
            "row_id": [f"{unit}@{day:%Y-%m-%d}" for unit, day in zip(units, days, strict=True)],
            "unit_id": units,
            "as_of": days,
            "known_until": days,
            "sector": "neighbourhood",
            "cluster_id": None,
            "area_code": units,
            "outcome": np.nan,
            "observed": False,
            "outcome_known_on": days,
            "inspector": None,
            "channel": None,
            "earlier_visits": 0.0,
            **columns,
            **given,
        }
    )
    audit = tuple(name for name in given if name == "deprivation")
    return Panel(rows, features, audit, scheduled=False, identity="test")


def everything(panel: Panel) -> tuple[Fold, ...]:
    """One fold that tests all rows."""
    return (Fold("all", DAYS[0], np.array([], np.int64), np.arange(len(panel.rows))),)


def positions(panel: Panel, dimensions: dict[str, tuple[str, ...]]) -> Profiles:
    """Profiles of all rows."""
    return profiles_of(panel, everything(panel), sides_of(panel, dimensions), cluster_by="unit_id")


def test_a_position_counts_the_peers_with_fewer_signs() -> None:
    """Four areas with 1, 2, 2 and 5 purchases stand at 1/8, 1/2, 1/2 and 7/8 (midranks)."""
    panel = panel_of({"a": [1, 2, 2, 5] * 2}, (feature("a", "purchases", "+"),))
    assert positions(panel, {"property": ("purchases",)}).position[:4, 0].tolist() == [0.125, 0.5, 0.5, 0.875]


def test_less_of_a_protective_sign_stands_higher() -> None:
    """With direction `-` the order turns round, and a sign without a direction stands on no side."""
    panel = panel_of(
        {"a": [1, 2, 3, 4] * 2, "b": [4, 3, 2, 1] * 2}, (feature("a", "clubs", "-"), feature("b", "votes", "±"))
    )
    assert sides_of(panel, {"community": ("clubs", "votes")})[0].columns == ("a",)
    assert positions(panel, {"community": ("clubs", "votes")}).position[:4, 0].tolist() == [0.875, 0.625, 0.375, 0.125]


def test_an_unknown_sign_leaves_the_position_open() -> None:
    """One of two signs is known, at 3/4: all together it lies between 3/8 and 7/8; with none known anything is possible."""
    panel = panel_of(
        {"a": [1, 2, np.nan, np.nan] * 2, "b": [np.nan, np.nan, 5, np.nan] * 2},
        (feature("a", "x", "+"), feature("b", "y", "+")),
    )
    made = positions(panel, {"side": ("x", "y")})
    assert (made.position[1, 0], made.low[1, 0], made.high[1, 0], made.known[1, 0]) == (0.75, 0.375, 0.875, 1)
    assert np.isnan(made.position[3, 0])
    assert (made.low[3, 0], made.high[3, 0]) == (0.0, 1.0)


def test_a_date_has_its_own_peers() -> None:
    """When all figures double, nobody moves."""
    panel = panel_of({"a": [1, 2, 3, 4, 2, 4, 6, 8]}, (feature("a", "x", "+"),))
    made = positions(panel, {"side": ("x",)})
    assert made.position[:4, 0].tolist() == made.position[4:, 0].tolist()


@pytest.fixture(scope="module")
def measured() -> dict[str, object]:
    """A side that goes with findings and with deprivation, and one that is noise; 400 areas, all visited."""
    rng = np.random.default_rng(5)
    n = 400
    state = rng.uniform(size=n)
    noise = rng.normal(size=2 * n)
    panel = panel_of(
        {"a": np.tile(state, 2).tolist(), "b": noise.tolist()},
        (feature("a", "x", "+"), feature("b", "y", "+")),
        outcome=(np.tile(rng.uniform(size=n) < state, 2)).astype(float).tolist(),
        observed=[True] * (2 * n),
        deprivation=np.tile(np.where(state > 0.6, "high", "low"), 2).tolist(),
    )
    made = positions(panel, {"true": ("x",), "noise": ("y",)})
    found = profile_estimates(made, audit=panel.audit, minimum=10, replicates=300, level=0.95, seed=1, threads=1)
    return {"panel": panel, "profiles": made, "estimates": found, "by": {(e.metric, e.at, e.group): e for e in found}}


def test_a_side_that_goes_with_findings_is_told_from_noise(measured) -> None:
    """Mean positions by hand give the contrast; the interval of noise holds zero."""
    true, noise = (measured["by"]["profile_contrast", f"side={side}", ""] for side in ("true", "noise"))
    rows = measured["panel"].rows
    position = rows.groupby("as_of")["a"].rank().sub(0.5) / 400
    by_hand = position[rows["outcome"] == 1].mean() - position[rows["outcome"] == 0].mean()
    assert true.value == pytest.approx(by_hand, abs=1e-9)
    assert true.low > 0
    assert noise.low < 0 < noise.high


def test_what_stays_is_told_from_what_moves(measured) -> None:
    """The same figure on both dates correlates fully; fresh noise does not."""
    true, noise = (measured["by"]["profile_stability", f"side={side}", ""] for side in ("true", "noise"))
    assert true.value == pytest.approx(1.0)
    assert abs(noise.value) < 0.15


def test_the_checks_name_the_side_that_follows_deprivation_and_those_that_say_little(measured) -> None:
    """TK203 for the side that is deprivation, TK204 for the one that is not shown, TK205 for the one that moves."""
    follows, unshown, moves = check_profiles(measured["estimates"])
    assert (follows.code, follows.verdict, follows.facts["side"]) == ("TK203", "found", "true")
    assert (unshown.verdict, unshown.facts["unshown"], unshown.facts["sides"]) == ("found", 1, 2)
    assert (moves.verdict, moves.facts["moving"]) == ("found", 1)


def test_too_few_findings_give_no_contrast() -> None:
    """Nine findings are fewer than the minimum of ten: a sentence, no number."""
    n = 100
    outcome = [1.0] * 9 + [0.0] * (2 * n - 9)
    panel = panel_of({"a": list(range(2 * n))}, (feature("a", "x", "+"),), outcome=outcome, observed=[True] * (2 * n))
    found = profile_estimates(
        positions(panel, {"side": ("x",)}), audit=(), minimum=10, replicates=100, level=0.95, seed=1, threads=1
    )
    contrast = next(e for e in found if e.metric == "profile_contrast")
    assert (contrast.value, contrast.note) == (None, "base_under_minimum")


def test_one_test_date_cannot_tell_what_stays(measured) -> None:
    """The first date is then also the last: no correlation, and TK205 is not applicable."""
    profiles = measured["profiles"]
    day = profiles.rows["as_of"].min()
    here = np.flatnonzero(profiles.rows["as_of"] == day)
    one = replace(
        profiles,
        rows=profiles.rows.iloc[here].reset_index(drop=True),
        position=profiles.position[here],
        low=profiles.low[here],
        high=profiles.high[here],
        known=profiles.known[here],
    )
    found = profile_estimates(one, audit=(), minimum=10, replicates=50, level=0.95, seed=1, threads=1)
    stability = [e for e in found if e.metric == "profile_stability"]
    assert {(e.value, e.note) for e in stability} == {(None, "one_fold")}
    finding = next(f for f in check_profiles(found) if f.code == "TK205")
    assert (finding.verdict, finding.facts["reason"]) == ("not_applicable", "one_fold")


def test_a_withheld_group_tells_neither_its_size_nor_that_there_is_no_attribute(measured) -> None:
    """`n` is nought, and TK203 says that groups are too small; without an attribute it says that."""
    profiles, audit = measured["profiles"], measured["panel"].audit
    found = profile_estimates(profiles, audit=audit, minimum=10**6, replicates=50, level=0.95, seed=1, threads=1)
    gaps = [e for e in found if e.metric == "profile_gap"]
    assert {(e.n, e.note) for e in gaps} == {(0, "group_under_minimum")}
    finding = next(f for f in check_profiles(found) if f.code == "TK203")
    assert (finding.verdict, finding.facts["reason"]) == ("not_applicable", "group_under_minimum")
    none = profile_estimates(profiles, audit=(), minimum=10, replicates=50, level=0.95, seed=1, threads=1)
    assert next(f for f in check_profiles(none) if f.code == "TK203").facts["reason"] == "no_audit_attributes"
