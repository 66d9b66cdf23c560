"""The record of who opened a test period: criteria are written down before, and a second look is counted.

`outputs/<study>/looks.jsonl` has a line per opening and per freezing, each with the digest of the line before it, so that a line which was taken out
can be seen.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tegenkracht.core.criterion import Criterion, Frozen, Limit, digest_of_criteria
from tegenkracht.core.errors import wrong
from tegenkracht.core.finding import Finding
from tegenkracht.core.identity import digest_of

NAME = "looks.jsonl"


@dataclass(frozen=True)
class Looks:
    """The record of one study, in its outputs folder."""

    folder: Path

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / NAME

    def freeze(self, criteria: Sequence[Criterion | Limit], *, test_period: str, study: str, on: datetime) -> Frozen:
        """Write down what is promised, before anybody looks."""
        return self._add("frozen", criteria, test_period=test_period, study=study, on=on)

    def open(self, criteria: Sequence[Criterion | Limit], *, test_period: str, study: str, on: datetime) -> Frozen:
        """Write down that the test period is opened now, and with which criteria.

        Parameters
        ----------
        test_period
            Digest of the outcomes that are opened: tables, cohort, dates, label and split.
        study
            Digest of what decides the result: the same study again is not a second look.

        Raises
        ------
        InputError
            When the record was changed by hand.
        """
        return self._add("opened", criteria, test_period=test_period, study=study, on=on)

    def _add(
        self, what: str, criteria: Sequence[Criterion | Limit], *, test_period: str, study: str, on: datetime
    ) -> Frozen:
        self.folder.mkdir(parents=True, exist_ok=True)
        digest = digest_of_criteria(criteria)
        with self.path.open("a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            lines = file.read().splitlines()
            earlier = [line for line in self._read(lines) if line["test_period"] == test_period]
            record = {
                "what": what,
                "on": on.isoformat(timespec="seconds"),
                "test_period": test_period,
                "study": study,
                "criteria": digest,
                "previous": digest_of(lines[-1]) if lines else "",
            }
            file.write(json.dumps(record) + "\n")
        return _told([*earlier, record], digest)

    def _read(self, lines: Sequence[str]) -> list[dict[str, Any]]:
        """The lines, when each holds the digest of the one before it."""
        previous, records = "", []
        for number, line in enumerate(lines, 1):
            try:
                record = json.loads(line)
                whole = record["previous"] == previous and {"what", "on", "test_period", "study", "criteria"} <= set(
                    record
                )
            except (ValueError, TypeError, KeyError):
                whole = False
            if not whole:
                raise wrong(
                    str(self.path),
                    f"line {number} does not follow from the one before it: this record of looks was changed.",
                    "Put the file back as it was, or name the study anew.",
                )
            records.append(record)
            previous = digest_of(line)
        return records


def _told(records: Sequence[dict[str, Any]], digest: str) -> Frozen:
    opened = [record for record in records if record["what"] == "opened"]
    since = next(record["on"] for record in records if record["criteria"] == digest)
    first = opened[0] if opened else records[-1]
    before = [record["criteria"] for record in records[: records.index(first) + 1]]
    return Frozen(since[:10], digest, len({record["study"] for record in opened}), changed=digest not in before)


def check_looks(frozen: Frozen) -> Finding:
    """TK120: the test period was opened before by another study, or with other criteria."""
    found = frozen.look > 1 or frozen.changed
    return Finding("TK120", "found" if found else "not_found", facts={"look": frozen.look})
