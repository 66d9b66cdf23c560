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
from tegenkracht.explanation.disagreement import check_disagreement, compare, disagreement_estimates
from tegenkracht.explanation.families import Together, check_families, explained_together, family_estimates
from tegenkracht.explanation.refits import (
    Refits,
    check_flags,
    check_reasons,
    flag_estimates,
    reason_estimates,
    refit,
    withheld_reasons,
)
from tegenkracht.explanation.stability import check_first_family, order_stability, stability
from tegenkracht.explanation.summary import families_of, summarise

_FIRST = 3
"""Families that an overlap of orders is counted over."""


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
    main = attributions.get(tested.questions.main)
    together = None if main is None else together_of(tested.panel, main)
    with watch.stage("refit"):
        refits, survived = _refits(tested, main, together)
    with watch.stage("disagree"):
        compared = _compared(tested, main, together)
    told = Told(
        (*summaries, *survived, *compared.estimates),
        (*findings, check_flags(survived), check_reasons(survived), *compared.findings),
    )
    return Explained(attributions, refits, told)


def together_of(panel: Panel, attributions: Attributions) -> Together:
    """Which columns of a model are explained together: declared families, and those that correlate over its test rows."""
    columns = list(attributions.values.columns)
    rows = panel.rows[["row_id", *columns]].set_index("row_id").loc[attributions.rows]
    return explained_together(rows, columns, panel.features)


def _compared(tested: Tested, attributions: Attributions | None, together: Together | None) -> Told:
    """Families that move together, and whether shuffling or dropping a family gives the order of its attributions."""
    asked, main = tested.questions, tested.questions.main
    if attributions is None or together is None:
        why = {"reason": "not_explained"}
        return Told((), tuple(Finding(code, "not_applicable", main, why) for code in ("TK305", "TK307")))
    told = family_estimates(main, together, n=len(attributions.rows))
    alike = check_families(main, together)
    if asked.importance is None or attributions.link != "log-odds":
        reason = "importance_not_asked" if asked.importance is None else "no_chances_to_compare"
        return Told(told, (Finding("TK305", "not_applicable", main, {"reason": reason}), alike))
    weights = disagreement_estimates(
        compare(
            tested.panel,
            tested.fits_of(main),
            attributions,
            families=families_of(attributions.values.columns, tested.panel.features),
            cluster_by=asked.cluster_by,
            shuffles=asked.importance.shuffles,
            drop=asked.importance.drop,
            seed=tested.seed,
            threads=tested.threads,
            progress=tested.progress,
        ),
        first=asked.importance.first,
        replicates=asked.replicates,
        level=asked.level,
        seed=tested.seed,
    )
    differ = check_disagreement(weights, model=main)
    return Told((*told, *weights), (differ, alike))


def _attributions(tested: Tested) -> tuple[dict[str, Attributions], list[Estimate]]:
    asked, panel = tested.questions, tested.panel
    attributions: dict[str, Attributions] = {}
    summaries: list[Estimate] = []
    names = list(dict.fromkeys(model.name for model in tested.fitted if model.plan.explain))
    unit_of = panel.rows[["row_id", "unit_id"]].set_index("row_id")["unit_id"]
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


def _refits(
    tested: Tested, attributions: Attributions | None, together: Together | None
) -> tuple[Refits | None, tuple[Estimate, ...]]:
    """The card's model learnt again, and what of its lists, ranks and signs survives; nothing when it is not asked or not explained."""
    asked = tested.questions
    fits = tested.fits_of(asked.main)
    if asked.refits == 0 or attributions is None or together is None:
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
    withheld = withheld_reasons(attributions, refits, together.members, at_most=asked.reasons)
    features = tested.panel.features
    return refits, (
        *flags,
        *stability(refits.attributions, features=features, level=asked.level),
        *order_stability(refits.attributions, features=features, first=_FIRST, level=asked.level),
        *reason_estimates(withheld, model=asked.main, level=asked.level),
    )


def _told(attributions: Attributions, panel: Panel) -> Iterator[Finding]:
    """How far a model's explanation can be leaned on: agreement, additivity, and the same first family in every fold."""
    yield from attributions.findings
    yield check_first_family(attributions, features=panel.features)
