"""A number that a reader may see: with its interval, its n and how it was made, or the reason why there is none."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Method = Literal[
    "count",
    "labelled",
    "bounds",
    "bounds_interval",
    "tie_bounds",
    "assumed",
    "assumed_interval",
    "weighted",
    "tips",
    "tips_interval",
    "audit",
    "adjusted",
    "doubly_robust",
    "replay",
    "fixed",
    "sample",
    "pooled",
    "apart",
]
"""How a value came about.

`count` exact count, no interval; `labelled` only rows with an observed outcome; `bounds` lowest and highest value that the
unobserved outcomes allow (no value between is better than another); `tie_bounds` the same over orders of tied scores;
`assumed` bounds that hold only if what `at` says after `if=` is true; `weighted` inverse of the recorded chance of inspection; `audit` only visits
drawn by lot; `adjusted` inverse of an estimated chance of inspection, and `doubly_robust` the same with an outcome model (both hold only if nothing
unseen decides who is visited, and are never called corrected); `tips` the lowest and highest value when something unseen, of the strength `gamma` in
`at`, helped to decide where people went; an `…_interval` holds such bounds, or the figure between them, in a share `level` of draws;
`replay` re-ordered calendar slots; `fixed` set beforehand;
`sample` a statistic of all test rows that needs no outcome; `pooled` the posterior of a group's figure, in which small groups lean on the others;
`apart` two groups beside each other that do not lean on any other, each for as many independent answers as it is worth.
"""


DESCRIBES: frozenset[str] = frozenset({"describes_refits", "describes_lists"})
"""Notes of numbers that are exact of what was made (these refits, these lists) and say nothing of others, so that they have no interval."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number and what it is worth.

    Parameters
    ----------
    model
        Name of the model, or "" when the number is about the data.
    metric
        What is measured, a key of the word catalogue: `precision_at_capacity`, `auc`, …
    value
        The estimate; None for bounds and where none can be given.
    low, high
        Ends of the interval at `level`, or of the bounds (then `level` is None).
    n
        Number of rows that the value rests on.
    method
        See `Method`.
    note
        Why there is no value or no interval; required when `value` is None and there are no bounds.
    group
        `attribute=value` of the group it is about, or "".
    at
        What it is measured at: `capacity=100`, or "".
    split
        Name of the fold, or "all" for all test rows together.

    Raises
    ------
    ValueError
        When a number is not finite, an interval is upside down, or there is neither a number nor a reason.

    Examples
    --------
    >>> Estimate("logistic", "auc", 0.71, 0.65, 0.77, n=812, level=0.95).id
    'logistic/auc///all/labelled'
    """

    model: str
    metric: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    method: Method = "labelled"
    level: float | None = None
    note: str = ""
    group: str = ""
    at: str = ""
    split: str = "all"

    def __post_init__(self) -> None:
        numbers = [x for x in (self.value, self.low, self.high) if x is not None]
        if not all(map(math.isfinite, numbers)):
            raise ValueError(f"{self.id}: {numbers} holds a number that is not finite; give a note instead.")
        if not numbers and not self.note:
            raise ValueError(f"{self.id}: neither a number nor a reason why there is none.")
        if (self.low is None) != (self.high is None) or (
            self.low is not None and self.high is not None and self.low > self.high
        ):
            raise ValueError(f"{self.id}: interval {self.low} … {self.high} is not an interval.")

    @property
    def id(self) -> str:
        """Names this estimate within a run; a card refers to numbers by it."""
        return "/".join((self.model, self.metric, self.group, self.at, self.split, self.method))

    @property
    def is_known(self) -> bool:
        """Whether there is a number at all."""
        return self.value is not None or self.low is not None

    @property
    def lacks_interval(self) -> bool:
        """Whether its value may be another one and no interval says by how much; not so of counts and of what is exact of what was made."""
        certain = self.note in ("", *DESCRIBES) and self.method in ("count", "fixed", "sample")
        return self.value is not None and self.low is None and not certain

    def as_dict(self) -> dict[str, Any]:
        """The record as it stands in `evaluation.json`."""
        keys = ("model", "metric", "group", "at", "split", "method", "value", "low", "high", "level", "n", "note")
        return {key: getattr(self, key) for key in keys}


def none_because(
    reason: str, *, model: str, metric: str, n: int = 0, method: Method = "labelled", **where: str
) -> Estimate:
    """An estimate without a number, and the sentence why."""
    return Estimate(model, metric, n=n, method=method, note=reason, **where)  # type: ignore[arg-type]  # where: group, at, split


Says = Literal["yes", "no", "not_shown"]


def verdict_of(difference: Estimate) -> Says:
    """Whether a difference is above zero (`yes`) or below it (`no`): only an interval that leaves zero out says something."""
    if difference.low is None or difference.high is None:
        return "not_shown"
    return "yes" if difference.low > 0 else "no" if difference.high < 0 else "not_shown"


def write_estimates(estimates: Iterable[Estimate]) -> str:
    """`evaluation.json`: the same estimates give the same bytes."""
    return (
        json.dumps([estimate.as_dict() for estimate in estimates], indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    )


def read_estimates(text: str) -> tuple[Estimate, ...]:
    """The estimates of an `evaluation.json`."""
    return tuple(Estimate(**record) for record in json.loads(text))
