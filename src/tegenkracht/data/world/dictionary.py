"""The `dataset.yaml` of a made world: its tables, its indicators and its audit attributes in two languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from tegenkracht.core.text import Text
from tegenkracht.data.dictionary import Attribute, Description, Indicator, Made, TableInfo, TableName
from tegenkracht.data.sector import Sector
from tegenkracht.data.world.country import EXTENT
from tegenkracht.data.world.made import name_of
from tegenkracht.data.world.world import World

_SOURCES: dict[TableName, Text] = {
    "units": Text(nl="nagemaakt register van plaatsen", en="made-up register of places"),
    "events": Text(nl="nagemaakte registraties en meldingen", en="made-up registrations and reports"),
    "links": Text(nl="nagemaakt register van eigenaren en bestuurders", en="made-up register of owners and directors"),
    "areas": Text(nl="nagemaakte buurtcijfers", en="made-up neighbourhood figures"),
    "inspections": Text(nl="nagemaakte controles", en="made-up inspections"),
    "groups": Text(nl="nagemaakte kenmerken voor de toets", en="made-up attributes for audits"),
}
_ATTRIBUTES = {
    "deprivation": Attribute(
        subject="area",
        label=Text(nl="achterstand van de buurt", en="deprivation of the neighbourhood"),
        definition=Text(
            nl="In welk derde deel van alle buurten de buurt valt, van weinig tot veel achterstand.",
            en="In which third of all neighbourhoods the neighbourhood falls, from little to much deprivation.",
        ),
        values={
            "low": Text(nl="weinig achterstand", en="little deprivation"),
            "middle": Text(nl="gemiddeld", en="average"),
            "high": Text(nl="veel achterstand", en="much deprivation"),
        },
    ),
    "group": Attribute(
        subject="place",
        label=Text(nl="nagemaakte groep", en="made-up group"),
        definition=Text(
            nl="Een nagemaakte verdeling in twee groepen, om verschillen te toetsen; zij staat voor geen echte groep.",
            en="A made-up division into two groups, to test differences; it stands for no real group.",
        ),
        values={
            "group 0": Text(nl="groep 0", en="group 0"),
            "group 1": Text(nl="groep 1", en="group 1"),
        },
    ),
    "legal_kind": Attribute(
        subject="business",
        label=Text(nl="soort rechtsvorm", en="kind of legal form"),
        definition=Text(
            nl="Of de zaak een eenmanszaak is of een andere rechtsvorm heeft.",
            en="Whether the business is a sole trader or has another legal form.",
        ),
        values={
            "sole_trader": Text(nl="eenmanszaak", en="sole trader"),
            "other": Text(nl="andere rechtsvorm", en="other legal form"),
        },
    ),
    "second_group": Attribute(
        subject="place",
        label=Text(nl="tweede nagemaakte groep", en="second made-up group"),
        definition=Text(
            nl="Een tweede nagemaakte verdeling, om doorsneden van groepen te toetsen; zij hangt met niets samen.",
            en="A second made-up division, to test intersections of groups; it depends on nothing.",
        ),
        values={"half a": Text(nl="deel a", en="half a"), "half b": Text(nl="deel b", en="half b")},
    ),
}


def describe(
    world: World, sectors: Sequence[Sector], tables: Sequence[TableName], digests: Mapping[TableName, str], made: Made
) -> Description:
    """The description of a made world, with the indicators that its sectors tell in a table."""
    return Description(
        version=1,
        name=name_of(world),
        title=Text(nl=f"Nagemaakte wereld ‘{world.name}’", en=f"Made-up world ‘{world.name}’"),
        synthetic=True,
        known_until=date(2023, 12, 31),
        crs="EPSG:28992",
        extent=EXTENT,
        tables={name: _table(source, name, digests) for name, source in _SOURCES.items() if name in tables},
        event_kinds=_entries(sectors, "event"),
        link_roles=_entries(sectors, "link"),
        measures=_entries(sectors, "measure"),
        attributes=_ATTRIBUTES,
        made=made,
    )


def _entries(sectors: Sequence[Sector], table: str) -> dict[str, Indicator]:
    return {
        name: indicator.entry
        for sector in sectors
        for name, indicator in sector.indicators.items()
        if indicator.table == table
    }


def _table(source: Text, name: TableName, digests: Mapping[TableName, str]) -> TableInfo:
    return TableInfo(
        file=f"{name}.parquet",
        source=source,
        collector="tegenkracht",
        period=(date(2014, 1, 1), date(2023, 12, 31)),
        licence="CC0-1.0",
        original_purpose=Text(nl="oefenen en onderzoek", en="practice and research"),
        permitted_use=("research", "teaching"),
        entity_scoring_allowed=True,
        personal_data="none",
        sha256=digests[name],
    )
