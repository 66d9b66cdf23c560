"""A translated study, tried on the dataset that it came with: its panel and folds are made, nothing is fitted."""

from __future__ import annotations

from dataclasses import replace

from tegenkracht.assembly import assemble
from tegenkracht.config import load_spec
from tegenkracht.core.errors import InputError
from tegenkracht.core.purpose import OF_AREAS
from tegenkracht.data.sources import Dataset
from tegenkracht.splits.rolling import RollingSplit, rolling_folds
from tegenkracht.triage.dataset import Brought
from tegenkracht.triage.study_dates import StudyDates
from tegenkracht.triage.study_file import outside_a_study
from tegenkracht.triage.translation import Translation


def constant_columns(brought: Brought | None, dates: StudyDates) -> tuple[str, ...]:
    """Columns that are the same on all of the study's dates: a study refuses them."""
    if brought is None:
        return ()
    rows = brought.tables["given"]
    rows = rows[rows["as_of"].isin(dates.dates)]
    return tuple(name for name in brought.columns.values() if rows[name].nunique(dropna=False) <= 1)


def tried(translation: Translation, dates: StudyDates, dataset: Dataset) -> tuple[StudyDates, str]:
    """The panel and folds of the study, made once; when the first fold cannot learn, the next one is taken."""
    spec = load_spec({**translation.study, **outside_a_study()})
    try:
        panel = assemble(
            dataset, cohort=spec.cohort, time=spec.time, outcome=spec.label, recipes=spec.features.recipes, audit=(),
            sole_traders=spec.purpose.sole_traders, of_areas=spec.purpose.unit in OF_AREAS, threads=1,
        ).panel  # fmt: skip
    except InputError as error:
        return dates, f"It does not run yet: {error}"
    reason = ""
    first, last = dates.first_test, dates.dates[-1]
    while first <= last:
        try:
            split = RollingSplit(kind="rolling", first_test=first.date(), every=dates.every)
            folds = rolling_folds(panel, split=split, time=spec.time)
        except InputError as error:
            reason = reason or str(error.problems[0])
            first = dates.every.after(first)
            continue
        rows = f"{len(panel.rows):,} rows, {len(folds)} folds, {int(panel.rows['observed'].sum()):,} outcomes observed"
        return replace(dates, first_test=first), f"Tried: {rows}."
    return dates, f"It does not run yet: {reason}"
