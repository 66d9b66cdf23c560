"""The units of one sector: where they stand, when they opened, their legal form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tegenkracht.data.world.clock import STARTS, stream
from tegenkracht.data.world.country import Country

PREMISES, STRIPS, MARINAS = 193_000, 2_600, 1_100  # at scale 1 (methods D.1)
FEWEST_MARINAS = 40
_FORMS = {
    "shopping_strip": {"eenmanszaak": 0.40, "bv": 0.38, "vof": 0.16, "stichting": 0.02, "overig": 0.04},
    "marina": {"bv": 0.45, "vereniging": 0.30, "stichting": 0.12, "eenmanszaak": 0.08, "vof": 0.05},
}
_LETTERS = {"shopping_strip": "S", "marina": "M"}
NEVER = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class Places:
    """Arrays by unit. `area` and `cluster` are positions; `is_open` is by unit and quarter, true when open all of it."""

    sector: str
    unit_id: np.ndarray
    cluster: np.ndarray
    cluster_id: np.ndarray
    area: np.ndarray
    x: np.ndarray
    y: np.ndarray
    opened_on: np.ndarray
    closed_on: np.ndarray
    legal_form: np.ndarray
    group: np.ndarray
    berths: np.ndarray | None

    @property
    def count(self) -> int:
        """How many units there are."""
        return len(self.unit_id)

    @property
    def is_open(self) -> np.ndarray:
        """By unit and quarter whether it was open from the first day to the last."""
        begun = self.opened_on[:, None] <= STARTS[None, :-1]
        ended = self.closed_on[:, None] < STARTS[None, 1:]
        return np.asarray(begun & ~ended)


def make_places(sector: str, country: Country, *, scale: float, seed: int) -> Places:
    """The units of a sector: shops in strips of very different length, marinas a few to a water."""
    rng = stream(seed, sector, "places")
    cluster = _shops(rng, scale) if sector == "shopping_strip" else _marinas(rng, scale)
    clusters, units = int(cluster.max()) + 1, len(cluster)
    area = rng.integers(0, len(country.code), clusters)[cluster]
    spread = 60.0 if sector == "shopping_strip" else 800.0
    offset = rng.normal(0, 400, (2, clusters))[:, cluster] + rng.normal(0, spread, (2, units))
    opened, closed = _life(rng, units)
    forms = _FORMS[sector]
    word = "strip" if sector == "shopping_strip" else "water"
    return Places(
        sector=sector,
        unit_id=np.array([f"{_LETTERS[sector]}{number:06d}" for number in range(1, units + 1)]),
        cluster=cluster,
        cluster_id=np.array([f"{word} {number + 1}" for number in range(clusters)])[cluster],
        area=area,
        x=np.round(country.x[area] + offset[0], 1),
        y=np.round(country.y[area] + offset[1], 1),
        opened_on=opened,
        closed_on=closed,
        legal_form=rng.choice(list(forms), size=units, p=list(forms.values())),
        group=(rng.random(units) < country.group_share[area]).astype(int),
        berths=_berths(rng, units) if sector == "marina" else None,
    )


def _shops(rng: np.random.Generator, scale: float) -> np.ndarray:
    """The strip of each shop: at least five to a strip, the rest by lognormal weights with sigma 1."""
    strips = max(1, round(STRIPS * scale))
    shops = max(5 * strips, round(PREMISES * scale))
    weight = rng.lognormal(0, 1, strips)
    size = 5 + rng.multinomial(shops - 5 * strips, weight / weight.sum())
    return np.repeat(np.arange(strips), size)


def _marinas(rng: np.random.Generator, scale: float) -> np.ndarray:
    """The water of each marina, about four to a water."""
    marinas = max(FEWEST_MARINAS, round(MARINAS * scale))
    _, water = np.unique(rng.integers(0, marinas // 4, marinas), return_inverse=True)
    return np.sort(water)


def _berths(rng: np.random.Generator, marinas: int) -> np.ndarray:
    """Lognormal with mean 180 and sigma 0.8."""
    return np.maximum(10, np.round(rng.lognormal(np.log(180) - 0.32, 0.8, marinas)))


def _life(rng: np.random.Generator, units: int) -> tuple[np.ndarray, np.ndarray]:
    """Opening and closing days: one in eight opened within the ten years, one in sixteen closed."""
    early = np.datetime64("1985-01-01") + rng.integers(0, 10_500, units)
    late = np.datetime64("2014-01-01") + rng.integers(0, 3_200, units)
    opened = np.where(rng.random(units) < 1 / 8, late, early)
    closed = np.maximum(opened + 400, np.datetime64("2015-01-01") + rng.integers(0, 3_200, units))
    stays = (rng.random(units) >= 1 / 16) | (closed > np.datetime64("2023-12-31"))
    return opened, np.where(stays, NEVER, closed)
