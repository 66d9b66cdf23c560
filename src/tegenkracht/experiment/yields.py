"""How many findings a list gives, from what is known of its precision."""

from __future__ import annotations

from collections.abc import Sequence

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.capacity import lists_of
from tegenkracht.evaluation.yields import yield_estimates
from tegenkracht.experiment.tested import Tested, Told


def yields(tested: Tested, measured: Sequence[Estimate]) -> Told:
    """Findings per list of every model, in every way of counting."""
    sample, capacity = tested.sample, tested.questions.capacity
    share = next(iter(lists_of(sample, capacity=capacity).values()))
    length = float(share.sum()) / len(sample.list_slices)
    return Told(tuple(yield_estimates(measured, length=length, capacity=capacity)))
