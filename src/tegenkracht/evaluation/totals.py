"""What was found at places with so many points on a scorecard, beside what the card expects there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.progress import silent
from tegenkracht.core.wilson import wilson_interval
from tegenkracht.evaluation.bootstrap import resample, sum_statistic
from tegenkracht.evaluation.estimates import About, exactly, rounded, with_interval
from tegenkracht.evaluation.sample import Sample
from tegenkracht.evaluation.worth import effective_size

Ints = NDArray[np.int64]


def total_estimates(
    sample: Sample,
    rows: Ints,
    total: Ints,
    chance: NDArray[np.float64],
    *,
    model: str,
    minimum: int,
    replicates: int,
    level: float,
    seed: int,
    threads: int,
) -> tuple[Estimate, ...]:
    """Per band of totals `found_at_total`, the share of visited rows with a finding, and `expected_at_total`, the mean chance that the card gives these rows.

    The interval is Wilson's at the number of rows that draws of clusters say they are worth. Who was visited was chosen, so it is about visited rows.

    Parameters
    ----------
    rows, total, chance
        Visited rows (places in the sample), and of each the points and the chance of the card.
    minimum
        Fewest rows of a band.
    """
    if not rows.size:
        return ()
    bands = bands_of(total, minimum=minimum)
    inside = [np.flatnonzero((total >= low) & (total <= high)) for low, high in bands]
    slices = [rows[own] for own in inside]
    found = sample.finding[np.concatenate(slices)].astype(np.float64)
    numbers = resample(
        {"found": sum_statistic(np.column_stack([found, np.ones_like(found)]), cluster=sample.cluster, slices=slices)},
        clusters=sample.clusters,
        replicates=replicates,
        seed=seed,
        threads=threads,
        progress=silent,
    )["found"]
    shares = numbers[:, 0] / numbers[:, 1]

    def told() -> Iterator[Estimate]:
        for i, (low, high) in enumerate(bands):
            about, n = About(model, at=f"total={low}-{high}"), float(inside[i].size)
            value = float(shares[i].point)
            ends = wilson_interval(value, effective_size(shares[i], n, level=level), level=level)
            yield with_interval(value, ends, "found_at_total", about, n=n, level=level, method="labelled")
            yield exactly(float(chance[inside[i]].mean()), "expected_at_total", about, n=n, method="labelled")

    return tuple(rounded(estimate) for estimate in told())


def bands_of(total: Ints, *, minimum: int) -> list[tuple[int, int]]:
    """Totals that rows have, from the lowest up, neighbours together where one has fewer rows than `minimum`; too few at the top go with those below.

    Examples
    --------
    >>> bands_of(np.array([0, 0, 0, 1, 1, 2, 4, 7]), minimum=2)
    [(0, 0), (1, 1), (2, 7)]
    """
    bands: list[tuple[int, int]] = []
    values, counts = np.unique(total, return_counts=True)
    first, rows = 0, 0
    for i, (value, count) in enumerate(zip(values.tolist(), counts.tolist(), strict=True)):
        first, rows = (value if rows == 0 else first), rows + count
        if rows >= minimum:
            bands.append((int(first), int(value)))
            rows = 0
        elif i == values.size - 1:
            low = bands.pop()[0] if bands else first
            bands.append((int(low), int(value)))
    return bands
