"""Whom a list misses, and whom it flags for nothing: in what these places differ from others, with a correction for looking often.

Only visited places are known. *Missed*: found by a visit, not on the list. *Caught*: found, on the list. *Passed over*: visited, nothing found, not on the
list. *Wrongly flagged*: visited, nothing found, on the list. A place that ties at the cut counts for the part that a lottery would put on the list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier

from tegenkracht.core.conditions import at_of
from tegenkracht.core.difference import points
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.feature import Feature
from tegenkracht.core.finding import Finding
from tegenkracht.core.progress import silent
from tegenkracht.evaluation.bootstrap import Resampled, Statistic, resample, sum_statistic
from tegenkracht.evaluation.capacity import listed_share
from tegenkracht.evaluation.estimates import About, count_of, estimate_of, nothing
from tegenkracht.evaluation.sample import Sample

Floats = NDArray[np.float64]

CODES: Mapping[str, str] = {"TK312": "Missed places have something in common that the list does not use."}

GROUPS = ("missed", "caught", "passed", "wrong")
CONTRASTS = (("missed", "passed"), ("missed", "caught"), ("wrong", "caught"))
"""Who is compared with whom. The first asks for signs that the list leaves unused; the second says what kind of place it overlooks."""
RULES = ("rule_one", "rule_two")
"""Which sentence tells a rule, by its number of conditions."""
_LEAF = 20  # fewest visited rows for which a rule may speak, in either half of the clusters


@dataclass(frozen=True)
class Outcomes:
    """How much of each visited row is in each of `GROUPS`: (row, group). `rows` are positions in the sample."""

    rows: NDArray[np.int64]
    parts: Floats

    def of(self, group: str) -> Floats:
        """One group's column."""
        return np.asarray(self.parts[:, GROUPS.index(group)])


def outcomes_of(sample: Sample, model: str, *, capacity: int) -> Outcomes:
    """The groups under one model's lists."""
    rows = np.flatnonzero(sample.visited)
    listed = listed_share(sample, sample.scores[model], capacity=capacity)[rows]
    found = sample.finding[rows].astype(np.float64)
    return Outcomes(
        rows, np.column_stack([found * (1 - listed), found * listed, (1 - found) * (1 - listed), (1 - found) * listed])
    )


def family_values(table: pd.DataFrame, features: Sequence[Feature]) -> pd.DataFrame:
    """One column per family, standardised: the mean of its members' standardised values, turned so that more is more reason to look.

    Members whose direction is ± stay as they are. A row without any member's value is missing.
    """
    signs = {feature.name: -1.0 if feature.direction == "-" else 1.0 for feature in features}
    families: dict[str, list[str]] = {}
    for feature in features:
        families.setdefault(feature.family or feature.name, []).append(feature.name)
    values = table[list(signs)].astype(np.float64)
    spread = values.std(ddof=0)
    members = (values - values.mean()) / spread.where(spread > 0) * pd.Series(signs)
    means = pd.DataFrame({family: members[names].mean(axis=1) for family, names in families.items()})
    return means / means.std(ddof=0).replace(0.0, np.nan)


def differences(
    sample: Sample,
    outcomes: Outcomes,
    values: pd.DataFrame,
    *,
    model: str,
    capacity: int,
    minimum: int,
    replicates: int,
    level: float,
    seed: int,
    threads: int,
) -> tuple[Estimate, ...]:
    """How many places are in each group, and `missed_difference` or `wrong_difference` of each family, in standard deviations.

    Intervals hold together for all families and contrasts: the bootstrap's largest studentised deviation stretches each of them (max-t: Westfall & Young
    1993; Romano & Wolf 2005). An interval that leaves zero out is therefore no accident of looking often.

    Parameters
    ----------
    values
        `family_values` of the visited rows, in order of `outcomes.rows`.
    minimum
        A contrast with fewer places than this on either side is withheld.
    """
    sizes = outcomes.parts.sum(axis=0)
    counts = [
        count_of(round(size), f"places_{group}", About(model, at=f"capacity={capacity}"))
        for group, size in zip(GROUPS, sizes, strict=True)
    ]
    usable = [pair for pair in CONTRASTS if min(sizes[GROUPS.index(group)] for group in pair) >= minimum]
    gaps = _gaps(sample, outcomes, values, usable, replicates=replicates, seed=seed, threads=threads)
    stretched = _stretch(list(gaps.values()), level=level)
    told = []
    for pair in CONTRASTS:
        for family in values:
            about = About(model, at=f"family={family},versus={pair[1]}")
            metric, n = f"{pair[0]}_difference", round(float(sizes[GROUPS.index(pair[0])]))
            gap = gaps.get((pair, str(family)))
            told.append(_estimate(gap, stretched, metric, about, n=n, level=level))
    return (*counts, *told)


