"""What a dataset is and what every indicator in it means: the content of `dataset.yaml`, version 1."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from tegenkracht.core.feature import Availability, Direction, Risk, Subject
from tegenkracht.core.text import Text
from tegenkracht.data.record_file import complaint, read_marked, validated

TableName = Literal["units", "events", "links", "areas", "inspections", "given", "groups"]
REQUIRED: tuple[TableName, ...] = ("units", "events", "inspections")
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]

_PERSONS = re.compile(
    r"^(natural_?|natuurlijke?_?)?(person|persons|persoon|personen|people|human|mens)$", re.IGNORECASE
)


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Indicator(_Record):
    """One event kind, link role, measure or given column: what it says, where it comes from, what can be wrong with it.

    `manipulability` runs from 0 (cannot be changed cheaply) to 3 (a form field); `label_adjacent` says that it lies
    so close to the outcome that it may not predict it; `direction` is `+` when more of it is
    more reason to look. `leads_to_person` says that whoever is told of it may find a person by it, as by a shared director: no page about a place
    tells it. A link role that does not say so is taken to lead to a person.
    """

    label: Text
    definition: Text
    subject: Subject
    source: str = Field(min_length=1)
    availability: Availability
    direction: Direction
    proxy_risk: Risk
    manipulability: int = Field(ge=0, le=3)
    label_adjacent: bool = Field(default=False, exclude_if=lambda value: not value)
    leads_to_person: bool | None = Field(default=None, exclude_if=lambda value: value is None)

    @field_validator("subject", mode="before")
    @classmethod
    def _never_a_person(cls, subject: Any) -> Any:
        if isinstance(subject, str) and _PERSONS.match(subject):
            raise complaint(
                f"the subject `{subject}` is refused: places and businesses are described here, never people.",
                "Write place, business or area if that is what it describes; otherwise leave it out.",
            )
        return subject


class Attribute(_Record):
    """An attribute of the `groups` table: only for audits.

    `values` gives each value its words, and no other value is accepted; without it every value is shown as it is. `subject` says what it
    is a fact of; a mitigation may act only on facts of a place or an area.

    `special_category` says that it is, or tells of, a special category of personal data (AVG art. 9: origin, belief, health, …). Such data may be used to
    look for bias only under a ground (AI Act art. 4a), by named functions, and until a day on which they are deleted: `ground`, `access`, `delete_on`.
    """

    label: Text
    definition: Text
    subject: Subject | None = None
    values: dict[str, Text] = Field(default_factory=dict)
    special_category: bool = Field(default=False, exclude_if=lambda value: not value)
    ground: Text | None = None
    access: tuple[Text, ...] = Field(default=(), exclude_if=lambda value: not value)
    delete_on: date | None = None

    @model_validator(mode="after")
    def _special_under_a_ground(self) -> Attribute:
        lacks = [name for name in ("ground", "access", "delete_on") if not getattr(self, name)]
        if self.special_category and lacks:
            raise complaint(
                f"this is a special category of personal data, and {', '.join(f'`{name}`' for name in lacks)} "
                f"{'is' if len(lacks) == 1 else 'are'} missing.",
                "Write here the `ground` on which it may be used (nl, en), under `access` each function that may see it (nl, en), and with `delete_on` "
                "the day on which it is deleted; or leave the attribute out.",
            )
        return self

    def label_of(self, value: str) -> Text:
        """The words for one value."""
        return self.values.get(value, Text(nl=value, en=value))


class TableInfo(_Record):
    """Where one table comes from and what it may be used for.

    `file` is the file in the folder, or the table's name in a database. `sha256` is of the file's bytes; for a table in
    a database, of its canonical content (as `tegenkracht data check` shows it).
    """

    file: str | None = None
    source: Text
    collector: str = Field(min_length=1)
    period: tuple[date, date]
    licence: str = Field(min_length=1)
    original_purpose: Text
    permitted_use: tuple[str, ...] = Field(min_length=1)
    entity_scoring_allowed: bool
    personal_data: Literal["none", "pseudonymous", "personal"]
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")

    @field_validator("period")
    @classmethod
    def _in_order(cls, period: tuple[date, date]) -> tuple[date, date]:
        if period[1] < period[0]:
            raise complaint(
                f"the period ends on {period[1]}, before it begins on {period[0]}.",
                "Write the first day, then the last.",
            )
        return period


class Made(_Record):
    """How a made-up world came about. The same settings and generator give the same tables.

    `settings` is a digest of every switch of the world, `generator` one of the code and of the mechanisms of its sectors.
    """

    world: str
    scale: float
    seed: int
    sectors: tuple[Name, ...]
    settings: str = Field(pattern=r"^[0-9a-f]{64}$")
    generator: str = Field(pattern=r"^[0-9a-f]{64}$")


class Description(_Record):
    """The content of `dataset.yaml`: what the tables are, until when they know, and the dictionary of indicators."""

    version: Literal[1]
    name: Name
    title: Text
    synthetic: bool
    known_until: date
    crs: str = Field(min_length=1)
    extent: tuple[float, float, float, float] | None = None
    tables: dict[TableName, TableInfo]
    event_kinds: dict[Name, Indicator] = Field(default_factory=dict)
    link_roles: dict[Name, Indicator] = Field(default_factory=dict)
    measures: dict[Name, Indicator] = Field(default_factory=dict)
    given_columns: dict[Name, Indicator] = Field(default_factory=dict)
    attributes: dict[Name, Attribute] = Field(default_factory=dict)
    made: Made | None = None

    @field_validator("tables")
    @classmethod
    def _required_tables(cls, tables: dict[TableName, TableInfo]) -> dict[TableName, TableInfo]:
        if missing := [name for name in REQUIRED if name not in tables]:
            raise complaint(
                f"the tables {', '.join(missing)} are missing.",
                "Every dataset has units, events and inspections; describe them here.",
            )
        return tables

    @field_validator("extent")
    @classmethod
    def _is_a_box(cls, extent: tuple[float, float, float, float] | None) -> tuple[float, float, float, float] | None:
        if extent is not None and not (extent[0] < extent[2] and extent[1] < extent[3]):
            raise complaint(f"{list(extent)} is not a box.", "Write xmin, ymin, xmax, ymax.")
        return extent

    @model_validator(mode="after")
    def _special_data_are_not_overdue(self) -> Description:
        late = [n for n, a in self.attributes.items() if a.delete_on is not None and a.delete_on <= self.known_until]
        if late:
            day = self.attributes[late[0]].delete_on
            raise complaint(
                f"attributes.{late[0]}: these data should have been deleted on {day}, and the tables were drawn on {self.known_until} or later.",
                "Delete its rows from `groups` and the attribute here; or correct `delete_on` or `known_until`.",
            )
        return self

    @model_validator(mode="after")
    def _names_have_one_meaning(self) -> Description:
        kinds: list[Mapping[str, object]] = [self.event_kinds, self.link_roles, self.measures, self.given_columns]
        names = [name for kind in kinds for name in kind]
        shared = ({name for name in names if names.count(name) > 1}) | (set(self.attributes) & set(names))
        if shared:
            raise complaint(
                f"{', '.join(sorted(shared))}: the same name in two lists of the dictionary.", "Give each its own name."
            )
        return self

    def as_plain(self) -> dict[str, Any]:
        """The description as plain data, for `dataset.yaml`; what was left out stays out."""
        return self.model_dump(mode="json", exclude_none=True)


def read_description(folder: Path) -> tuple[Description, str | None]:
    """The description in a folder, and where its tables live if not in that folder.

    The location may hold a password, so it is no part of the description, which travels into cards and bundles.

    Raises
    ------
    InputError
        With every problem in `dataset.yaml`, each with its line.
    """
    marked = read_marked(folder / "dataset.yaml", where="dataset.yaml")
    location = marked.content.get("location")
    return validated(marked.without("location"), Description), str(location) if location is not None else None
