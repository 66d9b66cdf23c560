"""What a list is worth when an empty visit costs a stated part of what a find is worth.

Net benefit (Vickers & Elkin, Medical Decision Making 2006): finds, less empty visits times the cost of one, per place in the cohort. An
empty visit costs the visited too; the ratio is a choice of the people who answer for it, and the figures are only as good as that choice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict, Field

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.bootstrap import Resampled
from tegenkracht.evaluation.capacity import BY_LOT, FINDINGS, LENGTH, VISITS, Lists
from tegenkracht.evaluation.estimates import About, estimate_of


class Costs(BaseModel):
    """What an empty visit costs, in parts of what a find is worth: key `evaluate.costs` of a study.

    Parameters
    ----------
    empty_visit
        Ratios to look at, ascending: 0.05 means that twenty empty visits outweigh one find. The threshold of a decision curve is
        `ratio / (1 + ratio)`.
    why
        Who set them, and why.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    empty_visit: tuple[float, ...] = Field(min_length=1)
    why: str = Field(min_length=1)

    def model_post_init(self, _context: object) -> None:
        """Refuse ratios that are negative, or not in ascending order."""
        ratios = self.empty_visit
        if ratios[0] < 0 or list(ratios) != sorted(set(ratios)):
            raise ValueError(f"empty_visit: {list(ratios)} must be zero or more and ascend; put them in order.")


def net_benefit(lists: Lists, *, split: int, size: int, cohort: Resampled, ratio: float) -> Resampled:
    """Net benefit of one list per place in the cohort: what was found among visited places on it, taken for the whole list."""
    top = lists.totals[split, size]
    found, empty = top[FINDINGS] / top[VISITS], (top[VISITS] - top[FINDINGS]) / top[VISITS]
    worth = Resampled(found.point - ratio * empty.point, found.replicates - ratio * empty.replicates)
    return worth * (top[LENGTH] / cohort)


def net_benefits(
    lists: Mapping[str, Lists], *, capacity: int, sizes: tuple[int, ...], costs: Costs, level: float
) -> Iterator[Estimate]:
    """Net benefit at capacity of each model over all splits, and how far it is above that of a list by lot.

    Parameters
    ----------
    lists
        By model, and under `BY_LOT` the lists by lot with everybody as their last size.
    """
    k, everyone = sizes.index(capacity), lists[BY_LOT].totals[-1, len(sizes)][LENGTH]
    for ratio in costs.empty_visit:
        lot = net_benefit(lists[BY_LOT], split=-1, size=k, cohort=everyone, ratio=ratio)
        for model in lists:
            about = About(model, at=f"capacity={capacity},ratio={ratio:g}")
            mine = net_benefit(lists[model], split=-1, size=k, cohort=everyone, ratio=ratio)
            n = float(lists[model].totals[-1, k, VISITS].point)
            figures = {"net_benefit": mine} | ({"net_benefit_above_random": mine - lot} if model != BY_LOT else {})
            for metric, number in figures.items():
                yield estimate_of(number, metric, about, n=n, level=level, why_not="nobody_visited", share=False)
