"""Parts of the groups section: gaps with a verdict each, combinations of attributes, other list lengths, and accepted limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from tegenkracht.core.conditions import at_capacity, at_of, attribute_of
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.gap import SMALLEST, GapVerdict, verdict_of_gap
from tegenkracht.evaluation.gaps import FIGURES, leading_gaps, with_sectors
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.areas import areas_hidden, areas_part
from tegenkracht.reporting.sections.data import attribute_label, group_label, groups_in_order
from tegenkracht.reporting.tree import Block, Column, Heading, Paragraph, Table
from tegenkracht.reporting.wording import FactValue, Words, fact, number, say

LIST_METRICS = ("selection_rate", "precision_at_capacity", "false_positive_rate", "false_negative_rate")
DATA_METRICS = ("inspected_share", "finding_rate")
WAYS: tuple[Method, ...] = ("labelled", "weighted", "audit")
GAP_WAYS: tuple[Method, ...] = ("apart", "weighted", "audit", "bounds")
WEIGHED = ("finding_rate", "precision_at_capacity", "false_positive_rate", "false_negative_rate")
CROSSED_LEVELS = ("inspected_share", "selection_rate", "precision_at_capacity", "false_positive_rate")


def audit_facts(facts: RunFacts, known: Known) -> dict[str, FactValue]:
    """What sentences of this part need beside estimates: what matters, what was limited, and how many gaps got which verdict."""
    verdicts = Counter(verdict for gap in all_gaps(facts) if (verdict := gap_verdict(facts, known, gap)))
    out: dict[str, FactValue] = {
        "groups.looked_at": sum(verdicts.values()),
        **{f"groups.{verdict}": verdicts[verdict] for verdict in _VERDICTS},
        "groups.areas_hidden": areas_hidden(facts, known),
        **{f"capacity.{length}": length for length in _list_lengths(known, facts)},
    }
    if facts.smallest_gap is not None:
        points = round(100 * facts.smallest_gap, 3)
        out["groups.matters"] = int(points) if points.is_integer() else points
    for limit in facts.limits:
        out[f"limit.{limit.name}.at_most"] = limit.at_most
    for e in known.all("exposure_difference"):
        measure = at_of(e, "measure")
        out[f"family.{measure}"] = facts.families.get(measure, measure)
    return out


_VERDICTS: tuple[GapVerdict, ...] = ("shown", "none_that_matters", "not_enough", "not_shown")


def gap_verdict(facts: RunFacts, known: Known, gap: Estimate) -> GapVerdict | None:
    """What is said of a gap."""
    return verdict_of_gap(gap, known.find(gap, "gap_chance"), smallest=facts.smallest_gap)


def all_gaps(facts: RunFacts) -> list[Estimate]:
    """Every gap of the data and of the card's model, in the form that leads."""
    of = [(metric, name) for metric in FIGURES for name in (*told_attributes(facts), *facts.intersections)]
    return [e for metric, name in of for e in leading_gaps(facts.estimates, metric=metric, attribute=name)]


def told_attributes(facts: RunFacts) -> tuple[str, ...]:
    """Attributes of the study, and the sector where it has several."""
    return with_sectors(facts.attributes, facts.estimates)


def audit_notes(facts: RunFacts) -> list[Block]:
    """How many gaps were looked at and what was said of them: some of many leave zero out by chance."""
    if not all_gaps(facts):
        return []
    count = {name: fact(f"groups.{name}", "count") for name in ("looked_at", "shown")}
    if facts.smallest_gap is None:
        words = say("groups.gap.note_plain", **count)
    else:
        more = {name: fact(f"groups.{name}", "count") for name in ("none_that_matters", "not_enough")}
        words = say("groups.gap.note", **count, **more, matters=fact("groups.matters", "number"))
    return [Paragraph(words=words), *_out_of_reach(facts), Paragraph(words=say("groups.gap.how"), css="small")]


