"""The neighbourhoods of a world: where they are, how deprived, and how each changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tegenkracht.data.world.clock import stream
from tegenkracht.data.world.logistic import expit

NEIGHBOURHOODS = 14_500  # at scale 1 (methods D.1)
YEARS = np.arange(2014, 2024)
_TOWN = 40  # neighbourhoods in a town
_BOX = (90_000.0, 390_000.0, 240_000.0, 570_000.0)  # in RD, well inside the land border


@dataclass(frozen=True)
class Country:
    """Arrays by area; `vacancy` and `deprivation_by_year` by area and year.

    `effect` is what no table shows; `group_share` is the share of units in `group 1`, a made-up group that means nothing.
    """

    code: np.ndarray
    x: np.ndarray
    y: np.ndarray
    region: np.ndarray
    deprivation: np.ndarray
    group_share: np.ndarray
    effect: np.ndarray
    road_distance: np.ndarray
    vacancy: np.ndarray
    deprivation_by_year: np.ndarray


def make_country(*, scale: float, seed: int) -> Country:
    """Neighbourhoods in towns; deprivation is shared within a town in part (methods D.2, with towns for its field)."""
    rng = stream(seed, "country")
    areas = max(12, round(NEIGHBOURHOODS * scale))
    town = np.arange(areas) // _TOWN
    towns = int(town[-1]) + 1
    centre_x, centre_y = rng.uniform(_BOX[0], _BOX[2], towns), rng.uniform(_BOX[1], _BOX[3], towns)
    deprivation = 0.6 * rng.standard_normal(towns)[town] + 0.8 * rng.standard_normal(areas)
    urbanity = rng.standard_normal(towns)[town]
    x = centre_x[town] + rng.normal(0, 1_500, areas)
    y = centre_y[town] + rng.normal(0, 1_500, areas)
    return Country(
        code=np.array([f"A{number:05d}" for number in range(1, areas + 1)]),
        x=x,
        y=y,
        region=_region(centre_x, centre_y)[town],
        deprivation=deprivation,
        group_share=expit(-1.8 + 0.6 * deprivation + 0.7 * urbanity),
        effect=rng.normal(0, 0.8, areas),
        road_distance=np.round(rng.gamma(2.0, 2.5, areas), 1),
        vacancy=np.round(expit(-2.8 + 0.4 * deprivation[:, None] + rng.normal(0, 0.3, (areas, len(YEARS)))), 4),
        deprivation_by_year=np.round(deprivation[:, None] + rng.normal(0, 0.15, (areas, len(YEARS))), 3),
    )


def _region(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Which of ten regions, 1 to 10: two columns of five."""
    column = (x > (_BOX[0] + _BOX[2]) / 2).astype(int)
    row = np.clip((y - _BOX[1]) / (_BOX[3] - _BOX[1]) * 5, 0, 4.999).astype(int)
    return np.asarray(1 + 5 * column + row)