def _gaps(
    sample: Sample,
    outcomes: Outcomes,
    values: pd.DataFrame,
    pairs: Sequence[tuple[str, str]],
    *,
    replicates: int,
    seed: int,
    threads: int,
) -> dict[tuple[tuple[str, str], str], Resampled]:
    """Mean of each family in one group less that in the other, on the same draws of clusters."""
    known = values.notna().to_numpy().astype(np.float64)
    filled = values.fillna(0.0).to_numpy()
    columns = np.concatenate(
        [
            part
            for group in GROUPS
            for part in (outcomes.of(group)[:, None] * filled, outcomes.of(group)[:, None] * known)
        ],
        axis=1,
    )
    statistic = sum_statistic(columns, cluster=sample.cluster, slices=[outcomes.rows])
    sums = _resampled(statistic, sample, replicates=replicates, seed=seed, threads=threads)[0]
    width = values.shape[1]

    def mean(group: str, family: int) -> Resampled:
        first = 2 * width * GROUPS.index(group) + family
        return sums[first] / sums[first + width]

    return {
        (pair, str(family)): mean(pair[0], i) - mean(pair[1], i)
        for pair in pairs
        for i, family in enumerate(values.columns)
    }


def _resampled(statistic: Statistic, sample: Sample, *, replicates: int, seed: int, threads: int) -> Resampled:
    return resample(
        {"": statistic}, clusters=sample.clusters, replicates=replicates, seed=seed, threads=threads, progress=silent
    )[""]


def _stretch(gaps: Sequence[Resampled], *, level: float) -> float:
    """How many standard errors hold all gaps at once, at `level`."""
    deviations = [np.abs(gap.replicates - gap.point) / _error(gap) for gap in gaps if _error(gap) > 0]
    if not deviations:
        return float("nan")
    return float(np.quantile(np.nanmax(np.stack(deviations), axis=0), level))


def _error(gap: Resampled) -> float:
    if not np.isfinite(gap.point) or not np.isfinite(gap.replicates).any():
        return 0.0
    return float(np.nanstd(gap.replicates, ddof=1))


def _estimate(gap: Resampled | None, stretched: float, metric: str, about: About, *, n: int, level: float) -> Estimate:
    if gap is None:
        return nothing("few_of_this_kind", metric, about, n=n)
    error = _error(gap)
    if error == 0 or not np.isfinite(stretched):
        return nothing("nothing_varies", metric, about, n=n)
    value, reach = float(gap.point), stretched * error
    return Estimate(about.model, metric, value, value - reach, value + reach, n=n, level=level, at=about.at)


def check_missed(estimates: Sequence[Estimate], model: str) -> Finding:
    """TK312: the family in which missed places differ most from those that were rightly passed over."""
    looked = [
        e for e in estimates if e.metric == "missed_difference" and at_of(e, "versus") == "passed" and e.low is not None
    ]
    if not looked:
        return Finding("TK312", "not_applicable", model, {"reason": "few_missed"})
    clear = [e for e in looked if e.low is not None and e.high is not None and (e.low > 0 or e.high < 0)]
    facts: dict[str, str | int | float] = {"families": len(looked), "clear": len(clear)}
    if not clear:
        return Finding("TK312", "not_found", model, facts, tuple(e.id for e in looked))
    first = max(clear, key=lambda e: abs(e.value or 0.0))
    more = "more" if (first.value or 0.0) > 0 else "less"
    family = at_of(first, "family")
    return Finding("TK312", "found", model, facts | {"family": family, "more": more}, tuple(e.id for e in clear))


# ---------------------------------------------------------------- a rule in words


