"""Stages that measure scores against outcomes, and how far test and training differ."""

from __future__ import annotations

from collections.abc import Mapping

from tegenkracht.assembly import each_once
from tegenkracht.core.panel import PROCESS
from tegenkracht.evaluation.bounds_everyone import bounds_over_everyone
from tegenkracht.evaluation.checks import Asked, check
from tegenkracht.evaluation.compared import Pair, compared
from tegenkracht.evaluation.measure import measure
from tegenkracht.evaluation.overlap import check_kept
from tegenkracht.evaluation.propensity import chance_estimates, check_chances
from tegenkracht.evaluation.selection import scheduled_visits
from tegenkracht.evaluation.shift import check_shift, shift_estimates
from tegenkracht.evaluation.time_to_finding import concordance_estimates
from tegenkracht.evaluation.visits_together import check_together, together_estimates
from tegenkracht.evaluation.weighted import weighted_estimates
from tegenkracht.evaluation.weighted_checks import check_weighted
from tegenkracht.experiment.tested import Tested, Told
from tegenkracht.models.factories import LIGHTGBM, READABLE
from tegenkracht.models.fitting import columns_of
from tegenkracht.models.plan import ModelPlan
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
        how=asked.resampling,
        also=compared_besides(tested.plans, main=asked.main),
    )
    estimates += concordance_estimates(
        tested.panel,
        tested.scores,
        cluster_by=asked.cluster_by,
        replicates=asked.replicates,
        level=asked.level,
        seed=tested.seed,
        threads=tested.threads,
        how=asked.resampling,
    )
    kept = check_kept(estimates, lists=asked.lists, main=asked.main, capacity=asked.capacity)
    return Told(estimates, (*check(estimates, asked_of(tested)), kept))


def weighed(tested: Tested) -> Told:
    """Visits weighed by their recorded chance or by an estimated one, visits by lot alone, and what unseen places leave possible."""
    asked = tested.questions
    probability_models = [name for name, plan in tested.plans.items() if plan.probability]
    drawn = asked.visits_by or asked.cluster_by
    also = compared_besides(tested.plans, main=asked.main)
    versus = compared(tested.scores.models, main=asked.main, reference=asked.reference, also=also)
    estimates = weighted_estimates(
        tested.scores,
        tested.weighed,
        propensities=tested.propensities,
        probability_models=probability_models,
        versus=versus,
        capacity=asked.capacity,
        lists=asked.lists,
        visits_by=drawn,
        minimum=asked.min_group,
        replicates=asked.replicates,
        level=asked.level,
        seed=tested.seed,
        threads=tested.threads,
        how=asked.resampling,
    )
    together = together_estimates(
        tested.scores,
        tested.weighed,
        lists=asked.lists,
        replicates=asked.replicates,
        level=asked.level,
        seed=tested.seed,
        threads=tested.threads,
    )
    bounds = bounds_over_everyone(
        tested.sample,
        capacity=asked.capacity,
        probability_models=probability_models,
        versus=versus,
        minimum=asked.min_group,
    )
    findings = (*check_weighted(estimates, main=asked.main), *check_together(together, drawn=drawn))
    return Told((*estimates, *together, *bounds), findings)


def compared_besides(plans: Mapping[str, ModelPlan], *, main: str) -> tuple[Pair, ...]:
    """Every mitigated model with the model without mitigation, and trees with what a person can read."""
    mitigated = tuple((name, plan.mitigates) for name, plan in plans.items() if plan.mitigates is not None)
    return (*mitigated, *trees_and_readable(plans, main=main))


def trees_and_readable(plans: Mapping[str, ModelPlan], *, main: str) -> tuple[Pair, ...]:
    """The first LightGBM model with every readable one: where the card is about another model, that pair is compared besides.

    Nothing where the card is about either of them, for its model is compared with every other.
    """
    trees = [n for n, plan in plans.items() if plan.estimator.target == LIGHTGBM and plan.mitigates is None][:1]
    readable = [n for n, plan in plans.items() if plan.estimator.target in READABLE]
    return tuple((tree, name) for tree in trees for name in readable if main not in (tree, name))


def looked(tested: Tested) -> Told:
    """The chance that somebody looks: whether all places have one, and whether it comes true."""
    asked = tested.questions
    estimates = chance_estimates(
        tested.propensities,
        tested.sample,
        replicates=asked.replicates,
        level=asked.level,
        seed=tested.seed,
        threads=tested.threads,
    )
    return Told(estimates, tuple(check_chances(estimates)))


def shifted(tested: Tested) -> Told:
    """How far the test period differs from training, and which tested places are unlike all that was learnt from."""
    estimates = shift_estimates(tested.panel, tested.folds, level=tested.questions.level, seed=tested.seed)
    outside = applicability(tested.panel, tested.folds, weights=None, at_most=_COMPARED, seed=tested.seed).estimates
    return Told((*estimates, *outside), tuple(check_shift(estimates)))


def asked_of(tested: Tested) -> Asked:
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
