"""The first page: synthetic or not, not signed, one sentence, the ways to count, verdicts, six boxes, signatures."""

from __future__ import annotations

from dataclasses import dataclass

from tegenkracht.core.estimate import Estimate, verdict_of
from tegenkracht.core.finding import THEMES
from tegenkracht.evaluation.comparisons import LOT
from tegenkracht.reporting.axis import HUNDRED
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import comparisons, measures, the_list
from tegenkracht.reporting.sections.data import never_inspected
from tegenkracht.reporting.sections.models import knows_only_the_process, model_words
from tegenkracht.reporting.sections.replay import days_of, replay_exhibit
from tegenkracht.reporting.tree import (
    Box,
    Bullets,
    Column,
    Exhibit,
    FirstPage,
    Hundred,
    Intervals,
    Mark,
    Panel,
    Paragraph,
    Row,
    Shape,
    Signature,
    Table,
    Verdict,
)
from tegenkracht.reporting.wording import PartLink, Words, fact, join, number, say
from tegenkracht.reporting.words.catalogue import has
from tegenkracht.reporting.words.numbers import Style

ROLES = ("author", "domain", "law", "method")
MOST_FINDINGS = 3
MOST_VERDICTS = 3
URGENT = (
    *("TK001", "TK002", "TK003", "TK006", "TK012", "TK013", "TK014", "TK010", "TK009", "TK008", "TK005"),
    *(
        "TK121",
        "TK111",
        "TK116",
        "TK115",
        "TK109",
        "TK102",
        "TK101",
        "TK107",
        "TK118",
        "TK206",
        "TK224",
        "TK210",
        "TK202",
        "TK103",
    ),
)
"""Codes of findings in the order in which a reader must know them: what makes figures void, then what they do not show."""


@dataclass(frozen=True)
class Headline:
    """What is known of the main model at capacity: in which form, and what that leaves open."""

    labelled: Estimate | None
    bounds: Estimate | None
    weighted: Estimate | None
    audit: Estimate | None

    @property
    def settled(self) -> bool:
        """Whether everything on the list was inspected."""
        return the_list.is_settled(self.bounds)

    @property
    def best(self) -> Estimate | None:
        """The form that the sentence and the array of a hundred are about; never the labelled-only form unless nothing is open."""
        if self.settled:
            return measures.usable(self.labelled)
        return measures.usable(self.weighted) or measures.usable(self.bounds)


def first_page(facts: RunFacts, known: Known) -> FirstPage:
    """Everything that a reader meets before the full card, in this order."""
    head = headline_of(facts, known)
    days = days_of(facts, known, facts.main) if facts.scheduled else None
    verdicts, note = _verdicts(facts, known, days=days is not None, settled=head.settled)
    return FirstPage(
        synthetic=say("first.synthetic") if facts.dataset.synthetic else None,
        title=fact("purpose.title"),
        lead=say("first.lead_visits" if facts.scheduled else "first.lead", units=fact("purpose.unit_name")),
        state=say("first.not_signed"),
        state_note=state_note(),
        headline=_sentence(facts, known, head, days),
        hundred=_hundred(head, days),
        caption=_caption(facts, known, head, days),
        ways=replay_exhibit(facts, known, key="fig-headline", brief=True) if days else _ways(facts, known, head),
        verdicts=verdicts,
        verdicts_note=note,
        boxes=boxes(facts, known, head),
        signatures=signatures(),
    )


def state_note() -> Words:
    """That nobody signed yet, and how many must."""
    return say("first.not_signed_note", roles=fact("roles.count", "count"))


def headline_of(facts: RunFacts, known: Known) -> Headline:
    """The forms in which precision at capacity is known; what visits by lot contradict (TK111) is not shown as an answer."""
    forms = {
        form: measures.usable(the_list.precision(known, facts, facts.main, form))
        for form in ("labelled", "bounds", "weighted", "audit")
    }
    if the_list.leading_form(facts, known) != "weighted":
        forms["weighted"] = None
    return Headline(**forms)


# ---------------------------------------------------------------- one sentence, and a hundred places


