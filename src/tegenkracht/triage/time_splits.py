"""When triage trains and tests: its `temporal_config` worked out to dates, as its `timechop` does.

The last test labels end where the labels end; from there splits step back by the update frequency, training dates step back from one label
span before the split, test dates step forward from the split. A month is a calendar month, and clipping at the end of a month adds up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import product
from typing import Any

import pandas as pd

from tegenkracht.core.errors import InputError, Problem, wrong
from tegenkracht.core.span import Span
from tegenkracht.data.record_file import MarkedYaml

_INTERVAL = re.compile(r"^(?P<count>\d{1,4}) *(?P<unit>[A-Za-z]+)$")
_UNITS = {
    **dict.fromkeys(("year", "years", "y"), ("months", 12)),
    **dict.fromkeys(("month", "months"), ("months", 1)),
    **dict.fromkeys(("week", "weeks", "w"), ("days", 7)),
    **dict.fromkeys(("day", "days", "d"), ("days", 1)),
}
MOST_DATES = 40_000
"""As-of dates of one matrix: a century of days."""
MOST_SPLITS = 10_000

LIMITS = ("feature_start_time", "feature_end_time", "label_start_time", "label_end_time")
_LISTS = {
    "training_as_of_date_frequencies": "100y",
    "test_as_of_date_frequencies": "100y",
    "max_training_histories": "0d",
    "test_durations": "0d",
    "training_label_timespans": None,
    "test_label_timespans": None,
}
"""Keys that may hold one interval or several, and what triage takes when they are left out."""
KEYS = (*LIMITS, "model_update_frequency", *_LISTS, "label_timespans")


@dataclass(frozen=True)
class TemporalConfig:
    """The section `temporal_config`, with dates and spans read; the lists keep the order of the file."""

    feature_start: pd.Timestamp
    feature_end: pd.Timestamp
    label_start: pd.Timestamp
    label_end: pd.Timestamp
    update_frequency: Span
    training_frequencies: tuple[Span, ...]
    test_frequencies: tuple[Span, ...]
    histories: tuple[Span, ...]
    test_durations: tuple[Span, ...]
    training_spans: tuple[Span, ...]
    test_spans: tuple[Span, ...]


@dataclass(frozen=True)
class Tested:
    """One test matrix: its as-of dates, the day until which its labels run (exclusive), and the step between the dates."""

    as_of: tuple[pd.Timestamp, ...]
    until: pd.Timestamp
    frequency: Span


@dataclass(frozen=True)
class TimeSplit:
    """One training matrix and the test matrices that follow it."""

    split: pd.Timestamp
    train_as_of: tuple[pd.Timestamp, ...]
    tests: tuple[Tested, ...]
    training_span: Span
    test_span: Span
    test_duration: Span
    training_frequency: Span
    history: Span


def read_interval(text: Any) -> Span:
    """An interval as triage writes it; ValueError says how to write it.

    Examples
    --------
    >>> str(read_interval("6month")), str(read_interval("2 y")), str(read_interval("1week"))
    ('6 months', '24 months', '7 days')
    """
    found = _INTERVAL.match(text.strip()) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"`{str(text)[:40]}` is not an interval; write a number and a unit, as in `6month`")
    unit = found["unit"] if found["unit"] in _UNITS else found["unit"].lower()
    if unit == "m":
        raise ValueError(f"`{text}` is {found['count']} minutes to triage; write `{found['count']}month`")
    if unit not in _UNITS:
        raise ValueError(f"`{text}` is not in days, weeks, months or years; dates are whole days here")
    kind, times = _UNITS[unit]
    return Span(int(found["count"]) * times, "months" if kind == "months" else "days")


def read_temporal_config(marked: MarkedYaml) -> TemporalConfig:
    """The section of an experiment file.

    Raises
    ------
    InputError
        With every key that is missing, unknown or cannot be read, each with its line.
    """
    section = marked.content.get("temporal_config")
    if not isinstance(section, Mapping):
        raise wrong(marked.where, "the section `temporal_config` is missing.", "Give the whole experiment file.")
    section = _with_both_spans(section)
    problems: list[Problem] = []
    dates = {key: _date(section, key, marked, problems) for key in LIMITS}
    spans = {key: _spans(section, key, default, marked, problems) for key, default in _LISTS.items()}
    update = _spans(section, "model_update_frequency", "100y", marked, problems)
    problems += _unknown(section, marked)
    if problems:
        raise InputError(problems)
    config = TemporalConfig(*dates.values(), update[0], *spans.values())  # type: ignore[arg-type,call-arg]  # the order of LIMITS and _LISTS; no date is None without a problem
    if problems := [*_out_of_order(config, marked)]:
        raise InputError(problems)
    return config


def time_splits(config: TemporalConfig, *, where: str) -> tuple[TimeSplit, ...]:
    """Every split, in triage's order: (training span x test span x duration) x (frequency x history) x time.

    Raises
    ------
    InputError
        When no split fits between the first and the last label, or there are more than can be meant.
    """
    splits: list[TimeSplit] = []
    for training, test, duration in product(config.training_spans, config.test_spans, config.test_durations):
        times = _split_times(config, training, test, duration, where)
        for frequency, history in product(config.training_frequencies, config.histories):
            splits += [
                TimeSplit(
                    split=time,
                    train_as_of=_train_dates(config, time, training, frequency, history, where),
                    tests=_test_dates(config, time, duration, test, where),
                    training_span=training,
                    test_span=test,
                    test_duration=duration,
                    training_frequency=frequency,
                    history=history,
                )
                for time in times
            ]
    return tuple(splits)


def _split_times(config: TemporalConfig, training: Span, test: Span, duration: Span, where: str) -> list[pd.Timestamp]:
    last_as_of = test.before(config.label_end)
    if last_as_of > config.feature_end:
        raise wrong(
            f"{where}, temporal_config",
            f"the last test labels begin on {last_as_of:%Y-%m-%d}, after the features end on {config.feature_end:%Y-%m-%d}.",
            "Move `feature_end_time` or `label_end_time`.",
        )
    earliest = training.after(max(config.feature_start, config.label_start))
    times = _stepping_back(duration.before(last_as_of), earliest, config.update_frequency, MOST_SPLITS, where)
    if not times:
        raise wrong(
            f"{where}, temporal_config",
            f"no split fits: the first could be {earliest:%Y-%m-%d}, the last {duration.before(last_as_of):%Y-%m-%d}.",
            "Take a longer period of labels, or shorter spans.",
        )
    return times


def _train_dates(
    config: TemporalConfig, split: pd.Timestamp, span: Span, frequency: Span, history: Span, where: str
) -> tuple[pd.Timestamp, ...]:
    last = span.before(split)
    earliest = max(history.before(last), config.label_start, config.feature_start)
    return tuple(_stepping_back(last, earliest, frequency, MOST_DATES, where))


def _test_dates(
    config: TemporalConfig, split: pd.Timestamp, duration: Span, span: Span, where: str
) -> tuple[Tested, ...]:
    tests = []
    for frequency in config.test_frequencies:
        dates, until = [split], duration.after(split)
        while (following := frequency.after(dates[-1])) < until:
            dates.append(following)
            _require_few(len(dates), MOST_DATES, where)
        tests.append(Tested(tuple(dates), span.after(dates[-1]), frequency))
    return tuple(tests)


def _stepping_back(last: pd.Timestamp, earliest: pd.Timestamp, step: Span, most: int, where: str) -> list[pd.Timestamp]:
    """Dates from `last` back to `earliest`, both included, the earliest first; each step starts from the one before."""
    dates: list[pd.Timestamp] = []
    while last >= earliest:
        dates.append(last)
        _require_few(len(dates), most, where)
        last = step.before(last)
    return dates[::-1]


def _require_few(number: int, most: int, where: str) -> None:
    if number > most:
        raise wrong(f"{where}, temporal_config", f"there are more than {most:,} dates.", "Take a longer frequency.")


def _with_both_spans(section: Mapping[str, Any]) -> dict[str, Any]:
    """`label_timespans` stands for both kinds of span."""
    both = section.get("label_timespans")
    spans = {} if both is None else {"training_label_timespans": both, "test_label_timespans": both}
    return {**spans, **{key: value for key, value in section.items() if key != "label_timespans"}}


def _date(section: Mapping[str, Any], key: str, marked: MarkedYaml, problems: list[Problem]) -> pd.Timestamp | None:
    value = section.get(key)
    text = value.isoformat()[:10] if isinstance(value, date | datetime) else value
    place = marked.place_of(("temporal_config", key))
    if text is None:
        what = "this date is missing; triage would take it from the events, which are not here."
        problems.append(Problem(place, what, "Write it as '2015-01-31'."))
        return None
    try:
        return pd.Timestamp(datetime.strptime(str(text), "%Y-%m-%d")).as_unit("us")
    except ValueError:
        problems.append(Problem(place, f"`{str(text)[:40]}` is not a date.", "Write it as '2015-01-31'."))
        return None


def _spans(
    section: Mapping[str, Any], key: str, default: str | None, marked: MarkedYaml, problems: list[Problem]
) -> tuple[Span, ...]:
    value = section.get(key, default)
    place = marked.place_of(("temporal_config", key))
    if value is None or value == []:
        problems.append(Problem(place, "this interval is missing.", "Write it as '6month'."))
        return ()
    spans = []
    for text in value if isinstance(value, list) else [value]:
        try:
            spans.append(read_interval(text))
        except ValueError as error:
            problems.append(Problem(place, f"{error}.", "Correct the value."))
    if key.endswith(("frequency", "frequencies")) and any(span.count == 0 for span in spans):
        problems.append(Problem(place, "a frequency of nothing never ends.", "Take at least `1day`."))
    return tuple(spans)


def _unknown(section: Mapping[str, Any], marked: MarkedYaml) -> Iterator[Problem]:
    for key in section:
        if key not in KEYS:
            place = marked.place_of(("temporal_config", str(key)))
            yield Problem(place, "this key is not one of triage v8.", f"It knows: {', '.join(KEYS)}.")


def _out_of_order(config: TemporalConfig, marked: MarkedYaml) -> Iterator[Problem]:
    for kind, start, end in (
        ("feature", config.feature_start, config.feature_end),
        ("label", config.label_start, config.label_end),
    ):
        if start > end:
            place = marked.place_of(("temporal_config", f"{kind}_end_time"))
            yield Problem(place, f"{end:%Y-%m-%d} lies before {kind}_start_time {start:%Y-%m-%d}.", "Exchange them.")