def listed_of_all(facts: RunFacts) -> float | None:
    """The share of all rows that is on the card's list, over the groups of the attribute that covers most rows; None where no group has a number."""
    at = at_capacity(facts.capacity)
    rates = [
        e
        for e in facts.estimates
        if (e.model, e.metric, e.at, e.split, e.method) == (facts.main, "selection_rate", at, "all", "sample")
        and e.value is not None
    ]
    by = {name: [e for e in rates if attribute_of(e.group) == name] for name in facts.attributes}
    most = max(by.values(), key=lambda own: sum(e.n for e in own), default=[])
    rows = sum(e.n for e in most)
    return sum((e.value or 0.0) * e.n for e in most) / rows if rows else None


def _out_of_reach(facts: RunFacts) -> list[Block]:
    """Said when a group that is never on the list would still lie within what was accepted beforehand."""
    listed = listed_of_all(facts)
    if listed is None:
        return []
    told: list[Block] = []
    if facts.smallest_gap is not None and facts.smallest_gap > listed:
        words = say("groups.gap.out_of_reach", matters=fact("groups.matters", "number"))
        told.append(Paragraph(words=words, css="note"))
    for limit in facts.limits:
        if limit.metric == "selection_rate" and limit.at_most / 100 > listed:
            accepted = fact(f"limit.{limit.name}.at_most", "number")
            words = say("groups.limits.out_of_reach", attribute=attribute_label(limit.attribute), accepted=accepted)
            told.append(Paragraph(words=words, css="note"))
    return told


def gap_table(facts: RunFacts, known: Known, name: Words, gaps: Sequence[Estimate]) -> Table:
    """Gap, what could be seen, the verdict, and on how much it rests; a group that is too small says so."""
    heads = ("group", "gap", "visible", "verdict", "counted")
    columns = tuple(
        Column(title=say(f"groups.heads.{head}"), numeric=head in ("gap", "visible", "counted")) for head in heads
    )
    return Table(name=name, columns=columns, rows=tuple(_gap_row(facts, known, gap) for gap in gaps))


def _gap_row(facts: RunFacts, known: Known, gap: Estimate) -> tuple[Words, ...]:
    label, dash = group_label(gap.group), say("page.dash")
    if not gap.is_known:
        return (label, measures.reason(gap), dash, say("groups.gap.withheld"), dash)
    return (label, measures.shown(gap), *_judged(facts, known, gap), counted(gap))


def counted(gap: Estimate) -> Words:
    """On how much a gap rests: visits where they are weighed, and lines where lines are counted."""
    return say("data.n_visits" if gap.method == "weighted" else "groups.n", n=number(gap.id, "n", "count"))


# ---------------------------------------------------------------- limits


def limits_part(facts: RunFacts, known: Known) -> list[Block]:
    """Each accepted gap with the widest that was found, and its verdict; what is not met asks for attention."""
    if not facts.limits:
        return []
    rows, notes = [], []
    for limit in facts.limits:
        gaps = leading_gaps(facts.estimates, metric=limit.metric, attribute=limit.attribute)
        widest = max(measures.known_only(gaps), key=lambda e: max(abs(e.low or 0), abs(e.high or 0)), default=None)
        metric, attribute = say(f"findings.words.metric.{limit.metric}"), attribute_label(limit.attribute)
        at_most = fact(f"limit.{limit.name}.at_most", "number")
        verdict = facts.limit_verdicts.get(limit.name, "no_number")
        found = (
            say("page.not_measured")
            if widest is None
            else say(
                "groups.limits.of_group_weighed" if widest.method == "weighted" else "groups.limits.of_group",
                group=group_label(widest.group),
                gap=measures.shown(widest),
            )
        )
        title = say("groups.limits.name", metric=metric, attribute=attribute)
        rows.append((title, say("criteria.at_most", limit=at_most), found, say(f"groups.limits.verdicts.{verdict}")))
        if verdict == "not_met" and widest is not None:
            asked = {"metric": metric, "attribute": attribute, "limit": at_most}
            notes.append(
                Paragraph(
                    words=say(
                        "groups.limits.attention", group=group_label(widest.group), gap=measures.shown(widest), **asked
                    ),
                    css="note",
                )
            )
    heads = ("limit", "accepted", "widest", "verdict")
    columns = tuple(Column(title=say(f"groups.limits.{head}"), numeric=head == "accepted") for head in heads)
    table = Table(name=say("groups.limits.title"), columns=columns, rows=tuple(rows))
    return [table, *notes, Paragraph(words=say("groups.limits.how"), css="small")]


