"""What a panel of windows over events costs: one pass of ours against the roads that people take, ratios from one run.

10 million events of 200,000 units, 20 quarterly as-of dates; per 6 kinds x 4 windows (90, 180, 365 days, all) count, sum, mean and max, and days
since the last: 102 columns, handed out date by date. Every road is checked against ours on all columns of one date.

    python experiments/speed/panel.py                 # all roads that are installed
    python experiments/speed/panel.py --late          # half of the events became known up to a year later
    python experiments/speed/panel.py --large         # 100 million events through a file, time and memory against 10 million
    python experiments/speed/panel.py --national      # the made-up country at scale 1, the recipe of shopping_strip, 40 dates
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tegenkracht.core.span import Span
from tegenkracht.features.windows import Ask, Facts, aggregate_file
from tegenkracht.features.windows.asked import Statistic

T = TypeVar("T")
UNITS, KINDS = 200_000, 6
WINDOWS = (Span.parse("90 days"), Span.parse("180 days"), Span.parse("365 days"), None)
DAYS = (90, 180, 365, None)
STATISTICS: tuple[Statistic, ...] = ("count", "sum", "mean", "max")
ASKS = [Ask(k, w, s) for k in range(KINDS) for w in WINDOWS for s in STATISTICS] + [
    Ask(k, None, "days_since_last") for k in range(KINDS)
]
START, SPAN = 18_262, 1_826  # 2020-01-01 and five years
DATES = np.array([d.value // 86_400_000_000_000 for d in pd.date_range("2020-04-01", periods=20, freq="QS")], np.int32)
CHECKED = 11
COLUMNS = ("unit", "kind", "occurred", "known", "value")


def make_events(path: Path, n: int, *, late: bool) -> None:
    """Events with log-normal activity of units, in the order in which they became known, as the contract keeps them."""
    rng = np.random.default_rng(7)
    weight = rng.lognormal(0, 1, UNITS)
    chance = np.cumsum(weight / weight.sum())
    schema = pa.schema(
        [
            ("unit", pa.int32()),
            ("kind", pa.int32()),
            ("occurred", pa.int32()),
            ("known", pa.int32()),
            ("value", pa.float64()),
        ]
    )
    pieces = max(n // 5_000_000, 1)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for piece in range(pieces):
            size = n // pieces
            known = np.sort(rng.integers(START + SPAN * piece // pieces, START + SPAN * (piece + 1) // pieces, size))
            lag = np.where(rng.uniform(size=size) < 0.5, rng.integers(1, 365, size), 0) if late else 0
            columns = (
                np.searchsorted(chance, rng.random(size)).clip(0, UNITS - 1),
                rng.choice(KINDS, size, p=[0.3, 0.2, 0.2, 0.1, 0.05, 0.15]),
                known - lag,
                known,
                np.round(rng.lognormal(3, 1, size), 2),
            )
            arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
            writer.write_table(pa.table(arrays, schema=schema), row_group_size=1_000_000)


def read(batch: pa.RecordBatch) -> Facts:
    """A batch as facts; nothing is copied."""
    return Facts(*(batch.column(name).to_numpy(zero_copy_only=False) for name in COLUMNS))


def ours(path: Path, dates: int = 20, *, keep: bool = True) -> np.ndarray:
    """One pass of our own; the columns of the checked date, when they are to be kept."""
    kept: dict[int, np.ndarray] = {}

    def handed(date: int, out: np.ndarray) -> None:
        if keep and date == CHECKED:
            kept[date] = out.copy()

    aggregate_file(
        path,
        ASKS,
        read=read,
        columns=COLUMNS,
        dates=DATES[:dates],
        entities=UNITS,
        kinds=KINDS,
        threads=2,
        handed=handed,
    )
    return kept.get(CHECKED, np.empty((0, 0)))


def floor(path: Path) -> None:
    """Reading the file once, and touching every cell of the panel once in a buffer that is used again."""
    table = pq.read_table(path)
    np.bincount(table["unit"].to_numpy(), minlength=UNITS)
    buffer = np.empty((len(ASKS), UNITS))
    for _ in DATES:
        buffer[:] = 1.0


def with_pandas(path: Path, dates: range) -> np.ndarray:
    """Filter, group and unstack per date, as in many projects; the columns of the last date asked."""
    events = pd.read_parquet(path)
    out = np.empty((0, 0))
    for i in dates:
        at = DATES[i]
        past = events[(events["known"] <= at) & (events["occurred"] <= at)]
        parts = {}
        for days in DAYS:
            inside = past if days is None else past[past["occurred"] > at - days]
            grouped = inside.groupby(["unit", "kind"])["value"].agg(list(STATISTICS)).unstack("kind")
            for statistic in STATISTICS:
                for kind in range(KINDS):
                    parts[kind, days, statistic] = grouped[statistic, kind]
        last = past.groupby(["unit", "kind"])["occurred"].max().unstack("kind")
        table = pd.DataFrame(
            {
                **{(k, d, s): parts[k, d, s] for k in range(KINDS) for d in DAYS for s in STATISTICS},
                **{(k, None, "since"): at - last[k] for k in range(KINDS)},
            }
        ).reindex(range(UNITS))
        zero = [column for column in table if column[2] in ("count", "sum")]
        table[zero] = table[zero].fillna(0)
        out = table.to_numpy(dtype=np.float64).T
    return out


def _filtered(kind: int, days: int | None, at: str) -> str:
    inside = "" if days is None else f" and occurred > {at} - {days}"
    return f"filter (where kind = {kind}{inside})"


def _wide(at: str) -> str:
    """102 filtered aggregates, for DuckDB and PostgreSQL alike."""
    named = {"count": "count(value)", "sum": "sum(value)", "mean": "avg(value)", "max": "max(value)"}
    columns = [f"{named[s]} {_filtered(k, d, at)}" for k in range(KINDS) for d in DAYS for s in STATISTICS]
    return ", ".join([*columns, *(f"{at} - max(occurred) {_filtered(k, None, at)}" for k in range(KINDS))])


def _query(table: str, at: int) -> str:
    """All columns of one date."""
    columns = _wide(str(at))
    return f"select unit, {columns} from {table} where known <= {at} and occurred <= {at} group by unit"  # noqa: S608 - made of constants of this script only


def with_duckdb(path: Path, dates: range) -> np.ndarray:
    """The plain road of the product, all columns in one query per date."""
    import duckdb

    out = np.empty((0, 0))
    with duckdb.connect(config={"threads": 2}) as connection:
        for i in dates:
            out = _whole(connection.execute(_query(f"'{path}'", int(DATES[i]))).df())
    return out


def _whole(found: pd.DataFrame) -> np.ndarray:
    """All units, with zeros for counts and sums where there is nothing."""
    table = found.set_index(found.columns[0]).reindex(range(UNITS)).to_numpy(dtype=np.float64).T
    for c, ask in enumerate(ASKS):
        if ask.statistic in ("count", "sum"):
            table[c] = np.nan_to_num(table[c])
    return table


def with_polars(path: Path, dates: range) -> np.ndarray:
    """Long group by unit and kind in the streaming engine, then one join per kind."""
    import polars as pl

    value, out = pl.col("value"), np.empty((0, 0))
    every = pl.LazyFrame({"unit": pl.int_range(0, UNITS, dtype=pl.Int32, eager=True)})
    for i in dates:
        at = int(DATES[i])
        past = pl.scan_parquet(path).filter((pl.col("known") <= at) & (pl.col("occurred") <= at))
        asked = []
        for days in DAYS:
            x = value if days is None else value.filter(pl.col("occurred") > at - days)
            asked += [
                x.count().alias(f"{days}count"),
                x.sum().alias(f"{days}sum"),
                x.mean().alias(f"{days}mean"),
                x.max().alias(f"{days}max"),
            ]
        asked.append((at - pl.col("occurred").max()).alias("since"))
        long = past.group_by("unit", "kind").agg(asked).collect(engine="streaming").lazy()
        wide = every
        for kind in range(KINDS):
            part = long.filter(pl.col("kind") == kind).drop("kind")
            wide = wide.join(
                part.rename(lambda c, kind=kind: c if c == "unit" else f"{kind} {c}"), on="unit", how="left"
            )
        table = wide.collect(engine="streaming").sort("unit")
        names = [f"{k} {d}{s}" for k in range(KINDS) for d in DAYS for s in STATISTICS] + [
            f"{k} since" for k in range(KINDS)
        ]
        out = table.select(names).to_numpy().astype(np.float64).T
        for c, ask in enumerate(ASKS):
            if ask.statistic in ("count", "sum"):
                out[c] = np.nan_to_num(out[c])
    return out


def with_postgres(path: Path, dates: range) -> np.ndarray:
    """The same filtered aggregates per date on a PostgreSQL server, as collate writes them; loading is not counted."""
    import psycopg

    out = np.empty((0, 0))
    with psycopg.connect(os.environ["TEGENKRACHT_TEST_POSTGRES"]) as connection, connection.cursor() as cursor:
        for i in dates:
            cursor.execute(_query("panel_events", int(DATES[i])))
            out = _whole(pd.DataFrame(cursor.fetchall()))
    return out


def load_postgres(path: Path) -> None:
    """The events as an indexed, analysed table."""
    import psycopg

    with (
        psycopg.connect(os.environ["TEGENKRACHT_TEST_POSTGRES"], autocommit=True) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("drop table if exists panel_events")
        cursor.execute(
            "create unlogged table panel_events (unit int, kind int, occurred int, known int, value double precision)"
        )
        with cursor.copy("copy panel_events from stdin (format csv)") as copy, pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=500_000):
                copy.write(batch.to_pandas().to_csv(index=False, header=False).encode())
        cursor.execute("create index on panel_events (known)")
        cursor.execute("analyze panel_events")


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds and what came out."""
    start = time.perf_counter()
    out = work()
    return time.perf_counter() - start, out


