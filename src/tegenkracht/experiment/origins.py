"""Where a difference between groups comes from: proxies, labels, thresholds, the steps of the process, and the subgroup that stands out most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.evaluation.area_correlation import area_correlations
from tegenkracht.evaluation.association import association_estimates
from tegenkracht.evaluation.capacity import lists_of
from tegenkracht.evaluation.contrast import Contrast, contrasts
from tegenkracht.evaluation.crossings import areas_of
from tegenkracht.evaluation.estimates import About, rounded
from tegenkracht.evaluation.funnel import check_funnel, funnel_estimates
from tegenkracht.evaluation.label_audit import agreement_estimates, by_whom, check_labels, gap_estimates, second_looks
from tegenkracht.evaluation.proxies import SCORE, check_proxies, proxy_estimates
from tegenkracht.evaluation.proxies import Told as ProxyRows
from tegenkracht.evaluation.sample import UNKNOWN, Grouping, Sample, grouping_of, places_in, sample_of
from tegenkracht.evaluation.subgroups import check_subgroups, subgroup_estimates, subgroups
from tegenkracht.evaluation.threshold_test import check_thresholds, threshold_estimates
from tegenkracht.evaluation.visited import Visited, visited_once
from tegenkracht.experiment.questions import Origins
from tegenkracht.experiment.tested import Tested, Told


@dataclass(frozen=True)
class _Rows:
    """Test rows as every question here needs them."""

    tested: Tested
    asked: Origins
    sample: Sample
    visited: Visited
    chosen: Sequence[Contrast]


def traced(tested: Tested) -> Told:
    """Answers to where differences between groups come from; nothing when a study does not ask, or has no audit attributes."""
    asked, questions = tested.questions.origins, tested.questions
    if asked is None or not tested.panel.audit:
        return Told()
    sample = sample_of(tested.scores, lists=questions.lists, cluster_by=questions.cluster_by)
    visited = visited_once(tested.visits, sample)
    chosen = tuple(contrasts(sample.groupings, minimum=questions.min_group, unknown=UNKNOWN))
    rows = _Rows(tested, asked, sample, visited, chosen)
    estimates: list[Estimate] = []
    for done, part in enumerate((_proxies, _labels, _thresholds, _steps, _worst)):
        tested.progress("where differences come from", done, 5)
        estimates += [rounded(estimate) for estimate in part(rows)]
    return Told(tuple(estimates), tuple(_checked(estimates, rows)))


def _proxies(rows: _Rows) -> Iterator[Estimate]:
    questions, sample = rows.tested.questions, rows.sample
    kept = latest_lines(sample)
    panel = rows.tested.panel
    place = places_in(panel, sample)[kept]
    families: dict[str, list[str]] = {}
    for feature in panel.features:
        families.setdefault(feature.family or feature.name, []).append(feature.name)
    told = ProxyRows(
        columns=panel.rows[list(panel.feature_names)].iloc[place],
        families=families,
        cluster=sample.cluster[kept],
        lists=sample.lists[kept],
        score=sample.scores[questions.main][kept],
        outcome=np.where(sample.visited[kept] == 1, sample.finding[kept], np.nan),
    )
    yield from proxy_estimates(
        told,
        [Contrast(c.group, c.member[kept], c.rest[kept]) for c in rows.chosen],
        model=questions.main,
        folds=rows.asked.folds,
        minimum=questions.min_group,
        level=questions.level,
        seed=rows.tested.seed,
    )
    yield from association_estimates(
        told.columns,
        [grouping.only(kept) for grouping in sample.groupings],
        cluster=sample.cluster[kept],
        minimum=questions.min_group,
        unknown=UNKNOWN,
        replicates=questions.replicates,
        level=questions.level,
        seed=rows.tested.seed,
        threads=rows.tested.threads,
    )
    yield from _with_measures(rows, told, kept)


def _with_measures(rows: _Rows, told: ProxyRows, kept: NDArray[np.int64]) -> Iterator[Estimate]:
    """The score and every feature beside the figures of areas that the study names."""
    questions, sample, surroundings = rows.tested.questions, rows.sample, rows.tested.surroundings
    if surroundings is None:
        return
    features = {About(at=f"feature={name}"): told.columns[name].to_numpy(np.float64) for name in told.columns}
    yield from area_correlations(
        {About(questions.main, at=SCORE): told.score, **features},
        surroundings.reindex(sample.rows["row_id"].iloc[kept]),
        area=areas_of(sample).of_row[kept],
        lists=told.lists,
        minimum=questions.min_group,
        level=questions.level,
    )


def latest_lines(sample: Sample) -> NDArray[np.int64]:
    """Of each unit its last row in each fold: rows a quarter apart say almost the same of what tells a group."""
    order = np.lexsort((sample.rows["as_of"].to_numpy(), sample.fold, sample.unit))
    keys = np.stack([sample.fold, sample.unit])[:, order]
    last = np.r_[(np.diff(keys, axis=1) != 0).any(0), True]
    return np.sort(order[last]).astype(np.int64)


def _labels(rows: _Rows) -> Iterator[Estimate]:
    questions, tested = rows.tested.questions, rows.tested
    yield from gap_estimates(
        rows.sample,
        rows.visited,
        rows.chosen,
        model=questions.main,
        capacity=questions.capacity,
        bands=rows.asked.bands,
        minimum=questions.min_group,
        replicates=questions.replicates,
        level=questions.level,
        seed=tested.seed,
        threads=tested.threads,
    )
    yield from by_whom(rows.sample, rows.visited, rows.chosen, minimum=questions.min_group, level=questions.level)
    yield from agreement_estimates(
        second_looks(rows.visited, rows.sample, within_days=rows.asked.second_look_days),
        rows.sample,
        rows.chosen,
        minimum=questions.min_group,
        replicates=questions.replicates,
        level=questions.level,
        seed=tested.seed,
        threads=tested.threads,
    )


def _thresholds(rows: _Rows) -> Iterator[Estimate]:
    questions = rows.tested.questions
    yield from threshold_estimates(
        rows.sample,
        None if rows.tested.visits is None else rows.visited,
        areas=rows.asked.areas,
        minimum=questions.min_group,
        level=questions.level,
        unknown=UNKNOWN,
    )


def _steps(rows: _Rows) -> Iterator[Estimate]:
    questions, tested = rows.tested.questions, rows.tested
    yield from funnel_estimates(
        rows.sample,
        rows.visited.overturned_of(len(rows.sample.rows)),
        model=questions.main,
        capacity=questions.capacity,
        minimum=questions.min_group,
        replicates=questions.replicates,
        level=questions.level,
        seed=tested.seed,
        threads=tested.threads,
    )


def _worst(rows: _Rows) -> Iterator[Estimate]:
    questions, sample = rows.tested.questions, rows.sample
    listed = lists_of(sample, capacity=questions.capacity)[questions.main]
    seen_empty = (sample.visited == 1) & (sample.finding == 0)
    yield from subgroup_estimates(
        {"selection_rate": (listed, np.ones(listed.size, bool)), "false_positive_rate": (listed, seen_empty)},
        tuple(subgroups((*sample.groupings, *_sectors(sample)), minimum=questions.min_group, unknown=UNKNOWN)),
        cluster=sample.cluster,
        model=questions.main,
        capacity=questions.capacity,
        minimum=questions.min_group,
        draws=rows.asked.draws,
        level=questions.level,
        seed=rows.tested.seed,
    )


def _sectors(sample: Sample) -> tuple[Grouping, ...]:
    """The sector as one more attribute to search by, when there are several."""
    grouping = grouping_of(sample.rows, "sector", sample.unit)
    return (grouping,) if len(grouping.values) > 1 else ()


def _checked(estimates: Sequence[Estimate], rows: _Rows) -> Iterator[Finding]:
    main, level = rows.tested.questions.main, rows.tested.questions.level
    yield check_proxies(estimates, model=main, size=rows.asked.proxy_size)
    yield from check_labels(estimates, model=main, level=level)
    yield from check_thresholds(estimates, level=level)
    yield from check_subgroups(estimates, model=main, level=level)
    yield check_funnel(estimates, model=main, ratio=rows.asked.flagged_ratio)
