"""A run's facts -> a card: the tree of sections, with the estimates and declared facts that it uses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.identity import digest_of
from tegenkracht.core.text import Text
from tegenkracht.reporting.declared import declared_facts
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections.calibration import calibration_section
from tegenkracht.reporting.sections.criteria import criteria_section
from tegenkracht.reporting.sections.data import data_section
from tegenkracht.reporting.sections.dictionary import dictionary_section
from tegenkracht.reporting.sections.explanation import explanation_section
from tegenkracht.reporting.sections.findings import findings_section, ordered
from tegenkracht.reporting.sections.first_page import first_page
from tegenkracht.reporting.sections.groups import groups_section
from tegenkracht.reporting.sections.imperfect import imperfect_section
from tegenkracht.reporting.sections.inspector import inspector_section
from tegenkracht.reporting.sections.justification import justification_section
from tegenkracht.reporting.sections.learned import learned_section
from tegenkracht.reporting.sections.learning import learning_section
from tegenkracht.reporting.sections.ledger import ledger_section
from tegenkracht.reporting.sections.lists import lists_section
from tegenkracht.reporting.sections.missed import missed_section
from tegenkracht.reporting.sections.mitigation import mitigation_section
from tegenkracht.reporting.sections.next_round import next_round_section
from tegenkracht.reporting.sections.origins import origins_section
from tegenkracht.reporting.sections.pooled import pooled_section
from tegenkracht.reporting.sections.profile import profile_section
from tegenkracht.reporting.sections.profile_page import profile_page
from tegenkracht.reporting.sections.provenance import provenance_section
from tegenkracht.reporting.sections.purpose import purpose_section
from tegenkracht.reporting.sections.readable import readable_section
from tegenkracht.reporting.sections.replay import replay_section
from tegenkracht.reporting.sections.results import results_section
from tegenkracht.reporting.sections.shift import shift_section
from tegenkracht.reporting.sections.single_place import single_place_section
from tegenkracht.reporting.sections.suitability import suitability_section
from tegenkracht.reporting.sections.tips import tips_section
from tegenkracht.reporting.sections.unfilled import unfilled_section
from tegenkracht.reporting.sections.worth import worth_section
from tegenkracht.reporting.tree import Card, Section
from tegenkracht.reporting.without_interval import with_reasons
from tegenkracht.reporting.wording import FactValue, Record

__all__ = ["Card", "make_card"]

DIGEST_LENGTH = 8
ESTIMATE_KEYS = frozenset({"estimate", "labelled", "bounds", "predicted", "found", "share", "stated", "harm", "gap"})
FACT_KEYS = frozenset({"fact", "train_from", "train_until", "split_on", "test_from", "test_until", "edge"})
"""Fields of the tree that hold an estimate's id, or the name of a fact."""


def make_card(facts: RunFacts) -> Card:
    """The card of a run, as plain data; the same facts give the same card.

    Estimates and facts that no sentence or figure uses are left out, so that every number in `card.json` is on the card.
    """
    facts = replace(facts, findings=tuple(ordered(facts.findings)))
    known = Known(facts.estimates)
    first = profile_page(facts, known) if facts.sides else first_page(facts, known)
    sections = _sections(facts, known)
    declared = declared_facts(facts)
    plain = [_plain(record) for record in (first, *sections)]
    leaves = [leaf for record in plain for leaf in _leaves(record)]
    used = _used_facts(leaves)
    digest = digest_of([*(e.as_dict() for e in facts.estimates), *plain, _jsonable(declared)])
    declared["card.digest"] = digest[:DIGEST_LENGTH]
    return Card(
        study=facts.study,
        run_id=facts.run_id,
        identity=digest,
        first=first,
        sections=sections,
        facts={name: value for name, value in declared.items() if name in used or name.startswith("card.")},
        estimates=_used_estimates(known, leaves),
    )


def _sections(facts: RunFacts, known: Known) -> tuple[Section, ...]:
    """The parts of the full card, in order; a part without evidence is absent."""
    made = (
        purpose_section(facts),
        profile_section(facts, known),
        data_section(facts, known),
        ledger_section(facts, known),
        criteria_section(facts, known),
        results_section(facts, known),
        lists_section(facts, known),
        worth_section(facts, known),
        tips_section(facts, known),
        imperfect_section(facts, known),
        replay_section(facts, known),
        calibration_section(facts, known),
        single_place_section(facts, known),
        inspector_section(facts, known),
        groups_section(facts, known),
        origins_section(facts, known),
        justification_section(facts),
        mitigation_section(facts, known),
        learning_section(facts, known),
        pooled_section(facts, known),
        shift_section(facts, known),
        explanation_section(facts, known),
        learned_section(facts, known),
        readable_section(facts, known),
        missed_section(facts, known),
        dictionary_section(facts),
        suitability_section(facts, known),
        next_round_section(facts, known),
        findings_section(facts),
        unfilled_section(facts),
        provenance_section(facts),
    )
    return tuple(with_reasons(section, known) for section in made if section is not None)


def _used_estimates(known: Known, leaves: Sequence[tuple[str, Any]]) -> dict[str, Estimate]:
    used = {value for key, value in leaves if key in ESTIMATE_KEYS}
    return {estimate.id: estimate for estimate in known.estimates if estimate.id in used}


def _used_facts(leaves: Sequence[tuple[str, Any]]) -> set[str]:
    """Names of the facts that sentences and figures use."""
    return {value for key, value in leaves if key in FACT_KEYS} | {
        f"capacity.{value}" for key, value in leaves if key == "capacity"
    }


def _leaves(node: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf of plain data, with the key that it stands under."""
    if isinstance(node, dict):
        for name, child in node.items():
            yield from _leaves(child, name)
    elif isinstance(node, list):
        for child in node:
            yield from _leaves(child, key)
    else:
        yield key, node


def _plain(record: Record) -> Any:
    return record.model_dump(mode="json")


def _jsonable(declared: dict[str, FactValue]) -> dict[str, Any]:
    return {name: value.model_dump() if isinstance(value, Text) else value for name, value in declared.items()}
