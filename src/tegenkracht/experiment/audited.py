"""Whether groups and areas are treated alike by the card's model, and whether these data can tell."""

from __future__ import annotations

from tegenkracht.evaluation.area_forms import area_forms
from tegenkracht.evaluation.audit import audit_estimates
from tegenkracht.evaluation.audit_forms import audit_forms
from tegenkracht.evaluation.places import check_places, place_estimates
from tegenkracht.experiment.tested import Tested, Told


def audited(tested: Tested) -> Told:
    """Groups, crossings, sectors and areas with their gaps, and what is between areas, beside flagged places and around them."""
    asked, model = tested.questions, tested.questions.main
    groups = audit_estimates(
        tested.scores,
        model=model,
        probability=tested.plans[model].probability,
        capacity=asked.capacity,
        lists=asked.lists,
        cluster_by=asked.cluster_by,
        intersections=asked.intersections,
        minimum=asked.min_group,
        replicates=asked.replicates,
        level=asked.level,
        seed=tested.seed,
        threads=tested.threads,
        progress=tested.progress,
    )
    forms = audit_forms(
        tested.scores,
        tested.visits,
        model=model,
        probability=tested.plans[model].probability,
        capacity=asked.capacity,
        lists=asked.lists,
        visits_by=asked.visits_by or asked.cluster_by,
        intersections=asked.intersections,
        minimum=asked.min_group,
        replicates=asked.replicates,
        level=asked.level,
        seed=tested.seed,
        threads=tested.threads,
        how=asked.resampling,
    )
    areas = area_forms(
        tested.scores,
        tested.visits,
        model=model,
        probability=tested.plans[model].probability,
        capacity=asked.capacity,
        lists=asked.lists,
        cluster_by=asked.cluster_by,
        minimum=asked.min_group,
        replicates=asked.replicates,
        level=asked.level,
        seed=tested.seed,
        threads=tested.threads,
    )
    places = place_estimates(
        tested.scores,
        tested.surroundings,
        model=model,
        capacity=asked.capacity,
        lists=asked.lists,
        cluster_by=asked.cluster_by,
        minimum=asked.min_group,
        replicates=asked.replicates,
        level=asked.level,
        seed=tested.seed,
        threads=tested.threads,
    )
    beside = check_places(places, model=model, attributes=tested.panel.audit)
    return Told((*groups, *forms, *areas, *places), tuple(beside))
