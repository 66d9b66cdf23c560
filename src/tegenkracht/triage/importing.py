"""`tegenkracht data import triage`: everything is read and worked out first, then written."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

from tegenkracht.assembly import assemble
from tegenkracht.config import load_spec
from tegenkracht.core.errors import InputError, wrong
from tegenkracht.core.progress import Progress
from tegenkracht.core.purpose import UnitKind
from tegenkracht.data.folder import require_room
from tegenkracht.data.record_file import MarkedYaml
from tegenkracht.data.sources import Dataset, dataset_of, write_dataset
from tegenkracht.splits.rolling import RollingSplit, rolling_folds
from tegenkracht.triage.dataset import Brought, dataset_of_matrices
from tegenkracht.triage.found_files import FoundFiles, find_files
from tegenkracht.triage.matrix import Matrix, read_matrix
from tegenkracht.triage.reconciliation import reconcile
from tegenkracht.triage.reconciliation_text import reconciliation_csv, shown
from tegenkracht.triage.results import results_of_files, results_of_server
from tegenkracht.triage.study_dates import StudyDates, first_combination, study_dates
from tegenkracht.triage.study_file import account, outside_a_study, study_text
from tegenkracht.triage.tagged_yaml import read_tagged
from tegenkracht.triage.time_splits import TemporalConfig, TimeSplit, read_temporal_config, time_splits
from tegenkracht.triage.translation import Translation, require_places, translated

MOST_EXPERIMENT_BYTES = 5 * 2**20
LONGEST_TABLE = 40
"""Lines of the reconciliation that are printed; the file has all."""
BESIDE = "triage"
"""The folder in the dataset's own for what is no table: study, splits, reconciliation."""


@dataclass(frozen=True)
class Imported:
    """What an import wrote, and what it says about it.

    Parameters
    ----------
    files
        Everything written, in order.
    report
        Text for the terminal.
    """

    files: tuple[Path, ...]
    report: str


@dataclass(frozen=True)
class _Experiment:
    """An experiment file, read and worked out."""

    marked: MarkedYaml
    config: TemporalConfig
    splits: tuple[TimeSplit, ...]


def import_triage(
    source: Path, *, to: Path, force: bool, unit: UnitKind, database: str | None, progress: Progress
) -> Imported:
    """Bring an experiment of triage: dataset, study, splits and reconciliation, as far as the source holds them.

    Parameters
    ----------
    source
        A project folder, or one experiment file.
    unit
        What one entity is; triage does not say.
    database
        Address of a PostgreSQL server to read results from, read-only; None leaves the network alone.

    Raises
    ------
    InputError
        With everything that is wrong in the source; then nothing is written.
    """
    require_room(to, force=force)
    found = find_files(source)
    experiment = _experiment(found)
    matrices = [*_matrices(found, progress)]
    name = _name_of(to)
    brought = _brought(matrices, experiment, name, unit)
    texts: dict[str, str] = {}
    results = results_of_server(database) if database else results_of_files(found)
    lines = [f"Every entity is taken to be a {unit.replace('_', ' ')} (--unit); people are never units here."]
    if brought is not None:
        lines += _told_dataset(brought)
    if experiment is not None:
        lines += _splits(experiment, matrices, texts)
        lines += _study(experiment, brought, name=name, to=to, unit=unit, texts=texts)
    if results is not None:
        reconciled = reconcile(results)
        texts["reconciliation.csv"] = reconciliation_csv(reconciled)
        lines += ["", *shown(reconciled, origin=results.origin, longest=LONGEST_TABLE)]
    return _written(to, brought, texts, lines, force=force)


def _experiment(found: FoundFiles) -> _Experiment | None:
    if found.experiment is None:
        return None
    where = found.shown(found.experiment)
    marked = read_tagged(found.experiment, where=where, most_bytes=MOST_EXPERIMENT_BYTES)
    require_places(marked)
    config = read_temporal_config(marked)
    return _Experiment(marked, config, time_splits(config, where=where))


