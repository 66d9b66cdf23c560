"""What each column contributes to every score, and which flags and reasons survive when the card's model is learnt again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.panel import Panel
from tegenkracht.core.stopwatch import Stopwatch
from tegenkracht.experiment.tested import Tested, Told
from tegenkracht.explanation.attributions import Attributions, attribute
from tegenkracht.explanation.refits import Refits, check_flags, flag_estimates, refit
from tegenkracht.explanation.stability import check_first_family, stability
from tegenkracht.explanation.summary import summarise


@dataclass(frozen=True)
class Explained:
    """Contributions per explained model, the refits of the card's model, and what was said of both."""

    attributions: Mapping[str, Attributions]
    refits: Refits | None
    told: Told


def explain(tested: Tested, watch: Stopwatch) -> Explained:
    """Contributions of every explained model for every test row, how much each column moves the scores, and what survives a refit."""
    with watch.stage("explain"):
        attributions, summaries = _attributions(tested)
    findings = [finding for part in attributions.values() for finding in _told(part, tested.panel)]
    with watch.stage("refit"):
        refits, survived = _refits(tested)
    return Explained(attributions, refits, Told((*summaries, *survived), (*findings, check_flags(survived))))


def _attributions(tested: Tested) -> tuple[dict[str, Attributions], list[Estimate]]:
    asked, panel = tested.questions, tested.panel
    attributions: dict[str, Attributions] = {}
    summaries: list[Estimate] = []
    names = list(dict.fromkeys(model.name for model in tested.fitted if model.plan.explain))
    unit_of = panel.rows.set_index("row_id")["unit_id"]
    for done, name in enumerate(names):
        tested.progress(f"explain {name}", done, len(names))
        fits = tested.fits_of(name)
        attributions[name] = attribute(
            fits, [model.test_table(panel) for model in fits], threads=tested.threads, progress=tested.progress
        )
        summaries += summarise(
            attributions[name],
            units=unit_of.loc[attributions[name].rows].to_numpy(dtype=str),
            features=panel.features,
            replicates=asked.replicates,
            level=asked.level,
            seed=tested.seed,
        )
    return attributions, summaries


def _refits(tested: Tested) -> tuple[Refits | None, tuple[Estimate, ...]]:
    """The card's model learnt again, and what of its lists, ranks and signs survives; nothing when it is not asked or not explained."""
    asked = tested.questions
    fits = tested.fits_of(asked.main)
    if asked.refits == 0 or not fits[0].plan.explain:
        return None, ()
    refits = refit(
        tested.panel,
        fits,
        capacity=asked.capacity,
        one_list=asked.lists == "whole_window",
        times=asked.refits,
        seed=tested.seed,
        threads=tested.threads,
        progress=tested.progress,
    )
    flags = flag_estimates(refits, replicates=asked.replicates, level=asked.level, seed=tested.seed)
    return refits, (*flags, *stability(refits.attributions, features=tested.panel.features, level=asked.level))


def _told(attributions: Attributions, panel: Panel) -> Iterator[Finding]:
    """How far a model's explanation can be leaned on: agreement, additivity, and the same first family in every fold."""
    yield from attributions.findings
    yield check_first_family(attributions, features=panel.features)
