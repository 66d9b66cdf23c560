"""What a model learnt of each sector or region: its level, its weights, how far both lean on the others, and whether the others foretell it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from tegenkracht.core.conditions import value_of
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.normal import reach_of
from tegenkracht.evaluation.estimates import About, nothing, sampled, with_interval
from tegenkracht.evaluation.suppression import too_small
from tegenkracht.models.partially_pooled import PartiallyPooledLogistic

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CODES: Mapping[str, str] = {
    "TK144": "A group of which the model learnt little leans on others that foretell it worse than one rate would.",
}
LEANS = 0.5
"""How far a level leans on the others from which TK144 looks at a group."""
_DRAWS = 4_000
_FEW = 12
"""So many groups at most are left out in turn (each costs a fit), and have all their weights told."""


@dataclass(frozen=True)
class LearntFrom:
    """Rows that a model was fitted on.

    Parameters
    ----------
    table, positive
        Columns as the model saw them, and 1 where something was found.
    unit
        Number of the unit of each row: rows of one unit are not independent.
    """

    table: pd.DataFrame
    positive: Ints
    unit: Ints


@dataclass(frozen=True)
class Levels:
    """A fitted model with levels, with the rows that it learnt from.

    Parameters
    ----------
    name
        Name of the model.
    pipeline, model
        As fitted, and the last step of it.
    attribute
        What groups are called: `sector` or `region`.
    columns
        Names of the columns that have a weight, in order.
    minimum
        Groups with fewer units are not shown.
    """

    name: str
    pipeline: Pipeline
    model: PartiallyPooledLogistic
    attribute: str
    columns: Sequence[str]
    rows: LearntFrom
    minimum: int
    level: float

    @property
    def names(self) -> list[str]:
        """Names of groups, in the order of the model."""
        codes: Any = self.pipeline[0].named_transformers_["group"]
        return [f"{self.attribute}={name}" for name in codes.names_]

    @property
    def of_row(self) -> Ints:
        """Number of the group of each row."""
        return np.asarray(self.pipeline[0].transform(self.rows.table)[:, self.model.group], dtype=np.int64)

    @property
    def _units(self) -> Ints:
        """How many units each group has."""
        pairs = np.unique(np.column_stack([self.of_row, self.rows.unit]), axis=0)
        return np.bincount(pairs[:, 0], minlength=len(self.names)).astype(np.int64)

    def estimates(self, rng: np.random.Generator) -> Iterator[Estimate]:
        """What groups share, and of each group the level, the weights, how far they lean, and what the others foretell of it."""
        about = About(self.name, at=f"by={self.attribute}")
        size = np.bincount(self.of_row, minlength=len(self.names))
        yield from self._shared(about, int(size.sum()), rng)
        hidden = too_small(self._units, minimum=self.minimum)
        for group, name in enumerate(self.names):
            where, n = replace(about, group=name), int(size[group])
            if hidden[group]:
                yield nothing("group_under_minimum", "group_level", where, n=0, method="pooled")
                continue
            yield from self._of_group(group, where, n, rng)
            yield self._left_out(group, where)

    def _shared(self, about: About, n: int, rng: np.random.Generator) -> Iterator[Estimate]:
        model = self.model
        yield self._chance("group_level_common", model.shared_[0], model.shared_error_[0], about, n)
        for part, draws in zip(("level", "weights"), model.spreads_drawn(rng, _DRAWS), strict=False):
            yield sampled(draws, f"group_{part}_spread", about, n=n, level=self.level, method="pooled")
        yield from self._weights("group_weight_common", model.shared_, model.shared_error_, about, n)

    def _of_group(self, group: int, about: About, n: int, rng: np.random.Generator) -> Iterator[Estimate]:
        model = self.model
        yield self._chance("group_level", model.level_[group], model.level_error_[group], about, n)
        drawn = rng.choice(model.chance_.size, size=_DRAWS, p=model.chance_)
        for place, part in enumerate(("level", "weights")):
            draws = model.leaning_[drawn, group, place]
            yield sampled(draws, f"group_{part}_leaning", about, n=n, level=self.level, method="pooled")
        if len(self.names) <= _FEW:
            yield from self._weights("group_weight", model.coef_[group], model.error_[group], about, n)

    def _weights(self, metric: str, coef: Floats, error: Floats, about: About, n: int) -> Iterator[Estimate]:
        reach = self._reach * error
        for place, column in enumerate(self.columns, start=1):
            value, at = float(coef[place]), f"{about.at},feature={column}"
            low, high = value - float(reach[place]), value + float(reach[place])
            yield self._estimate(metric, value, low, high, replace(about, at=at), n)

    def _chance(self, metric: str, level: float, error: float, about: About, n: int) -> Estimate:
        """A level as the chance of a finding at an average place: of the group, or of all groups alike."""
        value, low, high = (float(expit(level + turn * self._reach * error)) for turn in (0, -1, 1))
        return self._estimate(metric, value, low, high, about, n)

    @property
    def _reach(self) -> float:
        return reach_of(self.level)

    def _estimate(self, metric: str, value: float, low: float, high: float, about: About, n: int) -> Estimate:
        return with_interval(value, (low, high), metric, about, n=n, level=self.level, method="pooled")

    def _left_out(self, group: int, about: About) -> Estimate:
        """How much better the model foretells a group that it did not learn from than the others' one rate does: mean log score per row, in nats.

        The interval counts rows of one unit as one (sums of units around the mean).
        """
        metric, inside = "group_left_out_gain", self.of_row == group
        if not 2 < len(self.names) <= _FEW:
            why = "too_few_groups" if len(self.names) < 3 else "too_many_groups"
            return nothing(why, metric, about, n=int(inside.sum()), method="pooled")
        others = self.rows.positive[~inside]
        if np.unique(others).size < 2:
            return nothing("one_outcome", metric, about, n=int(inside.sum()), method="pooled")
        again = clone(self.pipeline).fit(self.rows.table[~inside], others)
        chance = again.predict_proba(self.rows.table[inside])[:, 1]
        positive, rate = self.rows.positive[inside], float(others.mean())
        gain = np.where(positive == 1, np.log(chance / rate), np.log((1 - chance) / (1 - rate)))
        value = float(gain.mean())
        off = np.bincount(np.unique(self.rows.unit[inside], return_inverse=True)[1], gain - value)
        error = float(np.sqrt(off.size / max(off.size - 1, 1) * (off**2).sum())) / gain.size
        reach = self._reach * error
        return self._estimate(metric, value, value - reach, value + reach, about, gain.size)


def check_levels(estimates: Sequence[Estimate], *, model: str) -> Finding:
    """TK144: of groups whose level leans on the others by more than `LEANS`, those of which the gain of the others lies below nought.

    Parameters
    ----------
    estimates
        As `Levels.estimates` gave them for this model.
    """
    by = {(e.metric, e.group): e for e in estimates if e.model == model}
    gains = [e for (metric, _), e in by.items() if metric == "group_left_out_gain"]
    if not any(e.is_known for e in gains):
        reason = next((e.note for e in gains), "no_groups")
        return Finding("TK144", "not_applicable", model, {"reason": reason})
    leaning = {e.group: by["group_level_leaning", e.group].value or 0.0 for e in gains}
    looked_at = [e for e in gains if e.is_known and leaning[e.group] > LEANS]
    worse = [e for e in looked_at if (e.high or 0.0) < 0]
    facts: dict[str, str | int | float] = {"looked_at": len(looked_at), "worse": len(worse)}
    if worse:
        facts["groups"] = ", ".join(value_of(e.group) for e in worse)
    return Finding("TK144", "found" if worse else "not_found", model, facts, tuple(e.id for e in worse or looked_at))
