"""What was found per total of points of a learnt scorecard, in the last test period."""

from __future__ import annotations

import numpy as np

from tegenkracht.evaluation.totals import total_estimates
from tegenkracht.experiment.tested import Tested, Told
from tegenkracht.models.fitting import last_of
from tegenkracht.models.scorecard import Scorecard


def totals(tested: Tested) -> Told:
    """Of the first scorecard of the study as it was learnt last, on visited test rows of its fold; nothing when there is none."""
    if (of_kind := last_of(tested.fitted, Scorecard)) is None:
        return Told()
    last, card = of_kind
    sample, asked = tested.sample, tested.questions
    own = np.flatnonzero((sample.fold == sample.folds.index(last.fold.name)) & (sample.visited == 1))
    names = tested.panel.rows["row_id"].to_numpy()[last.fold.test]
    table = last.test_table(tested.panel).set_axis(names).loc[sample.rows["row_id"].to_numpy()[own]]
    estimates = total_estimates(
        sample,
        own,
        card.total(table).astype(np.int64),
        card.predict_proba(table)[:, -1],
        model=last.name,
        minimum=asked.min_group,
        replicates=asked.replicates,
        level=asked.level,
        seed=tested.seed,
        threads=tested.threads,
    )
    return Told(estimates)