def _matrices(found: FoundFiles, progress: Progress) -> Iterator[Matrix]:
    for number, files in enumerate(found.matrices):
        progress("read the matrices", number, len(found.matrices))
        yield read_matrix(found, files)


def _name_of(to: Path) -> str:
    """A name for dataset and study, from the folder's."""
    plain = re.sub(r"[^a-z0-9]+", "_", to.resolve().name.lower()).strip("_")[:50]
    return plain if re.match(r"^[a-z][a-z0-9_]", plain) else f"triage_{plain}".rstrip("_")


def _brought(matrices: Sequence[Matrix], experiment: _Experiment | None, name: str, unit: UnitKind) -> Brought | None:
    if not matrices:
        return None
    label = experiment.marked.content.get("label_config") if experiment else None
    filled_in = isinstance(label, Mapping) and label.get("include_missing_labels_in_train_as") is not None
    return dataset_of_matrices(matrices, name=name, kind=unit, filled_in=filled_in)


def _told_dataset(brought: Brought) -> Iterator[str]:
    yield "Dataset: " + ", ".join(f"{table} {len(rows):,}" for table, rows in brought.tables.items()) + "."
    yield "Visits are as few as the labels allow; their days and inspectors are not known: do not make features of them."
    if brought.left_out:
        shown = ", ".join(brought.left_out[:10])
        yield f"Left out, because the name says that they describe a person: {shown} ({len(brought.left_out)} in all)."
    for number, what in (
        (
            brought.gaps,
            "pairs of entity and date are in no matrix though the entity is before and after; their features are missing",
        ),
        (brought.filled, "labels of training matrices were not taken over: triage filled in those that were missing"),
        (brought.differing, "cells differ between matrices; the first test matrix decides"),
    ):
        if number:
            yield f"{number:,} {what}."


# ---------------------------------------------------------------- splits


def _splits(experiment: _Experiment, matrices: Sequence[Matrix], texts: dict[str, str]) -> Iterator[str]:
    splits = experiment.splits
    texts["splits.csv"] = splits_csv(splits)
    first, last = splits[0], splits[-1]
    ends = [f"{split.split:%Y-%m-%d} with {len(split.train_as_of)} training dates" for split in (first, last)]
    yield f"Splits: {len(splits)}, recomputed; the first {ends[0]}, the last {ends[1]}."
    if matrices:
        unknown = [matrix.name for matrix in matrices if not _is_planned(matrix, splits)]
        agree = f"Dates of {len(matrices) - len(unknown)} of {len(matrices)} matrices agree with them."
        others = f" Not: {', '.join(unknown[:6])} (rows of some dates may be absent, or they are of other settings)."
        yield agree + (others if unknown else "")


def _is_planned(matrix: Matrix, splits: Sequence[TimeSplit]) -> bool:
    """Whether the dates of a matrix are those of some split."""
    dates = set(matrix.metadata.as_of or matrix.rows["as_of"].unique())
    if matrix.metadata.kind == "train":
        return any(dates == set(s.train_as_of) and matrix.metadata.span == s.training_span for s in splits)
    return any(dates == set(t.as_of) and matrix.metadata.span == s.test_span for s in splits for t in s.tests)