def _sentence(facts: RunFacts, known: Known, head: Headline, days: Estimate | None) -> Words:
    if days is not None:
        return _days_sentence(facts, known, days)
    best = head.best
    hundred = fact("hundred", "count")
    if best is None:
        return say("headline.none")
    if best.value is not None:
        return say(
            "headline.found",
            hundred=hundred,
            found=number(best.id, "value", "per_hundred"),
            rest=number(best.id, "rest", "per_hundred"),
        )
    low, high = number(best.id, "low", "per_hundred"), number(best.id, "high", "per_hundred")
    return say("headline.bounds", hundred=hundred, low=low, high=high)


def _days_sentence(facts: RunFacts, known: Known, days: Estimate) -> Words:
    """Days earlier, and straight after it what the inspector alone gives, when that was measured."""
    verdict = verdict_of(days)
    sentence = say(
        f"headline.days_{verdict}", days=number(days.id, "value", "one"), span=number(days.id, "span", "one")
    )
    for name in facts.references:
        other = days_of(facts, known, name)
        if knows_only_the_process(facts.models[name]) and other is not None:
            return join(
                sentence,
                say(
                    "headline.days_inspector",
                    days=number(other.id, "value", "one"),
                    span=number(other.id, "span", "one"),
                ),
            )
    return sentence


def _hundred(head: Headline, days: Estimate | None) -> Exhibit | None:
    if days is not None or head.best is None:
        return None
    title = say("headline.array")
    panel = Panel(key="fig-array", title=title, drawing=Hundred(estimate=head.best.id))
    return Exhibit(title=title, how=title, panels=(panel,))


def _caption(facts: RunFacts, known: Known, head: Headline, days: Estimate | None) -> Words | None:
    best, hundred = head.best, fact("hundred", "count")
    if days is not None:
        return say("replay.side")
    if best is None:
        return None
    random = the_list.by_lot(known, facts, best.method)
    tail = (
        [say("headline.random", hundred=hundred, found=number(random.id, "full", "per_hundred"))]
        if random is not None
        else []
    )
    if best.value is not None:
        return join(
            say(
                "headline.caption",
                hundred=hundred,
                found=number(best.id, "value", "per_hundred"),
                span=number(best.id, "span", "per_hundred"),
            ),
            *tail,
        )
    words = say(
        "headline.caption_bounds",
        low=number(best.id, "low", "per_hundred"),
        high=number(best.id, "high", "per_hundred"),
        hundred=hundred,
    )
    if head.labelled is None:
        return words
    return join(
        words, say("headline.seen", seen=number(head.labelled.id, "n", "count"), listed=number(best.id, "n", "count"))
    )


# ---------------------------------------------------------------- the ways to count, on one axis


def _ways(facts: RunFacts, known: Known, head: Headline) -> Exhibit | None:
    rows = [*_own_rows(facts, known, head), *_reference_rows(facts, known, head)]
    if not rows:
        return None
    labelled = [e for e in (head.labelled, head.weighted, head.audit) if e is not None and e.level is not None]
    kind = "ways.how" if head.settled or head.labelled is None else "ways.how_open"
    how = (
        say(kind, times=number(labelled[0].id, "times"), out_of=number(labelled[0].id, "out_of"))
        if labelled
        else say("ways.how_bounds")
    )
    title = say(
        "ways.title_settled" if head.settled else "ways.title_bounds" if head.weighted is None else "ways.title",
        hundred=fact("hundred", "count"),
    )
    columns = (
        Column(title=say("ways.way")),
        Column(title=say("ways.of_hundred", hundred=fact("hundred", "count")), numeric=True),
        Column(title=say("ways.note")),
    )
    table = Table(
        name=title,
        columns=columns,
        rows=tuple(
            (row.label, row.value or say("page.not_measured"), row.note or say("ways.same_way")) for row in rows
        ),
    )
    return Exhibit(
        title=title,
        how=how,
        panels=(Panel(key="fig-headline", title=title, drawing=Intervals(rows=tuple(rows), axis=HUNDRED)),),
        table=table,
    )


