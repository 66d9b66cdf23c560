"""Which groups are left out, so that no small one can be seen or worked out from the others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64] | NDArray[np.float64]


def too_small(sizes: NDArray[np.int64], *, minimum: int) -> Flags:
    """Groups under the minimum, and when there is just one of them the next smallest too.

    The total is known, so that one group that is left out is what the others leave over (complementary suppression).

    Examples
    --------
    >>> too_small(np.array([40, 9, 30]), minimum=10).tolist(), too_small(np.array([40, 30]), minimum=10).tolist()
    ([False, True, True], [False, False])
    """
    return too_few(sizes, np.zeros(sizes.shape, bool), minimum=minimum)


def too_small_cells(counts: NDArray[np.float64], hidden: Flags, *, minimum: int) -> Flags:
    """Cells of one step of a process that are left out: of hidden groups, all under the minimum, and when that is just one the next smallest too.

    Unlike a group that does not occur, an empty cell is left out as well: that none of a group was found says something of each of its places, and a
    nought beside other cells that are left out narrows what those can be. Counts may be parts, when places with equal scores share a list.

    Parameters
    ----------
    hidden
        Groups that are left out of every step.

    Examples
    --------
    >>> too_small_cells(np.array([40.0, 4.0, 30.0]), np.zeros(3, bool), minimum=10).tolist()
    [False, True, True]
    >>> too_small_cells(np.array([0.0, 30.0, 35.0]), np.zeros(3, bool), minimum=10).tolist()
    [True, True, False]
    """
    gone: Flags = hidden | (counts < minimum)
    if gone.sum() == 1 and not gone.all():
        gone = gone | (counts == counts[~gone].min())
    return gone


def too_small_crossed(sizes: NDArray[np.int64], *, minimum: int) -> Flags:
    """Cells of a table (row, column) that are left out, when the totals of rows and columns are known.

    As long as a row or a column has just one cell left out, its next smallest cell goes too.

    Examples
    --------
    >>> too_small_crossed(np.array([[9, 40, 50], [30, 20, 60]]), minimum=10).tolist()
    [[True, True, False], [True, True, False]]
    """
    return too_few_crossed(sizes, np.zeros(sizes.shape, bool), minimum=minimum)


def too_few(base: Numbers, hidden: Flags, *, minimum: int) -> Flags:
    """Groups that are left out of a figure: those that are hidden, those of which it rests on less than the minimum, and when that is one group the next too.

    A figure that rests on nothing tells nothing.

    Parameters
    ----------
    base
        What the figure of each group rests on: visits, say, or findings.
    hidden
        Groups that are left out of every figure.

    Examples
    --------
    >>> too_few(np.array([40.0, 3.0, 30.0, 0.0]), np.zeros(4, bool), minimum=10).tolist()
    [False, True, True, False]
    """
    gone = hidden | _under(base, minimum)
    return gone | _complement(base, gone)


def too_few_crossed(base: Numbers, hidden: Flags, *, minimum: int) -> Flags:
    """The same of the cells of a table (row, column), of which the totals of rows and columns are known."""
    gone = hidden | _under(base, minimum)
    while True:
        rows = np.stack([_complement(row, own) for row, own in zip(base, gone, strict=True)])
        columns = np.stack([_complement(column, own) for column, own in zip(base.T, (gone | rows).T, strict=True)]).T
        more = gone | rows | columns
        if (more == gone).all():
            return gone
        gone = more


def _under(base: Numbers, minimum: int) -> Flags:
    under: Flags = (base > 0) & (base < minimum)
    return under


def _complement(base: Numbers, hidden: Flags) -> Flags:
    """The smallest group that is still shown, when just one is not."""
    out = np.zeros(base.size, bool)
    shown = np.flatnonzero(~hidden & (base > 0))
    if hidden.sum() == 1 and shown.size:
        out[shown[np.argmin(base[shown])]] = True
    return out
