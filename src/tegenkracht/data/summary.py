"""What `tegenkracht data check` tells: every problem, and what is in each table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from tegenkracht.core.errors import Problem
from tegenkracht.data.sources import Dataset, inspect

_DATED_BY = {"units": "opened_on", "events": "occurred_on", "links": "from_on", "areas": "period_end", "given": "as_of"}
_DATED_BY |= {"inspections": "inspected_on", "groups": "from_on"}


@dataclass(frozen=True, slots=True)
class TableSummary:
    """One table: how many rows, the first and last day in it (empty when there is none), and its digest."""

    rows: int
    first: str
    last: str
    sha256: str


@dataclass(frozen=True)
class CheckReport:
    """The outcome of a check. Without problems there is a summary of each table.

    Parameters
    ----------
    path
        What was checked, as the user gave it.
    problems
        Everything that breaks the contract.
    tables
        By name; empty when there are problems.
    """

    path: str
    problems: tuple[Problem, ...]
    tables: Mapping[str, TableSummary]

    def as_dict(self) -> dict[str, Any]:
        """The report as plain data."""
        problems = [{**asdict(problem), "rows": list(problem.rows)} for problem in self.problems]
        tables = {name: asdict(table) for name, table in self.tables.items()}
        return {"path": self.path, "passed": not self.problems, "problems": problems, "tables": tables}

    def as_text(self) -> str:
        """The report as a person reads it."""
        if self.problems:
            count = len(self.problems)
            head = f"{self.path}: {count:,} problem{'s' if count > 1 else ''}"
            return "\n".join([head, *(f"  {problem}" for problem in self.problems)])
        lines = [f"  {name:<12}{_line(table)}" for name, table in self.tables.items()]
        return "\n".join([f"{self.path}: no problems", *lines])


def check_and_summarise(path: str | Path) -> CheckReport:
    """Check a dataset against the contract and say what is in it."""
    dataset, problems = inspect(path)
    tables = {} if dataset is None else {name: _summary(dataset, name) for name in dataset.tables}
    return CheckReport(str(path), problems, tables)


def _summary(dataset: Dataset, name: str) -> TableSummary:
    days = dataset.tables[name][_DATED_BY[name]]
    return TableSummary(len(days), _day(days.min()), _day(days.max()), dataset.digests[name])


def _day(moment: pd.Timestamp) -> str:
    return "" if pd.isna(moment) else f"{moment:%Y-%m-%d}"


def _line(table: TableSummary) -> str:
    period = f"{table.first} … {table.last}" if table.first else "no dates"
    return f"{table.rows:>12,} rows   {period:<24}   sha256 {table.sha256[:12]}"
