"""The one calendar of a study, out of the many dates of triage's matrices."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd

from tegenkracht.core.span import Span
from tegenkracht.triage.time_splits import TemporalConfig, TimeSplit

MOST_ANCHORS = 2_000


@dataclass(frozen=True)
class StudyDates:
    """As-of dates from `first` to `last` by `step`; a model is fitted on `first_test` and then each `every`.

    `test_dates` is how many of triage's own test dates are among them, and `all_test_dates` how many there were.
    """

    dates: tuple[pd.Timestamp, ...]
    step: Span
    first_test: pd.Timestamp
    every: Span
    test_dates: int
    all_test_dates: int


def first_combination(splits: Sequence[TimeSplit]) -> tuple[TimeSplit, ...]:
    """The splits of the first value of every list in the settings."""
    first = splits[0]
    same = ("training_span", "test_span", "test_duration", "training_frequency", "history")
    return tuple(s for s in splits if all(getattr(s, name) == getattr(first, name) for name in same))


def training_history(config: TemporalConfig) -> Span | None:
    """Ours counts back from the fit, triage's from the last training date, one label span earlier; None when the sum has two units.

    Examples
    --------
    5 years before a date that lies 6 months before the fit is 66 months before the fit.
    """
    history, span = config.histories[0], config.training_spans[0]
    if 0 in (history.count, span.count):
        return history if span.count == 0 else span
    return Span(history.count + span.count, span.unit) if history.unit == span.unit else None


def study_dates(
    config: TemporalConfig, splits: Sequence[TimeSplit], held: Collection[pd.Timestamp] | None
) -> StudyDates | None:
    """The evenly spaced dates that hold most of triage's test dates; None when no model could learn from a date before one of them.

    Parameters
    ----------
    splits
        Of one combination of the settings.
    held
        Dates of which there are matrices; None when there are no matrices, then all dates of the splits.
    """
    tested = {date for split in splits for test in split.tests for date in test.as_of}
    every_date = tested | {date for split in splits for date in split.train_as_of}
    known = every_date if held is None else set(held)
    steps = dict.fromkeys((config.update_frequency, config.training_frequencies[0], config.test_frequencies[0]))
    chains = {step: _best_chain(known, tested, step) for step in steps}
    step = max(chains, key=lambda candidate: _worth(chains[candidate], tested))
    dates, starts = chains[step], {split.split for split in splits}
    learnt = [date for date in dates if date in starts and config.test_spans[0].after(dates[0]) <= date]
    if not learnt:
        return None
    return StudyDates(tuple(dates), step, learnt[0], config.update_frequency, len(tested & {*dates}), len(tested))


def _best_chain(known: set[pd.Timestamp], tested: set[pd.Timestamp], step: Span) -> list[pd.Timestamp]:
    """The chain of known dates by this step that is worth most."""
    best: list[pd.Timestamp] = []
    seen: set[pd.Timestamp] = set()
    for anchor in sorted(known)[:MOST_ANCHORS]:
        if anchor in seen:
            continue
        chain, number = [anchor], 1
        while (date := Span(step.count * number, step.unit).after(anchor)) in known:
            chain.append(date)
            number += 1
        seen |= {*chain}
        best = max(best, chain, key=lambda candidate: _worth(candidate, tested))
    return best


def _worth(chain: Sequence[pd.Timestamp], tested: set[pd.Timestamp]) -> tuple[int, int, int]:
    """Most test dates first, then fewest dates that would be tested here and were not there, then most dates to learn from."""
    held = tested & {*chain}
    first = min(held, default=None)
    others = sum(date >= first and date not in tested for date in chain) if first is not None else 0
    return len(held), -others, len(chain)