def compare(path: Path, size: int, sampled: int) -> None:
    """All roads in one run. Slow roads do `sampled` dates spread over the range and are scaled to 20 by the events that they read."""
    mine = ours(path)  # compiles, and keeps the date that is checked
    floors, runs = [], []
    for _ in range(5):  # in turn, since other work on the machine comes and goes
        floors.append(timed(lambda: floor(path))[0])
        runs.append(timed(lambda: ours(path, keep=False))[0])
    seconds = float(np.median(runs))
    print(f"\n{size:,} events, {UNITS:,} units, {len(DATES)} dates, {len(ASKS)} columns; 2 cores\n")
    print("| road | seconds | over ours | how |\n| --- | --- | --- | --- |")
    print(f"| ours, one pass over the file | {seconds:.2f} | 1 | median of 5 |")
    least = float(np.median(floors))
    how = f"ours is {seconds / least:.2f} times this; median of 5, in turn"
    print(f"| floor: read once, touch every cell once | {least:.2f} | {least / seconds:.2f} | {how} |")
    roads: dict[str, Callable[[Path, range], np.ndarray]] = {
        "pandas": with_pandas,
        "polars, streaming": with_polars,
        "DuckDB, filtered aggregates": with_duckdb,
    }
    if os.environ.get("TEGENKRACHT_TEST_POSTGRES"):
        load_postgres(path)
        roads["PostgreSQL, filtered aggregates"] = with_postgres
    known = pq.read_table(path, columns=["known"])["known"]
    for name, road in roads.items():
        every = (
            range(len(DATES))
            if name in ("pandas", "polars, streaming") and sampled >= 4
            else range(CHECKED, CHECKED + 1)
        )
        try:
            spent, theirs = timed(lambda road=road, every=every: road(path, every))
        except ImportError as error:
            print(f"| {name} | not measured | | {error.name} is not installed |")
            continue
        how = "all dates"
        if len(every) < len(DATES):
            share = sum(_read_by(known, int(day)) for day in DATES) / sum(_read_by(known, int(DATES[i])) for i in every)
            spent, how = spent * share, f"1 date of 20 measured, scaled {share:.1f} times by events"
        if len(every) == len(DATES):
            _, theirs = timed(lambda road=road: road(path, range(CHECKED, CHECKED + 1)))
        same = np.allclose(mine, theirs, rtol=1e-9, atol=1e-9, equal_nan=True)
        print(
            f"| {name} | {spent:.1f} | {spent / seconds:.1f} | {how}; {'same values' if same else 'OTHER VALUES'} |",
            flush=True,
        )
    if not os.environ.get("TEGENKRACHT_TEST_POSTGRES"):
        print("| PostgreSQL | not measured | | TEGENKRACHT_TEST_POSTGRES is not set |")


