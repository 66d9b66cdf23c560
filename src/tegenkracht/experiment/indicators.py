"""Whether the indicators that the card's model uses go with findings in a random sample."""

from __future__ import annotations

import numpy as np

from tegenkracht.evaluation.estimates import rounded
from tegenkracht.evaluation.indicators import check_indicators, indicator_estimates
from tegenkracht.evaluation.sample import places_in
from tegenkracht.evaluation.visited import visited_once
from tegenkracht.experiment.tested import Tested, Told
from tegenkracht.models.fitting import columns_of


def indicators(tested: Tested) -> Told:
    """Each indicator beside what visits by lot found, and TK225."""
    sample, panel, asked = tested.sample, tested.panel, tested.questions
    seen = columns_of(tested.plans[asked.main], panel)
    used = {feature.name: feature.direction for feature in panel.features if feature.name in seen}
    visited = visited_once(tested.visits, sample)
    rows = visited.row[visited.by_lot]
    estimates = tuple(
        rounded(estimate)
        for estimate in indicator_estimates(
            panel.rows[list(used)].iloc[places_in(panel, sample)[rows]],
            np.asarray(visited.positive[visited.by_lot] == 1),
            cluster=sample.cluster[rows],
            stratum=sample.fold[rows],
            minimum=asked.min_group,
            level=asked.level,
        )
    )
    return Told(estimates, (check_indicators(estimates, used, model=asked.main, level=asked.level),))
