"""The same pass over a Parquet file that is larger than memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tegenkracht.core.errors import wrong
from tegenkracht.features.windows.asked import Ask, Days, Facts
from tegenkracht.features.windows.buckets import Buckets
from tegenkracht.features.windows.running import Handed, Running

_ROWS = 1_000_000
Reader = Callable[[pa.RecordBatch], Facts]


def aggregate_file(
    path: Path,
    asks: Sequence[Ask],
    *,
    read: Reader,
    columns: Sequence[str],
    dates: Days,
    entities: int,
    kinds: int,
    threads: int,
    handed: Handed,
) -> None:
    """Hand out every asked column date by date, reading the file once and holding a batch of it.

    Parameters
    ----------
    path
        Facts in the order in which they became known, as the contract sorts events.
    read
        From a batch to facts.
    columns
        Columns of the file that `read` needs.

    Raises
    ------
    InputError
        When a batch holds what should have been counted on a date that was handed out before: the file is not in order.
    """
    running = Running(Buckets.of(dates, [ask.window for ask in asks]), asks, entities, kinds, threads)
    waiting: dict[int, list[Facts]] = {}  # known before they occurred
    date = 0
    running.move_on(0)
    for batch in _batches(path, columns):
        facts = read(batch)
        due = facts.due_on(dates)[:-1]
        if any(len(part) for part in due[:date]):
            raise wrong(
                str(path),
                "its rows are not in the order in which they became known.",
                "Sort it by `known_on` and try again.",
            )
        latest = int(np.searchsorted(dates, facts.known[-1])) if len(facts) else date
        while date < latest:
            date = _next(running, date, [due[date], *waiting.pop(date, [])], handed)
        if date < len(dates):
            running.add(due[date])
        for later in range(date + 1, len(dates)):
            if len(due[later]):
                waiting.setdefault(later, []).append(due[later])
    while date < len(dates):
        date = _next(running, date, waiting.pop(date, []), handed)


def _next(running: Running, date: int, parts: Sequence[Facts], handed: Handed) -> int:
    """Add what is due, hand out the date and move on to the one after it."""
    for part in parts:
        running.add(part)
    handed(date, running.read())
    if date + 1 < len(running.buckets.dates):
        running.move_on(date + 1)
    return date + 1


def _batches(path: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Batches of the file; the next one is read while the last one is counted."""
    with pq.ParquetFile(path) as file, ThreadPoolExecutor(1) as reader:
        batches = file.iter_batches(batch_size=_ROWS, columns=list(columns), use_threads=True)
        ahead = reader.submit(next, batches, None)
        while (batch := ahead.result()) is not None:
            ahead = reader.submit(next, batches, None)
            yield batch
