"""What is told of areas: those with most and with fewest places on the list, and per figure how many are shown and how far they lie apart."""

from __future__ import annotations

from collections.abc import Iterator

from tegenkracht.core.conditions import at_of, attribute_of
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.gap import SMALLEST
from tegenkracht.evaluation.areas import OTHERS
from tegenkracht.evaluation.crossings import AREA
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.data import group_label
from tegenkracht.reporting.tree import Block, Column, Paragraph, Table
from tegenkracht.reporting.wording import Words, fact, number, say
from tegenkracht.reporting.words.numbers import Style

OF_EACH = ("inspected_share", "finding_rate", "false_positive_rate")
"""What stands beside how often places of an area are on the list."""
FIGURES = (
    *("selection_rate", "inspected_share", "finding_rate"),
    *("precision_at_capacity", "false_positive_rate", "false_negative_rate"),
)
NO_FORM = ("selection_rate", "inspected_share")
"""Figures that need no outcome, so that there is one way of counting them."""
FORMS: tuple[Method, ...] = ("labelled", "weighted", "audit")
MOST = 5
"""So many areas are shown at either end."""
_HUNDRED = fact("hundred", "count")
_FINE: Style = "per_hundred_fine"


def areas_hidden(facts: RunFacts, known: Known) -> int:
    """How many areas have too few places."""
    return sum(not e.is_known for e in _of_areas(facts, known, "selection_rate"))


def areas_part(facts: RunFacts, known: Known) -> list[Block]:
    """Two tables behind a fold, and how to read them; everything is in `evaluation.json`."""
    listed = sorted(measures.known_only(_of_areas(facts, known, "selection_rate")), key=lambda e: -(e.value or 0.0))
    if not listed:
        return []
    ends = listed if len(listed) <= 2 * MOST else [*listed[:MOST], *listed[-MOST:]]
    return [_ends(facts, known, ends), _together(facts, known), Paragraph(words=say("groups.areas.how"), css="small")]


def _ends(facts: RunFacts, known: Known, areas: list[Estimate]) -> Table:
    """Per area how often its places are on the list, what gap to the other areas could be shown, and the other figures."""
    beside = {metric: {e.group: e for e in _leading(facts, known, metric)} for metric in OF_EACH}
    least = {
        part: {
            e.group: e for e in known.all(f"selection_rate_{part}", model=facts.main) if at_of(e, "versus") == OTHERS
        }
        for part in SMALLEST
    }
    rows = tuple(
        (
            group_label(e.group),
            measures.shown(e, _FINE),
            measures.visible(*(least[part].get(e.group) for part in SMALLEST)),
            *(_or_dash(beside[metric].get(e.group)) for metric in OF_EACH),
            number(e.id, "n", "count"),
        )
        for e in areas
    )
    heads = ("area", "listed", "visible", *OF_EACH, "places")
    titles = (say(f"groups.levels.{head}" if head in OF_EACH else f"groups.areas.{head}") for head in heads)
    columns = tuple(Column(title=title, numeric=head != "area") for head, title in zip(heads, titles, strict=True))
    hidden = fact("groups.areas_hidden", "count")
    return Table(
        name=say("groups.areas.title", hundred=_HUNDRED, hidden=hidden), columns=columns, rows=rows, folded=True
    )


def _or_dash(estimate: Estimate | None) -> Words:
    """The number, or why there is none; a dash where too few areas have one."""
    return say("page.dash") if estimate is None else measures.shown(estimate, _FINE)


def _together(facts: RunFacts, known: Known) -> Table:
    """Per figure and way of counting: areas that have enough, the lowest and highest, and the largest gap beside what chance gives."""
    heads = ("figure", "enough", "lowest", "highest", "largest", "by_chance", "chance")
    columns = tuple(Column(title=say(f"groups.areas.{head}"), numeric=head != "figure") for head in heads)
    rows = tuple(
        row
        for metric in FIGURES
        for form in (FORMS[:1] if metric in NO_FORM else FORMS)
        for row in _row(facts, known, metric, form)
    )
    return Table(name=say("groups.areas.together", hundred=_HUNDRED), columns=columns, rows=rows, folded=True)


def _row(facts: RunFacts, known: Known, metric: str, form: Method) -> Iterator[tuple[Words, ...]]:
    """Nothing when the study has no visits in this form."""
    own = {"model": facts.main if metric not in ("inspected_share", "finding_rate") else "", "split": "all"}

    def of_all(part: str) -> Estimate | None:
        found = [e for e in known.all(f"{metric}{part}", **own) if _is_asked(facts, e, metric, form)]
        return next((e for e in found if at_of(e, "by") == AREA), None)

    label = say(f"groups.levels.{metric}")
    if metric not in NO_FORM:
        label = say("groups.areas.in_form", figure=label, form=say(f"forms.ways.{form}"))
    enough, refused, dash = of_all("_areas"), of_all(""), say("page.dash")
    if enough is None:
        if refused is not None:
            yield (label, measures.reason(refused), *[dash] * 5)
        return
    shown = measures.known_only(_of_areas(facts, known, metric, form))
    lowest, highest = (end(shown, key=lambda e: e.value or 0.0) for end in (min, max))
    gaps = (of_all(f"_largest_gap{part}") for part in ("", "_by_chance", "_chance"))
    count = say("groups.areas.of", shown=number(enough.id, "value", "count"), all=number(enough.id, "n", "count"))
    extremes = (
        say("groups.areas.extreme", area=group_label(e.group), share=measures.shown(e, _FINE))
        for e in (lowest, highest)
    )
    yield (label, count, *extremes, *(dash if e is None else number(e.id, "value", _FINE) for e in gaps))


def _leading(facts: RunFacts, known: Known, metric: str) -> list[Estimate]:
    """A figure of areas as it stands beside the list: weighed where any area has it so, and otherwise of visited places."""
    weighed = _of_areas(facts, known, metric, "weighted")
    return weighed if measures.known_only(weighed) else _of_areas(facts, known, metric)


def _of_areas(facts: RunFacts, known: Known, metric: str, form: Method = "labelled") -> list[Estimate]:
    """A pooled figure of every area at the study's capacity or of the data, also those that are withheld."""
    return [
        e
        for e in known.all(metric, method="pooled", split="all")
        if e.model in ("", facts.main) and attribute_of(e.group) == AREA and _is_asked(facts, e, metric, form)
    ]


def _is_asked(facts: RunFacts, estimate: Estimate, metric: str, form: Method) -> bool:
    """Whether it was measured at the study's capacity or at none, and in this form."""
    here = at_of(estimate, "capacity") in ("", str(facts.capacity))
    return here and at_of(estimate, "form") == ("" if metric in NO_FORM else form)
