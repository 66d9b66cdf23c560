"""A card says one thing of a gap between groups: the chart, the table beside it, the sentence above it and the finding agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.evaluation.gaps import check_gaps
from tegenkracht.reporting.card import make_card
from tegenkracht.reporting.tree import Exhibit, Intervals

from .made_up.calendar import calendar_facts

CALENDAR = calendar_facts()
FIGURES = ("selection_rate", "false_positive_rate")
GROUPS = (("deprivation=high", "low"), ("deprivation=some", "low"), ("location=village", "centre"))
OTHER_GAPS = [e for e in CALENDAR.estimates if e.method in ("apart", "weighted") and "_gap" in e.metric]


@st.composite
def gaps(draw: st.DrawFn) -> list[Estimate]:
    """Gaps of both figures with their chance: counted, and those in looks for nothing perhaps weighed as well."""
    out: list[Estimate] = []
    for figure in FIGURES:
        forms: tuple[Method, ...] = ("apart", "weighted")[: 1 + (figure != "selection_rate" and draw(st.booleans()))]
        for form in forms:
            for group, versus in GROUPS:
                value, reach = draw(st.floats(-0.06, 0.06)), draw(st.floats(0.001, 0.06))
                about = {
                    "n": 900,
                    "method": form,
                    "group": group,
                    "at": f"capacity={CALENDAR.capacity},versus={versus}",
                }
                ends = (value - reach, value + reach)
                out += [
                    Estimate(CALENDAR.main, f"{figure}_gap", value, *ends, level=0.95, **about),
                    Estimate(CALENDAR.main, f"{figure}_gap_chance", draw(st.sampled_from((0.001, 0.03, 0.2))), **about),
                ]
    return out


def drawn_as_found(estimates: Sequence[Estimate]) -> tuple[set[str], str]:
    """Gaps that are drawn as found, and the key of the sentence above them."""
    card = make_card(replace(CALENDAR, estimates=tuple(estimates), limit_verdicts={}))
    section = next(section for section in card.sections if section.key == "groups")
    marks = [
        mark
        for block in section.blocks
        if isinstance(block, Exhibit)
        for panel in block.panels
        if isinstance(panel.drawing, Intervals)
        for row in panel.drawing.rows
        for mark in row.marks
    ]
    assert section.answer is not None
    return {mark.estimate for mark in marks if mark.shape == "attention"}, section.answer.key


@given(own=gaps())
@settings(max_examples=25, deadline=None)
def test_the_finding_the_chart_and_the_sentence_agree(own: list[Estimate]) -> None:
    """Whatever the gaps: per attribute and figure TK202 is found where the chart has a square, of the widest of them, and the sentence above says so."""
    estimates = [*(e for e in CALENDAR.estimates if e not in OTHER_GAPS), *own]
    findings = check_gaps(
        estimates,
        model=CALENDAR.main,
        attributes=list(CALENDAR.attributes),
        crossings=[],
        smallest=CALENDAR.smallest_gap,
    )
    told = [f for f in findings if f.code == "TK202" and f.verdict == "found"]
    squares, sentence = drawn_as_found(estimates)
    of_both = {e.id: (e.group.partition("=")[0], e.metric.removesuffix("_gap")) for e in own}
    assert sorted((f.facts["attribute"], f.facts["metric"]) for f in told) == sorted({of_both[key] for key in squares})
    values = {e.id: e for e in own}
    for finding in told:
        (key,) = finding.estimates
        same = [values[other] for other in squares if of_both[other] == of_both[key]]
        assert abs(values[key].value or 0) == max(abs(e.value or 0) for e in same)
        assert finding.facts["gap"] == round(100 * (values[key].value or 0), 1)
    on_the_list = any(f.facts["metric"] == "selection_rate" for f in told)
    assert sentence == ("groups.answer" if on_the_list else "groups.answer_not_shown")
