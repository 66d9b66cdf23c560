"""What the figures become when tips helped to decide where people went, and what they become under an assumption about unvisited places."""

from __future__ import annotations

from tegenkracht.evaluation.assumed import assumed_estimates
from tegenkracht.evaluation.hidden_tips import seen_of, tips_estimates
from tegenkracht.evaluation.hidden_tips_checks import check_tips
from tegenkracht.experiment.tested import Tested, Told


def hidden(tested: Tested) -> Told:
    """Bands over the strength of tips for the card's model, and the checks on them; nothing where the chance of a visit is not asked."""
    asked = tested.questions
    if tested.visits is None or tested.propensities is None:
        why = "scheduled" if tested.visits is None else "chances_not_asked"
        return Told((), tuple(check_tips((), main=asked.main, why=why)))
    estimates = tips_estimates(
        seen_of(
            tested.panel,
            tested.sample,
            tested.visits,
            tested.propensities,
            model=asked.main,
            capacity=asked.capacity,
            seed=tested.seed,
        ),
        capacity=asked.capacity,
        replicates=asked.replicates,
        level=asked.level,
        seed=tested.seed,
        threads=tested.threads,
    )
    return Told(estimates, tuple(check_tips(estimates, main=asked.main, why="few_visits")))


def supposed(tested: Tested) -> Told:
    """Bounds that hold only under what the study assumes of unvisited places; nothing when it assumes nothing."""
    asked = tested.questions
    if asked.assume is None:
        return Told()
    return Told(
        assumed_estimates(
            tested.sample,
            asked.assume,
            main=asked.main,
            capacity=asked.capacity,
            replicates=asked.replicates,
            level=asked.level,
            seed=tested.seed,
            threads=tested.threads,
        )
    )
