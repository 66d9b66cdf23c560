"""How far the places that are tested differ from those that were learnt from, feature by feature and all together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from tegenkracht.core.conditions import at_of
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.evaluation.bootstrap import ends_of
from tegenkracht.evaluation.estimates import rounded
from tegenkracht.evaluation.proportions import newcombe_interval

Floats = NDArray[np.float64]

CODES: Mapping[str, str] = {
    "TK020": "A feature is distributed otherwise in the test period than in training.",
    "TK021": "A feature is missing more or less often in the test period than in training.",
}
LARGE = 0.25
"""Population stability index from which a shift is called large (the custom in credit scoring)."""
MISSING = 0.10
BINS = 10
_DRAWS = 200
_SAMPLED = 300
_ORDERS = 199
_AREAS = 12
_SMALLEST_AREA = 2_000  # rows of each side; the index of fewer is mostly noise


def shift_estimates(panel: Panel, folds: Sequence[Fold], *, level: float, seed: int) -> tuple[Estimate, ...]:
    r"""Per fold and feature the population stability index, and the change in missingness; per fold a test of all features together.

    `psi`: :math:`\sum (q - p) \log(q / p)` over tenths of the training values and missing ones apart, with half a row added to each bin, less what units
    dealt out by lot would give (about :math:`(B - 1)(1/n + 1/m)` for :math:`B` bins and :math:`n` and :math:`m` units: Yurdakul & Naranjo 2020, Journal of
    Risk Model Validation 14); its interval from draws of as many units as there are, which add as much again. It is not below nought. `missing_difference`:
    share missing in test minus in training, of as many answers as there are units (Newcombe 1998). `energy_p`:
    chance of an energy distance this large when rows are dealt out by lot (Székely & Rizzo 2013), on a sample. `psi_mean`: the mean of the index over
    features, by sector and by area (the largest ones).
    """
    rng = np.random.default_rng(seed)
    table = _Table.of(panel)
    return tuple(rounded(e) for fold in folds for e in _of_fold(table, fold, level, rng))


@dataclass(frozen=True)
class _Table:
    """What all folds look at: values of each column, the number of each row's unit, and of its places with their names."""

    columns: Mapping[str, Floats]
    unit: NDArray[np.int64]
    places: Mapping[str, tuple[NDArray[np.int64], Sequence[str]]]

    @classmethod
    def of(cls, panel: Panel) -> _Table:
        """Read once from a panel."""
        rows = panel.rows
        numbered = {by: pd.factorize(rows[by]) for by in ("sector", "area_code")}
        return cls(
            {name: rows[name].to_numpy(dtype=np.float64) for name in panel.feature_names},
            pd.factorize(rows["unit_id"])[0].astype(np.int64),
            {by: (number.astype(np.int64), [str(name) for name in found]) for by, (number, found) in numbered.items()},
        )


def _of_fold(table: _Table, fold: Fold, level: float, rng: np.random.Generator) -> Iterator[Estimate]:
    parts = fold.train, fold.test
    units = [int(np.count_nonzero(np.bincount(table.unit[part]))) for part in parts]
    bins = {}
    for name, values in table.columns.items():
        learnt, tested = (values[part] for part in parts)
        edges = _edges(learnt)
        bins[name] = [_binned(side, edges) for side in (learnt, tested)]
        counts = [np.bincount(side, minlength=BINS + 1).astype(np.float64) for side in bins[name]]
        yield _psi(counts, units, name, fold, level, rng)
        if np.isnan(values).any():
            yield _missing(counts, units, name, fold, level)
    yield _energy(table, fold, rng)
    yield from _by_place(table, bins, fold)


def _edges(learnt: Floats) -> Floats:
    """Between tenths of the training values; none when all are missing."""
    known = learnt[~np.isnan(learnt)]
    return np.unique(np.quantile(known, np.arange(1, BINS) / BINS)) if known.size else known


def _binned(values: Floats, edges: Floats) -> NDArray[np.uint8]:
    """How many edges lie below each value; missing values in a bin of their own."""
    out = np.zeros(values.size, np.uint8)
    for edge in edges:
        out += values > edge
    out[np.isnan(values)] = BINS
    return out


def _index(train: Floats, test: Floats) -> Floats:
    """The index from counts (…, bin), over bins that hold anything at all."""
    used = (train + test).sum(axis=tuple(range(train.ndim - 1))) > 0
    p, q = (part[..., used] + 0.5 for part in (train, test))
    p, q = p / p.sum(axis=-1, keepdims=True), q / q.sum(axis=-1, keepdims=True)
    return np.asarray(((q - p) * np.log(q / p)).sum(axis=-1))


def _psi(
    counts: Sequence[Floats], units: Sequence[int], name: str, fold: Fold, level: float, rng: np.random.Generator
) -> Estimate:
    """The index less what chance gives; draws of what was seen hold that twice, once from the units and once from the draw.

    Units of both sides are taken as drawn apart, each with all of its rows in one bin. Where one unit is on both sides chance gives less than this, so
    that rather too little is called a shift than too much.
    """
    rows = [float(part.sum()) for part in counts]
    shares = [part / total for part, total in zip(counts, rows, strict=True)]
    alike = np.mean(shares, axis=0)
    by_chance = float(_drawn([alike, alike], units, rows, rng).mean())
    value = max(float(_index(*counts)) - by_chance, 0.0)
    low, high = (max(end - 2 * by_chance, 0.0) for end in ends_of(_drawn(shares, units, rows, rng), level=level))
    ends = min(low, value), max(high, value)
    return Estimate(
        "", "psi", value, *ends, n=len(fold.test), method="sample", level=level, at=f"feature={name}", split=fold.name
    )


