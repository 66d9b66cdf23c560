"""The tables of a made world in the shape of the contract, piece by piece, without anything of the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tegenkracht.core.cohort import OVERTURNED
from tegenkracht.data.legal_form import SOLE_TRADERS
from tegenkracht.data.sector import Sector
from tegenkracht.data.world.arrays import Floats, Ints, Words
from tegenkracht.data.world.clock import KNOWN_UNTIL
from tegenkracht.data.world.country import Country
from tegenkracht.data.world.sector_run import Quarter, Setting
from tegenkracht.data.world.signals import Events
from tegenkracht.data.world.store import Columns, numbers, taken, words
from tegenkracht.data.world.visits import CHANNELS, Visits

FROM = np.datetime64("2012-01-01")


@dataclass(frozen=True)
class Cast:
    """The sectors of a world in the order of their unit ids, and the words that rows are made of.

    `first` is the position of each sector's first unit among all units; `kinds` all event kinds in alphabetical order, `kind_of` their positions
    by sector.
    """

    sectors: tuple[Sector, ...]
    settings: tuple[Setting, ...]
    first: tuple[int, ...]
    unit_id: pa.Array
    kinds: tuple[str, ...]
    kind_of: tuple[Ints, ...]

    @classmethod
    def of(cls, sectors: Sequence[Sector], settings: Sequence[Setting]) -> Cast:
        """The cast of some sectors."""
        counts = np.cumsum([0, *(setting.places.count for setting in settings)])
        own = [
            (*setting.seen.kinds, *([setting.mechanism.size.kind] if setting.mechanism.size else []))
            for setting in settings
        ]
        kinds = tuple(sorted({kind for one in own for kind in one}))
        return cls(
            sectors=tuple(sectors),
            settings=tuple(settings),
            first=tuple(int(count) for count in counts[:-1]),
            unit_id=words(np.concatenate([setting.places.unit_id for setting in settings])),
            kinds=kinds,
            kind_of=tuple(np.array([kinds.index(kind) for kind in one]) for one in own),
        )


def unit_rows(cast: Cast) -> Columns:
    """The units of all sectors."""
    places = [setting.places for setting in cast.settings]
    return {
        "unit_id": cast.unit_id,
        "sector": words(np.repeat([one.sector for one in cast.sectors], [one.count for one in places])),
        "kind": words(np.repeat([one.unit for one in cast.sectors], [one.count for one in places])),
        "area_code": words(np.concatenate([one.area_code for one in places])),
        "x": numbers(np.concatenate([one.x for one in places])),
        "y": numbers(np.concatenate([one.y for one in places])),
        "opened_on": np.concatenate([one.opened_on for one in places]),
        "closed_on": np.concatenate([one.closed_on for one in places]),
        "legal_form": words(np.concatenate([one.legal_form for one in places])),
        "cluster_id": words(np.concatenate([one.cluster_id for one in places])),
    }


def group_rows(cast: Cast, country: Country) -> list[Columns]:
    """Audit attributes, in the order of the table: deprivation of areas, then those of units."""
    places = [setting.places for setting in cast.settings]
    group = np.concatenate([one.group for one in places])
    second = np.concatenate([one.second_group for one in places])
    sole = np.isin(np.concatenate([one.legal_form for one in places]), list(SOLE_TRADERS))
    return [
        _area_group("deprivation", *_thirds(cast, country)),
        _unit_group("group", np.array(["group 0", "group 1"])[group], cast),
        _unit_group("legal_kind", np.where(sole, "sole_trader", "other"), cast),
        _unit_group("second_group", np.array(["half a", "half b"])[second], cast),
    ]


def event_rows(cast: Cast, told: Sequence[Events]) -> Columns:
    """Events of all sectors that became known in a quarter, in the table's own order."""
    unit = np.concatenate([events.unit + first for events, first in zip(told, cast.first, strict=True)])
    kind = np.concatenate([kinds[events.kind] for events, kinds in zip(told, cast.kind_of, strict=True)])
    together = Events.together(told)
    kept = together.known <= KNOWN_UNTIL
    order = np.flatnonzero(kept)[np.lexsort([together.occurred[kept], kind[kept], unit[kept], together.known[kept]])]
    return {
        "unit_id": taken(cast.unit_id, unit[order]),
        "kind": taken(words(cast.kinds), kind[order]),
        "occurred_on": together.occurred[order],
        "known_on": together.known[order],
        "value": numbers(together.value[order]),
    }


