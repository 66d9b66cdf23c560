"""What is concluded from figures in several forms: whether the model is better than others, and whether groups lie too far apart."""

from __future__ import annotations

from collections.abc import Sequence

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.gap import CROSSED
from tegenkracht.evaluation.comparison_checks import check_comparisons
from tegenkracht.evaluation.comparisons import Comparisons
from tegenkracht.evaluation.gaps import check_gaps, check_limits, check_weighed_gaps, with_sectors
from tegenkracht.evaluation.readable import check_readable
from tegenkracht.evaluation.weighed_gaps import beside_weighed_gaps
from tegenkracht.evaluation.weighed_largest import check_largest, largest_weighed_gaps
from tegenkracht.experiment.measured import asked_of
from tegenkracht.experiment.tested import Tested, Told
from tegenkracht.models.factories import READABLE


def comparisons(tested: Tested, known: Sequence[Estimate]) -> Told:
    """Checks that read differences and gaps in the form that the card leads with, and what stands beside gaps of weighed visits."""
    questions, asked = tested.questions, asked_of(tested)
    told = Comparisons.of(known, main=asked.main_model, capacity=asked.capacity)
    simple = [name for target in READABLE for name, plan in tested.plans.items() if plan.estimator.target == target]
    limits = check_limits(known, model=asked.main_model, limits=questions.limits)
    beside = tuple(beside_weighed_gaps(known, model=asked.main_model))
    gaps = check_gaps(
        (*known, *beside),
        model=asked.main_model,
        attributes=with_sectors(tested.panel.audit, known),
        crossings=[CROSSED.join(pair) for pair in questions.intersections],
        smallest=questions.smallest_gap,
    )
    weighed = check_weighed_gaps((*known, *beside), model=asked.main_model, smallest=questions.smallest_gap)
    largest = tuple(largest_weighed_gaps(known, model=asked.main_model, seed=tested.seed))
    widest = check_largest((*known, *largest), model=asked.main_model)
    readable = check_readable(told, readable=simple)
    return Told((*beside, *largest), (*check_comparisons(told, asked), *readable, *limits, *gaps, weighed, widest))
