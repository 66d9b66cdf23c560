"""How well features and scores tell to which group a place belongs: whether they can stand in for an attribute that no model sees."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.evaluation.contrast import Contrast
from tegenkracht.evaluation.estimates import About, nothing

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CODES: Mapping[str, str] = {"TK211": "The score tells to which group a place belongs."}
METRIC = "proxy_auc"
TOGETHER = "columns=together"
SCORE = "score"
_RIDGE = 1e-3  # of the number of rows: keeps columns that say the same from blowing each other up


def clustered_auc(
    score: Floats, member: NDArray[np.bool_], *, cluster: NDArray[np.integer], stratum: NDArray[np.integer]
) -> tuple[float, float]:
    r"""The chance that a member scores above another row of the same stratum (ties count half), and its standard error.

    Strata are weighed by their number of pairs. The error adds up what each cluster does to the figure (its placement values; Obuchowski 1997,
    and Delong, Delong & Clarke-Pearson 1988 without clusters). NaN when no stratum has both.

    Examples
    --------
    >>> auc, _ = clustered_auc(
    ...     np.array([3.0, 1.0, 2.0, 0.0]), np.array([True, True, False, False]), cluster=np.arange(4), stratum=np.zeros(4, int)
    ... )
    >>> auc
    0.75
    """
    influence, total, pairs = np.zeros(score.size), 0.0, 0.0
    order = np.argsort(stratum, kind="stable")
    cuts = np.flatnonzero(np.diff(stratum[order])) + 1
    for rows in np.split(order, cuts):
        yes = rows[member[rows]]
        no = rows[~member[rows]]
        if not (yes.size and no.size):
            continue
        beaten = beaten_by(score[rows], member[rows])
        above = beaten[member[rows]] / no.size
        below = 1 - beaten[~member[rows]] / yes.size
        auc = float(above.mean())
        influence[yes] = no.size * (above - auc)
        influence[no] = yes.size * (below - auc)
        total += yes.size * no.size * auc
        pairs += yes.size * no.size
    if not pairs:
        return math.nan, math.nan
    sums = np.bincount(cluster, weights=influence / pairs)
    clusters = np.unique(cluster).size
    return total / pairs, math.sqrt(float((sums**2).sum()) * clusters / max(clusters - 1, 1))


def beaten_by(score: Floats, member: NDArray[np.bool_]) -> Floats:
    """Per row how many rows of the other side score below it, ties for half.

    Examples
    --------
    >>> beaten_by(np.array([3.0, 1.0, 2.0, 1.0]), np.array([True, True, False, False])).tolist()
    [2.0, 0.5, 1.0, 0.5]
    """
    order = np.argsort(score, kind="stable")
    ordered, of_member = score[order], member[order]
    begins = np.flatnonzero(np.r_[True, np.diff(ordered) != 0])
    block = np.repeat(np.arange(begins.size), np.diff(np.r_[begins, score.size]))
    sides = []
    for side in (~of_member, of_member):
        tied = np.add.reduceat(side.astype(np.float64), begins)
        sides.append((np.cumsum(tied) - tied / 2)[block])
    out = np.empty(score.size)
    out[order] = np.where(of_member, sides[0], sides[1])
    return out


def told_by_families(
    columns: pd.DataFrame,
    families: Mapping[str, Sequence[str]],
    members: Floats,
    *,
    cluster: NDArray[np.integer],
    folds: int,
    seed: int,
) -> tuple[dict[str, Floats], Ints]:
    """Per family, how much each row looks like each group according to clusters that it does not belong to; and the fold of each row.

    A linear discriminant on ranks and on what is missing, with one table of cross products for all families and groups. A richer model may tell
    more: what comes out is the least that the columns tell.

    Parameters
    ----------
    columns
        Features, a line per row; NaN where missing.
    members
        1 where a row belongs to a group: (row, group).
    """
    rng = np.random.default_rng(seed)
    of_cluster = rng.permutation(np.arange(int(cluster.max()) + 1) % folds)
    fold = np.asarray(of_cluster[cluster], np.int64)
    design, place = _design(columns)
    parts = [np.flatnonzero(fold == f) for f in range(folds)]
    own = [design[part].T @ design[part] for part in parts]
    told = [design[part].T @ members[part] for part in parts]
    out = {}
    for family, names in families.items():
        used = np.array([0, *(i for name in names for i in place[name])])
        guess = np.empty_like(members)
        for part, cross, product in zip(parts, own, told, strict=True):
            left = (sum(own) - cross)[np.ix_(used, used)]
            left = left + _RIDGE * (len(fold) - part.size) * np.eye(used.size)
            guess[part] = design[np.ix_(part, used)] @ np.linalg.solve(left, (sum(told) - product)[used])
        out[family] = guess
    return out, fold


def _design(columns: pd.DataFrame) -> tuple[Floats, dict[str, list[int]]]:
    """Ones, then per column its rank from -1 to 1 (0 where missing) and, where some are missing, whether it is; and where each column stands."""
    parts, place = [np.ones(len(columns))], {}
    ranks = columns.rank(pct=True)
    for name in columns:
        missing = columns[name].isna().to_numpy()
        place[str(name)] = [len(parts)]
        parts.append(np.where(missing, 0.0, 2 * ranks[name].to_numpy() - 1))
        if missing.any() and not missing.all():
            place[str(name)].append(len(parts))
            parts.append(missing.astype(np.float64))
    return np.column_stack(parts), place


@dataclass(frozen=True)
class Told:
    """Rows on which the proxy test is done.

    Parameters
    ----------
    columns
        Features of the rows.
    families
        Columns by family.
    cluster, lists
        Of each row, as in `Sample`.
    score
        Of the main model.
    outcome
        1 found, 0 nothing found, NaN nobody looked.
    """

    columns: pd.DataFrame
    families: Mapping[str, Sequence[str]]
    cluster: NDArray[np.integer]
    lists: NDArray[np.integer]
    score: Floats
    outcome: Floats


def proxy_estimates(
    told: Told, chosen: Sequence[Contrast], *, model: str, folds: int, minimum: int, level: float, seed: int
) -> Iterator[Estimate]:
    """`proxy_auc` of every group: per family of columns, of all columns together, and of the score; of the score also among equal outcomes.

    0.5 is what a lot would tell. Below 0.5 members score lower.
    """
    if not chosen:
        return
    members = np.column_stack([contrast.member for contrast in chosen]).astype(np.float64)
    families = {**told.families, "": [str(name) for name in told.columns]}
    guesses, fold = told_by_families(told.columns, families, members, cluster=told.cluster, folds=folds, seed=seed)
    everyone = np.ones(told.score.size, bool)
    for j, contrast in enumerate(chosen):
        for family, guess in guesses.items():
            about = About(group=contrast.group, at=f"family={family}" if family else TOGETHER)
            yield auc_estimate(guess[:, j], contrast, told.cluster, fold, everyone, about, minimum=minimum, level=level)
        asked = {SCORE: everyone, f"{SCORE},found=yes": told.outcome == 1, f"{SCORE},found=no": told.outcome == 0}
        for at, rows in asked.items():
            about = About(model, group=contrast.group, at=at)
            yield auc_estimate(
                told.score, contrast, told.cluster, told.lists, rows, about, minimum=minimum, level=level
            )


def auc_estimate(
    score: Floats,
    contrast: Contrast,
    cluster: NDArray[np.integer],
    stratum: NDArray[np.integer],
    rows: NDArray[np.bool_],
    about: About,
    *,
    minimum: int,
    level: float,
) -> Estimate:
    """How well a score tells one group on some rows, compared within strata only; with the reason when either side is under the minimum."""
    rows = rows & (contrast.member | contrast.rest)
    n = int(rows.sum())
    if min((rows & contrast.member).sum(), (rows & contrast.rest).sum()) < minimum:
        return nothing("base_under_minimum", METRIC, about, n=n, method="sample")
    auc, error = clustered_auc(score[rows], contrast.member[rows], cluster=cluster[rows], stratum=stratum[rows])
    if math.isnan(auc):
        return nothing("base_under_minimum", METRIC, about, n=n, method="sample")
    interval = auc_interval(auc, error, level=level)
    low, high = interval or (None, None)
    return Estimate(
        about.model,
        METRIC,
        auc,
        low,
        high,
        n=n,
        method="sample",
        level=level if interval else None,
        note="" if interval else "too_few_for_interval",
        group=about.group,
        at=about.at,
    )


def auc_interval(auc: float, error: float, *, level: float) -> tuple[float, float] | None:
    """Normal on the log-odds of the AUC, which keeps it between 0 and 1; None at 0, at 1 and without spread."""
    if not (0 < auc < 1 and error > 0):
        return None
    reach = NormalDist().inv_cdf((1 + level) / 2) * error / (auc * (1 - auc))
    return float(expit(logit(auc) - reach)), float(expit(logit(auc) + reach))


def check_proxies(estimates: Iterable[Estimate], *, model: str, size: float) -> Finding:
    """TK211: for some group the score is further from a lot than `size`, beyond an interval that is widened for the number of groups."""
    found = [e for e in estimates if e.metric == METRIC and e.model == model and e.at == SCORE]
    seen = [(e.value, e) for e in found if e.value is not None and e.low is not None]
    if not seen:
        return Finding("TK211", "not_applicable", model, {"reason": "base_under_minimum"})
    value, clearest = max(seen, key=lambda pair: _beyond(pair[1], groups=len(seen)))
    beyond = _beyond(clearest, groups=len(seen)) > size
    facts: dict[str, str | int | float] = {
        "attribute": clearest.group.partition("=")[0],
        "group": clearest.group.partition("=")[2],
        "pairs": round(100 * max(value, 1 - value)),
        "direction": "higher" if value >= 0.5 else "lower",
        "size": round(100 * (0.5 + size)),
        "looked_at": len(seen),
    }
    return Finding("TK211", "found" if beyond else "not_found", model, facts, (clearest.id,))


def _beyond(estimate: Estimate, *, groups: int) -> float:
    """How far the AUC is from a half at least, when this many groups are looked at (Bonferroni)."""
    if estimate.value is None or estimate.low is None or estimate.high is None or estimate.level is None:
        return 0.0
    wider = NormalDist().inv_cdf(1 - (1 - estimate.level) / (2 * groups))
    usual = NormalDist().inv_cdf((1 + estimate.level) / 2)
    middle = float(logit(estimate.value))
    near = min(estimate.low, estimate.high, key=lambda end: abs(end - 0.5))
    reach = abs(middle - float(logit(near))) * wider / usual
    return max(float(expit(abs(middle) - reach)) - 0.5, 0.0)
