"""How well features and scores tell to which group a place belongs: whether they can stand in for an attribute that no model sees."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from tegenkracht.core.conditions import attribute_of, value_of
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.normal import reach_of
from tegenkracht.evaluation.contrast import Contrast
from tegenkracht.evaluation.estimates import About, nothing
from tegenkracht.evaluation.kernel import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CODES: Mapping[str, str] = {"TK211": "The score tells to which group a place belongs."}
METRIC = "proxy_auc"
TOGETHER = "columns=together"
SCORE = "score"
EVERY_PAIR = "every_pair"
"""Note where every pair is told apart: no draw of the same places gives another number, so there is no interval."""
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
    strata, clusters = int(stratum.max(initial=0)) + 1, np.bincount(cluster)
    counts, won, pulls = np.zeros((2, strata), np.int64), np.zeros(strata), np.zeros(clusters.size)
    walk_pairs(np.argsort(score), score, member, stratum, cluster, counts, won, pulls)
    pairs = float((counts[0] * counts[1]).sum())
    if not pairs:
        return math.nan, math.nan
    drawn = int(np.count_nonzero(clusters))
    return float(won.sum()) / pairs, math.sqrt(float((pulls**2).sum()) * drawn / max(drawn - 1, 1)) / pairs


@compiled
def walk_pairs(
    order: Ints,
    score: Floats,
    member: NDArray[np.bool_],
    stratum: NDArray[np.integer],
    cluster: NDArray[np.integer],
    counts: Ints,
    won: Floats,
    pulls: Floats,
) -> None:
    """Rows of others and of members per stratum into `counts` (side, stratum), pairs that members win into `won`, and what each cluster adds into `pulls`.

    `order` has rows by score, low first. A row's pull is how many rows of the other side of its stratum it beats, less what it would on average, and the
    other way round for others; nothing in strata with one side.
    """
    beaten, tied = np.empty(order.size), np.zeros(counts.shape, np.int64)
    start = 0
    while start < order.size:
        stop = start
        while stop < order.size and score[order[stop]] == score[order[start]]:
            tied[int(member[order[stop]]), stratum[order[stop]]] += 1
            stop += 1
        for i in order[start:stop]:
            other = 1 - int(member[i])
            beaten[i] = counts[other, stratum[i]] + tied[other, stratum[i]] / 2
        for i in order[start:stop]:
            for side in range(2):
                counts[side, stratum[i]] += tied[side, stratum[i]]
                tied[side, stratum[i]] = 0
        start = stop
    for i in range(order.size):
        if member[i]:
            won[stratum[i]] += beaten[i]
    for i in range(order.size):
        no, yes = counts[0, stratum[i]], counts[1, stratum[i]]
        if no > 0 and yes > 0:
            auc = won[stratum[i]] / (no * yes)
            pulls[cluster[i]] += beaten[i] - no * auc if member[i] else yes * (1 - auc) - beaten[i]


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
    order = np.argsort(fold, kind="stable")
    design, place = _design(columns.iloc[order])
    belongs, out = members[order], {}
    parts = [slice(*np.searchsorted(fold[order], (f, f + 1))) for f in range(folds)]
    own = [design[:, part] @ design[:, part].T for part in parts]
    told = [design[:, part] @ belongs[part] for part in parts]
    for family, names in families.items():
        used = np.array([0, *(i for name in names for i in place[name])])
        some, guess = design[used], np.empty(members.T.shape)
        for part, cross, product in zip(parts, own, told, strict=True):
            left = (sum(own) - cross)[np.ix_(used, used)]
            left = left + _RIDGE * (len(fold) - (part.stop - part.start)) * np.eye(used.size)
            guess[:, part] = np.linalg.solve(left, (sum(told) - product)[used]).T @ some[:, part]
        out[family] = np.empty(members.shape, order="F")
        out[family][order] = guess.T
    return out, fold


def _design(columns: pd.DataFrame) -> tuple[Floats, dict[str, list[int]]]:
    """Ones, then per column its rank from -1 to 1 (0 where missing) and, where some are missing, whether it is; and where each column stands.

    Shape (part, row).
    """
    parts, place = [np.ones(len(columns))], {}
    for name in columns:
        value = columns[name].to_numpy(np.float64)
        missing = np.isnan(value)
        place[str(name)] = [len(parts)]
        parts.append(np.zeros(value.size))
        parts[-1][~missing] = 2 * _ranks(value[~missing]) - 1
        if missing.any() and not missing.all():
            place[str(name)].append(len(parts))
            parts.append(missing.astype(np.float64))
    return np.array(parts), place


def _ranks(value: Floats) -> Floats:
    """Rank of each value as a share of all, equal values in the middle of theirs.

    Examples
    --------
    >>> _ranks(np.array([5.0, 1.0, 1.0, 9.0])).tolist()
    [0.75, 0.375, 0.375, 1.0]
    """
    order = np.argsort(value)
    begins = np.flatnonzero(np.diff(value[order], prepend=np.nan) != 0)
    ends = np.append(begins[1:], value.size)
    out = np.empty(value.size)
    out[order] = np.repeat((begins + ends + 1) / 2, ends - begins) / value.size
    return out


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
    sides = [int(np.count_nonzero(rows & side)) for side in (contrast.member, contrast.rest)]
    n = sum(sides)
    if min(sides) < minimum:
        return nothing("base_under_minimum", METRIC, about, n=0, method="sample")
    member = contrast.member
    if n < rows.size:
        place = np.flatnonzero(rows & (contrast.member | contrast.rest))
        score, member, cluster, stratum = score[place], member[place], cluster[place], stratum[place]
    auc, error = clustered_auc(score, member, cluster=cluster, stratum=stratum)
    if math.isnan(auc):
        return nothing("base_under_minimum", METRIC, about, n=0, method="sample")
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
        note="" if interval else EVERY_PAIR if auc in (0, 1) else "too_few_for_interval",
        group=about.group,
        at=about.at,
    )


def auc_interval(auc: float, error: float, *, level: float) -> tuple[float, float] | None:
    """Normal on the log-odds of the AUC, which keeps it between 0 and 1; None at 0, at 1 and without spread."""
    if not (0 < auc < 1 and error > 0):
        return None
    reach = reach_of(level) * error / (auc * (1 - auc))
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
        "attribute": attribute_of(clearest.group),
        "group": value_of(clearest.group),
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
    wider = reach_of(1 - (1 - estimate.level) / groups)
    usual = reach_of(estimate.level)
    middle = float(logit(estimate.value))
    near = min(estimate.low, estimate.high, key=lambda end: abs(end - 0.5))
    reach = abs(middle - float(logit(near))) * wider / usual
    return max(float(expit(abs(middle) - reach)) - 0.5, 0.0)
