"""Fitted and scored models with what is asked of them: all that a stage of a study may look at, and what it says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from tegenkracht.core.cache import Cache
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.core.progress import Progress
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.propensity import Propensities, propensities_of
from tegenkracht.evaluation.sample import Sample, sample_of
from tegenkracht.evaluation.weighed import Weighed, weigh
from tegenkracht.experiment.questions import Questions
from tegenkracht.models.fitting import FittedModel
from tegenkracht.models.plan import ModelPlan


@dataclass(frozen=True)
class Tested:
    """Scores of every model on every test row, and what they were made from.

    Parameters
    ----------
    visits
        Every visit of every test row, as `assembly.visits_of_rows` gives them; None for scheduled visits, whose rows are the visits.
    surroundings
        Figures of the area around each test row (index `row_id`, a column per measure); None when the study asks for none.
    looked_twice
        Pairs of visits to one place shortly after one another, of the whole dataset; None when the study does not ask for them.
    cache
        Fits that need not be made again.
    """

    panel: Panel
    folds: Sequence[Fold]
    plans: Mapping[str, ModelPlan]
    fitted: Sequence[FittedModel]
    scores: Scores
    visits: pd.DataFrame | None
    questions: Questions
    seed: int
    threads: int
    cache: Cache
    progress: Progress
    surroundings: pd.DataFrame | None = None
    looked_twice: pd.DataFrame | None = None

    def fits_of(self, model: str) -> list[FittedModel]:
        """One model as fitted on each fold, in order of folds."""
        return [fit for fit in self.fitted if fit.name == model]

    @cached_property
    def sample(self) -> Sample:
        """The test rows as every measure needs them."""
        return sample_of(self.scores, lists=self.questions.lists, cluster_by=self.questions.cluster_by)

    @cached_property
    def propensities(self) -> Propensities | None:
        """The chance that somebody looks, per row of the sample; None when it is not asked or visits were scheduled."""
        if self.questions.chances is None:
            return None
        return propensities_of(
            self.panel, self.sample, self.visits, self.questions.chances, seed=self.seed, threads=self.threads
        )

    @cached_property
    def weighed(self) -> Weighed | None:
        """Every visit of the sample with its weights, which every stage that weighs visits looks at; None when visits were scheduled."""
        return None if self.visits is None else weigh(self.visits, self.sample, self.propensities)


@dataclass(frozen=True)
class Told:
    """What one stage says: numbers, and verdicts that rest on them."""

    estimates: tuple[Estimate, ...] = ()
    findings: tuple[Finding, ...] = ()


def unanswered(codes: Iterable[str], model: str, reason: str) -> Told:
    """Checks that nobody could do, each with the same reason: silence is not a pass."""
    return Told((), tuple(Finding(code, "not_applicable", model, {"reason": reason}) for code in codes))
