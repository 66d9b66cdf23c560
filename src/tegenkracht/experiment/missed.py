"""Whom the card's list misses, whom it flags for nothing, and what is left of it when places hide what is easy to change."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.feature import Feature
from tegenkracht.evaluation.estimates import rounded
from tegenkracht.evaluation.hiding import EASY, best_hidden, check_hiding, hiding_estimates
from tegenkracht.evaluation.missed import check_missed, differences, family_values, outcomes_of, rule_of_missed
from tegenkracht.evaluation.sample import Sample, sample_of
from tegenkracht.experiment.explained import Explained
from tegenkracht.experiment.tested import Tested, Told, unanswered
from tegenkracht.models.store import scores_of

Floats = NDArray[np.float64]


def missed(tested: Tested, explained: Explained) -> Told:
    """Differences, a rule and hiding, for the card's model; a reason where units have profiles and no list, or when the study does not ask."""
    asked = tested.questions
    if asked.missed is None:
        return unanswered(
            ("TK310", "TK312"), asked.main, "profiles_have_no_list" if asked.dimensions else "missed_not_asked"
        )
    sample = sample_of(tested.scores, lists=asked.lists, cluster_by=asked.cluster_by).only(asked.main)
    compared, hidden = _compared(tested, sample), _hidden(tested, explained, sample)
    estimates = (*compared.estimates, *hidden.estimates)
    return Told(tuple(rounded(e) for e in estimates), (*compared.findings, *hidden.findings))


def _compared(tested: Tested, sample: Sample) -> Told:
    asked = tested.questions
    outcomes = outcomes_of(sample, asked.main, capacity=asked.capacity)
    names = sample.rows["row_id"].to_numpy()[outcomes.rows]
    table = tested.panel.rows.set_index("row_id").loc[names, list(tested.panel.feature_names)]
    told = differences(
        sample,
        outcomes,
        family_values(table, tested.panel.features),
        model=asked.main,
        capacity=asked.capacity,
        minimum=asked.min_group,
        replicates=asked.replicates,
        level=asked.level,
        seed=tested.seed,
        threads=tested.threads,
    )
    rule, verdict = rule_of_missed(
        sample,
        outcomes,
        table,
        model=asked.main,
        replicates=asked.replicates,
        level=asked.level,
        seed=tested.seed,
        threads=tested.threads,
    )
    return Told((*told, *rule), (check_missed(told, asked.main), verdict))


def _hidden(tested: Tested, explained: Explained, sample: Sample) -> Told:
    asked = tested.questions
    if asked.missed is None or not sample.finding.any():
        return Told((), (check_hiding((), asked.main, easy=1, minimum=asked.min_group),))
    columns = _easiest_first(tested, explained)
    easy = sum(feature.manipulability >= EASY for feature in columns)
    told = hiding_estimates(
        sample,
        asked.main,
        best_hidden(_rescored(tested, sample, columns)),
        hidden=asked.missed.hidden,
        easy=easy,
        share=asked.missed.hiding,
        capacity=asked.capacity,
        replicates=asked.replicates,
        level=asked.level,
        seed=tested.seed,
        threads=tested.threads,
    )
    return Told(told, (check_hiding(told, asked.main, easy=easy, minimum=asked.min_group),))


def _easiest_first(tested: Tested, explained: Explained) -> list[Feature]:
    """Columns of the card's model that can be changed at all, the easiest first; among equals, the one that moves scores most."""
    main = tested.questions.main
    used = set(tested.fits_of(main)[0].columns)
    weight = (
        explained.attributions[main].values.abs().mean() if main in explained.attributions else pd.Series(dtype=float)
    )
    columns = [feature for feature in tested.panel.features if feature.name in used and feature.manipulability > 0]
    return sorted(columns, key=lambda feature: (-feature.manipulability, -weight.get(feature.name, 0.0)))


def _rescored(tested: Tested, sample: Sample, columns: Sequence[Feature]) -> Floats:
    """Scores of the found rows with none, one, two, … of the columns at their typical value (the median of the fold): (found row, number)."""
    place = pd.Series(np.arange(int(sample.finding.sum())), index=sample.rows["row_id"].to_numpy()[sample.finding == 1])
    out = np.empty((len(place), len(columns) + 1))
    for fit in tested.fits_of(tested.questions.main):
        every = fit.test_table(tested.panel)
        found = every[every.index.isin(place.index)]
        if found.empty:
            continue
        tables = [found]
        for feature in columns:
            tables.append(tables[-1].assign(**{feature.name: every[feature.name].median()}))
        scores = scores_of(fit.estimator, pd.concat(tables)).reshape(len(tables), len(found)).T
        out[place.loc[found.index].to_numpy()] = scores
    return out
