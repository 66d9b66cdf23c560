"""Whether groups and areas are treated alike by the card's model, and whether these data can tell."""

from __future__ import annotations

from typing import Any

from tegenkracht.evaluation.area_forms import area_forms
from tegenkracht.evaluation.audit import audit_estimates
from tegenkracht.evaluation.audit_forms import audit_forms
from tegenkracht.evaluation.places import check_places, place_estimates
from tegenkracht.experiment.tested import Tested, Told


def audited(tested: Tested) -> Told:
    """Groups, crossings, sectors and areas with their gaps, and what is between areas, beside flagged places and around them."""
    asked, model = tested.questions, tested.questions.main
    scores, weighed = tested.scores, tested.weighed
    how: dict[str, Any] = {
        "model": model,
        "capacity": asked.capacity,
        "lists": asked.lists,
        "minimum": asked.min_group,
        "replicates": asked.replicates,
        "level": asked.level,
        "seed": tested.seed,
        "threads": tested.threads,
    }
    chances: dict[str, Any] = {"probability": tested.plans[model].probability}
    crossed: dict[str, Any] = {"intersections": asked.intersections, **chances}
    by = asked.cluster_by
    groups = audit_estimates(scores, cluster_by=by, progress=tested.progress, **crossed, **how)
    forms = audit_forms(scores, weighed, visits_by=asked.visits_by or by, how=asked.resampling, **crossed, **how)
    areas = area_forms(scores, weighed, cluster_by=by, **chances, **how)
    places = place_estimates(scores, tested.surroundings, cluster_by=by, **how)
    beside = check_places(places, model=model, attributes=tested.panel.audit)
    return Told((*groups, *forms, *areas, *places), tuple(beside))
