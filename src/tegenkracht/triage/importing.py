"""`tegenkracht data import triage`: everything is read and worked out first, then written."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tegenkracht.core.errors import InputError, wrong
from tegenkracht.core.progress import Progress
from tegenkracht.core.purpose import UnitKind
from tegenkracht.data.aside import aside_of
from tegenkracht.data.folder import require_room
from tegenkracht.data.record_file import MarkedYaml
from tegenkracht.data.sources import dataset_of, write_dataset
from tegenkracht.triage.dataset import Brought, dataset_of_matrices
from tegenkracht.triage.found_files import FoundFiles, find_files
from tegenkracht.triage.matrix import Matrix, read_matrix
from tegenkracht.triage.note import one_line
from tegenkracht.triage.people import prefixes_about_people, require_places
from tegenkracht.triage.reconciliation import reconcile
from tegenkracht.triage.reconciliation_text import reconciliation_csv, shown
from tegenkracht.triage.results import results_of_files, results_of_server
from tegenkracht.triage.scores import scores_of, with_scores
from tegenkracht.triage.split_table import is_planned, splits_csv
from tegenkracht.triage.study_dates import StudyDates, first_combination, study_dates
from tegenkracht.triage.study_file import account, study_text
from tegenkracht.triage.tagged_yaml import read_tagged
from tegenkracht.triage.time_splits import TemporalConfig, TimeSplit, read_temporal_config, time_splits
from tegenkracht.triage.translation import Translation, translated
from tegenkracht.triage.trial import constant_columns
from tegenkracht.triage.trial import tried as tried_on

MOST_EXPERIMENT_BYTES = 2 * 2**20
LONGEST_TABLE = 40
"""Lines of the reconciliation that are printed; the file has all."""
VERSION = "v8"
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
    _require_room(to, force=force)
    found = find_files(source)
    experiment = _experiment(found)
    matrices = [*_matrices(found, progress)]
    name = _name_of(to)
    brought = _brought(matrices, experiment, name, unit)
    texts: dict[str, str] = {}
    results = results_of_server(database) if database else results_of_files(found)
    lines = [f"Every entity is taken to be a {unit.replace('_', ' ')} (--unit); people are never units here."]
    scores = scores_of(results) if results is not None else None
    if brought is not None and scores is not None:
        brought = with_scores(brought, scores)
    if brought is not None:
        lines += _told_dataset(brought)
    if experiment is not None:
        lines += _splits(experiment, matrices, texts)
        lines += _study(experiment, brought, name=name, to=to, unit=unit, texts=texts)
    if results is not None and len(results.evaluations):
        reconciled = reconcile(results)
        texts["reconciliation.csv"] = reconciliation_csv(reconciled)
        lines += ["", *shown(reconciled, origin=results.origin, longest=LONGEST_TABLE)]
    return _written(to, brought, texts, lines, force=force)


def _experiment(found: FoundFiles) -> _Experiment | None:
    if found.experiment is None:
        return None
    where = found.shown(found.experiment)
    marked = read_tagged(found.experiment, where=where, most_bytes=MOST_EXPERIMENT_BYTES)
    _require_version(marked)
    require_places(marked)
    config = read_temporal_config(marked)
    return _Experiment(marked, config, time_splits(config, where=where))


def _require_version(marked: MarkedYaml) -> None:
    found = one_line(marked.content.get("config_version"), longest=20)
    if found != VERSION:
        what = f"this is `{found}`; the layout that is read is {VERSION}."
        raise wrong(
            marked.place_of(("config_version",)), what, "Bring the file to v8 first, as triage's own guide tells."
        )


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
    people = prefixes_about_people(experiment.marked.content) if experiment else ()
    return dataset_of_matrices(matrices, name=name, kind=unit, filled_in=filled_in, people=people)


def _told_dataset(brought: Brought) -> Iterator[str]:
    yield "Dataset: " + ", ".join(f"{table} {len(rows):,}" for table, rows in brought.tables.items()) + "."
    yield "Visits are as few as the labels allow; their days and inspectors are not known: do not make features of them."
    if brought.scores:
        yield f"Scores of {len(brought.scores)} model groups of triage came along: the study measures them like any other model."
    if brought.left_out:
        shown = ", ".join(brought.left_out[:10])
        yield f"Left out, because their names or their table say that they describe people: {shown} ({len(brought.left_out)} in all)."
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
        unknown = [matrix.name for matrix in matrices if not is_planned(matrix, splits)]
        agree = f"Dates of {len(matrices) - len(unknown)} of {len(matrices)} matrices agree with them."
        others = f" Not: {', '.join(unknown[:6])} (rows of some dates may be absent, or they are of other settings)."
        yield agree + (others if unknown else "")


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
    if brought is not None and len(constant_columns(brought, dates)) == len(brought.columns):
        yield "No study: no feature is left that differs between rows."
        return

    def made(dates: StudyDates) -> Translation:
        return translated(
            experiment.marked, experiment.config, dates, name=name, path=to.as_posix(), unit=unit,
            columns=brought.columns if brought else None, constant=constant_columns(brought, dates),
            scores=brought.scores if brought else {},
        )  # fmt: skip

    tried = "Not tried: there are no matrices."
    try:
        if brought is not None:
            dates, tried = tried_on(made(dates), dates, dataset_of(brought.tables, brought.description, location=name))
        translation = made(dates)
        texts[f"{name}.yaml"] = study_text(translation, source=experiment.marked.where)
    except InputError as error:
        yield f"No study: {error}"
        return
    yield f"Study: {name}.yaml, {len(dates.dates)} as-of dates by {dates.step}, first fit {dates.first_test:%Y-%m-%d}. {tried}"
    yield ""
    yield account(translation.notes)


# ---------------------------------------------------------------- writing


def _require_room(to: Path, *, force: bool) -> None:
    """Room for an import: also where an earlier one without matrices stands, when it may be replaced."""
    alone = to.is_dir() and [entry.name for entry in to.iterdir()] == [BESIDE]
    if not (force and alone):
        require_room(to, force=force)


def _written(
    to: Path, brought: Brought | None, texts: Mapping[str, str], lines: Sequence[str], *, force: bool
) -> Imported:
    """Texts are written aside and put in place after the tables, so that a full disk leaves no half of them."""
    try:
        with aside_of(to) as aside:
            beside = aside / BESIDE
            beside.mkdir()
            for name, text in texts.items():
                (beside / name).write_text(text, encoding="utf-8")
            if brought is not None:
                write_dataset(brought.tables, brought.description, to, force=force)
            to.mkdir(exist_ok=True)
            shutil.rmtree(to / BESIDE, ignore_errors=True)
            if texts:
                beside.rename(to / BESIDE)
    except OSError as error:
        raise wrong(str(to), f"the folder cannot be written ({error.strerror}).", "Choose another.") from None
    files = (*([to / "dataset.yaml"] if brought else []), *(to / BESIDE / name for name in texts))
    return Imported(files, "\n".join([*lines, "", "Written:", *(f"  {file}" for file in files)]))