def _own_rows(facts: RunFacts, known: Known, head: Headline) -> list[Row]:
    if head.settled and head.labelled is not None:
        note = say("ways.settled_note", n=number(head.labelled.id, "n", "count"))
        return [_row(say("ways.settled"), head.labelled, "main", note, strong=True)]
    rows = []
    if head.labelled is not None:
        listed = number((head.bounds or head.labelled).id, "n", "count")
        note = say("ways.labelled_note", n=number(head.labelled.id, "n", "count"), listed=listed)
        rows.append(_row(say("ways.labelled"), head.labelled, "hollow", note))
    if head.weighted is not None:
        rows.append(_row(say("ways.weighted"), head.weighted, "main", say("ways.weighted_note"), strong=True))
    if head.audit is not None:
        rows.append(
            _row(
                say("ways.audit"), head.audit, "diamond", say("ways.audit_note", n=number(head.audit.id, "n", "count"))
            )
        )
    if head.bounds is not None:
        rows.append(_row(say("ways.bounds"), head.bounds, "range", _unseen(facts, known), strong=head.weighted is None))
    return rows


def _unseen(facts: RunFacts, known: Known) -> Words:
    unseen = the_list.unobserved_on_list(known, facts)
    return (
        say("ways.bounds_note", unseen=number(unseen.id, "value", "count")) if unseen else say("ways.bounds_note_plain")
    )


def _row(
    label: Words,
    estimate: Estimate,
    shape: Shape,
    note: Words | None,
    *,
    strong: bool = False,
    heading: Words | None = None,
) -> Row:
    value = number(estimate.id, "full", "per_hundred")
    return Row(
        label=label,
        marks=(Mark(estimate=estimate.id, shape=shape),),
        note=note,
        value=value,
        strong=strong,
        heading=heading,
    )


def _reference_rows(facts: RunFacts, known: Known, head: Headline) -> list[Row]:
    form = "weighted" if head.weighted is not None else "labelled"
    heading: Words | None = say("ways.compared_settled" if head.settled else f"ways.compared_{form}")
    others: list[tuple[Words, Estimate | None]] = [
        (fact(f"model.{name}.label"), measures.usable(the_list.precision(known, facts, name, form)))
        for name in _not_random(facts)
    ]
    others.append((say("ways.by_lot"), the_list.by_lot(known, facts, form)))
    rows = []
    for label, estimate in others:
        if estimate is not None:
            rows.append(_row(label, estimate, "reference", None, heading=heading))
            heading = None
    return rows


def _not_random(facts: RunFacts) -> list[str]:
    """References without the random order: a list by lot stands for that, and was measured over many lots."""
    return [name for name in facts.references if facts.models[name].kind != "random"]


# ---------------------------------------------------------------- yes, no, not shown


def _verdicts(facts: RunFacts, known: Known, *, days: bool, settled: bool) -> tuple[tuple[Verdict, ...], Words | None]:
    """A list by lot first, then the references in the study's order; and what weighing is, where one of them is weighed."""
    lot = None if days else comparisons.difference(facts, known, LOT, days=False)
    possible = None if days or settled else comparisons.above_random(facts, known, "bounds")
    compared: list[tuple[Words, Estimate | None]] = [(say("shorts.by_lot"), lot)]
    names = facts.references if days else _not_random(facts)
    compared += [(model_words(facts, name), comparisons.difference(facts, known, name, days=days)) for name in names]
    told = [(words, difference) for words, difference in compared if difference is not None][:MOST_VERDICTS]
    verdicts = tuple(
        _verdict(words, difference, possible if difference is lot else None, days=days, settled=settled)
        for words, difference in told
    )
    is_weighed = any(difference.method == "weighted" for _, difference in told)
    return verdicts, say("verdicts.what_weighed_is") if is_weighed else None


def _verdict(other: Words, difference: Estimate, possible: Estimate | None, *, days: bool, settled: bool) -> Verdict:
    style: Style = "days" if days else "points_whole"
    weighed, said = difference.method == "weighted", verdict_of(difference)
    words: Words = say(
        "verdicts.days"
        if days
        else "verdicts.hundred_weighed"
        if weighed and said == "not_shown"
        else "verdicts.hundred",
        value=number(difference.id, "value", style),
        span=number(difference.id, "span", style),
        hundred=fact("hundred", "count"),
    )
    if possible is not None:
        words = join(words, say("verdicts.possible", span=number(possible.id, "span", style)))
    where = "_weighed" if weighed else "_seen" if not settled and difference.method == "labelled" else ""
    return Verdict(title=say(f"verdicts.{said}{where}", model=other), words=words)


# ---------------------------------------------------------------- six plain boxes, and who signs


