"""Whether an explanation survives another fit: ranks and signs of contributions over refits, and the family that comes first per fold."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.feature import Feature
from tegenkracht.core.finding import Finding
from tegenkracht.explanation.attributions import Attributions
from tegenkracht.explanation.summary import families_of

Floats = NDArray[np.float64]

OF_REFITS = "describes_refits"
"""Note of a number that describes the refits that were made."""


def stability(refits: Sequence[Attributions], *, features: Sequence[Feature], level: float) -> tuple[Estimate, ...]:
    """Rank and sign agreement of each column and family over refits of one model to the same rows.

    `attribution_rank`: median rank by mean absolute contribution (1 moves the scores most, ties share the mean of their ranks) among columns, or
    among families, and between which ranks a next refit lies in a share `level` of times (`of_next`). `sign_agreement`: the chance that two refits drawn
    by lot give a row's contribution the same sign, averaged over rows (Krishna et al. 2022, for pairs of refits); 1 when the direction never turns.

    Parameters
    ----------
    refits
        Two or more fits (other draws of units, other seeds), with the same rows and columns in the same order.
    features
        The dictionary, for families.
    level
        Of the interval of ranks that is asked; an interval says which it has, and few refits have less.

    Raises
    ------
    ValueError
        When there are fewer than two refits, or they differ in rows or columns.
    """
    _require_alike(refits)
    families = families_of(refits[0].values.columns, features)
    alone = {f"feature={name}": (str(name),) for name in refits[0].values}
    together = {f"family={name}": members for name, members in families.items()}
    return tuple(
        estimate
        for members in (alone, together)
        for estimate in _of_group(refits[0].model, _totals(refits, list(members.values())), list(members), level=level)
    )


def order_stability(
    refits: Sequence[Attributions], *, features: Sequence[Feature], first: int, level: float
) -> tuple[Estimate, ...]:
    """How alike the orders of families are over refits: Kendall's W of all, and the overlap of the `first` families of each two.

    `rank_concordance`: Kendall's coefficient of concordance (Kendall & Babington Smith 1939), corrected for ties: 1 when every refit orders the
    families alike, about one over the number of refits when the orders are by lot. `first_shared` (`at` is `first=…`): how many of the `first` families
    (or all, where there are fewer) two refits both name, the median over pairs of refits with the middle `level` of the pairs.
    """
    _require_alike(refits)
    families = families_of(refits[0].values.columns, features)
    if len(families) < 2:
        return ()
    sizes = np.abs(_totals(refits, list(families.values()))).mean(axis=1)
    of = min(first, len(families))
    tops = np.argsort(np.argsort(-sizes, axis=1, kind="stable"), axis=1) < of
    one, other = np.triu_indices(len(tops), 1)
    shared = (tops[one] & tops[other]).sum(axis=1)
    ends = [(1 - level) / 2, 0.5, (1 + level) / 2]
    low, middle, high = (float(x) for x in np.quantile(shared, ends, method="nearest"))
    model, n, at = refits[0].model, len(refits), f"first={of}"
    return (
        Estimate(
            model, "rank_concordance", concordance(rankdata(-sizes, axis=1)), n=n, method="sample", note=OF_REFITS
        ),
        Estimate(model, "first_shared", middle, low, high, n, "sample", level, at=at),
    )


def concordance(ranks: Floats) -> float:
    """Kendall's W of rankings, shape (ranking, item), with the correction for ties; 1 when all items tie in every ranking."""
    m, n = ranks.shape
    spread = float(((ranks.sum(axis=0) - m * (n + 1) / 2) ** 2).sum())
    ties = sum(float((counts**3 - counts).sum()) for counts in (np.unique(row, return_counts=True)[1] for row in ranks))
    most = m**2 * (n**3 - n) - m * ties
    return 12 * spread / most if most > 0 else 1.0


