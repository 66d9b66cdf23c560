"""The stages of a study, one after the other, and all that they gave."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from tegenkracht.core.cache import Cache
from tegenkracht.core.criterion import Frozen
from tegenkracht.core.errors import InputError, Problem
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.core.progress import Progress
from tegenkracht.core.scores import Scores
from tegenkracht.core.stopwatch import Stopwatch
from tegenkracht.evaluation.justified import check_justified
from tegenkracht.evaluation.profile import Profiles
from tegenkracht.experiment.audited import audited
from tegenkracht.experiment.comparisons import comparisons
from tegenkracht.experiment.decided import next_round, single_places, worth
from tegenkracht.experiment.explained import Explained, explain
from tegenkracht.experiment.hidden import hidden, supposed
from tegenkracht.experiment.imperfect import imperfect
from tegenkracht.experiment.indicators import indicators
from tegenkracht.experiment.learned import learned
from tegenkracht.experiment.levels import levels
from tegenkracht.experiment.measured import looked, measured, shifted, weighed
from tegenkracht.experiment.missed import missed
from tegenkracht.experiment.mitigated import mitigated, mitigations
from tegenkracht.experiment.multiplicity import multiplicity
from tegenkracht.experiment.origins import traced
from tegenkracht.experiment.pooled import pooled
from tegenkracht.experiment.profiled import profiled
from tegenkracht.experiment.questions import Questions
from tegenkracht.experiment.tested import Tested, Told
from tegenkracht.experiment.totals import totals
from tegenkracht.experiment.unlabelled import sampled, unlabelled
from tegenkracht.experiment.yields import yields
from tegenkracht.explanation.attributions import Attributions
from tegenkracht.explanation.refits import Refits
from tegenkracht.models.fitting import FittedModel, fit_and_score, scores_table
from tegenkracht.models.plan import ModelPlan

STAGES: Mapping[str, Callable[[Tested], Told]] = {
    "measure": measured,
    "chances": looked,
    "weigh": weighed,
    "tips": hidden,
    "assume": supposed,
    "shift": shifted,
    "audit": audited,
    "pool": pooled,
    "levels": levels,
    "totals": totals,
    "origins": traced,
    "indicators": indicators,
    "mitigate": mitigated,
    "sample": sampled,
    "unlabelled": unlabelled,
}
"""What is asked of the scores beside explanation and profile, by name, in the order of `evaluation.json`."""
AFTERWARDS: Mapping[str, Callable[[Tested, Sequence[Estimate]], Told]] = {
    "yield": yields,
    "mitigations": mitigations,
    "compare": comparisons,
    "worth": worth,
    "next round": next_round,
    "imperfect": imperfect,
}
"""What is asked of the numbers that the stages gave."""

AFTER_EXPLANATION: Mapping[str, Callable[[Tested, Explained], Told]] = {
    "learned": learned,
    "missed": missed,
}
"""What needs contributions or refits as well."""


@dataclass(frozen=True)
class Result:
    """All that one study gave.

    `attributions` holds, per explained model, a contribution per column for every test row; `single_places` a line per flagged row, as
    `decided.single_places` gives it; `flags` says of each flagged row which other models flag it too, as `multiplicity.flags_table` gives it.
    """

    panel: Panel
    folds: tuple[Fold, ...]
    fitted: tuple[FittedModel, ...]
    scores: Scores
    estimates: tuple[Estimate, ...]
    findings: tuple[Finding, ...]
    attributions: Mapping[str, Attributions]
    profiles: Profiles | None
    refits: Refits | None
    frozen: Frozen
    single_places: pd.DataFrame | None = None
    flags: pd.DataFrame | None = None


def run_experiment(
    *,
    panel: Panel,
    folds: Sequence[Fold],
    visits: pd.DataFrame | None,
    surroundings: pd.DataFrame | None = None,
    looked_twice: pd.DataFrame | None = None,
    plans: Mapping[str, ModelPlan],
    questions: Questions,
    seed: int,
    threads: int,
    cache: Cache,
    opening: Callable[[], Frozen],
    watch: Stopwatch,
    progress: Progress,
) -> Result:
    """Fit every model on every fold, and answer the questions about its out-of-sample scores.

    Parameters
    ----------
    visits
        Every visit of every test row, as `assembly.visits_of_rows` gives them; None for scheduled visits, whose rows are the visits.
    surroundings
        Figures of the area around each test row, as `assembly.area_figures` gives them; None when the study asks for none.
    looked_twice
        Pairs of visits to one place, as `evaluation.sight.looked_twice` gives them; None when the study does not ask for them.
    cache
        Fits that need not be made again.
    opening
        Called when the scores are made and no outcome of the test period was looked at yet: writes down that it is opened now.
    watch
        Collects seconds per stage.

    Raises
    ------
    InputError
        When the capacity is larger than a list, a fold has fewer findings to learn from than the study asks for, or a model names a column
        that is not there.
    """
    if problems := [*_capacity(panel, folds, questions), *_enough(panel, folds, questions)]:
        raise InputError(problems)
    with watch.stage("fit and score"):
        fitted = fit_and_score(panel, folds, plans, seed=seed, threads=threads, cache=cache, progress=progress)
        scores = scores_table(panel, fitted, one_list=questions.lists == "whole_window", seed=seed)
    frozen = opening()
    tested = Tested(
        panel,
        folds,
        plans,
        fitted,
        scores,
        visits,
        questions,
        seed,
        threads,
        cache,
        progress,
        surroundings,
        looked_twice,
    )
    told = []
    for name, stage in STAGES.items():
        with watch.stage(name):
            told.append(stage(tested))
    estimates = tuple(estimate for part in told for estimate in part.estimates)
    for name, question in AFTERWARDS.items():
        with watch.stage(name):
            told.append(question(tested, estimates))
    with watch.stage("single places"):
        places, about_places = single_places(tested)
    told.append(about_places)
    with watch.stage("profile"):
        profiles, described = profiled(tested)
    explained = explain(tested, watch)
    later = []
    for name, after in AFTER_EXPLANATION.items():
        with watch.stage(name):
            later.append(after(tested, explained))
    with watch.stage("multiplicity"):
        flags, of_flags = multiplicity(tested, explained, estimates)
    parts = (*told, described, explained.told, *later, of_flags)
    findings = tuple(finding for part in parts for finding in part.findings)
    justified = check_justified(findings, questions.justification, model=questions.main)
    return Result(
        panel,
        tuple(folds),
        fitted,
        scores,
        tuple(estimate for part in parts for estimate in part.estimates),
        (*findings, justified),
        explained.attributions,
        profiles,
        explained.refits,
        frozen,
        places,
        flags,
    )


def _capacity(panel: Panel, folds: Sequence[Fold], questions: Questions) -> Iterator[Problem]:
    """A list cannot be longer than the places that there are."""
    for fold in folds:
        dates = panel.rows.iloc[fold.test]["as_of"]
        smallest = len(dates) if questions.lists == "whole_window" else int(dates.value_counts().min())
        if questions.capacity > smallest:
            yield Problem(
                "review.capacity",
                f"{questions.capacity:,} places are more than the {smallest:,} that can be on a list in fold {fold.name}.",
                f"Take at most {smallest:,}.",
            )


def _enough(panel: Panel, folds: Sequence[Fold], questions: Questions) -> Iterator[Problem]:
    """A model of four findings tells about four places; a study says how many it asks for at least."""
    rows = panel.rows
    for fold in folds:
        train = rows.iloc[fold.train]
        found = int(train.loc[train["outcome"] == 1, "unit_id"].nunique())
        if found < questions.min_positives:
            yield Problem(
                "minimum.positives",
                f"fold {fold.name} has {found:,} places with a finding to learn from; this study asks for {questions.min_positives:,}.",
                "Take sectors or regions together, a longer horizon or a later first split; or lower it and say why on the card. "
                "`tegenkracht data rates` tells what few findings say when they lean on other sectors or regions.",
            )
