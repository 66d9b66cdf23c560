"""Whether there is enough to learn from: how many rows a model of so many columns needs, and how many there are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.fold import Fold
from tegenkracht.core.normal import reach_of
from tegenkracht.core.panel import Panel
from tegenkracht.evaluation.estimates import About, count_of, exactly, nothing

CODES: Mapping[str, str] = {"TK130": "There are fewer places to learn from than a model of so many columns asks for."}
NAGELKERKE = 0.15
"""Share of the possible fit that a model is expected to reach where nobody knows better (Riley et al. 2020)."""
SHRINKAGE, OPTIMISM, MARGIN = 0.9, 0.05, 0.05


@dataclass(frozen=True)
class Needed:
    """Rows that each criterion asks for (Riley et al. 2020, BMJ 368:m441): little shrinkage, little optimism, a precise base rate."""

    shrinkage: int
    optimism: int
    base_rate: int

    @property
    def rows(self) -> int:
        """The largest of the three."""
        return max(self.shrinkage, self.optimism, self.base_rate)


def rows_needed(*, columns: int, base_rate: float) -> Needed:
    """Rows that a model of a yes-or-no outcome needs at least, when it reaches 15 % of the fit that is possible.

    Raises
    ------
    ValueError
        When the base rate is not strictly between 0 and 1.

    Examples
    --------
    Pre-eclampsia, 30 parameters, base rate 0.05 (the paper has 5249: it rounds 15 % of the possible fit to 0.05).

    >>> rows_needed(columns=30, base_rate=0.05)
    Needed(shrinkage=5342, optimism=1771, base_rate=73)
    """
    if not 0 < base_rate < 1:
        raise ValueError(f"A base rate of {base_rate} says that there is nothing to tell apart.")
    log_null = base_rate * math.log(base_rate) + (1 - base_rate) * math.log(1 - base_rate)
    most = 1 - math.exp(2 * log_null)
    fit = NAGELKERKE * most
    tight = fit / (fit + OPTIMISM * most)
    z = reach_of(0.95)
    return Needed(
        shrinkage=_rows(columns, fit, SHRINKAGE),
        optimism=_rows(columns, fit, tight),
        base_rate=math.ceil((z / MARGIN) ** 2 * base_rate * (1 - base_rate)),
    )


def _rows(columns: int, fit: float, shrinkage: float) -> int:
    return math.ceil(columns / ((shrinkage - 1) * math.log(1 - fit / shrinkage)))


def sample_estimates(panel: Panel, folds: Sequence[Fold], *, columns: int, minimum: int) -> tuple[Estimate, ...]:
    """Per fold `training_units` (each once, however many dates), `training_positives` (units with a finding) and `units_needed`.

    A unit stands in training on many dates, and those rows are alike, so units are counted. Counts of findings below `minimum` are withheld.
    """
    return tuple(estimate for fold in folds for estimate in _of_fold(panel, fold, columns, minimum))


def _of_fold(panel: Panel, fold: Fold, columns: int, minimum: int) -> Iterator[Estimate]:
    about = About(split=fold.name)
    found = panel.rows.iloc[fold.train].groupby("unit_id")["outcome"].max()
    units, positives = len(found), int((found == 1).sum())
    yield count_of(units, "training_units", about)
    if positives < minimum:
        yield nothing("fewer_findings_than_minimum", "training_positives", about, n=units, method="count")
    else:
        yield count_of(positives, "training_positives", about, n=units)
    if 0 < positives < units:
        needed = rows_needed(columns=columns, base_rate=positives / units).rows
        yield exactly(needed, "units_needed", about, n=units, method="fixed")
    else:
        yield nothing("one_outcome_only", "units_needed", about, n=units, method="fixed")


def check_sample(estimates: Sequence[Estimate], *, main: str) -> Finding:
    """TK130: the fold with the least to learn from, compared with what a model of so many columns needs."""
    by = {(e.metric, e.split): e for e in estimates}
    told = [
        (units.value / needed.value, units, needed)
        for (metric, split), needed in by.items()
        if metric == "units_needed" and needed.value and (units := by["training_units", split]).value is not None
    ]
    if not told:
        return Finding("TK130", "not_applicable", main, {"reason": "one_outcome_only"})
    _, units, needed = min(told, key=lambda one: one[0])
    facts: dict[str, str | int | float] = {"units": round(units.value or 0), "needed": round(needed.value or 0)}
    short = (units.value or 0) < (needed.value or 0)
    return Finding("TK130", "found" if short else "not_found", main, facts, (units.id, needed.id))
