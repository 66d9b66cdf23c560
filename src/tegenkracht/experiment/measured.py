"""Stages that measure scores against outcomes, and how far test and training differ."""

from __future__ import annotations

from tegenkracht.assembly import each_once
from tegenkracht.core.panel import PROCESS
from tegenkracht.evaluation.checks import Asked, check
from tegenkracht.evaluation.measure import measure
from tegenkracht.evaluation.readable import check_readable
from tegenkracht.evaluation.selection import scheduled_visits
from tegenkracht.evaluation.shift import check_shift, shift_estimates
from tegenkracht.evaluation.time_to_finding import concordance_estimates
from tegenkracht.evaluation.weighted import check_weighted, weighted_estimates
from tegenkracht.experiment.tested import Tested, Told
from tegenkracht.models.factories import READABLE
from tegenkracht.models.fitting import columns_of
from tegenkracht.splits.applicability import applicability

_COMPARED = 1_000  # training rows that tested places are compared with for the area of applicability


def measured(tested: Tested) -> Told:
    """Every number where somebody went, with bounds over everybody, and the checks on them."""
    asked = tested.questions
    visits = tested.visits
    estimates = measure(
        tested.scores,
        main_model=asked.main,
        reference_model=asked.reference,
        capacity=asked.capacity,
        lists=asked.lists,
        probability_models=[name for name, plan in tested.plans.items() if plan.probability],
        cluster_by=asked.cluster_by,
        replicates=asked.replicates,
        level=asked.level,
        seed=tested.seed,
        min_group=asked.min_group,
        replay=asked.replay,
        visits=scheduled_visits(tested.scores) if visits is None else each_once(visits),
        threads=tested.threads,
        progress=tested.progress,
    )
    estimates += concordance_estimates(
        tested.panel,
        tested.scores,
        cluster_by=asked.cluster_by,
        replicates=asked.replicates,
        level=asked.level,
        seed=tested.seed,
        threads=tested.threads,
    )
    simple = [name for target in READABLE for name, plan in tested.plans.items() if plan.estimator.target == target]
    readable = check_readable(estimates, main=asked.main, readable=simple, capacity=asked.capacity)
    return Told(estimates, (*check(estimates, _asked(tested)), *readable))


def weighed(tested: Tested) -> Told:
    """Visits weighed by their recorded chance, and visits by lot alone."""
    asked = tested.questions
    estimates = weighted_estimates(
        tested.scores,
        tested.visits,
        capacity=asked.capacity,
        lists=asked.lists,
        cluster_by=asked.cluster_by,
        replicates=asked.replicates,
        level=asked.level,
        seed=tested.seed,
        threads=tested.threads,
    )
    return Told(estimates, tuple(check_weighted(estimates, main=asked.main)))


def shifted(tested: Tested) -> Told:
    """How far the test period differs from training, and which tested places are unlike all that was learnt from."""
    estimates = shift_estimates(tested.panel, tested.folds, level=tested.questions.level, seed=tested.seed)
    outside = applicability(tested.panel, tested.folds, weights=None, at_most=_COMPARED, seed=tested.seed).estimates
    return Told((*estimates, *outside), tuple(check_shift(estimates)))


def _asked(tested: Tested) -> Asked:
    """What the checks want to know; a process-only model is one whose columns all tell of the inspection process."""
    asked = tested.questions
    process_only = [name for name, plan in tested.plans.items() if set(columns_of(plan, tested.panel)) <= set(PROCESS)]
    return Asked(
        main_model=asked.main,
        reference_model=asked.reference,
        process_models=process_only,
        audit=tested.panel.audit,
        capacity=asked.capacity,
        cluster_by=asked.cluster_by,
        min_group=asked.min_group,
        level=asked.level,
    )