def splits_csv(splits: Sequence[TimeSplit]) -> str:
    """One row for each test matrix: the split, its training dates, its test dates, and what was varied."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["split", "first_training_date", "last_training_date", "training_dates", "first_test_date", "last_test_date", "test_dates",
         "test_labels_until", "training_label_timespan", "test_label_timespan", "test_duration", "max_training_history"]
    )  # fmt: skip
    for s in splits:
        for t in s.tests:
            trained = [f"{s.train_as_of[0]:%Y-%m-%d}", f"{s.train_as_of[-1]:%Y-%m-%d}", len(s.train_as_of)]
            tested = [f"{t.as_of[0]:%Y-%m-%d}", f"{t.as_of[-1]:%Y-%m-%d}", len(t.as_of), f"{t.until:%Y-%m-%d}"]
            varied = [s.training_span, s.test_span, s.test_duration, s.history]
            writer.writerow([f"{s.split:%Y-%m-%d}", *trained, *tested, *varied])
    return out.getvalue()


# ---------------------------------------------------------------- the study


def _study(
    experiment: _Experiment, brought: Brought | None, *, name: str, to: Path, unit: UnitKind, texts: dict[str, str]
) -> Iterator[str]:
    splits = first_combination(experiment.splits)
    held = None if brought is None else [*brought.tables["given"]["as_of"].unique()]
    dates = study_dates(experiment.config, splits, held)
    if dates is None:
        yield "No study: no test date has an earlier as-of date whose labels end before it, on one calendar."
        return

    def made(dates: StudyDates) -> Translation:
        return translated(
            experiment.marked, experiment.config, dates, name=name, path=to.as_posix(), unit=unit,
            columns=brought.columns if brought else None, constant=_constant(brought, dates),
        )  # fmt: skip

    tried = None
    if brought is not None:
        dates, tried = _tried(made(dates), dates, dataset_of(brought.tables, brought.description, location=name))
    translation = made(dates)
    source = experiment.marked.where
    texts[f"{name}.yaml"] = study_text(translation, source=source)
    yield f"Study: {name}.yaml, {len(dates.dates)} as-of dates by {dates.step}, first fit {dates.first_test:%Y-%m-%d}. {tried or 'Not tried: there are no matrices.'}"
    yield ""
    yield account(translation.notes)


def _constant(brought: Brought | None, dates: StudyDates) -> tuple[str, ...]:
    """Columns that are the same on all of the study's dates: a study refuses them."""
    if brought is None:
        return ()
    rows = brought.tables["given"]
    rows = rows[rows["as_of"].isin(dates.dates)]
    return tuple(name for name in brought.columns.values() if rows[name].nunique(dropna=False) <= 1)


def _tried(translation: Translation, dates: StudyDates, dataset: Dataset) -> tuple[StudyDates, str]:
    """The panel and folds of the study, made once; when the first fold cannot learn, the next one is taken."""
    spec = load_spec({**translation.study, **outside_a_study()})
    try:
        panel = assemble(
            dataset, cohort=spec.cohort, time=spec.time, outcome=spec.label, recipes=spec.features.recipes, audit=(),
            sole_traders=spec.purpose.sole_traders, threads=1,
        ).panel  # fmt: skip
    except InputError as error:
        return dates, f"It does not run yet: {error}"
    reason = ""
    for first in [date for date in dates.dates if date >= dates.first_test]:
        try:
            split = RollingSplit(kind="rolling", first_test=first.date(), every=dates.every)
            folds = rolling_folds(panel, split=split, time=spec.time)
        except InputError as error:
            reason = reason or str(error.problems[0])
            continue
        rows = f"{len(panel.rows):,} rows, {len(folds)} folds, {int(panel.rows['observed'].sum()):,} outcomes observed"
        return replace(dates, first_test=first), f"Tried: {rows}."
    return dates, f"It does not run yet: {reason}"


# ---------------------------------------------------------------- writing


def _written(
    to: Path, brought: Brought | None, texts: Mapping[str, str], lines: Sequence[str], *, force: bool
) -> Imported:
    if brought is None and not texts:
        raise wrong(str(to), "there is nothing to write.", "Give a folder with an experiment, matrices or results.")
    if brought is not None:
        write_dataset(brought.tables, brought.description, to, force=force)
    folder = to / BESIDE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise wrong(str(folder), f"the folder cannot be written ({error.strerror}).", "Choose another.") from None
    files = (*([to / "dataset.yaml"] if brought else []), *(folder / name for name in texts))
    return Imported(files, "\n".join([*lines, "", "Written:", *(f"  {file}" for file in files)]))
