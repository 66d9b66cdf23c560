"""Each fast walk against the plain slow form of the same figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.fft import dct, idct
from scipy.stats import binom, rankdata

from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.binomial import binomial, binomials
from tegenkracht.evaluation.bootstrap import Draw, quantile_of, sum_statistic
from tegenkracht.evaluation.bounds_everyone import area_bounds
from tegenkracht.evaluation.calibration_curve import (
    CELLS,
    STEPS,
    curve_slices,
    curve_statistic,
    smooth_error,
)
from tegenkracht.evaluation.capacity import list_statistic, listed_share
from tegenkracht.evaluation.isotonic import isotonic
from tegenkracht.evaluation.kernel import walk_weighted_area
from tegenkracht.evaluation.overlap import overlaps
from tegenkracht.evaluation.proxies import clustered_auc
from tegenkracht.evaluation.regret import RANDOM, RULES, regrets
from tegenkracht.evaluation.sample import Sample, sample_of
from tegenkracht.evaluation.shift import BINS, _binned
from tegenkracht.evaluation.threshold_posterior import Posterior, layout_of, log_chances

Floats = np.ndarray


def drawn(clusters: int, *, replicates: int, seed: int) -> Draw:
    """How often each cluster is drawn: often not at all."""
    return Draw(np.random.default_rng(seed).poisson(0.7, (replicates, clusters)).astype(np.uint8), seed=1)


def two_windows(scores_from: Callable[..., Scores], *, seed: int) -> Sample:
    """Places on four lists in two folds, of which some are visited; few different scores, so that many are equal; two audit attributes."""
    rng = np.random.default_rng(seed)
    n = 240
    days = np.repeat(["2024-01-01", "2024-04-01", "2024-07-01", "2024-10-01"], n // 4)
    outcome = np.where(rng.random(n) < 0.4, np.nan, rng.random(n) < 0.3)
    scores = scores_from(
        {"m": rng.integers(0, 30, n) / 30},
        outcome,
        as_of=days,
        fold=np.repeat(["f1", "f2"], n // 2),
        unit=[f"u{i % 60:03d}" for i in range(n)],
        context={"wealth": rng.choice(["high", "low"], n), "kind": rng.choice(["a", "b", "c"], n)},
        audit=("wealth", "kind"),
    )
    return sample_of(scores, lists="per_as_of", cluster_by="unit_id")


# ---------------------------------------------------------------- lists


def plain_lists(sample: Sample, counts: Floats, *, sizes: list[int], capacity: int) -> tuple[Floats, Floats]:
    """One replicate, block by block of equal scores: (fold, size, 3) and, at capacity, (group, 3)."""
    out, groups = np.zeros((len(sample.folds), len(sizes), 3)), np.zeros((sample.group_count, 3))
    columns = np.column_stack([np.ones(len(sample.rows)), sample.visited, sample.finding])
    weight = counts[sample.cluster].astype(float)
    for number, rows in enumerate(sample.list_slices):
        for k, size in enumerate(sizes):
            room = float(size)
            for score in sorted(set(sample.scores["m"][rows]), reverse=True):
                block = rows[sample.scores["m"][rows] == score]
                part = min(1.0, room / weight[block].sum()) if weight[block].sum() else 0.0
                for i in block:
                    out[sample.list_fold[number], k] += part * weight[i] * columns[i]
                    if size == capacity:
                        for group in sample.group_of_row[:, i]:
                            groups[group] += part * weight[i] * columns[i]
                room = max(0.0, room - weight[block].sum())
    return out, groups


@pytest.mark.parametrize("seed", range(3))
def test_lists_of_many_replicates_are_those_of_each_block_by_block(scores_from, seed):
    """Length, visits and findings per fold and size, and per group at capacity, also where a list is longer than what was drawn."""
    sample, sizes = two_windows(scores_from, seed=seed), [3, 10, 200]
    draw = drawn(sample.clusters, replicates=7, seed=seed)
    walked = list_statistic(sample, sample.scores["m"], sizes=sizes, capacity=10)(draw)
    for counts, mine in zip(draw.counts, walked, strict=True):
        out, groups = plain_lists(sample, counts, sizes=sizes, capacity=10)
        assert mine == pytest.approx(np.concatenate([out.ravel(), groups.ravel()]), abs=1e-12)


def test_thousands_of_rows_of_equal_score_are_walked_as_the_few_kinds_that_they_are(scores_from):
    """Three scores over 240 rows: rows that are alike go together, and the lists hold what the plain form counts."""
    sample = two_windows(scores_from, seed=7)
    sample = replace(sample, scores={"m": np.round(2 * sample.scores["m"]) / 2})
    draw, sizes = drawn(sample.clusters, replicates=6, seed=7), [5, 10, 25]
    found = list_statistic(sample, sample.scores["m"], sizes=sizes, capacity=10)(draw)
    for counts, mine in zip(draw.counts, found, strict=True):
        out, groups = plain_lists(sample, counts, sizes=sizes, capacity=10)
        assert mine == pytest.approx(np.concatenate([out.ravel(), groups.ravel()]), abs=1e-12)


# ---------------------------------------------------------------- calibration


def plain_smooth_error(residuals: Floats) -> Floats:
    """Halving: a transform of all cells for each width, as many times as it takes to tell the steps apart."""
    waves, frequency = dct(residuals, axis=-1), np.pi * np.arange(residuals.shape[-1])
    low, high = np.zeros(residuals.shape[:-1]), np.ones(residuals.shape[:-1])
    for _ in range(int(np.log2(STEPS))):
        width = (low + high) / 2
        left = np.abs(idct(waves * np.exp(-((width[..., None] * frequency) ** 2) / 2), axis=-1)).sum(-1)
        low, high = np.where(left > width, width, low), np.where(left > width, high, width)
    return high


@pytest.mark.parametrize("size", [1e-6, 1e-4, 1e-3, 1e-2, 0.1, 1, 10])
def test_smooth_error_is_what_halving_finds(size):
    """The same step for residuals of every size, whether lines are alike or not, and as many at a time as there are."""
    rng = np.random.default_rng(1)
    residuals = rng.normal(size=(3, 40, CELLS)) * np.exp(-np.arange(CELLS) / 30) * size / 20
    residuals[0] = residuals[0, :1] * rng.uniform(0.8, 1.2, (40, 1))
    residuals[1, 5] = 0.0
    assert smooth_error(residuals).tolist() == plain_smooth_error(residuals).tolist()
    assert smooth_error(residuals[0, 0]) == plain_smooth_error(residuals[0, 0])


def test_smooth_error_of_nothing_is_no_number():
    """A replicate without rows has none, and leaves its neighbours what they are."""
    residuals = np.random.default_rng(2).normal(size=(4, CELLS)) / 100
    residuals[[0, 2]] = np.nan
    found = smooth_error(residuals)
    assert np.isnan(found).tolist() == [True, False, True, False]
    assert found[[1, 3]].tolist() == plain_smooth_error(residuals[[1, 3]]).tolist()


@pytest.mark.parametrize("seed", range(4))
def test_curves_of_replicates_are_isotonic_regressions_of_all_blocks(scores_from, seed):
    """Each figure and each point of the curve, with scores that are equal and rows that are not drawn."""
    sample = two_windows(scores_from, seed=seed)
    part = curve_slices(sample, sample.scores["m"], "m", apart=True)[len(sample.folds)]
    draw = drawn(sample.clusters, replicates=9, seed=seed)
    finding = sample.finding[part.rows].astype(float)
    cells = np.minimum((part.scores * CELLS).astype(int), CELLS - 1)
    for counts, mine in zip(draw.counts, curve_statistic(sample, (part,))(draw), strict=True):
        weight = counts[sample.cluster[part.rows]].astype(float)
        share, total = (weight * finding).sum() / weight.sum(), weight.sum()
        fitted = isotonic(part.scores, finding, weight)[1]
        after = (weight * fitted[part.block] * (1 - fitted[part.block])).sum() / total
        residuals = np.bincount(cells, weight * (finding - part.scores), minlength=CELLS) / total
        brier = (weight * (finding - part.scores) ** 2).sum() / total
        expected = [brier, after, share * (1 - share), float(plain_smooth_error(residuals)), *fitted[part.marks]]
        assert mine == pytest.approx(expected, abs=1e-12)


def test_findings_of_a_model_that_is_right_are_looked_up_in_binomial_distributions():
    """Each uniform number in the distribution of its block; above a half the rows without a finding are looked up; no chance takes no number."""
    chance, number = np.array([0.0, 0.01, 0.3, 0.5, 0.9, 1.0]), np.array([4, 30, 7, 1, 12, 3])
    found, uniform = binomials(number, chance, np.random.default_rng(6)), np.random.default_rng(6)
    for _ in range(200):
        u = np.r_[0.5, uniform.random(5)]
        rarer = binom.ppf(u, number, np.minimum(chance, 1 - chance)).clip(0)
        assert next(found).tolist() == np.where(chance > 0.5, number - rarer, rarer).tolist()


def test_many_findings_to_a_block_are_numpys_own():
    """From thirty expected findings on nothing is looked up."""
    chance, number = np.array([0.2, 0.4]), np.array([900, 3])
    found, other = binomials(number, chance, np.random.default_rng(8)), np.random.default_rng(8)
    assert [next(found).tolist() for _ in range(5)] == [other.binomial(number, chance).tolist() for _ in range(5)]


# ---------------------------------------------------------------- sums, ranks and edges


@pytest.mark.parametrize("clusters", [5, 1_000_000])
def test_sums_are_the_same_with_few_clusters_and_with_many_numbers(clusters):
    """Per slice and column the sum of rows times how often their cluster was drawn, whether pairs are counted or sorted."""
    rng = np.random.default_rng(3)
    cluster = rng.integers(clusters, size=60).astype(np.int32)
    slices, columns = [np.arange(0, 40), np.arange(20, 60), np.empty(0, np.int64)], rng.normal(size=(80, 2))
    counts = rng.integers(0, 4, (3, clusters)).astype(np.uint8)
    starts = np.cumsum([0, 40, 40, 0])
    expected = [
        [counts[b, cluster[rows]] @ columns[a:z] for rows, a, z in zip(slices, starts, starts[1:], strict=False)]
        for b in range(3)
    ]
    assert sum_statistic(columns, cluster=cluster, slices=slices)(Draw(counts, seed=1)) == pytest.approx(
        np.array(expected), abs=1e-12
    )


@pytest.mark.parametrize("seed", range(3))
def test_pairs_that_members_win_and_their_error_are_what_ranks_say(seed):
    """Rank among all less rank among the own side, stratum by stratum, ties for half; a stratum of members alone says nothing."""
    rng = np.random.default_rng(seed)
    score, stratum, cluster = rng.integers(0, 20, 300) / 7, rng.integers(0, 4, 300), rng.integers(0, 30, 300)
    member = (rng.random(300) < 0.4) | (stratum == 2)
    won, pairs, pulls = 0.0, 0, np.zeros(30)
    for s in (0, 1, 3):
        own = stratum == s
        yes, no = own & member, own & ~member
        beats = [rankdata(score[own])[side[own]] - rankdata(score[side]) for side in (yes, no)]
        auc = beats[0].mean() / no.sum()
        won, pairs = won + beats[0].sum(), pairs + int(yes.sum() * no.sum())
        np.add.at(pulls, cluster[yes], beats[0] - no.sum() * auc)
        np.add.at(pulls, cluster[no], yes.sum() * (1 - auc) - beats[1])
    error = np.sqrt((pulls**2).sum() * 30 / 29) / pairs
    assert clustered_auc(score, member, cluster=cluster, stratum=stratum) == pytest.approx((won / pairs, error))


@pytest.mark.parametrize("seed", range(4))
def test_loss_slope_and_curvature_of_cells_are_products_of_whole_tables(seed):
    """From chances of all cells and how they change, also where a chance is next to nothing."""
    rng = np.random.default_rng(seed)
    layout, table = layout_of(3, 2), rng.integers(0, 30, (6, 3)).astype(float)
    theta = rng.normal(size=15) * (1 + 4 * seed)
    loss, down, curved = Posterior(table, layout, np.zeros(15), np.ones(15)).at(theta)
    log_chance, slope = log_chances(layout @ theta, 6)
    told = np.einsum("c,ck,ckp,ckq->cpq", table.sum(1), np.exp(log_chance), slope, slope)
    of_figure = np.zeros((18, 18))
    for p, q in np.ndindex(3, 3):
        of_figure[p * 6 : p * 6 + 6, q * 6 : q * 6 + 6] = np.diag(told[:, p, q])
    assert loss == pytest.approx((theta**2).sum() / 2 - (table * log_chance).sum(), rel=1e-12)
    pulls = np.einsum("ck,ckp->pc", table, slope).ravel()
    assert down == pytest.approx(theta - layout.T @ pulls, rel=1e-9, abs=1e-9 * np.abs(pulls).max())
    assert curved == pytest.approx(np.eye(15) + layout.T @ of_figure @ layout, rel=1e-9, abs=1e-9 * told.max())


@pytest.mark.parametrize("seed", range(3))
def test_weighted_area_is_the_share_of_pairs_that_are_won(seed):
    """All pairs of a (partial) finding and a (partial) miss one by one, ties half, in each replicate; no class, no area.

    The counts move half of the weight of some lines, and all of that of others.
    """
    rng = np.random.default_rng(seed)
    score = -np.sort(-rng.integers(0, 8, 40) / 8)
    cluster, weight = rng.integers(0, 12, 40).astype(np.int32), rng.random(40) + 0.1
    positive, moves = rng.choice([0.0, 0.0, 0.4, 1.0], 40), rng.choice([0.5, 1.0], 40)
    counts = np.vstack([drawn(12, replicates=5, seed=seed).counts, np.zeros((1, 12), np.uint8)])
    out = np.empty(6)
    new_score = np.r_[1, np.diff(score) != 0].astype(np.uint8)
    walk_weighted_area(counts.T.copy(), cluster, weight * positive, weight * (1 - positive), moves, new_score, out)
    above = (score[:, None] > score) + 0.5 * (score[:, None] == score)
    for drawn_, area in zip((1 - moves + moves * counts[:-1, cluster]) * weight, out[:-1], strict=True):
        hit, miss = drawn_ * positive, drawn_ * (1 - positive)
        assert area == pytest.approx(hit @ above @ miss / (hit.sum() * miss.sum()), abs=1e-12)
    walk_weighted_area(
        counts.T.copy(), cluster, weight * positive, weight * (1 - positive), moves * 0 + 1, new_score, out
    )
    assert np.isnan(out[-1])


@pytest.mark.parametrize("seed", range(3))
def test_bounds_of_the_area_are_those_of_every_assignment(seed):
    """Nine rows of which five are unseen, with equal scores: the lowest and highest area over all thirty-two outcomes."""
    rng = np.random.default_rng(seed)
    scores, seen = rng.integers(0, 4, 9) / 4, np.arange(9) < 4
    finding = np.array([1, 0, 1, 0, 0, 0, 0, 0, 0], bool)
    above = (scores[:, None] > scores) + 0.5 * (scores[:, None] == scores)
    areas = []
    for number in range(32):
        truth = finding.copy()
        truth[~seen] = [(number >> bit) & 1 for bit in range(5)]
        areas.append(truth @ above @ ~truth / (truth.sum() * (~truth).sum()))
    assert area_bounds(scores, seen, finding) == pytest.approx((min(areas), max(areas)), abs=1e-12)


def test_one_end_is_numpys_quantile():
    """Between two numbers as well as on one."""
    numbers = np.random.default_rng(9).random(101)
    for share in (0.0, 0.013, 0.25, 0.5, 0.987, 1.0):
        assert quantile_of(numbers, share) == np.quantile(numbers, share)


def test_edges_below_a_value_are_what_a_search_finds():
    """A value on an edge is not above it; a missing value has a bin of its own."""
    edges, values = np.array([0.1, 0.5, 0.5, 0.9]), np.array([0.0, 0.1, 0.3, 0.5, 0.9, 1.0, np.nan])
    assert _binned(values, edges).tolist() == [*np.searchsorted(edges, values[:-1], side="left"), BINS]


# ---------------------------------------------------------------- lists beside each other, and choices


def test_what_stays_on_the_next_list_is_a_join_of_two_tables(scores_from):
    """Units that compete on both days, joined by name; tied places count for their chance."""
    sample = two_windows(scores_from, seed=5)
    listed = listed_share(sample, sample.scores["m"], capacity=7)
    table = pd.DataFrame({"unit": sample.rows["unit_id"], "list": sample.lists, "listed": listed}).iloc[:-20]
    kept = sample_of(
        scores_from(
            {"m": sample.scores["m"][:-20]},
            np.where(sample.visited == 1, sample.finding, np.nan)[:-20],
            as_of=sample.rows["as_of"][:-20],
            fold=sample.rows["fold"][:-20],
            unit=sample.rows["unit_id"][:-20],
        ),
        lists="per_as_of",
        cluster_by="unit_id",
    )
    table["listed"] = listed_share(kept, kept.scores["m"], capacity=7)
    both = stay = 0.0
    for one, other in ((0, 1), (1, 2), (2, 3)):
        days = [table[table["list"] == number].groupby("unit")["listed"].sum().clip(upper=1) for number in (one, other)]
        joined = pd.concat(days, axis=1, join="inner").to_numpy()
        both, stay = both + joined[:, 0].sum(), stay + joined.min(axis=1).sum()
    found = {e.id: e.value for e in overlaps(kept, capacity=7, versus={"m": []})}
    assert found["m/list_kept//capacity=7/all/sample"] == pytest.approx(stay / both, abs=1e-12)


@pytest.mark.parametrize("rule", [*RULES, RANDOM])
def test_choices_of_many_replicates_are_those_of_each(rule):
    """Also where a figure is missing in one of them."""
    figures = np.random.default_rng(4).integers(0, 5, (50, 4, 3)) / 10
    figures[7, 2, 1] = np.nan
    each = np.array([regrets(one, rule) for one in figures])
    assert regrets(figures, rule) == pytest.approx(each, abs=1e-15, nan_ok=True)
    assert np.flatnonzero(np.isnan(each)).tolist() == [7]


def test_one_table_of_scores_gives_one_sample(scores_from):
    """Stages that ask for the rows of the same table share them; another table is another sample."""
    scores, other = (scores_from({"m": [0.1, 0.2]}, [0, 1]) for _ in range(2))
    asked = {"lists": "per_as_of", "cluster_by": "unit_id"}
    assert sample_of(scores, **asked) is sample_of(scores, **asked)
    assert sample_of(scores, **asked) is not sample_of(other, **asked)


@pytest.mark.parametrize("number", [[0, 1, 12, 40], [3, 300, 0, 7]])
@pytest.mark.parametrize("chance", [[0.0, 0.3, 0.02, 0.7], [1.0, 0.5, 0.4, 0.09]])
def test_binomial_numbers_are_numpys(number, chance):
    """A thousand of each, and of what is drawn after them: where all are looked up, and where more than thirty are expected of some."""
    ours, theirs = np.random.default_rng(4), np.random.default_rng(4)
    shape = (1_000, len(number))
    found = binomial(np.array(number), np.array(chance), ours, shape=shape)
    assert (found == theirs.binomial(np.array(number), np.array(chance), shape)).all()
    assert ours.random() == theirs.random()