# ---------------------------------------------------------------- crossings, lengths, bounds, areas


def crossings_part(facts: RunFacts, known: Known) -> list[Block]:
    """Per pair of attributes the levels of every combination, and its gaps with a verdict each."""
    blocks: list[Block] = []
    for name in facts.intersections:
        levels = {metric: {e.group: e for e in of_audit(known, metric, name)} for metric in CROSSED_LEVELS}
        groups = list(dict.fromkeys(group for found in levels.values() for group in found))
        if not groups:
            continue
        columns = (
            Column(title=say("groups.group")),
            *(Column(title=say(f"groups.levels.{metric}"), numeric=True) for metric in CROSSED_LEVELS),
        )
        rows = tuple(
            (
                group_label(group),
                *(measures.shown(levels[metric].get(group), "per_hundred_fine") for metric in CROSSED_LEVELS),
            )
            for group in groups
        )
        label = attribute_label(name)
        blocks.append(
            Table(name=say("groups.crossed.levels", attribute=label, hundred=_HUNDRED), columns=columns, rows=rows)
        )
        blocks += [table for figure in FIGURES for table in _gaps_as_counted(facts, known, figure, name)]
    how = Paragraph(words=say("groups.crossed.how"), css="small")
    return [Heading(words=say("groups.crossed.title")), how, *blocks] if blocks else []


_HUNDRED = fact("hundred", "count")


def other_gaps(facts: RunFacts, known: Known, *, drawn: Sequence[str]) -> list[Table]:
    """Gaps of the attributes in figures that have no drawing, as counted."""
    return [
        table
        for figure in FIGURES
        for name in told_attributes(facts)
        if figure not in drawn
        for table in _gaps_as_counted(facts, known, figure, name)
    ]


def _gaps_as_counted(facts: RunFacts, known: Known, figure: str, attribute: str) -> list[Table]:
    """A folded table of gaps with a verdict each; none where weighed gaps lead, which `_gap_ways` tells with theirs."""
    gaps = leading_gaps(facts.estimates, metric=figure, attribute=attribute)
    if not gaps or gaps[0].method == "weighted":
        return []
    asked = {"attribute": attribute_label(attribute), "versus": group_label(reference_group(gaps[0]))}
    title = say("groups.gaps", **asked, metric=say(f"groups.levels.{figure}"), hundred=_HUNDRED)
    return [gap_table(facts, known, title, gaps).model_copy(update={"folded": True})]


def more_tables(facts: RunFacts, known: Known) -> list[Block]:
    """Behind a fold: the list at other lengths, each rate in every way of counting, what unseen outcomes allow, and areas."""
    ways = (*_ways(facts, known), *_gap_ways(facts, known), *_expected_ways(facts, known))
    return [*_lengths(facts, known), *ways, *_bounds(facts, known), *areas_part(facts, known)]