def _drawn(shares: Sequence[Floats], units: Sequence[int], rows: Sequence[float], rng: np.random.Generator) -> Floats:
    """The index (draw) when so many units of each side are drawn from these shares, and stand for so many rows."""
    train, test = (
        np.asarray(rng.multinomial(n, share, size=_DRAWS) * (total / n), np.float64)
        for share, n, total in zip(shares, units, rows, strict=True)
    )
    return _index(train, test)


def _missing(counts: Sequence[Floats], units: Sequence[int], name: str, fold: Fold, level: float) -> Estimate:
    """With Newcombe's interval, in which a unit is one answer."""
    learnt, tested = (float(part[BINS] / part.sum()) for part in counts)
    ends = newcombe_interval(tested, units[1], learnt, units[0], level=level)
    value, at = tested - learnt, f"feature={name}"
    return Estimate("", "missing_difference", value, *ends, len(fold.test), "sample", level, at=at, split=fold.name)


def _energy(table: _Table, fold: Fold, rng: np.random.Generator) -> Estimate:
    """Permutation test of the energy distance between a sample of either side; missing values take the training median."""
    sampled = [rng.choice(part, size=min(_SAMPLED, part.size), replace=False) for part in (fold.train, fold.test)]
    rows = np.concatenate(sampled)
    values = np.array([column[rows] for column in table.columns.values()]).T
    learnt = values[: sampled[0].size]
    medians = np.array([np.nanmedian(c) if np.isfinite(c).any() else 0.0 for c in learnt.T])
    filled = np.where(np.isnan(values), medians, values)
    spread = filled[: sampled[0].size].std(axis=0)
    distance = cdist(*[(filled - medians) / np.where(spread > 0, spread, 1.0)] * 2)
    n, m = (part.size for part in sampled)
    own = np.r_[np.ones(n) / n, -np.ones(m) / m]
    signs = np.stack([own, *(rng.permutation(own) for _ in range(_ORDERS))])
    energies = -np.einsum("ij,ij->i", signs @ distance, signs)
    chance = float((energies >= energies[0] - 1e-12).mean())
    return Estimate("", "energy_p", chance, n=n + m, method="sample", split=fold.name)


def _by_place(table: _Table, bins: Mapping[str, Sequence[NDArray[np.uint8]]], fold: Fold) -> Iterator[Estimate]:
    """Mean index over features by sector, and by the areas with most tested rows."""
    for by, (places, names) in table.places.items():
        of_row = [places[part] for part in (fold.train, fold.test)]
        counts = [np.bincount(part[part >= 0], minlength=len(names)) for part in of_row]
        tested = pd.Series(of_row[1]).value_counts().drop(-1, errors="ignore")
        large = [number for number in tested.index[:_AREAS] if min(c[number] for c in counts) >= _SMALLEST_AREA]
        if not large:
            continue
        place = np.full(len(names) + 1, len(large))  # the last one is for rows without a place
        place[large] = np.arange(len(large))
        begins = [place[part] * (BINS + 1) for part in of_row]
        indices = [
            [_index(p, q) for p, q in zip(*_per_place(sides, begins, len(large)), strict=True)]
            for sides in bins.values()
        ]
        for number, value in zip(large, np.mean(indices, axis=0), strict=True):
            yield Estimate(
                "",
                "psi_mean",
                float(value),
                n=int(counts[1][number]),
                method="sample",
                group=f"{by}={names[number]}",
                split=fold.name,
            )


def _per_place(
    sides: Sequence[NDArray[np.uint8]], begins: Sequence[NDArray[np.int64]], places: int
) -> Iterator[Floats]:
    """Of both sides the counts (place, bin)."""
    for side, begin in zip(sides, begins, strict=True):
        counts = np.bincount(begin + side, minlength=(places + 1) * (BINS + 1))
        yield counts.reshape(-1, BINS + 1)[:places].astype(np.float64)


def check_shift(estimates: Sequence[Estimate]) -> Iterator[Finding]:
    """TK020 and TK021: features that shifted beyond their interval, and missingness that changed."""
    indices = [e for e in estimates if e.metric == "psi"]
    large = [e for e in indices if e.low is not None and e.low > LARGE]
    yield _told("TK020", indices, large, "index_ratio")
    changes = [e for e in estimates if e.metric == "missing_difference"]
    if not changes:
        yield Finding("TK021", "not_applicable", facts={"reason": "nothing_missing"})
        return
    yield _told("TK021", changes, [e for e in changes if _beyond(e)], "points")


def _beyond(change: Estimate) -> bool:
    return max(change.low or 0.0, -(change.high or 0.0)) > MISSING


def _told(code: str, looked: Sequence[Estimate], found: Sequence[Estimate], as_what: str) -> Finding:
    named = {at_of(e, "feature") for e in found}
    facts: dict[str, str | int | float] = {"features": len({e.at for e in looked}), "shifted": len(named)}
    if found:
        most = max(found, key=lambda e: abs(e.value or 0.0))
        value = most.value or 0.0
        facts |= {
            "feature": at_of(most, "feature"),
            as_what: round(value, 2) if as_what == "index_ratio" else round(100 * value, 1),
        }
    return Finding(code, "found" if found else "not_found", facts=facts, estimates=tuple(e.id for e in found))
