"""How far the places that are tested differ from those that were learnt from, feature by feature and all together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.evaluation.estimates import rounded, wilson_interval
from tegenkracht.evaluation.kernel import count_edges

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

    `psi`: :math:`\sum (q - p) \log(q / p)` over tenths of the training values and missing ones apart, with half a row added to each bin; its
    interval from draws of as many units as there are. `missing_difference`: share missing in test minus in training (Newcombe 1998). `energy_p`:
    chance of an energy distance this large when rows are dealt out by lot (Székely & Rizzo 2013), on a sample. `psi_mean`: the mean of the index over
    features, by sector and by area (the largest ones).
    """
    rng = np.random.default_rng(seed)
    table = _Table.of(panel)
    return tuple(rounded(e) for fold in folds for e in _of_fold(table, fold, level, rng))


@dataclass(frozen=True)
class _Table:
    """What all folds look at: values (row, feature), the number of each row's unit, and of its places with their names."""

    names: Sequence[str]
    values: Floats
    unit: NDArray[np.int64]
    places: Mapping[str, tuple[NDArray[np.int64], Sequence[str]]]

    @classmethod
    def of(cls, panel: Panel) -> _Table:
        """Read once from a panel."""
        rows, names = panel.rows, list(panel.feature_names)
        numbered = {by: pd.factorize(rows[by]) for by in ("sector", "area_code")}
        return cls(
            names,
            rows[names].to_numpy(dtype=np.float64),
            pd.factorize(rows["unit_id"])[0].astype(np.int64),
            {by: (number.astype(np.int64), [str(name) for name in found]) for by, (number, found) in numbered.items()},
        )


def _of_fold(table: _Table, fold: Fold, level: float, rng: np.random.Generator) -> Iterator[Estimate]:
    values = table.values
    units = [int(np.count_nonzero(np.bincount(table.unit[part]))) for part in (fold.train, fold.test)]
    binned = _binned(values, fold.train)
    for i, name in enumerate(table.names):
        counts = [
            np.bincount(binned[part, i], minlength=BINS + 1).astype(np.float64) for part in (fold.train, fold.test)
        ]
        yield _psi(counts, units, name, fold, level, rng)
        missing = np.isnan(values[:, i])
        if missing.any():
            yield _missing(missing, name, fold, level)
    yield _energy(values, fold, rng)
    yield from _by_place(table, binned, fold)


def _binned(values: Floats, train: NDArray[np.int64]) -> NDArray[np.int64]:
    """The tenth of the training values that each value lies in; missing values in a bin of their own."""
    out = np.full(values.shape, BINS, np.int64)
    for i in range(values.shape[1]):
        learnt = values[train, i]
        learnt = learnt[~np.isnan(learnt)]
        if learnt.size:
            edges = np.unique(np.quantile(learnt, np.arange(1, BINS) / BINS))
            count_edges(edges, values[:, i], out[:, i])
        else:
            out[~np.isnan(values[:, i]), i] = 0
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
    value = float(_index(*counts))
    drawn = [
        rng.multinomial(n, part / part.sum(), size=_DRAWS) * (part.sum() / n)
        for n, part in zip(units, counts, strict=True)
    ]
    low, high = np.quantile(_index(*drawn), [(1 - level) / 2, (1 + level) / 2])
    ends = min(float(low), value), max(float(high), value)
    return Estimate(
        "", "psi", value, *ends, n=len(fold.test), method="sample", level=level, at=f"feature={name}", split=fold.name
    )


def _missing(missing: NDArray[np.bool_], name: str, fold: Fold, level: float) -> Estimate:
    """Newcombe's hybrid interval from Wilson's two."""
    (p, p_low, p_high), (q, q_low, q_high) = (
        (share, *wilson_interval(share, part.size, level=level))
        for part, share in ((part, float(missing[part].mean())) for part in (fold.train, fold.test))
    )
    low = q - p - math.hypot(q - q_low, p_high - p)
    high = q - p + math.hypot(q_high - q, p - p_low)
    about = {"at": f"feature={name}", "split": fold.name}
    return Estimate("", "missing_difference", q - p, low, high, n=len(fold.test), method="sample", level=level, **about)


def _energy(values: Floats, fold: Fold, rng: np.random.Generator) -> Estimate:
    """Permutation test of the energy distance between a sample of either side; missing values take the training median."""
    sampled = [rng.choice(part, size=min(_SAMPLED, part.size), replace=False) for part in (fold.train, fold.test)]
    medians = np.array([np.nanmedian(c) if np.isfinite(c).any() else 0.0 for c in values[sampled[0]].T])
    rows = np.concatenate(sampled)
    table = np.where(np.isnan(values[rows]), medians, values[rows])
    spread = table[: sampled[0].size].std(axis=0)
    distance = cdist(*[(table - medians) / np.where(spread > 0, spread, 1.0)] * 2)
    n, m = (part.size for part in sampled)
    own = np.r_[np.ones(n) / n, -np.ones(m) / m]
    signs = np.stack([own, *(rng.permutation(own) for _ in range(_ORDERS))])
    energies = -np.einsum("ij,ij->i", signs @ distance, signs)
    chance = float((energies >= energies[0] - 1e-12).mean())
    return Estimate("", "energy_p", chance, n=n + m, method="sample", split=fold.name)


def _by_place(table: _Table, binned: NDArray[np.int64], fold: Fold) -> Iterator[Estimate]:
    """Mean index over features by sector, and by the areas with most tested rows."""
    for by, (places, names) in table.places.items():
        sizes = pd.Series(places[fold.test]).value_counts().drop(-1, errors="ignore")
        for number in sizes.index[:_AREAS]:
            place = names[number]
            parts = [part[places[part] == number] for part in (fold.train, fold.test)]
            if min(len(part) for part in parts) < _SMALLEST_AREA:
                continue
            counts = [
                np.stack([np.bincount(c, minlength=BINS + 1) for c in binned[part].T]).astype(np.float64)
                for part in parts
            ]
            value = float(np.mean([_index(p, q) for p, q in zip(*counts, strict=True)]))
            yield Estimate(
                "", "psi_mean", value, n=len(parts[1]), method="sample", group=f"{by}={place}", split=fold.name
            )


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
    named = {e.at.partition("=")[2] for e in found}
    facts: dict[str, str | int | float] = {"features": len({e.at for e in looked}), "shifted": len(named)}
    if found:
        most = max(found, key=lambda e: abs(e.value or 0.0))
        value = most.value or 0.0
        facts |= {
            "feature": most.at.partition("=")[2],
            as_what: round(value, 2) if as_what == "index_ratio" else round(100 * value, 1),
        }
    return Finding(code, "found" if found else "not_found", facts=facts, estimates=tuple(e.id for e in found))