def _lengths(facts: RunFacts, known: Known) -> list[Block]:
    """How often each group is on the list, at each length; then both kinds of error and precision, weighed where they are."""
    lengths = _list_lengths(known, facts)
    if len(lengths) < 2:
        return []
    columns = (
        Column(title=say("groups.group")),
        *(Column(title=say("groups.lengths.of", length=fact(f"capacity.{k}", "count")), numeric=True) for k in lengths),
    )
    tables = []
    for metric in LIST_METRICS:
        found, form = _at_lengths(facts, known, metric)
        rows = tuple(
            (group_label(g), *(measures.shown(found.get((g, str(k))), "per_hundred_fine") for k in lengths))
            for g in groups_in_order(facts, (group for group, _ in found))
        )
        if form == "sample":
            name = say("groups.lengths.title", hundred=_HUNDRED)
        else:
            asked = {"metric": say(f"groups.levels.{metric}"), "form": say(f"forms.ways.{form}")}
            name = say("groups.lengths.rate", **asked, hundred=_HUNDRED)
        tables.append(Table(name=name, columns=columns, rows=rows, folded=True))
    return [table for table in tables if table.rows]


def _at_lengths(facts: RunFacts, known: Known, metric: str) -> tuple[dict[tuple[str, str], Estimate], Method]:
    """A figure of the list per group and length, and in which form: of all rows, weighed, or where somebody went."""
    forms: tuple[Method, ...] = ("sample", "weighted", "labelled")
    for form in forms:
        of_groups = [e for e in known.all(metric, model=facts.main, method=form, split="all") if e.group]
        if measures.known_only(of_groups):
            return {(e.group, at_of(e, "capacity")): e for e in of_groups}, form
    return {}, "labelled"


def _expected_ways(facts: RunFacts, known: Known) -> list[Block]:
    """Per group how much the scores expect over what there was, in every way of counting; nothing when there is one way only."""
    ways: tuple[Method, ...] = (*WAYS, "bounds")
    found = {
        (e.group, way): e
        for way in ways
        for e in known.all("expected_observed_ratio", model=facts.main, method=way, split="all")
    }
    groups = groups_in_order(facts, (group for group, way in found if way in ("weighted", "audit")))
    if not groups:
        return []
    rows = tuple((group_label(g), *(measures.shown(found.get((g, way))) for way in ways)) for g in groups)
    heads = (Column(title=say(f"forms.ways.{way}"), numeric=True) for way in ways)
    columns = (Column(title=say("groups.group")), *heads)
    return [Table(name=say("groups.expected"), columns=columns, rows=rows, folded=True)]


def _ways(facts: RunFacts, known: Known) -> list[Block]:
    """Each rate of the list counted where somebody went, weighed by the recorded chance, and by lot; nothing when there is one way only."""

    def rows(metric: str) -> Iterator[tuple[Words, ...]]:
        found = _in_ways(facts, known, metric, metric, WAYS)
        for group in groups_in_order(facts, (group for group, way in found if way != "labelled")):
            told = (measures.shown(found.get((group, way)), "per_hundred_fine") for way in WAYS)
            yield (group_label(group), *told)

    return _tables_of_ways(rows, name="groups.ways", heads=[f"forms.ways.{way}" for way in WAYS])


def _gap_ways(facts: RunFacts, known: Known) -> list[Block]:
    """Each gap to the largest group counted where somebody went, weighed, by lot and as bounds; of the weighed one also what could be seen and the verdict.

    Nothing when it was not weighed.
    """

    def rows(metric: str) -> Iterator[tuple[Words, ...]]:
        found = _in_ways(facts, known, metric, f"{metric}_gap", GAP_WAYS)
        for group in groups_in_order(facts, (group for group, way in found if way == "weighted")):
            weighed = found[group, "weighted"]
            other = group_label(reference_group(weighed))
            seen, by_lot, bounds = (measures.shown(found.get((group, way))) for way in ("apart", "audit", "bounds"))
            label = say("groups.of_versus", group=group_label(group), other=other)
            yield (label, seen, measures.shown(weighed), *_judged(facts, known, weighed), by_lot, bounds)

    heads = ("forms.ways.labelled", "forms.ways.weighted", _VISIBLE, _VERDICT, "forms.ways.audit", "forms.ways.bounds")
    return _tables_of_ways(rows, name="groups.gap_ways", heads=heads)