def rule_of_missed(
    sample: Sample,
    outcomes: Outcomes,
    table: pd.DataFrame,
    *,
    model: str,
    replicates: int,
    level: float,
    seed: int,
    threads: int,
) -> tuple[tuple[Estimate, ...], Finding]:
    """One or two conditions under which places off the list turn out missed more often, learnt on half of the clusters and tested on the other.

    A tree of depth two learns; its leaf with the highest share is the rule. TK312 is found when the share under the rule, among places of the other half,
    is above that of the other places there by more than its interval.

    Parameters
    ----------
    table
        Columns that conditions may be about; visited rows, in order of `outcomes.rows`.
    """
    off = (outcomes.of("missed") + outcomes.of("passed")) > 0.5
    rows, found, X = outcomes.rows[off], sample.finding[outcomes.rows[off]], table[off]
    half = np.random.default_rng([seed, 2]).random(sample.clusters)[sample.cluster[rows]] < 0.5
    few = (
        min(int(found[half].sum()), int(found[~half].sum())) < _LEAF // 2 or min(half.sum(), (~half).sum()) < 4 * _LEAF
    )
    if few:
        return (), Finding("TK312", "not_applicable", model, {"reason": "few_missed"})
    tree = DecisionTreeClassifier(max_depth=len(RULES), min_samples_leaf=_LEAF, random_state=0)
    tree.fit(X[half].to_numpy(np.float64), found[half])
    conditions, leaf = _best_leaf(tree, list(X.columns))
    inside = tree.apply(X[~half].to_numpy(np.float64)) == leaf
    if not conditions or inside.sum() < _LEAF or (~inside).sum() < _LEAF:
        return (), Finding("TK312", "not_found", model, {"by": "rule"})
    columns = np.column_stack([inside, inside * found[~half], ~inside, ~inside * found[~half]]).astype(np.float64)
    statistic = sum_statistic(columns, cluster=sample.cluster, slices=[rows[~half]])
    sums = _resampled(statistic, sample, replicates=replicates, seed=seed, threads=threads)[0]
    within, without = sums[1] / sums[0], sums[3] / sums[2]

    def told(number: Resampled, metric: str, at: str, *, n: int, share: bool) -> Estimate:
        about = About(model, at=at)
        return estimate_of(number, metric, about, n=n, level=level, why_not="few_of_this_kind", share=share)

    estimates = (
        told(within, "missed_share", "rule=inside", n=int(inside.sum()), share=True),
        told(without, "missed_share", "rule=outside", n=int((~inside).sum()), share=True),
        told(within - without, "missed_share_gap", "rule", n=int(inside.sum()), share=False),
    )
    ids, gap = tuple(e.id for e in estimates), estimates[2]
    if gap.low is None or gap.low <= 0:
        return estimates, Finding("TK312", "not_found", model, {"by": "rule"}, ids)
    shares = {name: points(e.value) for name, e in zip(("inside", "outside"), estimates, strict=False)}
    return estimates, Finding(
        "TK312", "found", model, {"by": RULES[len(conditions) - 1]} | _facts(conditions) | shares, ids
    )


Condition = tuple[str, str, float]
"""Column, `above` or `at_most`, limit."""


def _best_leaf(tree: DecisionTreeClassifier, columns: Sequence[str]) -> tuple[list[Condition], int]:
    """The conditions on the way to the leaf with the highest share of positives, and its number."""
    inner = tree.tree_
    parents = {
        int(child): (node, side)
        for side, children in (("at_most", inner.children_left), ("above", inner.children_right))
        for node, child in enumerate(children)
        if child >= 0
    }
    leaves = [node for node in range(inner.node_count) if inner.children_left[node] < 0]
    share = [inner.value[node][0][-1] / inner.value[node][0].sum() for node in leaves]
    leaf = at = leaves[int(np.argmax(share))]
    conditions: list[Condition] = []
    while at in parents:
        node, side = parents[at]
        conditions.insert(0, (columns[inner.feature[node]], side, float(inner.threshold[node])))
        at = node
    return conditions, leaf


def _facts(conditions: Sequence[Condition]) -> dict[str, str | int | float]:
    """Columns, sides and limits by name, to three digits."""
    facts: dict[str, str | int | float] = {}
    for (column, side, limit), place in zip(conditions, ("first", "second"), strict=False):
        facts |= {place: column, f"{place}_side": side, f"{place}_limit": float(f"{limit:.3g}")}
    return facts
