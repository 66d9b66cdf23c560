"""What stands in for a group: how well the score and each family of columns tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tegenkracht.core.conditions import at_of, attribute_of
from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.area_correlation import METRIC as CORRELATION
from tegenkracht.evaluation.association import CRAMER, ETA, MISSING
from tegenkracht.evaluation.proxies import SCORE
from tegenkracht.reporting.axis import HUNDRED
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.data import group_label
from tegenkracht.reporting.sections.group_rows import by_group, group_heading, group_row, in_order, key_of, plain_table
from tegenkracht.reporting.sections.suitability import (
    answer_words,
    beyond_limit,
    strongest_correlation,
)
from tegenkracht.reporting.tree import Block, Column, Exhibit, Intervals, Panel, Paragraph, Table
from tegenkracht.reporting.wording import Words, fact, join, number, say

MOST_WITH_AREAS = 10
"""Features that are listed beside figures of areas; `evaluation.json` has them all."""
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
        table=plain_table(title, shown, "origins.proxies", counted="origins.proxies.places"),
    )
    return [figure, *_families(facts, known, found), *_with_areas(facts, known)]


def lacks_score_reason(facts: RunFacts, known: Known) -> bool:
    """Whether the score goes further together with a figure of the area than the study accepts, and nobody said why it is used."""
    return facts.score_proxy is None and beyond_limit(facts, strongest_correlation(known, [SCORE]))


def _with_areas(facts: RunFacts, known: Known) -> list[Block]:
    """The score, and the features of models that go most with a figure of the area, whichever way; beyond the study's limit with the reason why they are used."""
    seen = [e for e in known.all(CORRELATION) if at_of(e, "feature") not in facts.kept_out]
    found = sorted(measures.known_only(seen), key=lambda e: -abs(e.value or 0.0))
    of_score, of_features = ([e for e in found if bool(e.model) == score] for score in (True, False))
    if not found:
        return []
    families = {feature.name: feature.family or feature.name for feature in facts.features}
    rows = tuple(
        (
            say("origins.proxies.score") if e.model else fact(f"feature.{at_of(e, 'feature')}.label"),
            fact(f"family.{at_of(e, 'measure')}", "title"),
            measures.shown(e),
            number(e.id, "n", "count"),
            _why_used(facts, e, families),
        )
        for e in (*of_score, *of_features[:MOST_WITH_AREAS])
    )
    heads = ("indicator", "measure", "correlation", "rows", "reason")
    columns = tuple(
        Column(title=say(f"origins.areas.{head}"), numeric=head in ("correlation", "rows")) for head in heads
    )
    limit = (
        say("origins.areas.limit", limit=fact("measure_limit", "number"))
        if facts.measure_limit is not None
        else say("origins.areas.no_limit")
    )
    how = Paragraph(words=join(say("origins.areas.how"), limit), css="small")
    return [Table(name=say("origins.areas.title"), columns=columns, rows=rows), how]


def _why_used(facts: RunFacts, e: Estimate, families: Mapping[str, str]) -> Words:
    """The reason that was given, or that one is missing; nothing where none is asked."""
    if not beyond_limit(facts, e):
        return say("page.dash")
    if e.model:
        return fact("score_proxy") if facts.score_proxy is not None else say("unfilled.by_author")
    return answer_words(facts, families[at_of(e, "feature")], "proxy")


def _families(facts: RunFacts, known: Known, found: Mapping[str, Sequence[Estimate]]) -> list[Block]:
    """How well each family of columns tells each group, and per attribute the column of the family that goes with it most."""
    families = list(dict.fromkeys(family for of in found.values() for e in of if (family := at_of(e, "family"))))
    if not families:
        return []
    cells = {(group, e.at): e for group, of in found.items() for e in of}
    most = _most_associated(facts, known)
    columns, keys = [Column(title=say("origins.proxies.family"))], []
    for attribute in facts.attributes:
        for group in (g for g in found if attribute_of(g) == attribute):
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
    if any(at_of(e, "missing") and e.is_known for e in most.values()):
        blanked = facts.purpose.sole_traders == "business_facts_only"
        how.append(Paragraph(words=say(f"origins.proxies.missing_{'blanked' if blanked else 'how'}"), css="small"))
    return [Table(name=name, columns=tuple(columns), rows=rows, folded=True), *how]


def _most_associated(facts: RunFacts, known: Known) -> dict[tuple[str, str], Estimate]:
    """Of each attribute and family the column that goes with the attribute most; where none is known, one that says why."""
    families = {f"feature={f.name}{part}": f.family or f.name for f in facts.features for part in ("", MISSING)}
    out: dict[tuple[str, str], Estimate] = {}
    for e in (*known.all(ETA), *known.all(CRAMER)):
        key = attribute_of(e.group), families.get(e.at, "")
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
    figure = say(f"origins.proxies.{e.metric}", figure=measures.shown(e))
    if not at_of(e, "missing"):
        return figure
    return say("origins.proxies.missing", figure=figure, label=fact(f"feature.{at_of(e, 'feature')}.label"))
