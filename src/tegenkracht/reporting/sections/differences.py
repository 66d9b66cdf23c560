"""What the main model finds more than each other model, and how much better it orders: where somebody went, and weighed by the chance of a visit."""

from __future__ import annotations

from tegenkracht.core.conditions import at_of
from tegenkracht.core.estimate import Estimate, Method, verdict_of
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures, the_list
from tegenkracht.reporting.tree import Column, Table
from tegenkracht.reporting.wording import Words, fact, join, say

SEEN = ("days_earlier_difference", "days_earlier_difference_within", "precision_difference", "auc_difference")
"""Columns of the table of visited places."""
WEIGHED: tuple[tuple[str, Method], ...] = (
    ("precision_difference", "weighted"),
    ("precision_difference", "audit"),
    ("precision_difference", "bounds"),
    ("auc_difference", "weighted"),
)
"""Columns of the weighed table."""


def seen_differences(facts: RunFacts, known: Known) -> Table | None:
    """The main model minus each other model, per measure, each with its verdict; of visited places alone, or of all where all were visited."""
    found = {
        (at_of(e, "versus"), metric + ("_within" if at_of(e, "within") else "")): e
        for metric in ("days_earlier_difference", "precision_difference", "auc_difference")
        for e in known.all(metric, model=facts.main, split="all", group="")
        if e.method in ("labelled", "replay")
    }
    keys = [key for key in SEEN if any(key == k for _, k in found)]
    if not keys:
        return None
    others = [name for name in facts.models if any(name == other for other, _ in found)]
    rows = tuple(
        (fact(f"model.{name}.label"), *(_difference(found.get((name, key))) for key in keys)) for name in others
    )
    columns = (
        Column(title=say("results.minus")),
        *(Column(title=say(f"metrics.{key}"), numeric=True) for key in keys),
    )
    title = "results.differences_title" if the_list.main_is_settled(facts, known) else "results.differences_seen"
    return Table(name=say(title, model=fact(f"model.{facts.main}.label")), columns=columns, rows=rows)


def weighed_differences(facts: RunFacts, known: Known) -> Table | None:
    """The same with visits weighed by their recorded chance, by lot alone, and whatever unvisited places hold; None where nothing was weighed."""
    found = {
        (at_of(e, "versus"), metric, method): e
        for metric, method in WEIGHED
        for e in known.all(metric, model=facts.main, method=method, split="all", group="")
    }
    if not any(e.is_known for e in found.values() if e.method == "weighted"):
        return None
    others = [name for name in facts.models if any(name == other for other, _, _ in found)]
    rows = tuple(
        (fact(f"model.{name}.label"), *(_difference(found.get((name, *form))) for form in WEIGHED)) for name in others
    )
    heads = ("weighted", "audit", "bounds", "auc")
    columns = (
        Column(title=say("results.minus")),
        *(Column(title=say(f"results.difference_forms.{head}"), numeric=True) for head in heads),
    )
    return Table(name=say("results.differences_weighed"), columns=columns, rows=rows)


def _difference(estimate: Estimate | None) -> Words:
    if estimate is None or not estimate.is_known or estimate.method == "bounds":
        return measures.shown(estimate)
    return join(measures.shown(estimate), say(f"results.verdicts.{verdict_of(estimate)}"), between=" · ")
