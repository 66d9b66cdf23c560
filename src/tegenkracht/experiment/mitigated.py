"""What the mitigated models of a study do to gaps between groups, and what that costs."""

from __future__ import annotations

from collections.abc import Sequence

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.mitigation import mitigation_estimates
from tegenkracht.evaluation.mitigation_checks import Aim, check_mitigations
from tegenkracht.evaluation.mitigation_lists import Divided
from tegenkracht.evaluation.weighted_checks import contradicted
from tegenkracht.experiment.tested import Tested, Told
from tegenkracht.models.mitigation import Quota, ThresholdOptimizer, aim_of


def mitigated(tested: Tested) -> Told:
    """Every mitigated model beside the model without it, over all test periods and in the last one; nothing when a study has none."""
    asked, aims = tested.questions, _aims(tested)
    estimates = mitigation_estimates(
        tested.scores,
        tested.visits,
        base_of={name: aim.base for name, aim in aims.items()},
        divided={
            name: Divided(plan.mitigation.attribute, by_places=plan.mitigation.shares == "population")
            for name, plan in tested.plans.items()
            if isinstance(plan.mitigation, Quota)
        },
        refilled=[n for n, plan in tested.plans.items() if isinstance(plan.mitigation, ThresholdOptimizer)],
        last=_last_period(tested),
        capacity=asked.capacity,
        lists=asked.lists,
        cluster_by=asked.cluster_by,
        replicates=asked.replicates,
        level=asked.level,
        seed=tested.seed,
        min_group=asked.min_group,
        threads=tested.threads,
        progress=tested.progress,
    )
    return Told(estimates)


def mitigations(tested: Tested, known: Sequence[Estimate]) -> Told:
    """What is concluded of mitigations; what lists find is read as elsewhere on the card, which asks what visits by lot say of the weights."""
    asked = tested.questions
    findings = check_mitigations(
        known,
        _aims(tested),
        capacity=asked.capacity,
        smallest=asked.smallest_gap,
        weighs=not contradicted(known),
    )
    return Told(findings=tuple(findings))


def _aims(tested: Tested) -> dict[str, Aim]:
    """What each mitigated model is for."""
    return {
        name: Aim(
            base=plan.mitigates,
            attributes=tested.panel.audit if plan.mitigation is None else (plan.mitigation.attribute,),
            harm=aim_of(plan.mitigation),
        )
        for name, plan in tested.plans.items()
        if plan.mitigates is not None
    }


def _last_period(tested: Tested) -> frozenset[str]:
    """Names of the folds that are tested last; none when all are tested in one period."""
    last = max(fold.split_on for fold in tested.folds)
    names = frozenset(fold.name for fold in tested.folds if fold.split_on == last)
    return frozenset() if len(names) == len(tested.folds) else names
