"""One study, from panel to numbers: fit, score, measure, audit, explain, check. No configuration, no MLflow, no files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from tegenkracht.assembly import each_once
from tegenkracht.core.cache import Cache
from tegenkracht.core.criterion import Frozen
from tegenkracht.core.errors import InputError, Problem
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import PROCESS, Panel
from tegenkracht.core.progress import Progress
from tegenkracht.core.scores import Scores
from tegenkracht.core.stopwatch import Stopwatch
from tegenkracht.evaluation.checks import Asked, check
from tegenkracht.evaluation.measure import measure
from tegenkracht.evaluation.profile import Profiles, check_profiles, profile_estimates, profiles_of, sides_of
from tegenkracht.evaluation.replay import Replay
from tegenkracht.evaluation.sample import ClusterBy, Lists
from tegenkracht.evaluation.selection import scheduled_visits
from tegenkracht.evaluation.shift import check_shift, shift_estimates
from tegenkracht.evaluation.time_to_finding import concordance_estimates
from tegenkracht.evaluation.weighted import check_weighted, weighted_estimates
from tegenkracht.explanation.attributions import Attributions, attribute
from tegenkracht.explanation.refits import Refits, check_flags, flag_estimates, refit
from tegenkracht.explanation.stability import check_first_family, stability
from tegenkracht.explanation.summary import summarise
from tegenkracht.models.fitting import FittedModel, columns_of, fit_and_score, scores_table
from tegenkracht.models.plan import ModelPlan
from tegenkracht.splits.applicability import applicability

_COMPARED = 1_000  # training rows that tested places are compared with for the area of applicability


@dataclass(frozen=True)
class Questions:
    """What is asked of the scores.

    Parameters
    ----------
    main, reference
        The model that the card is about, and the one that it is compared with first.
    capacity, lists
        How many places people can look at, per as-of date or per test window.
    min_group
        Groups smaller than this are withheld.
    replicates, level, cluster_by
        Of the bootstrap.
    replay
        How scheduled visits are re-ordered; None for a calendar.
    dimensions
        Sides of a resilience profile with the indicators that are read on each; empty when units are places or businesses.
    refits
        How often the card's model is learnt again; 0 is never.
    """

    main: str
    reference: str
    capacity: int
    lists: Lists
    min_group: int
    replicates: int
    level: float
    cluster_by: ClusterBy
    replay: Replay | None
    dimensions: Mapping[str, Sequence[str]]
    refits: int


@dataclass(frozen=True)
class Result:
    """All that one study gave.

    `attributions` holds, per explained model, a contribution per column for every test row.
    """

    panel: Panel
    folds: tuple[Fold, ...]
    fitted: tuple[FittedModel, ...]
    scores: Scores
    estimates: tuple[Estimate, ...]
    findings: tuple[Finding, ...]
    attributions: Mapping[str, Attributions]
    profiles: Profiles | None
    refits: Refits | None
    frozen: Frozen


def run_experiment(
    *,
    panel: Panel,
    folds: Sequence[Fold],
    visits: pd.DataFrame | None,
    plans: Mapping[str, ModelPlan],
    questions: Questions,
    seed: int,
    threads: int,
    cache: Cache,
    opening: Callable[[], Frozen],
    watch: Stopwatch,
    progress: Progress,
) -> Result:
    """Fit every model on every fold, and answer the questions about its out-of-sample scores.

    Parameters
    ----------
    visits
        Every visit of every test row, as `assembly.visits_of_rows` gives them; None for scheduled visits, whose rows are the visits.
    cache
        Fits that need not be made again.
    opening
        Called when the scores are made and no outcome of the test period was looked at yet: writes down that it is opened now.
    watch
        Collects seconds per stage.

    Raises
    ------
    InputError
        When the capacity is larger than a list, or a model names a column that is not there.
    """
    if problems := [*_capacity(panel, folds, questions)]:
        raise InputError(problems)
    with watch.stage("fit and score"):
        fitted = fit_and_score(panel, folds, plans, seed=seed, threads=threads, cache=cache, progress=progress)
        scores = scores_table(panel, fitted)
    frozen = opening()
    with watch.stage("measure"):
        measured = _measure(scores, visits, plans, questions, seed=seed, threads=threads, progress=progress)
        weighed = weighted_estimates(
            scores,
            visits,
            capacity=questions.capacity,
            lists=questions.lists,
            cluster_by=questions.cluster_by,
            replicates=questions.replicates,
            level=questions.level,
            seed=seed,
            threads=threads,
        )
        measured += concordance_estimates(
            panel,
            scores,
            cluster_by=questions.cluster_by,
            replicates=questions.replicates,
            level=questions.level,
            seed=seed,
            threads=threads,
        )
    with watch.stage("explain"):
        attributions, summaries = _explain(panel, fitted, questions, seed=seed, threads=threads, progress=progress)
    told = [finding for part in attributions.values() for finding in _told(part, panel)]
    with watch.stage("refit"):
        refits, survived = _refits(panel, fitted, questions, seed=seed, threads=threads, progress=progress)
    with watch.stage("profile"):
        profiles, described = _profiles(panel, folds, questions, seed=seed, threads=threads)
    with watch.stage("shift"):
        shifted = shift_estimates(panel, folds, level=questions.level, seed=seed)
        outside = applicability(panel, folds, weights=None, at_most=_COMPARED, seed=seed).estimates
    findings = (
        *check_shift(shifted),
        *check_weighted(weighed, main=questions.main),
        *check(measured, _asked(panel, plans, questions)),
        *_checked(profiles, described),
        *told,
        check_flags(survived),
    )
    estimates = (*measured, *weighed, *shifted, *outside, *described, *summaries, *survived)
    return Result(panel, tuple(folds), fitted, scores, estimates, findings, attributions, profiles, refits, frozen)


def _profiles(
    panel: Panel, folds: Sequence[Fold], questions: Questions, *, seed: int, threads: int
) -> tuple[Profiles | None, tuple[Estimate, ...]]:
    """The resilience profile of areas and public bodies, and what its sides are worth."""
    sides = sides_of(panel, questions.dimensions)
    if not sides:
        return None, ()
    profiles = profiles_of(panel, folds, sides, cluster_by=questions.cluster_by)
    estimates = profile_estimates(
        profiles,
        audit=panel.audit,
        minimum=questions.min_group,
        replicates=questions.replicates,
        level=questions.level,
        seed=seed,
        threads=threads,
    )
    return profiles, estimates


def _refits(
    panel: Panel, fitted: Sequence[FittedModel], questions: Questions, *, seed: int, threads: int, progress: Progress
) -> tuple[Refits | None, tuple[Estimate, ...]]:
    """The card's model learnt again, and what of its lists, ranks and signs survives; nothing when it is not asked or not explained."""
    fits = [model for model in fitted if model.name == questions.main]
    if questions.refits == 0 or not fits[0].plan.explain:
        return None, ()
    refits = refit(
        panel,
        fits,
        capacity=questions.capacity,
        one_list=questions.lists == "whole_window",
        times=questions.refits,
        seed=seed,
        threads=threads,
        progress=progress,
    )
    flags = flag_estimates(refits, replicates=questions.replicates, level=questions.level, seed=seed)
    return refits, (*flags, *stability(refits.attributions, features=panel.features, level=questions.level))


