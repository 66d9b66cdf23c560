"""One pass over facts gives what a loop over every date, entity and fact gives; a file in batches gives the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tegenkracht.core.errors import InputError
from tegenkracht.core.span import Span
from tegenkracht.features.windows import Ask, Facts, aggregate, aggregate_file
from tegenkracht.features.windows.asked import STATISTICS

WINDOWS = (Span.parse("90 days"), Span.parse("6 months"), Span.parse("12 months"), None)
ENTITIES, KINDS = 5, 3
ASKS = [Ask(kind, window, statistic) for kind in range(KINDS) for window in WINDOWS for statistic in STATISTICS]


def made_up(seed: int, *, late: float) -> tuple[Facts, np.ndarray]:
    """Four hundred facts with ties and empty values, a share of them known up to a year later or before they occurred, and six dates."""
    rng = np.random.default_rng(seed)
    n = 400
    occurred = rng.integers(18_000, 19_200, n).astype(np.int32)
    known = occurred + np.where(rng.uniform(size=n) < late, rng.integers(-40, 400, n), 0)
    value = np.where(rng.uniform(size=n) < 0.1, np.nan, np.round(rng.normal(size=n), 1))
    facts = Facts(
        rng.integers(0, ENTITIES, n).astype(np.int32),
        rng.integers(0, KINDS, n).astype(np.int32),
        occurred,
        known.astype(np.int32),
        value,
    )
    return facts, np.sort(rng.choice(np.arange(18_100, 19_200), 6, replace=False)).astype(np.int32)


def one_by_one(facts: Facts, dates: np.ndarray, ask: Ask, date: int, entity: int) -> float:
    """One cell, by the definition."""
    start = -(10**9)
    if ask.window is not None:
        start = ask.window.before(pd.Timestamp(int(dates[date]), unit="D")).value // 86_400_000_000_000
    mine = (
        (facts.entity == entity) & (facts.kind == ask.kind) & (facts.visible <= dates[date]) & (facts.occurred > start)
    )
    value = facts.value[mine]
    having = value[~np.isnan(value)]
    if ask.statistic in ("count", "sum"):
        return float(mine.sum() if ask.statistic == "count" else having.sum())
    if ask.statistic in ("mean", "max", "min"):
        return float(getattr(having, ask.statistic)()) if having.size else np.nan
    if not mine.any():
        return np.nan
    if ask.statistic == "days_since_last":
        return float(dates[date] - facts.occurred[mine].max())
    order = np.lexsort((value, facts.known[mine], facts.occurred[mine]))
    return float(value[order[-1]])


def everything(facts: Facts, dates: np.ndarray) -> np.ndarray:
    """Shape (date, ask, entity), one by one."""
    return np.array(
        [[[one_by_one(facts, dates, ask, i, e) for e in range(ENTITIES)] for ask in ASKS] for i in range(len(dates))]
    )


def in_one_pass(facts: Facts, dates: np.ndarray, threads: int = 1) -> np.ndarray:
    """The same, in one pass."""
    handed: dict[int, np.ndarray] = {}
    aggregate(
        facts,
        ASKS,
        dates=dates,
        entities=ENTITIES,
        kinds=KINDS,
        threads=threads,
        handed=lambda date, out: handed.update({date: out.copy()}),
    )
    return np.stack([handed[i] for i in range(len(dates))])


@pytest.mark.parametrize("late", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_every_cell_is_what_its_definition_says(seed: int, late: float) -> None:
    """Counts, sums, means, ends, last values and days since, over four windows; with ties, empty values and late facts."""
    facts, dates = made_up(seed, late=late)
    np.testing.assert_allclose(in_one_pass(facts, dates), everything(facts, dates), rtol=1e-9, atol=1e-12)


def test_order_and_threads_change_nothing() -> None:
    """Facts in another order and two threads give the same."""
    facts, dates = made_up(7, late=0.5)
    shuffled = facts.take(np.random.default_rng(1).permutation(len(facts)))
    np.testing.assert_allclose(in_one_pass(shuffled, dates, threads=2), in_one_pass(facts, dates), rtol=1e-12)


def test_what_became_known_later_changes_nothing_before() -> None:
    """Facts that are not visible by the third date can be taken away."""
    facts, dates = made_up(8, late=0.5)
    cut = facts.take(facts.visible <= dates[2])
    np.testing.assert_allclose(in_one_pass(cut, dates)[:3], in_one_pass(facts, dates)[:3], rtol=1e-12)


def test_a_date_without_facts_and_no_facts_at_all() -> None:
    """Zeros and missing values, no error."""
    facts, dates = made_up(9, late=0.0)
    none = in_one_pass(facts.take(slice(0, 0)), dates)
    counts = [i for i, ask in enumerate(ASKS) if ask.statistic in ("count", "sum")]
    assert (none[:, counts] == 0).all()
    assert np.isnan(np.delete(none, counts, axis=1)).all()


@pytest.mark.parametrize("threads", [1, 2])
def test_blocks_and_values_that_are_missing_only_later(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    """Blocks of two entities, twenty dates over which facts go out of every window, and no empty value before the tenth."""
    monkeypatch.setattr("tegenkracht.features.windows.running._SHIFT", 1)
    facts, _ = made_up(11, late=0.3)
    dates = np.linspace(18_050, 19_600, 20).astype(np.int32)
    full = np.where((facts.visible <= dates[9]) & np.isnan(facts.value), 0.5, facts.value)
    assert np.isnan(full).any()
    facts = replace(facts, value=full)
    found = in_one_pass(facts, dates, threads)
    np.testing.assert_allclose(found, everything(facts, dates), rtol=1e-9, atol=1e-12)


def test_windows_that_cross_are_refused() -> None:
    """30 days are longer than a month in February and shorter in July."""
    facts, _ = made_up(1, late=0.0)
    dates = np.array([18_322, 18_475], np.int32)  # 2020-03-01 and 2020-08-01
    asks = [Ask(0, Span.parse("30 days"), "count"), Ask(0, Span.parse("1 month"), "count")]
    with pytest.raises(ValueError, match="Windows cross"):
        aggregate(facts, asks, dates=dates, entities=ENTITIES, kinds=KINDS, threads=1, handed=lambda date, out: None)


def read(batch: pa.RecordBatch) -> Facts:
    """Columns as they are."""
    return Facts(*(batch.column(i).to_numpy(zero_copy_only=False) for i in range(5)))


def write(facts: Facts, path: Path, rows: int) -> None:
    """A Parquet file with small row groups."""
    names = ("entity", "kind", "occurred", "known", "value")
    table = pa.table({name: getattr(facts, name) for name in names})
    pq.write_table(table, path, row_group_size=rows)


def from_file(path: Path, dates: np.ndarray) -> np.ndarray:
    """Cells from the file."""
    handed: dict[int, np.ndarray] = {}
    aggregate_file(
        path,
        ASKS,
        read=read,
        columns=("entity", "kind", "occurred", "known", "value"),
        dates=dates,
        entities=ENTITIES,
        kinds=KINDS,
        threads=1,
        handed=lambda date, out: handed.update({date: out.copy()}),
    )
    return np.stack([handed[i] for i in range(len(dates))])


@pytest.mark.parametrize("seed", range(3))
def test_a_file_in_batches_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Sorted by the day on which facts became known, in batches of 37; some were known before they occurred."""
    monkeypatch.setattr("tegenkracht.features.windows.stream._ROWS", 37)
    facts, dates = made_up(seed, late=0.5)
    ordered = facts.take(np.argsort(facts.known, kind="stable"))
    write(ordered, tmp_path / "events.parquet", 37)
    np.testing.assert_allclose(
        from_file(tmp_path / "events.parquet", dates), everything(facts, dates), rtol=1e-9, atol=1e-12
    )


def test_a_file_that_is_not_in_order_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later batch holds what should have been counted before."""
    monkeypatch.setattr("tegenkracht.features.windows.stream._ROWS", 37)
    facts, dates = made_up(1, late=0.0)
    backwards = facts.take(np.argsort(-facts.known, kind="stable"))
    write(backwards, tmp_path / "events.parquet", 37)
    with pytest.raises(InputError, match=r"events\.parquet: its rows are not in the order in which they became known"):
        from_file(tmp_path / "events.parquet", dates)
