"""What stands in a folder that triage left: its experiment, matrices and exported results."""

from __future__ import annotations

import gzip
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tegenkracht.core.errors import InputError, Problem, wrong
from tegenkracht.data.conform import RawTable
from tegenkracht.data.formats.csv_file import read_csv

MOST_TABLE_BYTES = 4 * 2**30
"""Largest table, after unpacking."""
MOST_MATRICES = 2_000
RESULTS = ("predictions", "evaluations")
_CHUNK = 1 << 20


@dataclass(frozen=True)
class MatrixFiles:
    """One matrix: its table and its metadata."""

    name: str
    table: Path
    metadata: Path


@dataclass(frozen=True)
class FoundFiles:
    """Files below one folder, all of them inside it; what is not there is None or empty."""

    root: Path
    experiment: Path | None
    matrices: tuple[MatrixFiles, ...]
    predictions: Path | None
    evaluations: Path | None
    models: Path | None

    def shown(self, path: Path) -> str:
        """A file as the user knows it: relative to the folder."""
        return path.relative_to(self.root).as_posix()


def find_files(source: Path) -> FoundFiles:
    """The files of a triage project folder, or of one experiment file.

    Raises
    ------
    InputError
        When there is nothing of triage, more than one experiment, a matrix without metadata, or a link that leads out of the folder.
    """
    if source.is_file():
        return FoundFiles(source.parent, source, (), None, None, None)
    if not source.is_dir():
        raise wrong(
            str(source), "there is no such file or folder.", "Give a triage project folder or its experiment.yaml."
        )
    matrices = tuple(_matrices(source))
    found = FoundFiles(source, _experiment(source), matrices, *(_result(source, name) for name in (*RESULTS, "models")))
    if not (found.experiment or matrices or found.evaluations or found.predictions):
        what = "there is nothing of triage here."
        way_out = "A project folder holds experiment.yaml, matrices/*.csv.gz with *.yaml, predictions.csv, evaluations.csv, models.csv."
        raise wrong(str(source), what, way_out)
    _require_inside(found)
    return found


def _experiment(source: Path) -> Path | None:
    files = sorted({*source.glob("*.yaml"), *source.glob("*.yml")} - _beside_tables(source))
    files = files or sorted({*source.glob("experiments/*.yaml"), *source.glob("experiments/*.yml")})
    named = [file for file in files if file.stem in ("experiment", "config")]
    if len(named or files) > 1:
        names = ", ".join(file.name for file in (named or files)[:6])
        raise wrong(str(source), f"there are several experiments here ({names}).", "Name the one to bring as PATH.")
    return next(iter(named or files), None)


def _beside_tables(folder: Path) -> set[Path]:
    """Metadata of matrices that stand in the folder itself."""
    return {file.with_name(file.name.removesuffix(".csv.gz") + ".yaml") for file in folder.glob("*.csv.gz")}


def _matrices(source: Path) -> Iterator[MatrixFiles]:
    folder = source / "matrices" if (source / "matrices").is_dir() else source
    tables = [
        file
        for file in sorted(folder.glob("*.csv.gz"))
        if file.name.removesuffix(".csv.gz") not in (*RESULTS, "models")
    ]
    if len(tables) > MOST_MATRICES:
        raise wrong(str(folder), f"there are more than {MOST_MATRICES:,} matrices.", "Bring a part of them.")
    missing = []
    for table in tables:
        name = table.name.removesuffix(".csv.gz")
        metadata = table.with_name(f"{name}.yaml")
        if not metadata.is_file():
            missing.append(
                Problem(f"{name}.csv.gz", f"its metadata {name}.yaml is missing.", "Put it beside the table.")
            )
        yield MatrixFiles(name, table, metadata)
    if missing:
        raise InputError(missing)


def _result(source: Path, name: str) -> Path | None:
    places = [
        folder / f"{stem}{ending}"
        for folder in (source, source / "test_results", source / "results")
        for stem in (name, f"test_results.{name}", f"test_{name}", f"triage_metadata.{name}")
        for ending in (".csv", ".csv.gz")
    ]
    return next((place for place in places if place.is_file()), None)


def _require_inside(found: FoundFiles) -> None:
    """A link in a folder from elsewhere may point anywhere; only what really stands in the folder is read."""
    root = found.root.resolve()
    files = [found.experiment, found.predictions, found.evaluations, found.models]
    files += [file for matrix in found.matrices for file in (matrix.table, matrix.metadata)]
    outside = [file for file in files if file is not None and not file.resolve().is_relative_to(root)]
    if outside:
        raise InputError(
            Problem(found.shown(file), "this is a link that leads out of the folder.", "Put the file itself there.")
            for file in outside
        )


def read_table(path: Path, *, where: str) -> RawTable:
    """A CSV table, packed or not, every column still text.

    Raises
    ------
    InputError
        When it is too large, cannot be unpacked or is no CSV table.
    """
    with _unpacked(path, where) as plain:
        return read_csv(plain, where=where)


@contextmanager
def _unpacked(path: Path, where: str) -> Iterator[Path]:
    """The file itself, or its content unpacked into a file that goes away again; never more than the limit."""
    if path.suffix != ".gz":
        _require_small(path.stat().st_size, where)
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="tegenkracht-") as folder:
        plain = Path(folder) / "table.csv"
        _require_room(path, folder, where)
        try:
            with gzip.open(path) as packed, plain.open("wb") as out:
                size = 0
                while part := packed.read(_CHUNK):
                    size += len(part)
                    _require_small(size, where)
                    out.write(part)
        except (gzip.BadGzipFile, EOFError, zlib.error):
            raise wrong(where, "the file is not whole, or not packed with gzip.", "Copy it again.") from None
        yield plain


def _require_small(size: int, where: str) -> None:
    if size > MOST_TABLE_BYTES:
        raise wrong(where, f"the table is larger than {MOST_TABLE_BYTES:,} bytes.", "Bring it in parts.")


def _require_room(path: Path, folder: str, where: str) -> None:
    if shutil.disk_usage(folder).free < 2 * path.stat().st_size:
        raise wrong(where, "there is no room to unpack this table.", f"Make room in {tempfile.gettempdir()}.")
