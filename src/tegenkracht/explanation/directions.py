"""Whether a model moves its score the way that the dictionary declares for each column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.explanation.ale import Margin

Floats = NDArray[np.float64]

CODES: Mapping[str, str] = {"TK308": "A score moves against the direction that the dictionary declares."}
ROUNDING = 1e-9
"""A move against the direction that is smaller than this is the last digit of a sum."""


@dataclass(frozen=True)
class Moves:
    """How often a score moved, and how often against the declared direction, over rows and values."""

    looked_at: int
    against: int

    def __add__(self, other: Moves) -> Moves:
        return Moves(self.looked_at + other.looked_at, self.against + other.against)


def moves_of(
    margin: Margin, X: pd.DataFrame, signs: Mapping[str, int], grids: Mapping[str, Floats]
) -> dict[str, Moves]:
    """Every row with each value of a column's grid in turn, other columns as they are: one move per row and pair of neighbouring values.

    Parameters
    ----------
    signs
        Per column 1 (more must not lower the score) or -1.
    grids
        Per column its values, rising; a column with fewer than two is not looked at.
    """
    names = [name for name in signs if grids[name].size > 1]
    if not names:
        return {}
    tables = [_with_each(X, name, grids[name]) for name in names]
    scores = np.split(margin(pd.concat(tables)), np.cumsum([len(table) for table in tables])[:-1])
    moves = {}
    for name, of_column in zip(names, scores, strict=True):
        steps = signs[name] * np.diff(of_column.reshape(grids[name].size, len(X)), axis=0)
        moves[name] = Moves(steps.size, int((steps < -ROUNDING).sum()))
    return moves


def _with_each(X: pd.DataFrame, name: str, grid: Floats) -> pd.DataFrame:
    """All rows with the first value, then all rows with the second, and so on."""
    return pd.concat([X] * grid.size).assign(**{name: np.repeat(grid, len(X))})


def direction_estimates(model: str, moves: Mapping[str, Moves]) -> tuple[Estimate, ...]:
    """`against_direction`: the share of moves that go the wrong way, of all columns together and of each where there are any."""
    total = sum(moves.values(), Moves(0, 0))
    if total.looked_at == 0:
        return ()
    wrong = {f"feature={name}": m for name, m in moves.items() if m.against}
    return tuple(
        Estimate(model, "against_direction", m.against / m.looked_at, n=m.looked_at, method="sample", at=at)
        for at, m in {"": total, **wrong}.items()
    )


def check_directions(model: str, moves: Mapping[str, Moves], estimates: Iterable[Estimate]) -> Finding:
    """TK308: which column goes against its direction most."""
    if not moves:
        return Finding("TK308", "not_applicable", model, {"reason": "no_directions"})
    wrong = {name: m.against / m.looked_at for name, m in moves.items() if m.against}
    ids = tuple(estimate.id for estimate in estimates)
    facts: dict[str, str | int | float] = {"columns": len(moves), "against": len(wrong)}
    if not wrong:
        return Finding("TK308", "not_found", model, facts, ids)
    worst = max(wrong, key=lambda name: wrong[name])
    return Finding("TK308", "found", model, facts | {"feature": worst, "share": round(100 * wrong[worst], 1)}, ids)