def _read_by(known: pa.ChunkedArray, day: int) -> int:
    """Events that a road reads for one date."""
    return int(pc.sum(pc.less_equal(known, day)).as_py())


def late_and_not(folder: Path, size: int) -> None:
    """The same pass when half of the facts are late."""
    spent = {}
    for late in (False, True):
        path = folder / f"late-{late}.parquet"
        make_events(path, size, late=late)
        ours(path, 2)
        spent[late] = float(np.median([timed(lambda path=path: ours(path))[0] for _ in range(3)]))
    print(
        f"\n{size:,} events: {spent[False]:.2f} s, with half of them late {spent[True]:.2f} s: {spent[True] / spent[False]:.2f} times (limit 1.5)"
    )


def _alone(path: Path) -> tuple[float, float]:
    """Seconds and peak memory (GiB) of a process that does nothing else."""
    done = subprocess.run([sys.executable, __file__, "--one", str(path)], capture_output=True, text=True, check=True)
    seconds, peak = done.stdout.split()
    return float(seconds), float(peak)


def large(folder: Path, size: int) -> None:
    """Ten times the events, each size in a process of its own."""
    found = {}
    for n in (size, 10 * size):
        path = folder / f"{n}.parquet"
        make_events(path, n, late=False)
        found[n] = _alone(path)
        print(f"{n:,} events: {found[n][0]:.1f} s, {found[n][1]:.2f} GiB", flush=True)
    growth = found[10 * size][0] / found[size][0] / 10
    print(f"seconds an event, large over small: {growth:.2f} (limit 1.3); memory limit 1.5 GiB")


