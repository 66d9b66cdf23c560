"""Municipalities, neighbourhoods and water as GeoJSON, in degrees so that any tool reads them (RFC 7946)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import Delaunay

from tegenkracht.data.world.arrays import Floats, Ints
from tegenkracht.data.world.country import EXTENT, Country

FILES = ("municipalities.geojson", "neighbourhoods.geojson", "water.geojson")
_FEW = 8  # points of which every pair counts as neighbours
_X, _Y = 155_000.0, 463_000.0
_LATITUDE = (
    ((0, 1), 3235.65389), ((2, 0), -32.58297), ((0, 2), -0.24750), ((2, 1), -0.84978), ((0, 3), -0.06550),
    ((2, 2), -0.01709), ((1, 0), -0.00738), ((4, 0), 0.00530), ((2, 3), -0.00039), ((4, 1), 0.00033), ((1, 1), -0.00012),
)  # fmt: skip
_LONGITUDE = (
    ((1, 0), 5260.52916), ((1, 1), 105.94684), ((1, 2), 2.45656), ((3, 0), -0.81885), ((1, 3), 0.05594), ((3, 1), -0.05607),
    ((0, 1), 0.01199), ((3, 2), -0.00256), ((1, 4), 0.00128), ((0, 2), 0.00022), ((2, 0), -0.00022), ((5, 0), 0.00026),
)  # fmt: skip


def to_degrees(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Longitude and latitude (WGS 84) of RD coordinates, to a metre or so: the polynomials of Schreutelkamp and Strang van Hees (2001).

    Examples
    --------
    >>> longitude, latitude = to_degrees(np.array([155_000.0]), np.array([463_000.0]))  # the tower of Amersfoort
    >>> round(float(longitude[0]), 4), round(float(latitude[0]), 4)
    (5.3872, 52.1552)
    """
    dx, dy = (np.asarray(x, dtype=np.float64) - _X) * 1e-5, (np.asarray(y, dtype=np.float64) - _Y) * 1e-5
    latitude = 52.15517440 + sum(k * dx**p * dy**q for (p, q), k in _LATITUDE) / 3600
    longitude = 5.38720621 + sum(k * dx**p * dy**q for (p, q), k in _LONGITUDE) / 3600
    return np.asarray(longitude), np.asarray(latitude)


def write_geometry(country: Country, folder: Path) -> None:
    """The three files, beside the tables."""
    towns = country.municipalities
    whole = _box(country)
    cells = cells_of(np.column_stack([towns.x, towns.y]), whole)
    points = np.column_stack([country.x, country.y])
    inner = []
    for town, cell in enumerate(cells):
        inner += cells_of(points[country.first[town] : country.first[town + 1]], cell)
    _write(folder / FILES[0], [_polygon(cell, code=str(code)) for cell, code in zip(cells, towns.code, strict=True)])
    of_town = towns.code[country.municipality]
    _write(
        folder / FILES[1],
        [
            _polygon(cell, code=str(code), municipality=str(of))
            for cell, code, of in zip(inner, country.code, of_town, strict=True)
        ],
    )
    _write(folder / FILES[2], [_line(towns.x[pair], towns.y[pair]) for pair in towns.water])


def cells_of(points: Floats, whole: Floats) -> list[Floats]:
    """The part of a convex polygon that lies nearest to each point: Voronoi cells, cut along the lines halfway to each neighbour."""
    neighbours = _neighbours(points)
    cells = []
    for place, point in enumerate(points):
        cell = whole
        for other in points[neighbours[place]]:
            cell = _nearest_side(cell, point, other)
        cells.append(cell)
    return cells


def _neighbours(points: Floats) -> list[Ints]:
    """For each point the others whose cell can touch its own."""
    if len(points) <= _FEW:
        return [np.delete(np.arange(len(points)), place) for place in range(len(points))]
    starts, ends = Delaunay(points).vertex_neighbor_vertices
    return [ends[starts[place] : starts[place + 1]] for place in range(len(points))]


def _nearest_side(cell: Floats, point: Floats, other: Floats) -> Floats:
    """The part of a polygon that lies nearer to a point than to another (Sutherland and Hodgman 1974)."""
    toward = other - point
    past = cell @ toward - (point + other) @ toward / 2
    if (past <= 0).all() or not len(cell):
        return cell
    kept: list[Floats] = []
    for place in range(len(cell)):
        here, before = past[place], past[place - 1]
        if (here <= 0) != (before <= 0):
            kept.append(cell[place - 1] + (cell[place] - cell[place - 1]) * before / (before - here))
        if here <= 0:
            kept.append(cell[place])
    return np.array(kept).reshape(-1, 2)


def _box(country: Country) -> Floats:
    """All land: 3 km around what is lived on, within the extent."""
    low_x, high_x = max(country.x.min() - 3_000, EXTENT[0]), min(country.x.max() + 3_000, EXTENT[2])
    low_y, high_y = max(country.y.min() - 3_000, EXTENT[1]), min(country.y.max() + 3_000, EXTENT[3])
    return np.array([[low_x, low_y], [high_x, low_y], [high_x, high_y], [low_x, high_y]])


def _polygon(cell: Floats, **properties: str) -> dict[str, Any]:
    ring = _degrees(cell[:, 0], cell[:, 1])
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [[*ring, *ring[:1]]]},
    }


def _line(x: Floats, y: Floats) -> dict[str, Any]:
    return {"type": "Feature", "properties": {}, "geometry": {"type": "LineString", "coordinates": _degrees(x, y)}}


def _degrees(x: Floats, y: Floats) -> list[list[float]]:
    longitude, latitude = to_degrees(x, y)
    return [[round(float(a), 5), round(float(b), 5)] for a, b in zip(longitude, latitude, strict=True)]


def _write(path: Path, features: Sequence[dict[str, Any]]) -> None:
    text = json.dumps({"type": "FeatureCollection", "features": list(features)}, separators=(",", ":"))
    path.write_text(text + "\n", encoding="utf-8")
