"""Whether a score moves as declared: counted by hand, and never against a constraint that the trees were given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from tegenkracht.explanation.ale import edges_of
from tegenkracht.explanation.directions import Moves, check_directions, direction_estimates, moves_of


def test_moves_by_hand() -> None:
    """F = x - z over two rows and three values of each: x rises as declared; z falls although it is declared to rise, in all four steps."""
    X = pd.DataFrame({"x": [0.0, 2.0], "z": [0.0, 1.0]})
    grid = np.array([0.0, 1.0, 2.0])
    moves = moves_of(lambda t: (t["x"] - t["z"]).to_numpy(), X, {"x": 1, "z": 1}, {"x": grid, "z": grid})
    assert moves == {"x": Moves(4, 0), "z": Moves(4, 4)}
    estimates = direction_estimates("m", moves)
    assert [(e.at, e.value, e.n) for e in estimates] == [("", 0.5, 8), ("feature=z", 1.0, 4)]
    finding = check_directions("m", moves, estimates)
    assert (finding.code, finding.verdict) == ("TK308", "found")
    assert finding.facts == {"columns": 2, "against": 1, "feature": "z", "share": 100.0}


def test_less_is_more_reason_when_declared_so() -> None:
    """The same falling score is right for a column whose direction is -."""
    X, grid = pd.DataFrame({"z": [0.0, 1.0]}), np.array([0.0, 1.0])
    moves = moves_of(lambda t: -t["z"].to_numpy(), X, {"z": -1}, {"z": grid})
    assert check_directions("m", moves, ()).verdict == "not_found"


def test_a_column_without_spread_or_direction_is_not_looked_at() -> None:
    """Then there is nothing to say, and the finding says why."""
    moves = moves_of(lambda t: t["x"].to_numpy(), pd.DataFrame({"x": [1.0]}), {"x": 1}, {"x": np.array([1.0])})
    assert moves == {}
    assert check_directions("m", moves, ()).facts == {"reason": "no_directions"}


def test_constrained_trees_never_go_against_their_direction(grow: Callable[..., Any]) -> None:
    """Outcomes fall with x, the constraint says that the score may not: with it 0 moves against, without it most."""
    rng = np.random.default_rng(4)
    X = pd.DataFrame(rng.normal(size=(600, 3)), columns=["x", "z", "w"])
    y = (rng.random(600) < 1 / (1 + np.exp(1.5 * X["x"] - X["z"] * X["w"]))).astype(int)
    grids = {name: edges_of(X[name].to_numpy(), bins=12) for name in X}
    signs = {"x": 1, "z": 1}
    share = {}
    for kind, options in {
        "held": {"monotone_constraints": [1, 1, 0], "monotone_constraints_method": "intermediate"},
        "free": {},
    }.items():
        booster = grow(X, y, rounds=40, num_leaves=15, **options)
        moves = moves_of(lambda t, b=booster: b.predict(t, raw_score=True), X.head(100), signs, grids)
        share[kind] = sum(m.against for m in moves.values()) / sum(m.looked_at for m in moves.values())
    assert share["held"] == 0
    assert share["free"] > 0.2
