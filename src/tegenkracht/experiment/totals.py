"""What was found per total of points of a learnt scorecard, in the last test period."""

from __future__ import annotations

import numpy as np

from tegenkracht.evaluation.totals import total_estimates
from tegenkracht.experiment.tested import Tested, Told
from tegenkracht.models.scorecard import Scorecard


def totals(tested: Tested) -> Told:
    """Of the first scorecard of the study as it was learnt last, on visited test rows of its fold; nothing when there is none."""
    fits = [fit for fit in tested.fitted if isinstance(fit.estimator, Scorecard)]
    if not fits:
        return Told()
    last = tested.fits_of(fits[0].name)[-1]
    sample, asked = tested.sample, tested.questions
    own = np.flatnonzero((sample.fold == sample.folds.index(last.fold.name)) & (sample.visited == 1))
    names = tested.panel.rows["row_id"].to_numpy()[last.fold.test]
    table = last.test_table(tested.panel).set_axis(names).loc[sample.rows["row_id"].to_numpy()[own]]
    card = last.estimator
    assert isinstance(card, Scorecard)  # noqa: S101  # chosen so above
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
