"""Where differences between groups come from: what stands in for a group, what labels are worth, and every step of the process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tegenkracht.core.estimate import Estimate, verdict_of
from tegenkracht.evaluation.association import CRAMER, ETA
from tegenkracht.evaluation.funnel import NOT_TOLD, STEPS
from tegenkracht.reporting.axis import HUNDRED, axis_for
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.data import group_label
from tegenkracht.reporting.tree import (
    Axis,
    Block,
    Column,
    Exhibit,
    Heading,
    Intervals,
    LegendItem,
    Mark,
    Panel,
    Paragraph,
    Row,
    Section,
    Shape,
    Table,
)
from tegenkracht.reporting.wording import Words, fact, join, number, say

CODES = ("TK211", "TK212", "TK213", "TK214", "TK215", "TK216", "TK217")
TESTS = (("found_gap", "visits=chosen"), ("found_gap", "visits=margin"), ("visit_threshold_gap", ""))
LABELS = (
    "visits=all",
    "visits=all,same=score",
    "visits=lot,same=score",
    "visits=all,same=inspector",
    "visits=all,same=channel",
)
TOLD = ("score", "score,found=yes", "score,found=no", "columns=together")
JOINED = " & "
"""Between the two values of a subgroup."""
DRAWN = 4
"""Groups of one attribute that are drawn; the table holds all of them."""


def origins_section(facts: RunFacts, known: Known) -> Section | None:
    """The answers of the audit, each with its figure; absent when the study did not ask."""
    blocks = [
        *_told(facts, known),
        *_labels(facts, known),
        *_tests(facts, known),
        *_funnels(facts, known),
        *_worst(facts, known),
    ]
    if not blocks:
        return None
    found = any(f.code in CODES and f.verdict == "found" for f in facts.findings)
    return Section(
        key="origins",
        title=say("origins.title"),
        answer=say("origins.answer_found" if found else "origins.answer_not_shown"),
        blocks=tuple(blocks),
        side=say("origins.side"),
    )


def subgroup_label(group: str) -> Words:
    """A subgroup by the names of its values."""
    return join(*(group_label(part) for part in group.split(JOINED)), between=" + ")


# ---------------------------------------------------------------- proxies


def _told(facts: RunFacts, known: Known) -> list[Block]:
    """How well the score tells a group, and a folded table of families."""
    found = _by_group(facts, known.all("proxy_auc"))
    title = say("origins.proxies.title")
    rows = [
        _row(e, label=say(f"origins.proxies.{_key(at)}"), heading=_group_heading(e) if first else None)
        for of in found.values()
        for first, at, e in _in_order(of, TOLD)
    ]
    if not rows:
        return []
    shown = [e for of in found.values() for e in of if e.at in TOLD]
    figure = Exhibit(
        title=title,
        how=say("origins.proxies.how", hundred=fact("hundred", "count"), half=fact("fifty", "count")),
        panels=(Panel(key="fig-proxies", title=title, drawing=Intervals(rows=tuple(rows), axis=HUNDRED)),),
        table=_plain_table(title, shown, "origins.proxies"),
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
        key = _attribute(e), families.get(e.at, "")
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


# ---------------------------------------------------------------- labels


def _labels(facts: RunFacts, known: Known) -> list[Block]:
    """Gaps in what visits find, with more and more held equal; per inspector and channel; two looks."""
    found = _by_group(facts, known.all("found_gap"))
    rows = [
        _row(
            e,
            label=say(f"origins.labels.{_key(at)}"),
            heading=_group_heading(e) if first else None,
            note=_smallest(known, e),
        )
        for of in found.values()
        for first, at, e in _in_order(of, LABELS)
    ]
    if not any(row.marks for row in rows):
        return []
    title = say("origins.labels.title")
    chosen = [e for of in found.values() for e in of if e.at in LABELS]
    figure = Exhibit(
        title=title,
        how=say("origins.labels.how", hundred=fact("hundred", "count")),
        panels=(Panel(key="fig-labels", title=title, drawing=Intervals(rows=tuple(rows), axis=_points_axis(chosen))),),
        legend=_legend(),
        table=_plain_table(title, chosen, "origins.labels"),
    )
    return [
        figure,
        *_by_whom(facts, known, "channel"),
        *_by_whom(facts, known, "inspector"),
        *_second_looks(facts, known),
    ]


def _smallest(known: Known, gap: Estimate) -> Words | None:
    """The smallest gap that these data would show."""
    metric = gap.metric.removesuffix("_gap") if gap.metric == "visit_threshold_gap" else gap.metric
    estimate = known.get(gap.model, f"{metric}_detectable", method=gap.method, group=gap.group, at=gap.at)
    if estimate is None:
        return None
    return (
        say("origins.smallest", gap=number(estimate.id, "value", "points"))
        if estimate.is_known
        else say("origins.smallest_none")
    )


def _by_whom(facts: RunFacts, known: Known, column: str) -> list[Table]:
    """Shares found per inspector or channel and group, folded."""
    found = _by_group(facts, [e for e in known.all("found_share") if e.at.startswith(f"{column}=")])
    cells = {(group, e.at): e for group, of in found.items() for e in of}
    names = list(dict.fromkeys(at for _, at in cells))
    if not names or names == [f"{column}=unknown"]:
        return []
    columns = (Column(title=say(f"data.{column}")), *(Column(title=group_label(g), numeric=True) for g in found))
    rows = tuple((group_label(at), *(measures.shown(cells.get((group, at))) for group in found)) for at in names)
    name = say(f"origins.labels.by_{column}", hundred=fact("hundred", "count"))
    return [Table(name=name, columns=columns, rows=rows, folded=True)]


def _second_looks(facts: RunFacts, known: Known) -> list[Block]:
    """How well two looks at the same place agree."""
    kappas = [e for e in known.all("kappa") if not e.group or _attribute(e) in facts.attributes]
    if not kappas:
        return []
    if not any(e.is_known for e in kappas):
        return [Paragraph(words=say("origins.looks.none", reason=measures.reason(kappas[0])), css="small")]
    rows = tuple(
        (
            group_label(e.group) if e.group else say("origins.looks.all"),
            number(e.id, "n", "count") if e.is_known else say("page.dash"),
            measures.shown(e),
            measures.shown(known.get("", "found_again", method="labelled", group=e.group)),
        )
        for e in kappas
    )
    heads = ("who", "pairs", "kappa", "again")
    columns = tuple(Column(title=say(f"origins.looks.{head}"), numeric=head != "who") for head in heads)
    how = Paragraph(words=say("origins.looks.how", hundred=fact("hundred", "count")), css="small")
    return [Table(name=say("origins.looks.title"), columns=columns, rows=rows), how]


# ---------------------------------------------------------------- hit rates and thresholds


def _tests(facts: RunFacts, known: Known) -> list[Block]:
    """Hit rates beside thresholds, with what a hit rate cannot say always under it."""
    estimates = [e for metric, at in TESTS for e in known.all(metric) if not at or e.at == at]
    found = _by_group(facts, estimates)
    rows: list[Row] = []
    for of in found.values():
        first = True
        for metric, at in TESTS:
            for e in of:
                if e.metric == metric and (not at or e.at == at):
                    label = say(f"origins.tests.{_key(at) if at else 'threshold'}")
                    rows.append(
                        _row(e, label=label, heading=_group_heading(e) if first else None, note=_smallest(known, e))
                    )
                    first = False
    caveat = Paragraph(words=say("origins.tests.caveat"), css="note")
    if not any(row.marks for row in rows):
        reasons = [e for e in known.all("visit_threshold") if not e.is_known]
        return (
            [Paragraph(words=say("origins.tests.none", reason=measures.reason(reasons[0])), css="small")]
            if reasons
            else []
        )
    title = say("origins.tests.title")
    labels = {"visits=chosen": "chosen", "visits=margin": "margin"}
    cells = tuple(
        (
            group_label(e.group),
            say(f"origins.tests.{_key(e.at) if e.at in labels else 'threshold'}"),
            measures.shown(e),
            number(e.id, "n", "count") if e.is_known else say("page.dash"),
        )
        for of in found.values()
        for e in of
    )
    table = Table(name=title, columns=_heads(), rows=cells)
    return [
        Exhibit(
            title=title,
            how=say("origins.tests.how", hundred=fact("hundred", "count")),
            panels=(
                Panel(
                    key="fig-thresholds", title=title, drawing=Intervals(rows=tuple(rows), axis=_points_axis(estimates))
                ),
            ),
            legend=_legend(),
            table=table,
        ),
        caveat,
        Paragraph(words=say("origins.tests.threshold_how"), css="small"),
    ]


# ---------------------------------------------------------------- the steps


def _funnels(facts: RunFacts, known: Known) -> list[Block]:
    """Per attribute the part of each group in each step."""
    found = _by_group(facts, known.all("step_share"))
    counts = {(e.group, e.at): e for e in known.all("step_count")}
    exhibits = [
        exhibit
        for attribute in facts.attributes
        if (exhibit := _funnel(attribute, {g: of for g, of in found.items() if g.startswith(f"{attribute}=")}, counts))
    ]
    if not exhibits:
        return []
    missing = next((e for of in found.values() for e in of if e.note == NOT_TOLD), None)
    last = (
        [Paragraph(words=say("origins.funnel.not_told", reason=measures.reason(missing)), css="small")]
        if missing
        else []
    )
    return [Heading(words=say("origins.funnel.heading")), *exhibits, *last]


def _funnel(
    attribute: str, found: Mapping[str, Sequence[Estimate]], counts: Mapping[tuple[str, str], Estimate]
) -> Exhibit | None:
    """One attribute: for each group its part of all places, of visits and findings, and of the list."""
    largest = sorted((g for g in found if any(e.is_known for e in found[g])), key=lambda g: -_size(found[g]))[:DRAWN]
    rows = []
    for group in (g for g in found if g in largest):
        for i, step in enumerate(STEPS):
            e = next((e for e in found[group] if _step(e) == step), None)
            if e is not None and e.note != NOT_TOLD:
                count = counts.get((group, e.at))
                note = _counted(step, count) if count is not None else None
                shape: Shape = "main" if step == "flagged" else "reference" if step == "population" else "hollow"
                label = say(f"origins.funnel.{step}")
                rows.append(_row(e, label=label, heading=None if i else group_label(group), note=note, shape=shape))
    if not any(row.marks for row in rows):
        return None
    title = say("origins.funnel.title", attribute=fact(f"attribute.{attribute}.label", "title"))
    cells = tuple(
        (
            group_label(e.group),
            say(f"origins.funnel.{_step(e)}"),
            measures.shown(e),
            _counted(_step(e), c) if (c := counts.get((e.group, e.at))) is not None else say("page.dash"),
        )
        for of in found.values()
        for e in of
        if e.note != NOT_TOLD
    )
    return Exhibit(
        title=title,
        how=say("origins.funnel.how", hundred=fact("hundred", "count")),
        panels=(
            Panel(
                key=f"fig-funnel-{attribute.replace('_', '-')}",
                title=title,
                drawing=Intervals(rows=tuple(rows), axis=HUNDRED),
            ),
        ),
        table=Table(name=title, columns=_heads("origins.funnel.counted"), rows=cells),
    )


def _counted(step: str, count: Estimate) -> Words:
    """How many there are of a group in a step: lines, and of what was overturned findings."""
    return say("origins.funnel.findings" if step == "overturned" else "groups.n", n=number(count.id, "value", "count"))


def _step(estimate: Estimate) -> str:
    return estimate.at.partition("step=")[2].partition(",")[0]


def _size(of: Sequence[Estimate]) -> float:
    return next((e.value or 0.0 for e in of if _step(e) == "population"), 0.0)


# ---------------------------------------------------------------- the worst subgroup


def _worst(facts: RunFacts, known: Known) -> list[Block]:
    """Per rate the subgroup that stands out most, and what is left of it after counting how many were looked at."""
    chances = [e for e in known.all("subgroup_chance", model=facts.main) if e.is_known]
    gaps = {e.at: e for e in known.all("subgroup_gap", model=facts.main)}
    searched = {e.at: e for e in known.all("subgroups_searched", model=facts.main)}
    rows = tuple(
        (
            say(f"groups.levels.{e.at.partition('rate=')[2].partition(',')[0]}"),
            subgroup_label(gaps[e.at].group),
            measures.shown(gaps[e.at]),
            number(searched[e.at].id, "value", "count"),
            number(e.id, "value", "three"),
        )
        for e in chances
        if e.at in gaps and e.at in searched
    )
    if not rows:
        return []
    heads = ("rate", "subgroup", "gap", "searched", "chance")
    columns = tuple(
        Column(title=say(f"origins.worst.{head}"), numeric=head not in ("rate", "subgroup")) for head in heads
    )
    how = Paragraph(words=say("origins.worst.how"), css="small")
    return [Table(name=say("origins.worst.title"), columns=columns, rows=rows), how]


# ---------------------------------------------------------------- shared


def _by_group(facts: RunFacts, estimates: Iterable[Estimate]) -> dict[str, list[Estimate]]:
    """Estimates by group, in the order of the attributes of the study."""
    estimates = tuple(estimates)
    out: dict[str, list[Estimate]] = {}
    for attribute in facts.attributes:
        for e in estimates:
            if _attribute(e) == attribute and e.group != f"{attribute}=":
                out.setdefault(e.group, []).append(e)
    return out


def _in_order(of: Sequence[Estimate], wanted: Sequence[str]) -> list[tuple[bool, str, Estimate]]:
    """The estimates that are drawn, in order; the first one carries the heading."""
    found = [(at, e) for at in wanted for e in of if e.at == at]
    return [(i == 0, at, e) for i, (at, e) in enumerate(found)]


def _row(
    e: Estimate, *, label: Words, heading: Words | None, note: Words | None = None, shape: Shape | None = None
) -> Row:
    if not e.is_known:
        return Row(label=label, heading=heading, missing=measures.reason(e))
    chosen = shape or _shape(e)
    return Row(
        label=label,
        heading=heading,
        marks=(Mark(estimate=e.id, shape=chosen),),
        note=note,
        value=number(e.id, "full", measures.style_of(e.metric)),
        strong=chosen == "attention",
    )


def _shape(e: Estimate) -> Shape:
    """A gap that leaves zero out needs attention; a diamond is by lot."""
    if measures.is_gap(e.metric):
        return "attention" if verdict_of(e) != "not_shown" else "diamond" if e.method == "audit" else "hollow"
    return "main" if e.at == "score" else "reference" if e.at == "columns=together" else "hollow"


def _points_axis(estimates: Iterable[Estimate]) -> Axis:
    return axis_for(measures.known_only(estimates), "points", zero=True)


def _legend() -> tuple[LegendItem, ...]:
    return (
        LegendItem(shape="attention", words=say("origins.off_zero")),
        LegendItem(shape="hollow", words=say("groups.not_shown")),
    )


def _group_heading(e: Estimate) -> Words:
    return join(fact(f"attribute.{_attribute(e)}.label", "title"), group_label(e.group), between=": ")


def _attribute(e: Estimate) -> str:
    return e.group.partition("=")[0]


def _key(at: str) -> str:
    """Where a sentence about `at` stands: `visits=all,same=score` under `visits_all_same_score`."""
    return at.replace("=", "_").replace(",", "_")


def _heads(counted: str = "groups.rows") -> tuple[Column, ...]:
    return (
        Column(title=say("groups.group")),
        Column(title=say("origins.what")),
        Column(title=say("results.value"), numeric=True),
        Column(title=say(counted), numeric=True),
    )


def _plain_table(title: Words, estimates: Sequence[Estimate], words: str) -> Table:
    rows = tuple(
        (
            group_label(e.group),
            say(f"{words}.{_key(e.at)}"),
            measures.shown(e),
            number(e.id, "n", "count") if e.is_known else say("page.dash"),
        )
        for e in estimates
    )
    return Table(name=title, columns=_heads(), rows=rows)
