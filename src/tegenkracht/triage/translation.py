"""An experiment of triage (v8) as a study of ours, with an account of every key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tegenkracht.core.purpose import UnitKind
from tegenkracht.data.record_file import MarkedYaml
from tegenkracht.triage.account import notes_of_settings, notes_of_the_rest
from tegenkracht.triage.note import Note, one_line
from tegenkracht.triage.scores import models_of_scores
from tegenkracht.triage.study_dates import StudyDates, training_history
from tegenkracht.triage.time_splits import TemporalConfig
from tegenkracht.triage.translated_features import feature_notes, recipes_of
from tegenkracht.triage.translated_models import translated_models


@dataclass(frozen=True)
class Translation:
    """A study as plain data, in the order in which it is written, and the account."""

    study: dict[str, Any]
    notes: tuple[Note, ...]


def translated(
    marked: MarkedYaml,
    config: TemporalConfig,
    dates: StudyDates,
    *,
    name: str,
    path: str,
    unit: UnitKind,
    columns: Mapping[str, str] | None,
    constant: Sequence[str],
    scores: Mapping[str, str],
) -> Translation:
    """The study.

    Parameters
    ----------
    path
        Where the dataset stands, as the study will say it.
    columns
        Our name of each feature that is in the matrices; None when there are none.
    constant
        Those of our columns that never differ.
    scores
        Columns that are scores of triage's own models, and the class of each.
    """
    content = marked.content
    recipes, notes_of_features = recipes_of(content, columns, constant)
    varying = None if columns is None else {theirs: ours for theirs, ours in columns.items() if ours not in constant}
    models, notes_of_models = translated_models(content.get("grid_config"), varying)
    if scores:
        recipes = [*recipes, {"from": "given", "columns": list(scores)}]
        models, notes_of_models = _with_scores(models, notes_of_models, scores)
    capacity, note_of_capacity = _capacity(content.get("scoring"))
    main = next(n for n, plan in models.items() if plan["estimator"]["_target_"].endswith((".logistic", ".lightgbm")))
    study = {
        "name": name,
        "purpose": _purpose(content, name, unit),
        "data": {"path": path},
        "cohort": {"kind": "calendar", "sectors": ["triage"], "information_lag": "1 day"},
        "time": _time(config, dates),
        "label": {"kind": "finding"},
        "features": {"recipes": recipes},
        "split": {"kind": "rolling", "first_test": f"{dates.first_test:%Y-%m-%d}", "every": str(dates.every)},
        "models": models,
        "review": {
            "capacity": capacity,
            "list": "per_as_of",
            "reviewer": _both("nog in te vullen", "still to be filled in"),
        },
        "audit": {"attributes": [], "min_group": 10},
        "evaluate": {"main": main, "reference": "by_lot", "replicates": 1000, "level": 0.95, "cluster_by": "unit_id"},
        "explain": {"reasons": 5},
        "card": {"version": "1"},
        "seed": _seed(content),
    }
    notes = [*notes_of_settings(content, config, dates), *notes_of_features, *feature_notes(content), *notes_of_models]
    notes += [note_of_capacity, *notes_of_the_rest(content)]
    return Translation(study, tuple(notes))


def _with_scores(
    models: dict[str, Any], notes: list[Note], scores: Mapping[str, str]
) -> tuple[dict[str, Any], list[Note]]:
    """The models with those that pass scores of triage on; no other model sees a score."""
    passed, notes_of_scores = models_of_scores(scores)
    blind = {name: {**plan, "without": list(scores)} for name, plan in models.items()}
    return {**blind, **passed}, [*notes, *notes_of_scores]


def _both(nl: str, en: str) -> dict[str, str]:
    return {"nl": nl, "en": en}


def _purpose(content: Mapping[str, Any], name: str, unit: UnitKind) -> dict[str, Any]:
    """What triage does not ask is said to be open; a card shows it so."""
    label = one_line((content.get("label_config") or {}).get("name") or "outcome", longest=60)
    comment = one_line(content.get("model_comment") or name, longest=80)
    unfilled = _both("Nog in te vullen: triage vraagt dit niet.", "Still to be filled in: triage does not ask this.")
    return {
        "title": _both(f"Overgenomen uit triage: {comment}", f"Brought from triage: {comment}"),
        "question": unfilled,
        "unit": unit,
        "unit_name": _both("entiteiten", "entities"),
        "outcome": _both(f"Het label `{label}` van triage.", f"The label `{label}` of triage."),
        "intended_use": [_both("Een eerder experiment opnieuw meten.", "To measure an earlier experiment again.")],
        "out_of_scope": [_both("beslissen over wie dan ook", "to decide about anybody")],
        "reading_guide": unfilled,
        "deployer": unfilled,
        "deployer_function": unfilled,
        "sole_traders": "business_facts_only",
    }


def _time(config: TemporalConfig, dates: StudyDates) -> dict[str, Any]:
    history = training_history(config)
    return {
        "first": f"{dates.dates[0]:%Y-%m-%d}",
        "last": f"{dates.dates[-1]:%Y-%m-%d}",
        "step": str(dates.step),
        "horizon": str(config.test_spans[0]),
        "label_delay": "0 days",
        "training_history": str(history) if history else None,
    }


def _seed(content: Mapping[str, Any]) -> int:
    seed = content.get("random_seed")
    return seed % 2**31 if isinstance(seed, int) and not isinstance(seed, bool) else 0


def _capacity(scoring: Any) -> tuple[int, Note]:
    """The shortest list of at least ten that triage scored."""
    groups = scoring.get("testing_metric_groups") if isinstance(scoring, Mapping) else None
    thresholds = [g.get("thresholds") for g in groups or [] if isinstance(g, Mapping)]
    sizes = [
        n for t in thresholds if isinstance(t, Mapping) for n in t.get("top_n") or [] if isinstance(n, int) and n > 0
    ]
    if not sizes:
        why = "There is no `top_n`; 100 stands here. Write how many places people can look at."
        return 100, Note("scoring.testing_metric_groups", "changed", "review.capacity", why)
    capacity = min((n for n in sizes if n >= 10), default=max(sizes))
    why = "One capacity, the shortest `top_n` of at least 10; curves show the other lengths. Precision, recall, AUC and average precision are always measured."
    return capacity, Note("scoring.testing_metric_groups", "changed", "review.capacity", why)
