"""Features beside figures of areas: Spearman's correlation within lists, with areas as what is drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.area_correlation import area_correlations
from tegenkracht.evaluation.estimates import About


def told(
    columns: dict[str, np.ndarray], measure: np.ndarray, area: np.ndarray, lists: np.ndarray
) -> dict[str, Estimate]:
    """Each column beside one measure."""
    estimates = area_correlations(
        {About(at=f"feature={name}"): value for name, value in columns.items()},
        pd.DataFrame({"poverty": measure}),
        area=area.astype(np.int32),
        lists=lists,
        minimum=10,
        level=0.95,
    )
    return {e.at.removeprefix("feature=").removesuffix(",measure=poverty"): e for e in estimates}


def places(seed: int, areas: int = 60, each: int = 20) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    """The area of each place, the poverty of its area, and a stream."""
    rng = np.random.default_rng(seed)
    area = np.repeat(np.arange(areas), each)
    return area, rng.normal(size=areas)[area], rng


def test_within_one_list_it_is_that_of_scipy() -> None:
    """Ties and all."""
    area, poverty, rng = places(1)
    value = np.round(rng.normal(size=area.size) + poverty)
    found = told({"x": value}, poverty, area, np.zeros(area.size, int))["x"]
    assert found.value == pytest.approx(spearmanr(value, poverty).statistic)
    assert found.n == area.size


def test_what_differs_between_lists_takes_no_part() -> None:
    """Both are higher on the second list, and on neither do they go together."""
    area, poverty, rng = places(2)
    lists = np.arange(area.size) % 2
    value = rng.normal(size=area.size) + 5 * lists
    found = told({"x": value}, poverty + 5 * lists, area, lists)["x"]
    assert abs(found.value) < 0.15


@pytest.mark.parametrize("effect", [0.0, 0.5])
def test_intervals_hold_the_truth_though_places_of_an_area_are_alike(effect: float) -> None:
    """Two hundred worlds of sixty areas; the truth is Spearman's of two normals, 6/pi times the arc sine of half their correlation."""
    truth = 6 / np.pi * np.arcsin(effect / np.sqrt(effect**2 + 1 + 0.04) / 2)
    held = 0
    for seed in range(200):
        area, poverty, rng = places(seed)
        value = effect * poverty + rng.normal(size=60)[area] + 0.2 * rng.normal(size=area.size)
        found = told({"x": value}, poverty, area, np.zeros(area.size, int))["x"]
        held += (found.low or 0) <= truth <= (found.high or 0)
    assert 0.90 <= held / 200 <= 0.98


def test_a_feature_that_is_the_figure_itself_is_certain() -> None:
    """One, or minus one when it is turned round, without an interval."""
    area, poverty, _ = places(5)
    found = told({"same": poverty, "turned": -poverty}, poverty, area, np.zeros(area.size, int))
    assert [(e.value, e.low, e.note) for e in found.values()] == [(1.0, None, ""), (-1.0, None, "")]


def test_too_few_areas_or_nothing_that_varies_has_a_reason() -> None:
    """Nine areas; a feature that is always the same; rows where it is missing take no part."""
    area, poverty, rng = places(4)
    value = rng.normal(size=area.size)
    figures = told(
        {
            "nine_areas": np.where(area < 9, value, np.nan),
            "same": np.ones(area.size),
            "half": np.where(area < 30, value, np.nan),
        },
        poverty,
        area,
        np.zeros(area.size, int),
    )
    assert (figures["nine_areas"].note, figures["nine_areas"].n) == ("base_under_minimum", 180)
    assert figures["same"].note == "nothing_varies"
    assert figures["half"].n == 600
