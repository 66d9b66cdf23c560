r"""Logistic regressions that differ little: on the same rows without one part of them, or on the same columns without one family.

Each is the least of :math:`\sum_i w_i \ell(y_i, b_0 + x_i b) + b^2 / 2C`, as in scikit-learn's `LogisticRegression`. What they have in common is worked
out once: all rows and columns together say where each may start and how its loss curves, and one product with the columns gives the slopes of all.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

SETTLED = 1e-11
"""Slope of the loss of a row, on average, at which a regression is done: scikit-learn stops at 1e-4."""
_STEPS = 40
"""Steps after which scikit-learn takes over, which damps those that go too far."""
_NEAR, _MANY = 1e-3, 300
"""Slope at which a start that is shared is near enough; rows per column from which on it is sought on an eighth of them first."""


def without_parts(columns: Floats, positive: Floats, weight: Floats, cuts: Sequence[slice], *, C: float) -> Floats:
    """Constant and coefficients (part, 1 + column) of the regression on all rows but those of each part; both outcomes must be left.

    Parameters
    ----------
    columns
        Shape (column, row).
    positive, weight
        Of each row.
    cuts
        The rows of each part.
    """
    table, ridge = _with_constant(columns), _ridge(len(columns) + 1, C)
    start = _start(table, positive, weight, C)
    bent = table * np.sqrt(weight * _bend(start @ table))
    own = np.array([bent[:, cut] @ bent[:, cut].T for cut in cuts])
    weights = np.tile(weight, (len(cuts), 1))
    for k, cut in enumerate(cuts):
        weights[k, cut] = 0.0
    beta = np.tile(start, (len(cuts), 1))
    free = np.ones(beta.shape, bool)
    return _settled(table, positive, weights, free, beta, bent @ bent.T + np.diag(ridge) - own, C)


def without_families(columns: Floats, positive: Floats, kept: Sequence[Flags], *, C: float) -> Floats:
    """Constant and coefficients (set, 1 + column) of the regression on each set of columns; 0 for columns that are not in it.

    Parameters
    ----------
    columns
        Shape (column, row).
    kept
        Which columns are in each set.
    """
    table, ridge, weight = _with_constant(columns), _ridge(len(columns) + 1, C), np.ones((1, columns.shape[1]))
    start = _start(table, positive, weight[0], C)
    bent = table * np.sqrt(_bend(start @ table))
    curved = bent @ bent.T + np.diag(ridge)
    free = np.array([np.r_[True, some] for some in kept])
    beta = np.array([_moved(start, curved, some) for some in free])
    return _settled(table, positive, weight, free, beta, np.tile(curved, (len(free), 1, 1)), C)


def _with_constant(columns: Floats) -> Floats:
    return np.concatenate([np.ones((1, columns.shape[1])), columns])


def _ridge(size: int, C: float) -> Floats:
    """What the penalty adds to the curvature: nothing for the constant."""
    return np.append(0.0, np.full(size - 1, 1 / C))


def _chance(log_odds: Floats) -> Floats:
    """`expit`, in a quarter of its time; small chances to 16 digits after the point."""
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * log_odds))


def _bend(log_odds: Floats) -> Floats:
    """Curvature of the loss of a row."""
    chance = _chance(log_odds)
    return np.asarray(chance * (1 - chance))


def _start(table: Floats, positive: Floats, weight: Floats, C: float) -> Floats:
    """About the regression on all rows, by Newton's method; where there are many, from that on an eighth of them."""
    beta, ridge = np.zeros(len(table)), _ridge(len(table), C)
    some = slice(None, None, 8)
    if positive.size > _MANY * len(table) and positive[some].min() < positive[some].max():
        beta = _start(np.ascontiguousarray(table[:, some]), positive[some], 8 * weight[some], C)
    for _ in range(_STEPS):
        chance = _chance(beta @ table)
        slope = table @ (weight * (chance - positive)) + ridge * beta
        if np.abs(slope).max() <= _NEAR * weight.sum():
            break
        bent = table * np.sqrt(weight * chance * (1 - chance))
        beta = beta - np.linalg.lstsq(bent @ bent.T + np.diag(ridge), slope, rcond=None)[0]
    return np.asarray(beta)


