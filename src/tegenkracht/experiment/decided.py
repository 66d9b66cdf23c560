"""Stages about deciding with a list: what it is worth at stated costs, what can be said of a single place, and what the next round is for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.calibration_shift import restated, restated_estimates
from tegenkracht.evaluation.calibration_venn import Band, band_estimates, check_bands, rolling_bands, settled_before
from tegenkracht.evaluation.capacity import lists_of
from tegenkracht.evaluation.estimates import rounded
from tegenkracht.evaluation.net_benefit import check_worth, net_benefits
from tegenkracht.evaluation.next_round import check_next_round, finds_of_rounds, plans_of_rounds
from tegenkracht.evaluation.sample import Sample, places_in
from tegenkracht.experiment.tested import Tested, Told


def worth(tested: Tested, measured: Sequence[Estimate]) -> Told:
    """Net benefit and what a hundred visits bring, at the stated costs, from what is known of precision."""
    asked = tested.questions
    finding = check_worth(measured, costs=asked.costs, main=asked.main, capacity=asked.capacity)
    if asked.costs is None:
        return Told(findings=(finding,))
    estimates = net_benefits(
        measured, costs=asked.costs, capacity=asked.capacity, main=asked.main, reference=asked.reference
    )
    return Told(estimates, (finding,))


def next_round(tested: Tested, measured: Sequence[Estimate]) -> Told:
    """What drawing a share of the next visits by lot costs, and what it makes sure."""
    asked = tested.questions
    finding = check_next_round(asked.next_round, capacity=asked.capacity, main=asked.main)
    if asked.next_round is None:
        return Told(findings=(finding,))
    finds = finds_of_rounds(
        tested.sample,
        tested.weighed,
        model=asked.main,
        asked=asked.next_round,
        capacity=asked.capacity,
        replicates=asked.replicates,
        level=asked.level,
        seed=tested.seed,
        threads=tested.threads,
        progress=tested.progress,
        how=asked.resampling,
    )
    plans = plans_of_rounds(
        measured,
        asked=asked.next_round,
        claims=asked.claims,
        main=asked.main,
        capacity=asked.capacity,
        level=asked.level,
    )
    return Told((*finds, *plans), (finding,))


def single_places(tested: Tested) -> tuple[pd.DataFrame | None, Told]:
    """Two chances for each place that the card's model flags, its chance at other base rates, and about how many the model abstains.

    The table has a line per flagged row: `row_id, unit_id, as_of, fold, score, low, high, abstains`, and `at_<base rate>` for each base rate of the
    sector. Missing ends say that no outcome was settled before the fold was made. None when it is not asked, or scores are no chances.
    """
    asked = tested.questions
    if asked.single is None or not tested.plans[asked.main].probability:
        return None, Told(findings=(check_bands((), asked=asked.single is not None, main=asked.main),))
    sample = tested.sample
    scores = sample.scores[asked.main]
    flagged = lists_of(sample, capacity=asked.capacity)[asked.main] > 0
    band = rolling_bands(
        scores,
        fold=sample.fold,
        asked=flagged,
        finding=sample.finding,
        earlier=_earlier(tested, sample),
        minimum=asked.single.minimum,
    )
    own = Band(band.low[flagged], band.high[flagged])
    learnt_at = _learnt_at(tested, sample)[flagged]
    chances = restated(scores[flagged], learnt_at=learnt_at, base_rates=asked.base_rates)
    table = (
        sample.rows.loc[flagged, ["row_id", "unit_id", "as_of", "fold"]]
        .assign(score=scores[flagged], low=own.low, high=own.high)
        .assign(abstains=own.abstains(wider_than=asked.single.wider_than))
        .assign(**{f"at_{name}": chance for name, chance in chances.items()})
        .reset_index(drop=True)
    )
    told = (
        *band_estimates(own, model=asked.main, wider_than=asked.single.wider_than),
        *restated_estimates(
            scores[flagged], chances, learnt_at=learnt_at, base_rates=asked.base_rates, model=asked.main
        ),
    )
    estimates = tuple(rounded(estimate) for estimate in told)
    return table, Told(estimates, (check_bands(estimates, asked=True, main=asked.main),))


def _earlier(tested: Tested, sample: Sample) -> list[np.ndarray]:
    """Per fold the visited rows that were settled before it was made."""
    known_on = tested.panel.rows["outcome_known_on"].iloc[places_in(tested.panel, sample)]
    made = {fold.name: fold.split_on for fold in tested.folds}
    return settled_before(
        fold=sample.fold,
        split_on=np.array([made[name] for name in sample.folds], dtype="datetime64[ns]"),
        known_on=known_on.to_numpy("datetime64[ns]"),
        visited=sample.visited,
        unit=sample.rows["unit_id"].to_numpy(dtype=str),
    )


def _learnt_at(tested: Tested, sample: Sample) -> np.ndarray:
    """Per row the share of findings among the rows that its model learnt from."""
    outcome = tested.panel.rows["outcome"].to_numpy()
    share = {fold.name: float(outcome[fold.train].mean()) for fold in tested.folds}
    return np.array([share[name] for name in sample.folds])[sample.fold]
