"""What is told of a model with a level per sector: groups too small are not shown, and the others foretell a group only if it is like them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.levels import LearntFrom, Levels, check_levels
from tegenkracht.models import FACTORIES, Surroundings

SETTINGS = {
    **{"by": "sector", "characters": None, "missing": "impute"},
    **{"C": 1.0, "levels_apart": 1.0, "weights_apart": 0.5, "rows_a_visit": 1.0},
}


def levels_of(sizes: dict[str, int], *, turned: str = "", minimum: int = 10, units: int | None = None) -> Levels:
    """Sectors of so many rows with one strong column, which points the other way in a `turned` sector; `units` rows to a unit at most."""
    rng = np.random.default_rng(3)
    sector = np.repeat(list(sizes), list(sizes.values()))
    x = rng.normal(size=sector.size)
    positive = (rng.random(sector.size) < expit(-1.5 + np.where(sector == turned, -1.2, 1.2) * x)).astype(np.int64)
    table = pd.DataFrame({"x": x, "sector": sector})
    around = Surroundings(("x", "sector"), ("sector",), (), seed=1, threads=1)
    pipeline = FACTORIES["tegenkracht.models.partially_pooled"](around, **SETTINGS).fit(table, positive)
    unit = np.arange(sector.size) if units is None else np.arange(sector.size) // units
    return Levels("m", pipeline, pipeline[-1], "sector", ["x"], LearntFrom(table, positive, unit), minimum, 0.95)


def told_of(levels: Levels) -> dict[tuple[str, str], object]:
    """Estimates by metric and group."""
    return {(e.metric, e.group): e for e in levels.estimates(np.random.default_rng(1))}


def test_others_foretell_a_sector_that_is_like_them_and_not_one_that_is_turned():
    """The interval of the gain lies above nought for the first, below for the second."""
    told = told_of(levels_of({"bar": 900, "club": 900, "marina": 300}, turned="club"))
    assert told["group_left_out_gain", "sector=club"].high < 0
    alike = told_of(levels_of({"bar": 900, "club": 900, "marina": 300}))
    assert alike["group_left_out_gain", "sector=marina"].low > 0
    assert alike["group_left_out_gain", "sector=marina"].n == 300


def test_a_small_sector_leans_further_and_its_level_is_its_own_share_drawn_to_the_others():
    """The marinas' level and weights rest more on what sectors share; levels are chances with intervals."""
    told = told_of(levels_of({"bar": 900, "club": 900, "marina": 30}))
    for part in ("level", "weights"):
        leaning = {s: told[f"group_{part}_leaning", f"sector={s}"].value for s in ("bar", "marina")}
        assert 0 < leaning["bar"] < leaning["marina"] < 1
    level = told["group_level", "sector=marina"]
    assert 0 < level.low < level.value < level.high < 1
    assert told["group_weight", "sector=bar"].at == "by=sector,feature=x"


def test_intervals_of_the_gain_count_a_unit_once():
    """Ten rows to a unit: the same gain with another interval than that of independent rows."""
    sizes = {"bar": 900, "club": 900, "marina": 300}
    gains = [told_of(levels_of(sizes, units=k))["group_left_out_gain", "sector=marina"] for k in (1, 10)]
    assert gains[0].value == pytest.approx(gains[1].value)
    assert gains[0].high - gains[0].low != pytest.approx(gains[1].high - gains[1].low)


def test_a_sector_of_few_units_is_not_told_however_many_rows_it_has():
    """Sixty rows of six places: withheld, and the smallest of the others with it."""
    levels = levels_of({"bar": 900, "club": 400, "marina": 60}, units=10)
    told = told_of(levels)
    assert told["group_level", "sector=marina"].note == "group_under_minimum"
    assert told["group_level", "sector=club"].note == "group_under_minimum"
    assert ("group_level_leaning", "sector=marina") not in told


def test_two_sectors_are_too_few_to_leave_one_out():
    """One other is no sample of sectors."""
    told = told_of(levels_of({"bar": 300, "club": 300}))
    assert told["group_left_out_gain", "sector=bar"].note == "too_few_groups"


@pytest.mark.parametrize(
    ("gain", "leaning", "verdict"),
    [((-0.3, -0.1), 0.8, "found"), ((-0.3, 0.1), 0.8, "not_found"), ((-0.3, -0.1), 0.2, "not_found")],
)
def test_a_group_that_leans_on_others_unlike_it_is_named(gain, leaning, verdict):
    """TK144 looks at groups whose level leans by more than a half, and at whole intervals."""
    about = {"n": 60, "method": "pooled", "level": 0.95, "group": "sector=marina", "at": "by=sector"}
    told = [
        Estimate("m", "group_level_leaning", leaning, 0.1, 0.9, **about),
        Estimate("m", "group_left_out_gain", sum(gain) / 2, *gain, **about),
    ]
    finding = check_levels(told, model="m")
    assert (finding.code, finding.verdict) == ("TK144", verdict)
    assert finding.facts.get("groups") == ("marina" if verdict == "found" else None)
    assert finding.facts["looked_at"] == int(leaning > 0.5)


def test_without_a_group_that_could_be_left_out_the_check_says_why():
    """Two sectors: not applicable, with the reason of the figure."""
    told = list(levels_of({"bar": 300, "club": 300}).estimates(np.random.default_rng(1)))
    finding = check_levels(told, model="m")
    assert (finding.verdict, finding.facts) == ("not_applicable", {"reason": "too_few_groups"})
