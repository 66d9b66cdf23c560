"""A card says one thing of a gap between groups: the chart, the table beside it, the sentence above it and the finding agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.finding import Finding
from tegenkracht.evaluation.gaps import check_gaps
from tegenkracht.reporting.card import make_card
from tegenkracht.reporting.tree import Exhibit, Intervals
from tegenkracht.reporting.wording import Say, number

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


def drawn_as_found(estimates: Sequence[Estimate], findings: Sequence[Finding] = ()) -> tuple[set[str], Say]:
    """Gaps that are drawn as found, and the sentence above them."""
    card = make_card(replace(CALENDAR, estimates=tuple(estimates), findings=tuple(findings), limit_verdicts={}))
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
    assert isinstance(section.answer, Say)
    return {mark.estimate for mark in marks if mark.shape == "attention"}, section.answer


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
    assert sentence.key == ("groups.answer" if told else "groups.answer_not_shown")
    named = [kind.key.rpartition(".")[2] for kind in getattr(sentence.using.get("kinds"), "items", ())]
    assert sorted(named) == sorted({str(f.facts["metric"]) for f in told})


@pytest.mark.parametrize(
    ("gap", "found", "key"),
    [
        (None, True, "groups.answer_part_alone"),
        (None, False, "groups.answer_none"),
        (0.001, True, "groups.answer_not_shown_part"),
        (0.05, True, "groups.answer_part"),
        (0.05, False, "groups.answer"),
    ],
)
def test_a_part_of_the_list_that_is_not_its_part_of_all_places_stands_in_the_sentence(
    gap: float | None, found: bool, key: str
) -> None:
    """TK217 found is said above the groups, whether or not a gap in visits was shown; with no gap on the list at all."""
    estimates = [e for e in CALENDAR.estimates if e not in OTHER_GAPS]
    ratio = Estimate(
        CALENDAR.main, "flagged_ratio", 0.52, 0.4, 0.77, n=900, level=0.95, method="sample", group="location=village"
    )
    estimates.append(ratio)
    if gap is not None:
        about = {"n": 900, "method": "apart", "group": "deprivation=high", "at": "versus=low"}
        estimates.append(Estimate("", "inspected_share_gap", gap, gap - 0.004, gap + 0.004, level=0.95, **about))
        estimates.append(Estimate("", "inspected_share_gap_chance", 0.001, **about))
    finding = Finding("TK217", "found" if found else "not_found", CALENDAR.main, {}, (ratio.id,))
    _, sentence = drawn_as_found(estimates, [finding])
    assert sentence.key == key
    if found:
        assert sentence.using["ratio"] == number(ratio.id, "full", "two")