def boxes(facts: RunFacts, known: Known, head: Headline) -> tuple[Box, ...]:
    """What it means, for which places, what to do, what it is not for, what is not known, and what the checks found."""
    own = "profile" if facts.sides else "boxes"
    steps = tuple(say(f"{own}.step_{step}") for step in ("read", "ordinary", "decide"))
    limits = tuple(fact(f"purpose.out_of_scope.{i}") for i in range(min(4, len(facts.purpose.out_of_scope))))
    return (
        Box(
            title=say(f"{own}.meaning"),
            blocks=(Paragraph(words=fact("purpose.reading_guide")), Paragraph(words=say(f"{own}.not_a_person"))),
        ),
        Box(title=say("boxes.which"), blocks=(Paragraph(words=_which(facts)), Paragraph(words=_when(facts)))),
        Box(title=say(f"{own}.what_to_do"), blocks=(Bullets(items=steps, css="steps"),)),
        Box(title=say("boxes.not_for"), blocks=(Bullets(items=limits, css="no"),)),
        Box(title=say("boxes.unknown"), blocks=(Bullets(items=_unknown(facts, known, head), css="ask"),)),
        Box(title=say("boxes.findings"), blocks=(_attention(facts),)),
    )


def _which(facts: RunFacts) -> Words:
    return say(
        "boxes.which_visits" if facts.scheduled else "boxes.which_units",
        units=fact("purpose.unit_name"),
        dataset=fact("dataset.title"),
        rows=fact("folds.n_test", "count"),
    )


def _when(facts: RunFacts) -> Words:
    if not facts.folds:
        return say("boxes.no_folds")
    return say("boxes.tested", first=fact("folds.test_from", "date"), last=fact("folds.test_until", "date"))


def _unknown(facts: RunFacts, known: Known, head: Headline) -> tuple[Words, ...]:
    items: list[Words] = []
    never = never_inspected(known)
    if never is not None and never.value:
        share = number(never.id, "value", "per_hundred")
        items.append(say("boxes.never", share=share, hundred=fact("hundred", "count"), units=fact("purpose.unit_name")))
    if not head.settled:
        items.append(say("profile.unseen" if facts.sides else "boxes.unseen"))
    items.append(say("boxes.real_world" if facts.dataset.synthetic else "boxes.elsewhere"))
    items.append(say("profile.adapted" if facts.sides else "boxes.adapted"))
    return tuple(items)


def _attention(facts: RunFacts) -> Bullets | Paragraph:
    first = {finding.code: i for i, finding in reversed(list(enumerate(facts.findings))) if finding.verdict == "found"}
    found = [first[code] for code in sorted(first, key=_urgency)]
    if not found:
        return Paragraph(words=say("boxes.no_findings"))
    items = tuple(_short(facts, i) for i in found[:MOST_FINDINGS])
    if len(found) > MOST_FINDINGS:
        items = (*items[: MOST_FINDINGS - 1], _more(facts))
    return Bullets(items=items, css="attn")


def _more(facts: RunFacts) -> Words:
    """How many were found in all, and of what."""
    themes = {finding.theme for finding in facts.findings if finding.verdict == "found"}
    told = (
        say(f"boxes.found_of.{theme}", count=fact(f"findings.found.{theme}", "count"))
        for theme in THEMES
        if theme in themes
    )
    count, part = fact("findings.found", "count"), PartLink(section="findings")
    return say("boxes.more_findings", count=count, themes=join(*told, between=", "), part=part)


def _urgency(code: str) -> tuple[int, str]:
    """What a reader must know first, then the rest by code."""
    return (URGENT.index(code) if code in URGENT else len(URGENT), code)


def _short(facts: RunFacts, i: int) -> Words:
    key = f"findings.{facts.findings[i].code}.short"
    title: Words = say(key) if has(key) else fact(f"finding.{i}.code", "code")
    return join(title, PartLink(section="findings"))


def signatures() -> tuple[Signature, ...]:
    """Who must sign; nobody did."""
    roles = tuple(
        Signature(role=say(f"signatures.{role}"), state=say("signatures.not_yet"), note=say("signatures.empty"))
        for role in ROLES
    )
    return (
        *roles,
        Signature(role=say("signatures.expires"), state=say("signatures.no_date"), note=say("signatures.any_change")),
    )
