"""The step function that never falls and lies closest to outcomes: pooling adjacent violators (Ayer et al., Ann. Math. Stat. 1955).

Scores are sorted once and equal scores form a block; a bootstrap replicate changes only the weight of each block, so it costs one pass.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tegenkracht.evaluation.kernel import Flags, Floats, Ints, compiled


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
def pool_draws(steps: Floats, marks: Ints, out: Floats) -> None:
    """Brier score after isotonic recalibration, outcome variance and the curve of one slice, for each replicate.

    `steps` (replicate, run, 2) has the rows and the findings of each of the `runs_of` a slice, `marks` the runs at which the curve is read, and
    `out` is (replicate, 2 + mark); NaN in a replicate without rows.
    """
    runs = steps.shape[1]
    mass, found, fitted = np.empty(runs), np.empty(runs), np.empty(runs)
    for b in range(steps.shape[0]):
        for i in range(runs):  # number by number, as at the end of `walk_lists`
            mass[i], found[i] = steps[b, i, 0], steps[b, i, 1]
        total = mass.sum()
        if total == 0.0:
            out[b, :] = np.nan
            continue
        pool(mass, found, fitted)
        after = 0.0
        for i in range(runs):
            after += mass[i] * fitted[i] * (1.0 - fitted[i])
        share = found.sum() / total
        out[b, 0], out[b, 1] = after / total, share * (1.0 - share)
        for i in range(marks.size):
            out[b, 2 + i] = fitted[marks[i]]


@compiled
def draw_findings(uniform: Floats, number: Ints, chance: Floats, nothing: Floats, found: Floats) -> None:
    """Into `found` (block): of how many of `number` rows that each have this chance something is found, the smallest number that holds `uniform`.

    `nothing` is the chance that nothing is found: it is the same in every draw. Adding up what is left of `uniform` serves few findings a block.
    """
    for i in range(number.size):
        left, mass, k = uniform[i], nothing[i], 0
        while left > mass and k < number[i]:
            k += 1
            left -= mass
            mass *= (number[i] - k + 1) * chance[i] / (k * (1.0 - chance[i]))
        found[i] = k


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
