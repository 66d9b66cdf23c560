"""Which groups are left out, so that no small one can be seen or worked out from the others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]


def too_small(sizes: NDArray[np.int64], *, minimum: int) -> Flags:
    """Groups under the minimum, and when there is just one of them the next smallest too.

    The total is known, so that one group that is left out is what the others leave over (complementary suppression).

    Examples
    --------
    >>> too_small(np.array([40, 9, 30]), minimum=10).tolist(), too_small(np.array([40, 30]), minimum=10).tolist()
    ([False, True, True], [False, False])
    """
    hidden: Flags = (sizes > 0) & (sizes < minimum)
    return hidden | _complement(sizes, hidden)


def too_small_cells(counts: NDArray[np.float64], *, minimum: int) -> Flags:
    """Cells of one step of a process that are left out: all under the minimum, and when there is just one of them the next smallest too.

    Unlike a group that does not occur, an empty cell is left out as well: that none of a group was found says something of each of its places, and a
    nought beside other cells that are left out narrows what those can be. Counts may be parts, when places with equal scores share a list.

    Examples
    --------
    >>> too_small_cells(np.array([40.0, 4.0, 30.0]), minimum=10).tolist(), too_small_cells(np.array([0.0, 3.5]), minimum=10).tolist()
    ([False, True, True], [True, True])
    """
    hidden: Flags = counts < minimum
    if hidden.sum() == 1 and not hidden.all():
        hidden = hidden | (counts == counts[~hidden].min())
    return hidden


def too_small_crossed(sizes: NDArray[np.int64], *, minimum: int) -> Flags:
    """Cells of a table (row, column) that are left out, when the totals of rows and columns are known.

    As long as a row or a column has just one cell left out, its next smallest cell goes too.

    Examples
    --------
    >>> too_small_crossed(np.array([[9, 40, 50], [30, 20, 60]]), minimum=10).tolist()
    [[True, True, False], [True, True, False]]
    """
    hidden: Flags = (sizes > 0) & (sizes < minimum)
    while True:
        rows = np.stack([_complement(row, gone) for row, gone in zip(sizes, hidden, strict=True)])
        columns = np.stack(
            [_complement(column, gone) for column, gone in zip(sizes.T, (hidden | rows).T, strict=True)]
        ).T
        more = hidden | rows | columns
        if (more == hidden).all():
            return hidden
        hidden = more


def _complement(sizes: NDArray[np.int64], hidden: Flags) -> Flags:
    """The smallest group that is still shown, when just one is not."""
    out = np.zeros(sizes.size, bool)
    shown = np.flatnonzero(~hidden & (sizes > 0))
    if hidden.sum() == 1 and shown.size:
        out[shown[np.argmin(sizes[shown])]] = True
    return out
