"""What became of the settings of an experiment: the sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tegenkracht.triage.note import Note, one_line
from tegenkracht.triage.study_dates import StudyDates, training_history
from tegenkracht.triage.time_splits import TemporalConfig


def notes_of_settings(content: Mapping[str, Any], config: TemporalConfig, dates: StudyDates) -> Iterator[Note]:
    """Top, time, cohort and label."""
    yield from _top(content)
    yield from _time_notes(config, dates)
    yield from _cohort_and_label(content)


def _top(content: Mapping[str, Any]) -> Iterator[Note]:
    yield Note("config_version", "taken over", "", "The layout was read as v8.")
    if "model_comment" in content:
        yield Note("model_comment", "taken over", "purpose.title", "It is the title.")
    if "random_seed" in content:
        yield Note("random_seed", "taken over", "seed", "The same number; random draws differ.")
    else:
        yield Note("random_seed", "no counterpart", "seed", "triage invents one when it is left out; 0 stands here.")


def _time_notes(config: TemporalConfig, dates: StudyDates) -> Iterator[Note]:
    key = "temporal_config."
    for limit in ("feature_start_time", "feature_end_time", "label_start_time", "label_end_time"):
        yield Note(key + limit, "taken over", "time.first", "It set the dates, which are written out.")
    yield Note(key + "model_update_frequency", "taken over", "split.every", "A model is fitted as often.")
    missed = dates.all_test_dates - dates.test_dates
    why = f"One step for training and testing; {dates.test_dates} of {dates.all_test_dates} test dates are on it."
    fate = (
        "changed"
        if missed or {*config.training_frequencies, *config.test_frequencies} != {dates.step}
        else "taken over"
    )
    for frequency in ("training_as_of_date_frequencies", "test_as_of_date_frequencies"):
        yield Note(key + frequency, fate, "time.step", why)  # type: ignore[arg-type]  # one of two fates
    several = {
        "max_training_histories": config.histories,
        "test_durations": config.test_durations,
        "training_label_timespans": config.training_spans,
        "test_label_timespans": config.test_spans,
    }
    for name, spans in several.items():
        others = ", ".join(str(span) for span in spans[1:])
        left = f" Others in the list ({others}) need a study each." if others else ""
        yield _time_note(key + name, name, config, left)


def _time_note(key: str, name: str, config: TemporalConfig, left: str) -> Note:
    if name == "max_training_histories":
        found = training_history(config)
        if found is None:
            return Note(
                key,
                "no counterpart",
                "time.training_history",
                f"Months and days do not add up to one span: all history is used.{left}",
            )
        return Note(
            key, "taken over", "time.training_history", f"Counted from the fit: history and label span together.{left}"
        )
    if name == "test_durations":
        why = f"A fold runs until the next fit; triage tests {config.test_durations[0]} from each split.{left}"
        return Note(key, "changed", "split.every", why)
    if name == "training_label_timespans" and config.training_spans[0] != config.test_spans[0]:
        why = f"One horizon for learning and testing: that of the test. Learning with {config.training_spans[0]} has no counterpart.{left}"
        return Note(key, "no counterpart", "time.horizon", why)
    fate, why = ("changed", left.strip()) if left else ("taken over", "The same span.")
    return Note(key, fate, "time.horizon", why)  # type: ignore[arg-type]  # one of two fates


def _cohort_and_label(content: Mapping[str, Any]) -> Iterator[Note]:
    if "cohort_config" in content:
        why = "Queries are not run here: an entity is in the cohort from its first date in a matrix to the first later one without it."
        yield Note("cohort_config.query", "changed", "cohort", why)
        yield Note("cohort_config.name", "taken over", "", "One cohort in all matrices, or the import stops.")
    if "label_config" in content:
        why = "Queries are not run here: an outcome comes from the labels in the matrices, and an empty label stays not observed."
        yield Note("label_config.query", "changed", "label", why)
        yield Note(
            "label_config.name", "taken over", "purpose.outcome", "One label in all matrices, or the import stops."
        )
    if _at(content, "label_config", "include_missing_labels_in_train_as") is not None:
        why = "Never inspected is not negative: labels of training matrices are not taken over, those of test matrices are."
        yield Note("label_config.include_missing_labels_in_train_as", "no counterpart", "label", why)


_WITHOUT = {
    "user_metadata": "A study is told apart by all that decides its result, not by words beside it.",
    "model_group_keys": "A model is the same over time when its name in the study is; there is nothing to choose.",
    "feature_group_definition": "Models choose columns by `columns` and `without`.",
    "feature_group_strategies": "Copy a model and take columns away with `without`.",
    "bias_audit_config": "Its table is not in the matrices: add `groups` to the dataset, then `audit.attributes`.",
    "prediction": "Equal scores compete by lot here, so a tiebreaker changes nothing.",
    "individual_importance": "Every score is explained by contributions that add up; `explain.reasons` says how many are shown.",
    "model_grid_preset": "What a preset holds differs between versions of triage; write its models under `models`.",
}
_KNOWN = {
    *_WITHOUT,
    "config_version",
    "model_comment",
    "random_seed",
    "temporal_config",
    "cohort_config",
    "label_config",
    "feature_aggregations",
    "scoring",
    "grid_config",
}


def notes_of_the_rest(content: Mapping[str, Any]) -> Iterator[Note]:
    """Keys without a counterpart, and keys that v8 does not know."""
    scoring = content.get("scoring")
    for key, why in (
        ("training_metric_groups", "Nothing is measured on rows that a model learnt from."),
        ("subsets", "Its query is not run; put the subset into `groups` and audit it."),
    ):
        if isinstance(scoring, Mapping) and key in scoring:
            yield Note(f"scoring.{key}", "no counterpart", "", why)
    for key in content:
        if key in _WITHOUT:
            yield Note(key, "no counterpart", "", _WITHOUT[key])
        elif key not in _KNOWN:
            yield Note(one_line(key, longest=60), "no counterpart", "", "This is not a key of v8.")


def _at(content: Mapping[str, Any], section: str, key: str) -> Any:
    inner = content.get(section)
    return inner.get(key) if isinstance(inner, Mapping) else None
