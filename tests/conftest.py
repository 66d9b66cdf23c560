"""A small dataset that any test can bend."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from tegenkracht.core.finding import Finding
from tegenkracht.core.progress import silent
from tegenkracht.core.text import Text
from tegenkracht.data.dictionary import Attribute, Description, Indicator, TableInfo
from tegenkracht.data.sources import Dataset
from tegenkracht.data.world import at_base_rate, make_world, read_world
from tegenkracht.reporting.sections.findings import key_of, reason_of

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
WORDS = Text(nl="wisseling", en="change")
INDICATOR = Indicator(
    label=WORDS,
    definition=Text(nl="Een nieuwe uitbater.", en="A new operator."),
    subject="business",
    source="register",
    availability="open",
    direction="+",
    proxy_risk="low",
    manipulability=1,
)
TABLE = TableInfo(
    source=WORDS,
    collector="us",
    period=(date(2020, 1, 1), date(2023, 12, 31)),
    licence="CC0",
    original_purpose=WORDS,
    permitted_use=("research",),
    entity_scoring_allowed=True,
    personal_data="none",
)
COLUMNS = {
    "units": {
        "unit_id": "str",
        "sector": "str",
        "kind": "str",
        "area_code": "str",
        "x": "float64",
        "y": "float64",
        "opened_on": "datetime64[us]",
        "closed_on": "datetime64[us]",
        "legal_form": "str",
        "cluster_id": "str",
    },
    "events": {
        "unit_id": "str",
        "kind": "str",
        "occurred_on": "datetime64[us]",
        "known_on": "datetime64[us]",
        "value": "float64",
    },
    "inspections": {
        "inspection_id": "str",
        "unit_id": "str",
        "inspected_on": "datetime64[us]",
        "known_on": "datetime64[us]",
        "channel": "str",
        "inspector": "str",
        "finding": "bool",
        "severity": "float64",
        "propensity": "float64",
        "appeal": "str",
    },
    "areas": {
        "area_code": "str",
        "measure": "str",
        "period_end": "datetime64[us]",
        "known_on": "datetime64[us]",
        "value": "float64",
    },
    "given": {
        "unit_id": "str",
        "as_of": "datetime64[us]",
        "known_on": "datetime64[us]",
        "inspection_id": "str",
        "density": "float64",
    },
    "groups": {"unit_id": "str", "area_code": "str", "attribute": "str", "value": "str", "from_on": "datetime64[us]"},
}


def _table(name: str, records: list[dict[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(records, columns=list(COLUMNS[name])).astype(COLUMNS[name])


def _description(tables: dict[str, pd.DataFrame]) -> Description:
    return Description(
        version=1,
        name="small",
        title=WORDS,
        synthetic=True,
        known_until=date(2023, 12, 31),
        crs="EPSG:28992",
        tables=dict.fromkeys(tables, TABLE),
        event_kinds={"takeover": INDICATOR, "other": INDICATOR},
        measures={"vacancy": INDICATOR.model_copy(update={"subject": "area"})},
        given_columns={"density": INDICATOR},
        attributes={"wealth": Attribute(label=WORDS, definition=WORDS)},
    )


@pytest.fixture(scope="session")
def make_dataset() -> Callable[..., Dataset]:
    """A dataset from lists of records per table; columns that a record leaves out are empty."""

    def make(**records: list[dict[str, object]]) -> Dataset:
        tables = {
            name: _table(name, records.get(name, []))
            for name in COLUMNS
            if name in records or name in ("units", "events", "inspections")
        }
        return Dataset("small", "here", _description(tables), tables, dict.fromkeys(tables, "0" * 64))

    return make


@pytest.fixture(scope="session")
def marinas(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Overrides that name a made-up world of marinas, made once for all studies of them; a test that changes its tables copies them first."""
    path, world = tmp_path_factory.mktemp("marinas") / "data", at_base_rate(read_world("selected"), "base")
    make_world(world, scale=0.4, seed=1, sectors=("marina",), to=path, force=False, progress=silent)
    return ["data.world.scale=0.4", f"data.path={path}"]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Public data beside the clone; a test that needs it is skipped where it is not there."""
    if not SHARED.is_dir():
        pytest.skip("the public data are not beside this clone (shared/data)")
    return SHARED


@pytest.fixture(scope="session", autouse=True)
def every_finding_has_a_sentence() -> Iterator[None]:
    """A verdict that our code reaches, in whatever test, is told in a sentence of the catalogue; never as a bare list of facts."""
    with pytest.MonkeyPatch.context() as patched:
        made = Finding.__init__

        def told(self: Finding, *given: object, **named: object) -> None:
            made(self, *given, **named)
            by = sys._getframe(1).f_globals["__name__"]
            ours = (
                by.startswith("tegenkracht.") and by != Finding.__module__
            )  # what is read from a file was made elsewhere
            if ours and reason_of(self) is None and key_of(self) is None:
                raise AssertionError(f"{self.code}, {self.verdict}: words/ have no sentence for {dict(self.facts)}.")

        patched.setattr(Finding, "__init__", told)
        yield
