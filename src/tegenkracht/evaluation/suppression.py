"""Which groups are left out, so that no small one can be seen or worked out from the others.

A total is known, so that what is left out together is what the others leave over (complementary suppression): never one group, and never less than the
minimum, unless there is nothing more to leave out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64] | NDArray[np.float64]


def too_small(sizes: NDArray[np.int64], *, minimum: int) -> Flags:
    """Groups under the minimum, and the next smallest too as long as that is one group, or all of them together are under it.

    Examples
    --------
    >>> too_small(np.array([40, 9, 30]), minimum=10).tolist(), too_small(np.array([40, 30]), minimum=10).tolist()
    ([False, True, True], [False, False])
    >>> too_small(np.array([40, 4, 3, 30]), minimum=10).tolist()
    [False, True, True, True]
    """
    return too_few(sizes, np.zeros(sizes.shape, bool), minimum=minimum)


def too_small_cells(counts: NDArray[np.float64], hidden: Flags, *, minimum: int) -> Flags:
    """Cells of one step of a process that are left out: those of hidden groups, all under the minimum, and what these leave to be read.

    The next smallest goes too as long as one cell is left out, or cells that hold less than the minimum together.

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
    >>> too_small_cells(np.array([0.0, 0.0, 35.0, 62.0]), np.zeros(4, bool), minimum=10).tolist()
    [True, True, True, False]
    """
    gone: Flags = hidden | (counts < minimum)
    while not gone.all() and _tells(counts, gone, minimum):
        gone = gone | (counts == counts[~gone].min())
    return gone


def too_small_crossed(sizes: NDArray[np.int64], *, minimum: int) -> Flags:
    """Cells of a table (row, column) that are left out, when the totals of rows and columns are known.

    As long as a row or a column has just one cell left out, or cells that are under the minimum together, its next smallest cell goes too.

    Examples
    --------
    >>> too_small_crossed(np.array([[9, 40, 50], [30, 20, 60]]), minimum=10).tolist()
    [[True, True, False], [True, True, False]]
    """
    return too_few_crossed(sizes, np.zeros(sizes.shape, bool), minimum=minimum)


def too_few(base: Numbers, hidden: Flags, *, minimum: int) -> Flags:
    """Groups that are left out of a figure: those that are hidden, and those of which it rests on less than the minimum.

    The next smallest too, as long as that is one group, or as the figure rests on less than the minimum of all of them together. A figure that rests on
    nothing tells nothing.

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
    return gone | _complement(base, gone, minimum)


def too_few_crossed(base: Numbers, hidden: Flags, *, minimum: int) -> Flags:
    """The same of the cells of a table (row, column), of which the totals of rows and columns are known."""
    gone = hidden | _under(base, minimum)
    while True:
        rows = np.stack([_complement(row, own, minimum) for row, own in zip(base, gone, strict=True)])
        columns = np.stack(
            [_complement(column, own, minimum) for column, own in zip(base.T, (gone | rows).T, strict=True)]
        ).T
        more = gone | rows | columns
        if (more == gone).all():
            return gone
        gone = more


def _under(base: Numbers, minimum: int) -> Flags:
    under: Flags = (base > 0) & (base < minimum)
    return under


def _complement(base: Numbers, hidden: Flags, minimum: int) -> Flags:
    """The smallest groups that are still shown, as many as must go too."""
    out = np.zeros(base.size, bool)
    for group in np.argsort(base, kind="stable"):
        if not _tells(base, hidden | out, minimum) or (hidden.sum() > 1 and not base[hidden].any()):
            break
        out[group] |= not hidden[group] and base[group] > 0
    return out


def _tells(base: Numbers, gone: Flags, minimum: int) -> bool:
    """Whether what is left over by the others is one group, or less than the minimum."""
    return bool(gone.sum() == 1 or (gone.any() and base[gone].sum() < minimum))
