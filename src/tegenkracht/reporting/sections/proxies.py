"""What stands in for a group: how well the score and each family of columns tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.association import CRAMER, ETA
from tegenkracht.reporting.axis import HUNDRED
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.data import group_label
from tegenkracht.reporting.sections.group_rows import (
    attribute_of,
    by_group,
    group_heading,
    group_row,
    in_order,
    key_of,
    plain_table,
)
from tegenkracht.reporting.tree import Block, Column, Exhibit, Intervals, Panel, Paragraph, Table
from tegenkracht.reporting.wording import Words, fact, say

TOLD = ("score", "score,found=yes", "score,found=no", "columns=together")


def proxies_part(facts: RunFacts, known: Known) -> list[Block]:
    """How well the score tells a group, and a folded table of families."""
    found = by_group(facts, known.all("proxy_auc"))
    title = say("origins.proxies.title")
    rows = [
        group_row(e, label=say(f"origins.proxies.{key_of(at)}"), heading=group_heading(e) if first else None)
        for of in found.values()
        for first, at, e in in_order(of, TOLD)
    ]
    if not rows:
        return []
    shown = [e for of in found.values() for e in of if e.at in TOLD]
    figure = Exhibit(
        title=title,
        how=say("origins.proxies.how", hundred=fact("hundred", "count"), half=fact("fifty", "count")),
        panels=(Panel(key="fig-proxies", title=title, drawing=Intervals(rows=tuple(rows), axis=HUNDRED)),),
        table=plain_table(title, shown, "origins.proxies"),
    )
    return [figure, *_families(facts, known, found)]


def _families(facts: RunFacts, known: Known, found: Mapping[str, Sequence[Estimate]]) -> list[Block]:
    """How well each family of columns tells each group, and per attribute the column of the family that goes with it most."""
    families = list(
        dict.fromkeys(e.at.partition("=")[2] for of in found.values() for e in of if e.at.startswith("family="))
    )
    if not families:
        return []
    cells = {(group, e.at): e for group, of in found.items() for e in of}
    most = _most_associated(facts, known)
    columns, keys = [Column(title=say("origins.proxies.family"))], []
    for attribute in facts.attributes:
        for group in (g for g in found if g.startswith(f"{attribute}=")):
            columns.append(Column(title=group_label(group), numeric=True))
            keys.append(group)
        if any(of == attribute for of, _ in most):
            label = fact(f"attribute.{attribute}.label", "title")
            columns.append(Column(title=say("origins.proxies.associated", attribute=label), numeric=True))
            keys.append(attribute)
    rows = tuple(
        (
            fact(f"family.{family}"),
            *(
                measures.shown(cells.get((key, f"family={family}")))
                if "=" in key
                else _association(most.get((key, family)))
                for key in keys
            ),
        )
        for family in families
    )
    name = say("origins.proxies.families", hundred=fact("hundred", "count"))
    how = [Paragraph(words=say("origins.proxies.associated_how"), css="small")] if most else []
    return [Table(name=name, columns=tuple(columns), rows=rows, folded=True), *how]


def _most_associated(facts: RunFacts, known: Known) -> dict[tuple[str, str], Estimate]:
    """Of each attribute and family the column that goes with the attribute most; where none is known, one that says why."""
    families = {f"feature={f.name}": f.family or f.name for f in facts.features}
    out: dict[tuple[str, str], Estimate] = {}
    for e in (*known.all(ETA), *known.all(CRAMER)):
        key = attribute_of(e), families.get(e.at, "")
        if key not in out or _explained(e) > _explained(out[key]):
            out[key] = e
    return out


def _explained(e: Estimate) -> float:
    """Of a column how much goes with the attribute: V is the root of such a part."""
    return -1.0 if e.value is None else e.value**2 if e.metric == CRAMER else e.value


def _association(e: Estimate | None) -> Words:
    """The figure with its sign, so that a reader knows which of the two it is."""
    if e is None or not e.is_known:
        return measures.shown(e)
    return say(f"origins.proxies.{e.metric}", figure=measures.shown(e))
