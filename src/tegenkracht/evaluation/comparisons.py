"""What the main model's list finds more than another's, in the form that a card leads with.

That is weighed by the recorded chance of a visit, where that has an interval and visits by lot do not contradict it, and otherwise of visited places alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tegenkracht.core.conditions import at_of
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.evaluation.weighted_checks import contradicted

LOT = "a_lot"
"""What a list drawn by lot is called among the models that are compared."""


@dataclass(frozen=True)
class Comparisons:
    """Estimates of a study, looked up by the model that the main one is compared with.

    Parameters
    ----------
    book
        Estimates by id.
    weighs
        Whether the weighed form goes before that of visited places.
    """

    book: Mapping[str, Estimate]
    main: str
    capacity: int
    weighs: bool

    @classmethod
    def of(cls, estimates: Iterable[Estimate], *, main: str, capacity: int) -> Comparisons:
        """Of all estimates of a study."""
        book = {estimate.id: estimate for estimate in estimates}
        return cls(book, main, capacity, weighs=not contradicted(book.values()))

    def find(self, metric: str, *, at: str, method: Method) -> Estimate | None:
        """A figure of the main model over all test rows, when it has an interval."""
        found = self.book.get("/".join((self.main, metric, "", at, "all", method)))
        return found if found is not None and found.low is not None else None

    def one(self, other: str, method: Method) -> Estimate | None:
        """The difference with a model, or with `LOT`, in one form."""
        if other == LOT:
            return self.find("precision_above_random", at=f"capacity={self.capacity}", method=method)
        return self.find("precision_difference", at=f"capacity={self.capacity},versus={other}", method=method)

    def best(self, other: str) -> Estimate | None:
        """The difference in the form that a card leads with."""
        return (self.one(other, "weighted") if self.weighs else None) or self.one(other, "labelled")

    def why_not(self, other: str) -> str:
        """Why there is no difference to lead with."""
        metric, at = ("precision_above_random", "") if other == LOT else ("precision_difference", f",versus={other}")
        found = self.book.get("/".join((self.main, metric, "", f"capacity={self.capacity}{at}", "all", "labelled")))
        return found.note if found is not None else "nobody_visited"

    def others(self) -> Iterator[str]:
        """Every model that the main one is compared with."""
        differences = (e for e in self.book.values() if e.metric == "precision_difference" and e.model == self.main)
        yield from (at_of(e, "versus") for e in differences if at_of(e, "capacity") == str(self.capacity))