_VISIBLE, _VERDICT = "groups.heads.visible_weighed", "groups.heads.verdict_weighed"


def _judged(facts: RunFacts, known: Known, gap: Estimate) -> tuple[Words, Words]:
    """The smallest gaps that could be seen, up and down, and what is said of this one."""
    verdict = gap_verdict(facts, known, gap)
    if verdict is None:
        return say("page.dash"), say("groups.gap.withheld")
    visible = measures.visible(*(known.find(gap, part) for part in SMALLEST))
    matters = {"matters": fact("groups.matters", "number")} if verdict == "none_that_matters" else {}
    return visible, say(f"groups.gap.{verdict}", **matters)


def _in_ways(
    facts: RunFacts, known: Known, metric: str, figure: str, ways: Sequence[Method]
) -> dict[tuple[str, Method], Estimate]:
    """A figure (the rate `metric`, or its gap) per group and way of counting, at the study's capacity or at none."""
    return {
        (e.group, way): e
        for way in ways
        for e in known.all(figure, model=_model_of(facts, metric), method=way, split="all")
        if at_of(e, "capacity") in ("", str(facts.capacity))
    }


def _tables_of_ways(
    rows: Callable[[str], Iterator[tuple[Words, ...]]], *, name: str, heads: Sequence[str]
) -> list[Block]:
    """A folded table per rate that has rows, with a column under each head."""
    ways = tuple(Column(title=say(head), numeric=head != _VERDICT) for head in heads)
    columns = (Column(title=say("groups.group")), *ways)
    told = {metric: tuple(rows(metric)) for metric in WEIGHED}
    return [
        Table(
            name=say(name, metric=say(f"groups.levels.{metric}"), hundred=_HUNDRED),
            columns=columns,
            rows=of,
            folded=True,
        )
        for metric, of in told.items()
        if of
    ]


def _model_of(facts: RunFacts, metric: str) -> str:
    """What visits find is one of the data; the rest is of the card's model."""
    return "" if metric in DATA_METRICS else facts.main


def _bounds(facts: RunFacts, known: Known) -> list[Block]:
    """Lowest and highest value that outcomes which nobody saw allow."""
    found = {
        (metric, group): e
        for metric in WEIGHED
        for (group, _), e in _in_ways(facts, known, metric, metric, ("bounds",)).items()
        if group
    }
    groups = groups_in_order(facts, (group for _, group in found))
    if not groups:
        return []
    rows = tuple((group_label(g), *(measures.shown(found.get((metric, g))) for metric in WEIGHED)) for g in groups)
    columns = (
        Column(title=say("groups.group")),
        *(Column(title=say(f"groups.levels.{metric}"), numeric=True) for metric in WEIGHED),
    )
    return [Table(name=say("groups.bounds", hundred=_HUNDRED), columns=columns, rows=rows, folded=True)]


def of_audit(known: Known, metric: str, attribute: str) -> list[Estimate]:
    """The pooled figure, or the gap, of every group of an attribute or of a crossing, also those that are withheld."""
    return [
        e
        for e in known.all(metric, method="apart" if measures.is_gap(metric) else "pooled", split="all")
        if attribute_of(e.group) == attribute
    ]


def reference_group(estimate: Estimate) -> str:
    """The group that a gap is measured from, as `attribute=value`; empty when it is no gap."""
    value = at_of(estimate, "versus")
    return f"{attribute_of(estimate.group)}={value}" if estimate.group and value else ""


def _list_lengths(known: Known, facts: RunFacts) -> list[int]:
    """Lengths of the list at which groups were looked at."""
    found = known.all("selection_rate", model=facts.main, method="sample", split="all")
    return sorted({int(length) for e in found if (length := at_of(e, "capacity")).isdigit()})
