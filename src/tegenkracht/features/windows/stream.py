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
    waiting: list[Facts] = []
    date = 0
    running.move_on(0)
    for batch in _batches(path, columns):
        facts = read(batch)
        due = np.searchsorted(dates, facts.visible)
        if due.size and int(due.min()) < date:
            raise wrong(
                str(path),
                "its rows are not in the order in which they became known.",
                "Sort it by `known_on` and try again.",
            )
        latest = min(int(np.searchsorted(dates, facts.known[-1])), len(dates)) if len(facts) else date
        while date < latest:
            date = _next(running, date, [facts.take(due == date), *_due(waiting, dates, date)], len(dates), handed)
        running.add(facts.take(due == date)) if date < len(dates) else None
        later = (due > date) & (due < len(dates))
        if later.any():
            waiting.append(facts.take(later))
    while date < len(dates):
        date = _next(running, date, list(_due(waiting, dates, date)), len(dates), handed)


def _next(running: Running, date: int, parts: Sequence[Facts], dates: int, handed: Handed) -> int:
    """Add what is due, hand out the date and move on to the one after it."""
    for part in parts:
        running.add(part)
    handed(date, running.read())
    if date + 1 < dates:
        running.move_on(date + 1)
    return date + 1


def _due(waiting: Sequence[Facts], dates: Days, date: int) -> Iterator[Facts]:
    """Facts that were known before they occurred and occurred by this date."""
    for facts in waiting:
        yield facts.take(np.searchsorted(dates, facts.visible) == date)


def _batches(path: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Batches of the file; the next one is read while the last one is counted."""
    with pq.ParquetFile(path) as file, ThreadPoolExecutor(1) as reader:
        batches = file.iter_batches(batch_size=_ROWS, columns=list(columns), use_threads=True)
        ahead = reader.submit(next, batches, None)
        while (batch := ahead.result()) is not None:
            ahead = reader.submit(next, batches, None)
            yield batch