def _checked(profiles: Profiles | None, described: Sequence[Estimate]) -> Iterator[Finding]:
    if profiles is not None:
        yield from check_profiles(described)


def _told(attributions: Attributions, panel: Panel) -> Iterator[Finding]:
    """How far a model's explanation can be leaned on: agreement, additivity, and the same first family in every fold."""
    yield from attributions.findings
    yield check_first_family(attributions, features=panel.features)


def _asked(panel: Panel, plans: Mapping[str, ModelPlan], questions: Questions) -> Asked:
    """What the checks want to know; a process-only model is one whose columns all tell of the inspection process."""
    process_only = [name for name, plan in plans.items() if set(columns_of(plan, panel)) <= set(PROCESS)]
    return Asked(
        main_model=questions.main,
        reference_model=questions.reference,
        process_models=process_only,
        audit=panel.audit,
        capacity=questions.capacity,
        cluster_by=questions.cluster_by,
        min_group=questions.min_group,
        level=questions.level,
    )


def _capacity(panel: Panel, folds: Sequence[Fold], questions: Questions) -> Iterator[Problem]:
    """A list cannot be longer than the places that there are."""
    for fold in folds:
        dates = panel.rows.iloc[fold.test]["as_of"]
        smallest = len(dates) if questions.lists == "whole_window" else int(dates.value_counts().min())
        if questions.capacity > smallest:
            yield Problem(
                "review.capacity",
                f"{questions.capacity:,} places are more than the {smallest:,} that can be on a list in fold {fold.name}.",
                f"Take at most {smallest:,}.",
            )


def _measure(
    scores: Scores,
    visits: pd.DataFrame | None,
    plans: Mapping[str, ModelPlan],
    questions: Questions,
    *,
    seed: int,
    threads: int,
    progress: Progress,
) -> tuple[Estimate, ...]:
    return measure(
        scores,
        main_model=questions.main,
        reference_model=questions.reference,
        capacity=questions.capacity,
        lists=questions.lists,
        probability_models=[name for name, plan in plans.items() if plan.probability],
        cluster_by=questions.cluster_by,
        replicates=questions.replicates,
        level=questions.level,
        seed=seed,
        min_group=questions.min_group,
        replay=questions.replay,
        visits=scheduled_visits(scores) if visits is None else each_once(visits),
        threads=threads,
        progress=progress,
    )


def _explain(
    panel: Panel, fitted: Sequence[FittedModel], questions: Questions, *, seed: int, threads: int, progress: Progress
) -> tuple[dict[str, Attributions], list[Estimate]]:
    """Contributions of every explained model for every test row, and how much each column moves the scores."""
    attributions: dict[str, Attributions] = {}
    summaries: list[Estimate] = []
    names = list(dict.fromkeys(model.name for model in fitted if model.plan.explain))
    unit_of = panel.rows.set_index("row_id")["unit_id"]
    for done, name in enumerate(names):
        progress(f"explain {name}", done, len(names))
        fits = [model for model in fitted if model.name == name]
        attributions[name] = attribute(
            fits, [model.test_table(panel) for model in fits], threads=threads, progress=progress
        )
        units = unit_of.loc[attributions[name].rows].to_numpy(dtype=str)
        summaries += summarise(
            attributions[name],
            units=units,
            features=panel.features,
            replicates=questions.replicates,
            level=questions.level,
            seed=seed,
        )
    return attributions, summaries
