"""The step function that never falls and lies closest to outcomes: pooling adjacent violators (Ayer et al., Ann. Math. Stat. 1955).

Scores are sorted once and equal scores form a block; a bootstrap replicate changes only the weight of each block, so it costs one pass.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tegenkracht.evaluation.kernel import Flags, Floats, Index, Ints, compiled


@compiled
def pool(weight: Floats, hits: Floats, fitted: Floats) -> None:
    """Fill `fitted` (block) with the isotonic regression of `hits / weight`.

    Blocks ascend by score. A block without weight takes the value before it, or the first value there is; NaN when no block has weight.
    """
    blocks = weight.size
    mass, found, start = np.empty(blocks), np.empty(blocks), np.empty(blocks, np.int64)
    top = -1
    for i in range(blocks):
        if weight[i] > 0.0:
            top += 1
            mass[top], found[top], start[top] = weight[i], hits[i], i
            while top > 0 and found[top - 1] * mass[top] >= found[top] * mass[top - 1]:
                mass[top - 1] += mass[top]
                found[top - 1] += found[top]
                top -= 1
    if top < 0:
        fitted[:] = np.nan
        return
    start[0] = 0
    for j in range(top + 1):
        end = start[j + 1] if j < top else blocks
        fitted[start[j] : end] = found[j] / mass[j]


@compiled
def pool_draws(
    counts: Flags,
    cluster: Index,
    finding: Flags,
    squared: Floats,
    run: Ints,
    cells: Ints,
    residual: Floats,
    marks: Ints,
    out: Floats,
    smooth: Floats,
) -> None:
    """Brier score, Brier score after isotonic recalibration, outcome variance and the curve of one slice, for each replicate.

    Rows ascend by score; `counts` is (cluster, replicate), so that one row serves all replicates while it is at hand; `run` counts the runs
    of `runs_of`. `out` is (replicate, 3 + mark), `marks` the runs at which the curve is read. `smooth` (replicate, cell) gets the mean
    residual that falls in each cell.
    """
    replicates, runs = counts.shape[1], run[-1] + 1
    weight, hits = np.zeros((runs, replicates)), np.zeros((runs, replicates))
    in_cell = np.zeros((smooth.shape[1], replicates))
    error = np.zeros(replicates)
    for i in range(run.size):
        c, r, cell, off, miss = cluster[i], run[i], cells[i], squared[i], residual[i]
        for b in range(replicates):
            count = float(counts[c, b])
            weight[r, b] += count
            error[b] += count * off
            in_cell[cell, b] += count * miss
        if finding[i]:
            for b in range(replicates):
                hits[r, b] += counts[c, b]
    mass, found, fitted = np.empty(runs), np.empty(runs), np.empty(runs)
    for b in range(replicates):
        mass[:], found[:] = weight[:, b], hits[:, b]
        total = mass.sum()
        if total == 0.0:
            out[b, :] = np.nan
            smooth[b, :] = np.nan
            continue
        pool(mass, found, fitted)
        after = 0.0
        for i in range(runs):
            after += mass[i] * fitted[i] * (1.0 - fitted[i])
        share = found.sum() / total
        out[b, 0], out[b, 1], out[b, 2] = error[b] / total, after / total, share * (1.0 - share)
        for i in range(marks.size):
            out[b, 3 + i] = fitted[marks[i]]
        smooth[b, :] = in_cell[:, b] / total


def runs_of(block: Ints, finding: Flags) -> Ints:
    """Which run each block of equal scores is in: a run begins at the first block and at every block with a finding.

    A block without findings is pooled with what lies below it however often its rows are drawn, so that isotonic regression needs no more steps
    than there are blocks with findings.

    Parameters
    ----------
    block
        Of each row, ascending from 0.

    Examples
    --------
    >>> runs_of(np.array([0, 1, 1, 2, 3]), np.array([0, 0, 1, 0, 1], np.uint8)).tolist()
    [0, 1, 1, 2]
    """
    begins = np.bincount(block, finding) > 0
    begins[:1] = True
    return np.asarray(np.cumsum(begins) - 1, np.int64)


def isotonic(scores: Floats, outcome: NDArray[np.floating], weight: Floats) -> tuple[Floats, Floats]:
    """Distinct scores, ascending, and the weighted isotonic regression of the outcome at each.

    Examples
    --------
    >>> distinct, fitted = isotonic(np.array([0.1, 0.2, 0.3]), np.array([1.0, 0.0, 1.0]), np.ones(3))
    >>> fitted.tolist()
    [0.5, 0.5, 1.0]
    """
    distinct, block = np.unique(scores, return_inverse=True)
    mass, hits = np.bincount(block, weight), np.bincount(block, weight * outcome)
    fitted = np.empty(distinct.size)
    pool(mass.astype(np.float64), hits.astype(np.float64), fitted)
    return distinct, fitted