def visit_rows(cast: Cast, quarter: int, visits: Sequence[Visits]) -> Columns:
    """Visits of all sectors in a quarter whose result was known before the tables were drawn, in the table's own order."""
    unit = np.concatenate([one.unit + first for one, first in zip(visits, cast.first, strict=True)])
    together = Visits.together(visits)
    kept = np.flatnonzero(together.known <= KNOWN_UNTIL)
    order = kept[np.lexsort([together.is_second[kept], unit[kept], together.day[kept]])]
    place = np.repeat(np.arange(len(visits)), [len(one.unit) for one in visits])[order]
    ids = taken(cast.unit_id, unit[order])
    suffix = np.where(together.is_second[order], f"-{quarter + 1:02d}b", f"-{quarter + 1:02d}")
    return {
        "inspection_id": pc.binary_join_element_wise(ids, words(suffix), ""),
        "unit_id": ids,
        "inspected_on": together.day[order],
        "known_on": together.known[order],
        "channel": taken(words(CHANNELS), together.channel[order]),
        "inspector": _inspectors(cast, place, together.inspector[order]),
        "finding": together.finding[order],
        "severity": numbers(np.where(together.finding[order], together.severity[order], np.nan)),
        "propensity": numbers(together.propensity[order]),
        "appeal": pc.if_else(pa.array(together.overturned[order]), OVERTURNED, pa.scalar(None, pa.string())),
    }


def _inspectors(cast: Cast, place: Ints, number: Ints) -> pa.Array:
    """The inspectors of some visits, by the place of their sector and their number."""
    who, of_visit = np.unique(place * 10_000 + number, return_inverse=True)
    names = [f"{cast.settings[one // 10_000].mechanism.letter}-inspector-{one % 10_000:03d}" for one in who.tolist()]
    return taken(words(names), of_visit)


def _thirds(cast: Cast, country: Country) -> tuple[Words, Words]:
    """Area codes in order, and in which third of deprivation each falls."""
    parts = [(country.code, country.deprivation)]
    if any(setting.mechanism.layout == "councils" for setting in cast.settings):
        mean = np.bincount(country.municipality, weights=country.deprivation) / np.bincount(country.municipality)
        parts.append((country.municipalities.code, mean))
    third = [np.searchsorted(np.quantile(values, [1 / 3, 2 / 3]), values) for _, values in parts]
    return np.concatenate([codes for codes, _ in parts]), np.array(["low", "middle", "high"])[np.concatenate(third)]


def _area_group(attribute: str, code: Words, value: Words) -> Columns:
    return _groups(attribute, value, unit_id=pa.nulls(len(code), pa.string()), area_code=words(code))


def _unit_group(attribute: str, value: Words, cast: Cast) -> Columns:
    return _groups(attribute, value, unit_id=cast.unit_id, area_code=pa.nulls(len(value), pa.string()))


def _groups(attribute: str, value: Words, **ids: pa.Array) -> Columns:
    return {
        **ids,
        "attribute": words([attribute] * len(value)),
        "value": words(value),
        "from_on": np.full(len(value), FROM),
    }


def truth_rows(cast: Cast, quarter: Sequence[Quarter]) -> Mapping[str, Words | Floats]:
    """The truth of a quarter, for open units: state, its first quarter, chances, and what a visit would find."""
    parts = [
        _truth_of(setting, one, first) for setting, one, first in zip(cast.settings, quarter, cast.first, strict=True)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _truth_of(setting: Setting, quarter: Quarter, first: int) -> dict[str, Words]:
    unit = np.flatnonzero(setting.places.is_open(quarter.number))
    chances, true = quarter.chances, quarter.true
    return {
        "unit": (unit + first).astype(np.int32),
        "quarter": np.full(len(unit), quarter.number, dtype=np.int16),
        "state": true.state[unit].astype(np.int8),
        "began": true.began[unit].astype(np.int16),
        "potential": chances.potential[unit],
        "finding_chance": chances.finding[unit].astype(np.float32),
        "propensity": chances.visit[unit],
        "tip": chances.tip[unit].astype(np.float32),
        "inspector": chances.inspector[unit].astype(np.int16),
    }


TRUTH = pa.schema(
    [
        ("unit", pa.int32()),
        ("quarter", pa.int16()),
        ("state", pa.int8()),
        ("began", pa.int16()),
        ("potential", pa.bool_()),
        ("finding_chance", pa.float32()),
        ("propensity", pa.float64()),
        ("tip", pa.float32()),
        ("inspector", pa.int16()),
    ]
)
TRUTH_UNITS = pa.schema(
    [
        ("unit_id", pa.string()),
        ("sector", pa.string()),
        ("area_effect", pa.float64()),
        ("deprivation", pa.float64()),
        ("context", pa.float64()),
        ("group", pa.int64()),
        ("second_group", pa.int64()),
        ("hides", pa.bool_()),
    ]
)


def truth_unit_rows(cast: Cast, country: Country) -> Columns:
    """What is true of a unit whatever the quarter; row n is the unit of number n."""
    settings = cast.settings
    effect = [setting.world.switches.spatial * country.effect[setting.places.area] for setting in settings]
    return {
        "unit_id": cast.unit_id,
        "sector": words(np.repeat([one.sector for one in cast.sectors], [one.places.count for one in settings])),
        "area_effect": np.concatenate(effect),
        **{
            name: np.concatenate([getattr(setting.places, name) for setting in settings])
            for name in ("deprivation", "context", "group", "second_group")
        },
        "hides": np.concatenate([setting.seen.hides for setting in settings]),
    }
