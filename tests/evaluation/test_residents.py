"""How many people live in areas with places on a list: by hand, by group of areas, and why there is no number."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.scores import Scores
from tegenkracht.core.wilson import wilson_interval
from tegenkracht.evaluation.estimates import About
from tegenkracht.evaluation.residents import resident_estimates
from tegenkracht.evaluation.sample import sample_of


def reached(
    scores: Scores, surroundings: pd.DataFrame | None, listed: np.ndarray, minimum: int = 2
) -> dict[str, Estimate]:
    """Every figure of residents, by id."""
    sample = sample_of(scores, lists="per_as_of", cluster_by="unit_id")
    asked = {"minimum": minimum, "replicates": 500, "level": 0.95, "seed": 1, "threads": 1}
    return {e.id: e for e in resident_estimates(sample, surroundings, listed, About("m", at="capacity=3"), **asked)}


def made(scores_from) -> tuple[Scores, pd.DataFrame, np.ndarray]:
    """Two lists over four areas of three places: one area has two on the first list, another one on each."""
    area, dates = list("aaabbbcccddd") * 2, ["2024-01-01"] * 12 + ["2024-04-01"] * 12
    context = {"area_code": area, "rich": ["yes" if a in "ab" else "no" for a in area], "own": list("xy") * 12}
    unit = [f"u{i}" for i in range(12)] * 2
    scores = scores_from(
        {"m": np.linspace(0, 1, 24)}, [0, 1] * 12, as_of=dates, unit=unit, context=context, audit=("rich", "own")
    )
    living = pd.Series(area).map({"a": 100.0, "b": 300.0, "c": 200.0, "d": 400.0}).to_numpy()
    listed = np.zeros(24)
    listed[[0, 1, 6, 18]] = 1
    return scores, pd.DataFrame({"residents": living}, index=[f"r{i:05d}" for i in range(24)]), listed


def test_residents_of_areas_on_a_list_are_counted_per_list(scores_from):
    """First list: a (two places) and c, 300 of 1,000 residents; second: c, 200. Together 500 of 2,000, 250 a list; with two places 100 of 2,000."""
    found = reached(*made(scores_from))
    share = found["m/residents_reached//capacity=3,at_least=1/all/sample"]
    assert (share.value, share.n) == (pytest.approx(0.25), 4)
    assert found["m/residents_reached_count//capacity=3,at_least=1/all/sample"].value == pytest.approx(250)
    assert found["m/residents_reached//capacity=3,at_least=2/all/sample"].value == pytest.approx(0.05)


def test_groups_of_areas_have_their_own_share_and_groups_of_places_have_none(scores_from):
    """Rich areas hold 400 residents a list and 100 of them once; an attribute that differs within areas is no group of residents."""
    found = reached(*made(scores_from))
    assert found["m/residents_reached/rich=yes/capacity=3,at_least=1/all/sample"].value == pytest.approx(100 / 800)
    assert found["m/residents_reached/rich=no/capacity=3,at_least=1/all/sample"].value == pytest.approx(400 / 1_200)
    assert not any(e.group.startswith("own=") for e in found.values())
    few = reached(*made(scores_from), minimum=3)["m/residents_reached/rich=yes/capacity=3,at_least=1/all/sample"]
    assert (few.note, few.n) == ("few_areas", 0)


def test_nobody_reached_is_not_certain(scores_from):
    """No area has five places on a list: Wilson's interval of none of four areas, and as many residents as that share is."""
    found = reached(*made(scores_from))
    share, number = (found[f"m/residents_reached{part}//capacity=3,at_least=5/all/sample"] for part in ("", "_count"))
    assert (share.value, share.high, share.note) == (
        0.0,
        pytest.approx(wilson_interval(0.0, 4, level=0.95)[1]),
        "interval_wilson",
    )
    assert number.high == pytest.approx(1_000 * share.high)


def test_an_area_and_a_list_without_figures_do_not_count(scores_from):
    """Nothing was known at the first date, nor ever of one area: the second list alone, over three areas."""
    scores, surroundings, listed = made(scores_from)
    known = surroundings.where((np.arange(24) >= 12)[:, None])
    known.iloc[21:] = np.nan  # the places of d
    found = reached(scores, known, listed)
    share = found["m/residents_reached//capacity=3,at_least=1/all/sample"]
    assert (share.value, share.n) == (pytest.approx(200 / 600), 3)
    assert found["m/residents_reached_count//capacity=3,at_least=1/all/sample"].value == pytest.approx(200)


@pytest.mark.parametrize("measure", ["vacancy", None])
def test_no_table_of_residents_is_said(scores_from, measure):
    """A study without figures of areas, or without this one."""
    scores, surroundings, listed = made(scores_from)
    (one,) = reached(scores, surroundings.rename(columns={"residents": measure}) if measure else None, listed).values()
    assert (one.metric, one.note) == ("residents_reached", "no_residents")


def test_a_dutch_name_counts_too(scores_from):
    """`inwoners` is what the table is called in Dutch sources."""
    scores, surroundings, listed = made(scores_from)
    assert reached(scores, surroundings.rename(columns={"residents": "inwoners"}), listed)[
        "m/residents_reached//capacity=3,at_least=1/all/sample"
    ].is_known