def of_next(drawn: Floats, *, level: float) -> tuple[Floats, Floats, float]:
    """Lowest and highest of what a next draw lies between, per column, and how often it does.

    Of k draws the r-th from below and from above hold a next one in (k + 1 - 2r) of k + 1 times, and where values tie at least so often (Wilks 1941). The
    narrowest pair that holds it in a share `level` is taken; where no pair does, all of them, which hold it in (k - 1) of k + 1.

    Parameters
    ----------
    drawn
        Shape (draw, column).

    Examples
    --------
    >>> low, high, share = of_next(np.arange(9.0)[:, None], level=0.95)
    >>> low.tolist(), high.tolist(), round(share, 3)
    ([0.0], [8.0], 0.8)
    """
    k = len(drawn)
    r = max(1, math.floor((k + 1) * (1 - level) / 2 + 1e-9))
    ordered = np.sort(drawn, axis=0)
    return ordered[r - 1], ordered[k - r], (k + 1 - 2 * r) / (k + 1)


def _require_alike(refits: Sequence[Attributions]) -> None:
    if len(refits) < 2:
        raise ValueError("Stability needs at least two refits.")
    first = refits[0]
    for other in refits[1:]:
        if not (np.array_equal(first.rows, other.rows) and first.values.columns.equals(other.values.columns)):
            raise ValueError("Refits have other rows or columns; explain the same rows with each of them.")


def _totals(refits: Sequence[Attributions], members: Sequence[Sequence[str]]) -> Floats:
    """Contribution of each set of columns, shape (refit, row, set)."""
    return np.stack([np.column_stack([fit.values[list(names)].sum(axis=1) for names in members]) for fit in refits])


def _of_group(model: str, totals: Floats, names: Sequence[str], *, level: float) -> list[Estimate]:
    ranks = rankdata(-np.abs(totals).mean(axis=1), axis=1)
    middle = np.quantile(ranks, 0.5, axis=0, method="nearest")
    low, high, held = of_next(ranks, level=level)
    agreement = _sign_agreement(totals)
    n = len(totals)
    return [
        estimate
        for i, at in enumerate(names)
        for estimate in (
            Estimate(
                model, "attribution_rank", float(middle[i]), float(low[i]), float(high[i]), n, "sample", held, at=at
            ),
            Estimate(
                model,
                "sign_agreement",
                float(agreement[i]),
                n=n,
                method="sample",
                note=OF_REFITS,
                at=at,
            ),
        )
    ]


def _sign_agreement(totals: Floats) -> Floats:
    """Share of pairs of refits with the same sign (also zero), averaged over rows."""
    refits = len(totals)
    counts = np.stack([(np.sign(totals) == sign).sum(axis=0) for sign in (-1, 0, 1)])
    pairs: Floats = (counts * (counts - 1)).sum(axis=0) / (refits * (refits - 1))
    agreement: Floats = pairs.mean(axis=0)
    return agreement


def check_first_family(attributions: Attributions, *, features: Sequence[Feature]) -> Finding:
    """TK303: whether the family that moves the scores most is the same in every fold."""
    folds = list(dict.fromkeys(attributions.folds.tolist()))
    families = families_of(attributions.values.columns, features)
    if len(folds) < 2 or len(families) < 2:
        why = "one_fold" if len(folds) < 2 else "one_family"
        return Finding("TK303", "not_applicable", attributions.model, {"reason": why})
    sizes = _totals([attributions], list(families.values()))[0]
    names = list(families)
    first = [names[int(np.abs(sizes[attributions.folds == fold]).mean(axis=0).argmax())] for fold in folds]
    most, times = Counter(first).most_common(1)[0]
    facts: dict[str, str | int | float] = {
        "folds": len(folds),
        "family": most,
        "first_in": times,
        "families": ", ".join(dict.fromkeys(first)),
    }
    return Finding("TK303", "found" if len(set(first)) > 1 else "not_found", attributions.model, facts)