def national(folder: Path) -> None:
    """The country at scale 1: shop premises on 40 dates, every column of the study `shopping_strip`."""
    from tegenkracht.config import compose_spec
    from tegenkracht.core.progress import silent
    from tegenkracht.data.sources import read_dataset
    from tegenkracht.data.world import make_world, read_world
    from tegenkracht.features import build

    make_world(
        read_world("selected"),
        scale=1.0,
        seed=1,
        sectors=["shopping_strip"],
        to=folder / "w",
        force=False,
        progress=silent,
    )
    spent, dataset = timed(lambda: read_dataset(folder / "w"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    units = dataset.tables["units"]
    dates = pd.date_range("2014-04-01", periods=40, freq="QS")
    rows = pd.concat([_open(units, date) for date in dates], ignore_index=True)
    recipes = compose_spec(["experiment=shopping_strip"]).features.recipes
    made, (table, _) = timed(lambda: build(dataset, rows, recipes, threads=2))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\n{len(rows):,} rows x {table.shape[1]} columns: read {spent:.0f} s, features {made:.0f} s (limit 180)")
    print(f"peak memory: {before:.1f} GiB after making and reading, {peak:.1f} GiB in all (limit 8)")


def _open(units: pd.DataFrame, date: pd.Timestamp) -> pd.DataFrame:
    there = (units["opened_on"].isna() | (units["opened_on"] <= date)) & (
        units["closed_on"].isna() | (units["closed_on"] > date)
    )
    own = units.loc[there, ["unit_id", "cluster_id", "area_code"]]
    return own.assign(
        row_id=own["unit_id"] + f"@{date:%Y-%m-%d}",
        as_of=date,
        known_until=date,
        inspection_id=pd.array([None] * len(own), dtype="str"),
    )


def main() -> None:
    """What was asked, printed as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--late", action="store_true")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--national", action="store_true")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        ours(options.one, 2)
        seconds, _ = timed(lambda: ours(options.one, keep=False))
        print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.late:
            late_and_not(folder, options.events)
        elif options.large:
            large(folder, options.events)
        elif options.national:
            national(folder)
        else:
            make_events(folder / "events.parquet", options.events, late=False)
            compare(folder / "events.parquet", options.events, 4)


if __name__ == "__main__":
    main()