def _moved(start: Floats, curved: Floats, free: Flags) -> Floats:
    """The start when some coefficients become 0, with what they said taken over by the others as well as can be."""
    out = np.where(free, start, 0.0)
    lost = curved[np.ix_(free, ~free)] @ start[~free]
    out[free] += np.linalg.lstsq(curved[np.ix_(free, free)], lost, rcond=None)[0]
    return out


def _settled(
    table: Floats, positive: Floats, weight: Floats, free: Flags, beta: Floats, curved: Floats, C: float
) -> Floats:
    """Regressions from where they start to where they settle, all at a time.

    Each steps along its curvature at the start, mended by what each step tells of it (Broyden, Fletcher, Goldfarb and Shanno, as in Nocedal & Wright 2006,
    section 6.1).

    Parameters
    ----------
    weight
        Of each row in each regression (regression, row); one line where it is the same in all.
    free, beta, curved
        Of each regression: which coefficients are not 0, where it starts, and the curvature there.
    """
    ridge, beta = _ridge(len(table), C), beta.copy()
    total = np.broadcast_to(weight.sum(1), len(beta))
    inverse = np.array([_inverse(*one) for one in zip(curved, free, strict=True)])
    going, slope, step = np.arange(len(beta)), np.zeros(beta.shape), np.zeros(beta.shape)
    for done in range(_STEPS):
        own = weight if len(weight) == 1 else weight[going]
        there = (own * (_chance(beta[going] @ table) - positive)) @ table.T + ridge * beta[going]
        there = np.where(free[going], there, 0.0)
        if done:
            inverse[going] = _mended(inverse[going], step[going], there - slope[going])
        slope[going] = there
        going = going[np.abs(there).max(1) > SETTLED * total[going]]
        if not going.size:
            return beta
        step[going] = -np.einsum("kij,kj->ki", inverse[going], slope[going])
        beta[going] += step[going]
    for k in going:
        own = np.broadcast_to(weight, (len(beta), positive.size))[k]
        beta[k] = _borrowed(table, positive, own, free[k], C)
    return beta


def _inverse(curved: Floats, free: Flags) -> Floats:
    out = np.zeros_like(curved)
    out[np.ix_(free, free)] = np.linalg.pinv(curved[np.ix_(free, free)], hermitian=True)
    return out


def _mended(inverse: Floats, step: Floats, change: Floats) -> Floats:
    """Inverse curvatures (regression, coefficient, coefficient) that turn the last change of slope into the last step; as they were where it tells nothing."""
    told = np.einsum("ki,ki->k", step, change)
    tells = told > 1e-300
    over = np.divide(1.0, told, out=np.zeros_like(told), where=tells)
    moved = np.einsum("kij,kj->ki", inverse, change)
    both = (over * (1 + over * np.einsum("ki,ki->k", change, moved)))[:, None, None]
    cross = over[:, None, None] * moved[:, :, None] * step[:, None, :]
    return np.asarray(inverse + both * step[:, :, None] * step[:, None, :] - cross - cross.transpose(0, 2, 1))


def _borrowed(table: Floats, positive: Floats, weight: Floats, free: Flags, C: float) -> Floats:
    """What scikit-learn makes of it."""
    rows, out = weight > 0, np.zeros(free.size)
    fitted = LogisticRegression(C=C, solver="newton-cholesky", tol=1e-8, max_iter=100)
    fitted.fit(table[1:][free[1:]][:, rows].T, positive[rows] == 1, sample_weight=weight[rows])
    out[free] = np.r_[fitted.intercept_, fitted.coef_[0]]
    return out
