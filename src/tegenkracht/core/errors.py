"""Errors that a user can act on: what, where, and the way out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class TegenkrachtError(Exception):
    """Something did not pass; the command ends with exit code 1."""

    exit_code = 1


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong in what the user gave.

    Parameters
    ----------
    where
        The file, folder, address or spec key, as the user knows it: ``events.parquet``, ``time.horizon``.
    what
        A sentence: what is wrong there.
    way_out
        A sentence: what to change.
    column
        The column, when the problem sits in a table.
    rows
        Row numbers as a person counts them (the first data row is 1); at most the first 20.
    count
        How many rows in all have the problem; 0 when it is not about rows.
    """

    where: str
    what: str
    way_out: str
    column: str = ""
    rows: tuple[int, ...] = ()
    count: int = 0

    def __str__(self) -> str:
        place = self.where
        if self.rows:
            shown = ", ".join(f"{row:,}" for row in self.rows[:5])
            more = f" and {self.count - len(self.rows[:5]):,} more" if self.count > len(self.rows[:5]) else ""
            place += f", row{'s' if self.count > 1 else ''} {shown}{more}"
        if self.column:
            place += f", column `{self.column}`"
        return f"{place}: {self.what} {self.way_out}".rstrip()


class InputError(TegenkrachtError):
    """What the user gave is wrong; the command ends with exit code 2 and has written nothing.

    Examples
    --------
    >>> print(InputError([Problem("time.horizon", "`12 moons` is not a span of time.", "Write `12 months`.")]))
    time.horizon: `12 moons` is not a span of time. Write `12 months`.
    """

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def wrong(where: str, what: str, way_out: str, **details: object) -> InputError:
    """One problem as an error, for the places where there can be only one."""
    return InputError([Problem(where, what, way_out, **details)])  # type: ignore[arg-type]  # details are Problem's own
