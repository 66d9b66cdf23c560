"""Resilience profiles: on which sides an area or public body has more signs than its peers, and how much of that can be leaned on.

No model is asked and no outcome is needed to make a profile; outcomes serve only to see whether a side goes with findings at all. A position
says how many of a hundred peers have fewer signs. A sign that is not known leaves the position open between the two answers that it could have
given, so what is unknown is part of every line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.clusters import cluster_names
from tegenkracht.core.conditions import at_of
from tegenkracht.core.drawing import ClusterBy
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.core.progress import silent
from tegenkracht.evaluation.bootstrap import Resampled, Statistic, resample, sum_statistic
from tegenkracht.evaluation.estimates import About, estimate_of, nothing, rounded
from tegenkracht.evaluation.sample import UNKNOWN

Floats = NDArray[np.float64]

FOLLOWS = 0.10
"""A side whose mean position differs by this much between groups of areas follows that attribute (TK203)."""

STAYS = 0.5
"""A side whose positions on the first and last test date correlate less than this does not stay (TK205)."""

CODES: Mapping[str, str] = {
    "TK203": "A side of the profile follows an attribute of the area, such as deprivation.",
    "TK204": "A side of the profile was not shown to go with findings.",
    "TK205": "Positions on a side do not stay from the first test date to the last.",
}


@dataclass(frozen=True)
class Side:
    """One side of a profile and the columns that are read on it; `signs` is 1 where more means more reason to look, -1 where less does."""

    name: str
    columns: tuple[str, ...]
    signs: tuple[int, ...]


@dataclass(frozen=True)
class Profiles:
    """Positions of all test rows.

    Parameters
    ----------
    sides
        Names, in the order of the sector.
    rows
        `row_id, unit_id, as_of`, `observed, outcome`, the name of what the bootstrap draws, and audit columns.
    position, low, high
        (row, side), between 0 and 1: the share of peers on the same date with fewer signs, as far as known (NaN when no sign is
        known), and what it could be when the unknown signs are counted in.
    known, signs
        How many signs are known (row, side), and how many there are (side).
    """

    sides: tuple[str, ...]
    rows: pd.DataFrame
    position: Floats
    low: Floats
    high: Floats
    known: NDArray[np.int64]
    signs: NDArray[np.int64]

    def table(self) -> pd.DataFrame:
        """One line per unit, date and side, as it is written to `profiles.parquet`."""
        n = len(self.sides)
        keys = self.rows[["unit_id", "as_of"]]
        return pd.DataFrame(
            {
                **{name: np.repeat(keys[name].to_numpy(), n) for name in keys},
                "side": np.tile(self.sides, len(keys)),
                "position": self.position.ravel(),
                "low": self.low.ravel(),
                "high": self.high.ravel(),
                "known": self.known.ravel(),
                "signs": np.tile(self.signs, len(keys)),
            }
        )


def sides_of(panel: Panel, dimensions: Mapping[str, Sequence[str]]) -> tuple[Side, ...]:
    """The sides that this panel has columns for: every column of an indicator that claims a direction."""
    sides = []
    for name, indicators in dimensions.items():
        chosen = [feature for feature in panel.features if feature.family in indicators and feature.monotone]
        if chosen:
            sides.append(Side(name, tuple(f.name for f in chosen), tuple(f.monotone for f in chosen)))
    return tuple(sides)


def profiles_of(panel: Panel, folds: Sequence[Fold], sides: Sequence[Side], *, cluster_by: ClusterBy) -> Profiles:
    """Where every test row stands among its peers of the same date, on each side."""
    rows = panel.rows.iloc[np.unique(np.concatenate([fold.test for fold in folds]))].reset_index(drop=True)
    parts = [_on_side(rows, side) for side in sides]
    position, low, high, known = (np.column_stack(part) for part in zip(*parts, strict=True))
    kept = rows[["row_id", "unit_id", "as_of", "observed", "outcome", *panel.audit]]
    return Profiles(
        sides=tuple(side.name for side in sides),
        rows=kept.assign(drawn=cluster_names(rows, cluster_by)),
        position=position,
        low=low,
        high=high,
        known=known.astype(np.int64),
        signs=np.array([len(side.columns) for side in sides]),
    )


def _on_side(rows: pd.DataFrame, side: Side) -> tuple[Floats, Floats, Floats, NDArray[np.int64]]:
    """Mean of the positions on the known signs; its ends when an unknown sign could stand anywhere; how many are known.

    A position on one sign is the share of peers with a lower value, ties counted for half (midranks); a unit alone stands in the middle.
    """
    directed = (rows[list(side.columns)] * np.array(side.signs)).groupby(rows["as_of"])
    ranks = ((directed.rank(method="average") - 0.5) / directed.transform("count").clip(lower=1)).to_numpy(
        dtype=np.float64
    )
    known = np.isfinite(ranks).sum(axis=1)
    total, n = np.nansum(ranks, axis=1), ranks.shape[1]
    position = np.divide(total, known, out=np.full(len(rows), np.nan), where=known > 0)
    low = total / n
    return position, low, low + (n - known) / n, known


# ---------------------------------------------------------------- what profiles are worth


def profile_estimates(
    profiles: Profiles, *, audit: Sequence[str], minimum: int, replicates: int, level: float, seed: int, threads: int
) -> tuple[Estimate, ...]:
    """Per side: how much is known, whether it goes with findings, whether it stays, and how it differs between groups.

    `profile_known` share of signs that are known; `profile_contrast` mean position of visited rows with a finding minus those without (visited
    rows only); `profile_stability` correlation of positions on the first and last test date; `profile_gap` mean position of a
    group minus all others. Intervals come from the bootstrap of the study (clusters).
    """
    measures = {
        "known": _known(profiles),
        "contrast": _contrast(profiles),
        "stability": _stability(profiles),
        **{f"gap {name}": _group_sums(profiles, name) for name in audit},
    }
    codes, names = pd.factorize(profiles.rows["drawn"], sort=True)
    numbers = resample(
        {key: statistic(codes.astype(np.int32)) for key, statistic in measures.items()},
        clusters=len(names),
        replicates=replicates,
        seed=seed,
        threads=threads,
        progress=silent,
    )
    found = _estimates(profiles, numbers, audit, minimum=minimum, level=level)
    return tuple(rounded(estimate) for estimate in found)


class _Sums:
    """Columns to be summed, per side one after the other; becomes a statistic once it is known what is drawn."""

    def __init__(self, columns: Sequence[Floats], rows: NDArray[np.int64]) -> None:
        self.columns, self.rows = np.column_stack(columns), rows

    def __call__(self, cluster: NDArray[np.int32]) -> Statistic:
        return sum_statistic(self.columns, cluster=cluster, slices=[self.rows])


def _known(profiles: Profiles) -> _Sums:
    """Sums of the share of signs that are known, and of rows."""
    n = len(profiles.rows)
    columns = [
        column for s in range(len(profiles.sides)) for column in (profiles.known[:, s] / profiles.signs[s], np.ones(n))
    ]
    return _Sums(columns, np.arange(n))


def _contrast(profiles: Profiles) -> _Sums:
    """Sums of positions and of rows, with a finding and without, over visited rows."""
    seen = np.flatnonzero(profiles.rows["observed"].to_numpy(dtype=bool))
    found = profiles.rows["outcome"].to_numpy(dtype=np.float64)[seen]
    columns = []
    for s in range(len(profiles.sides)):
        position = profiles.position[seen, s]
        for chosen in (found == 1, found == 0):
            columns += _weighed(position, chosen)
    return _Sums(columns, seen)


def _weighed(position: Floats, chosen: NDArray[np.bool_]) -> list[Floats]:
    """The positions of chosen rows where there is one, and one for each of them."""
    has = chosen & np.isfinite(position)
    return [np.where(has, position, 0.0), has.astype(np.float64)]


def _stability(profiles: Profiles) -> _Sums:
    """Moments of the positions on the last and on the first date, of units that are there on both; of nobody when these are one date."""
    rows = profiles.rows.assign(place=np.arange(len(profiles.rows)))
    days = rows["as_of"].min(), rows["as_of"].max()
    first, last = (rows[rows["as_of"] == day].set_index("unit_id")["place"] for day in days)
    both = first.index.intersection(last.index) if days[0] < days[1] else first.index[:0]
    now, before = last.loc[both].to_numpy(), first.loc[both].to_numpy()
    columns: list[Floats] = []
    for s in range(len(profiles.sides)):
        x, y = profiles.position[now, s], profiles.position[before, s]
        has = np.isfinite(x) & np.isfinite(y)
        x, y = np.where(has, x, 0.0), np.where(has, y, 0.0)
        columns += [has.astype(np.float64), x, y, x * x, y * y, x * y]
    return _Sums(columns, now)


def _group_sums(profiles: Profiles, attribute: str) -> _Sums:
    """Sums of positions and of rows, for each value of an attribute and side."""
    named = profiles.rows[attribute].fillna(UNKNOWN)
    columns = [
        column
        for value in _values(profiles, attribute)
        for s in range(len(profiles.sides))
        for column in _weighed(profiles.position[:, s], (named == value).to_numpy())
    ]
    return _Sums(columns, np.arange(len(named)))


def _values(profiles: Profiles, attribute: str) -> list[str]:
    return sorted(profiles.rows[attribute].dropna().unique())


def _estimates(
    profiles: Profiles, numbers: Mapping[str, Resampled], audit: Sequence[str], *, minimum: int, level: float
) -> Iterator[Estimate]:
    shape = (len(profiles.sides), -1)
    known, contrast, moments = (_shaped(numbers[key], shape) for key in ("known", "contrast", "stability"))
    for s, side in enumerate(profiles.sides):
        about = About(at=f"side={side}")
        part = known[s, 0] / known[s, 1]
        yield estimate_of(
            part,
            "profile_known",
            about,
            n=len(profiles.rows),
            level=level,
            why_not="no_outcomes",
            share=True,
            method="sample",
        )
        n = contrast.point[s, 1] + contrast.point[s, 3]
        if min(contrast.point[s, 1], contrast.point[s, 3]) < minimum:
            yield nothing("base_under_minimum", "profile_contrast", about, n=n)
        else:
            gap = contrast[s, 0] / contrast[s, 1] - contrast[s, 2] / contrast[s, 3]
            yield estimate_of(gap, "profile_contrast", about, n=n, level=level, why_not="no_findings", share=False)
        yield estimate_of(
            _correlation(moments[s]),
            "profile_stability",
            about,
            n=moments.point[s, 0],
            level=level,
            why_not="one_fold",
            share=False,
            method="sample",
        )
    for attribute in audit:
        yield from _gaps(profiles, numbers[f"gap {attribute}"], attribute, minimum=minimum, level=level)


def _gaps(profiles: Profiles, number: Resampled, attribute: str, *, minimum: int, level: float) -> Iterator[Estimate]:
    values = _values(profiles, attribute)
    sums = _shaped(number, (len(values), len(profiles.sides), 2))
    everyone = sums.sum(axis=0)
    for v, value in enumerate(values):
        for s, side in enumerate(profiles.sides):
            about = About(at=f"side={side}", group=f"{attribute}={value}")
            own, rest = sums[v, s], everyone[s] - sums[v, s]
            if min(own.point[1], rest.point[1]) < minimum:
                yield nothing("group_under_minimum", "profile_gap", about, n=0, method="sample")
                continue
            gap = own[0] / own[1] - rest[0] / rest[1]
            yield estimate_of(
                gap,
                "profile_gap",
                about,
                n=own.point[1],
                level=level,
                why_not="group_under_minimum",
                share=False,
                method="sample",
            )


def _shaped(number: Resampled, shape: tuple[int, ...]) -> Resampled:
    return Resampled(number.point.reshape(shape), number.replicates.reshape(len(number.replicates), *shape))


def _correlation(moments: Resampled) -> Resampled:
    """Pearson's correlation of positions, which are ranks: Spearman's, up to the averaging over signs."""
    n, x, y, xx, yy, xy = (moments[i] for i in range(6))
    covariance = xy / n - (x / n) * (y / n)
    spread = (xx / n - (x / n) * (x / n)) * (yy / n - (y / n) * (y / n))
    root = Resampled(np.sqrt(np.maximum(spread.point, 0.0)), np.sqrt(np.maximum(spread.replicates, 0.0)))
    return covariance / root


# ---------------------------------------------------------------- checks


def check_profiles(estimates: Sequence[Estimate]) -> Iterator[Finding]:
    """One finding of each code: sides that follow an attribute of the area, do not go with findings, or do not stay."""
    gaps = [e for e in estimates if e.metric == "profile_gap"]
    yield _follows(gaps)
    yield _unshown([e for e in estimates if e.metric == "profile_contrast"])
    yield _moves([e for e in estimates if e.metric == "profile_stability"])


def _follows(gaps: Sequence[Estimate]) -> Finding:
    known = [e for e in gaps if e.value is not None and e.low is not None and e.high is not None]
    if not known:
        return Finding("TK203", "not_applicable", facts={"reason": gaps[0].note if gaps else "no_audit_attributes"})
    follows = [e for e in known if abs(e.value or 0.0) >= FOLLOWS and ((e.low or 0.0) > 0 or (e.high or 0.0) < 0)]
    facts: dict[str, str | int | float] = {
        "looked_at": len(known),
        "gaps": len(follows),
        "points": round(100 * FOLLOWS),
    }
    if follows:
        widest = max(follows, key=lambda e: abs(e.value or 0.0))
        facts |= {
            "side": at_of(widest, "side"),
            "group": widest.group,
            "widest": round(100 * (widest.value or 0.0), 1),
        }
    return Finding("TK203", "found" if follows else "not_found", "", facts, tuple(e.id for e in follows or known))


def _unshown(contrasts: Sequence[Estimate]) -> Finding:
    unshown = [e for e in contrasts if e.low is None or e.low <= 0]
    facts: dict[str, str | int | float] = {"sides": len(contrasts), "unshown": len(unshown)}
    return Finding("TK204", "found" if unshown else "not_found", "", facts, tuple(e.id for e in contrasts))


def _moves(stabilities: Sequence[Estimate]) -> Finding:
    known = [e for e in stabilities if e.value is not None]
    if not known:
        return Finding("TK205", "not_applicable", facts={"reason": "one_fold"})
    moves = [e for e in known if (e.value or 0.0) < STAYS]
    facts: dict[str, str | int | float] = {"sides": len(known), "moving": len(moves)}
    return Finding("TK205", "found" if moves else "not_found", "", facts, tuple(e.id for e in moves or known))
