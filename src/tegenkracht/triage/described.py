"""What the tables of an imported experiment are, as far as triage keeps it; what it does not keep is said, and taken at its most careful."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from tegenkracht.core.purpose import UnitKind
from tegenkracht.core.text import Text
from tegenkracht.data.dictionary import Description, Indicator, TableInfo

LISTED = "in_matrix"
"""The kind of event that says that an entity was in a matrix of that date."""


def described(
    name: str, dates: pd.Series, columns: Mapping[str, str], kind: UnitKind, *, until: pd.Timestamp
) -> Description:
    """The description of a dataset made of matrices.

    Parameters
    ----------
    dates
        As-of dates of the matrices.
    columns
        Our name of each feature by triage's.
    until
        Last day of the last label.
    """
    first, until = dates.min(), max(until, dates.max())
    infos = {table: _info(source, first, until) for table, source in _SOURCES.items()}
    subject = kind if kind in ("place", "area") else "business"
    return Description(
        version=1,
        name=name,
        title=Text(nl=f"Overgenomen uit triage: {name}", en=f"Brought from triage: {name}"),
        synthetic=False,
        known_until=until.date(),
        crs="none",
        tables=infos,
        event_kinds={LISTED: _indicator(LISTED, subject, _LISTED_MEANS)},
        given_columns={ours: _indicator(theirs, subject, _meaning(theirs)) for theirs, ours in columns.items()},
    )


_SOURCES = {
    "units": Text(nl="entiteiten in de matrices van triage", en="entities in the matrices of triage"),
    "events": Text(nl="datums waarop een entiteit in een matrix staat", en="dates on which an entity is in a matrix"),
    "inspections": Text(
        nl="bezoeken die uit de labels volgen: zo weinig mogelijk, de dag is niet bekend",
        en="visits that follow from the labels: as few as possible, the day is not known",
    ),
    "given": Text(nl="kenmerken zoals triage ze maakte", en="features as triage made them"),
}
_LISTED_MEANS = Text(
    nl="De entiteit staat op deze datum in een matrix van triage.",
    en="The entity is in a matrix of triage on this date.",
)


def _info(source: Text, first: pd.Timestamp, until: pd.Timestamp) -> TableInfo:
    unknown = Text(nl="niet bekend: triage bewaart dit niet", en="not known: triage does not keep it")
    return TableInfo(
        source=source,
        collector="not known: triage does not keep it",
        period=(first.date(), until.date()),
        licence="not known: ask who made the experiment",
        original_purpose=unknown,
        permitted_use=("research",),
        entity_scoring_allowed=False,
        personal_data="pseudonymous",
    )


def _indicator(name: str, subject: str, definition: Text) -> Indicator:
    """An entry that nobody has judged yet: the most careful values stand in it."""
    return Indicator(
        label=Text(nl=name, en=name),
        definition=definition,
        subject=subject,
        source="triage",
        availability="closed",
        direction="±",
        proxy_risk="high",
        manipulability=3,
    )


def _meaning(feature: str) -> Text:
    """What a feature's name says, as triage puts it together."""
    missing = feature.endswith("_imp")
    parts = (feature.removesuffix("_imp")).split("_entity_id_", 1)
    nl = (
        f"Kolom `{feature}` van triage: {parts[1]} uit {parts[0]}."
        if len(parts) == 2
        else f"Kolom `{feature}` van triage."
    )
    en = (
        f"Column `{feature}` of triage: {parts[1]} of {parts[0]}."
        if len(parts) == 2
        else f"Column `{feature}` of triage."
    )
    flag = Text(nl=" 1 als de waarde ontbrak en is ingevuld.", en=" 1 when the value was missing and was filled in.")
    judged = Text(
        nl=" Risico en beïnvloedbaarheid zijn nog niet beoordeeld; de voorzichtigste waarde staat er.",
        en=" Proxy risk and manipulability have not been judged yet; the most careful values stand here.",
    )
    return Text(
        nl=nl + (flag.nl if missing else "") + judged.nl,
        en=en + (flag.en if missing else "") + judged.en,
    )


def indicator_of_score(column: str, kind: str) -> Indicator:
    """The entry of a column that holds the scores of one of triage's model groups."""
    definition = Text(nl=f"Score van een model van triage ({kind}).", en=f"Score of a model of triage ({kind}).")
    return _indicator(column, "business", definition)
