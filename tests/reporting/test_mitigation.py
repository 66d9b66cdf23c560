"""The part of the card about mitigation: there only when a study has mitigated models, with a turned gap in plain sight."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.text import LANGUAGES, Language
from tegenkracht.reporting.card import make_card
from tegenkracht.reporting.facts import RunFacts
from tegenkracht.reporting.figures.canvas import NARROW, WIDE
from tegenkracht.reporting.figures.catalogue import draw
from tegenkracht.reporting.figures.frontier import HEIGHT, LEFT
from tegenkracht.reporting.render import render_html
from tegenkracht.reporting.speaker import Speaker
from tegenkracht.reporting.tree import Card, Exhibit, Frontier, Table


def blocks_of(card: Card) -> tuple[object, ...]:
    """What stands in the part about mitigation."""
    return next((s.blocks for s in card.sections if s.key == "mitigation"), ())


def frontiers(card: Card) -> list[Frontier]:
    """Its figures."""
    drawings = [block.panels[0].drawing for block in blocks_of(card) if isinstance(block, Exhibit)]
    return [drawing for drawing in drawings if isinstance(drawing, Frontier)]


def test_a_study_without_mitigated_models_has_no_such_part(calendar: RunFacts, mitigated: RunFacts) -> None:
    """Absent without evidence, there with it."""
    assert blocks_of(make_card(calendar)) == ()
    assert len(frontiers(make_card(mitigated))) == 2


def test_a_gap_that_turned_is_a_square_and_is_said_in_the_table(mitigated: RunFacts) -> None:
    """The quota's gap lies past zero, by more than a point when the shift is made larger; the other model's does not. Once per period."""
    shifted = [
        replace(e, value=-0.012, low=-0.02, high=-0.004)
        if (e.model, e.metric) == ("lightgbm_quota", "selection_rate_pairs_gap")
        else e
        for e in mitigated.estimates
    ]
    card = make_card(replace(mitigated, estimates=tuple(shifted)))
    shapes = [[point.shape for point in drawing.points] for drawing in frontiers(card)]
    assert shapes == [["attention", "main"], ["main", "main"]]
    page = render_html(card, "en")
    text = re.sub(r"<[^>]+>", "", page)
    assert text.count("high – low: turned round, +1.5 to −1.2") == 2
    assert "no pair clearly turned round" in text
    assert "Looked at for a gap that turned round: high – low." in text


def test_another_sign_that_is_not_shown_is_said_in_words(mitigated: RunFacts) -> None:
    """The quota leaves a gap of a tenth of a point on the other side, in every figure and both periods; a point there is plain, of all periods alone."""
    text = re.sub(r"<[^>]+>", "", render_html(make_card(mitigated), "en"))
    said = "high – low: other sign, +1.5 to −0.1, but turning round was not shown"
    assert text.count(said) == 3 * 2
    plain = [
        replace(e, value=-0.012, low=-0.02, high=0.004)
        if (e.model, e.metric) == ("lightgbm_quota", "selection_rate_pairs_gap")
        else e
        for e in mitigated.estimates
    ]
    text = re.sub(r"<[^>]+>", "", render_html(make_card(replace(mitigated, estimates=tuple(plain))), "en"))
    assert text.count("turned round, +1.5 to −1.2, though the interval still allows zero") == 1
    assert text.count("other sign, +1.5 to −1.2, but turning round was not shown") == 1


def test_a_sign_that_no_reader_sees_gets_no_mark(mitigated: RunFacts) -> None:
    """A gap that is told as nought has no sign."""
    gone = [
        replace(e, value=-0.0004) if (e.model, e.metric[-10:]) == ("lightgbm_quota", "_pairs_gap") else e
        for e in mitigated.estimates
    ]
    assert "but turning round was not shown" not in render_html(
        make_card(replace(mitigated, estimates=tuple(gone))), "en"
    )


def test_figure_and_costs_are_read_in_the_form_that_leads(mitigated: RunFacts) -> None:
    """Weighted where that is known, of the gap too where outcomes count; of visited places alone without, or where visits by lot contradict the weights."""
    card = make_card(mitigated)
    by_flags, by_outcomes = frontiers(card)
    assert {key.rpartition("/")[2] for d in (by_flags, by_outcomes) for key in (p.found for p in d.points)} == {
        "weighted"
    }
    assert {by_flags.points[0].harm.rpartition("/")[2], by_outcomes.points[0].harm.rpartition("/")[2]} == {
        "sample",
        "weighted",
    }
    assert by_outcomes.gap.endswith("/weighted")
    text = re.sub(r"<[^>]+>", "", render_html(card, "en"))
    assert "Found, weighted, in points of 100" in text
    assert "What the list finds is weighted by the chance of a visit." in text
    assert "Found on the list, weighted by the chance of a visit" in text
    bare = tuple(e for e in mitigated.estimates if e.method != "weighted" or e.metric != "precision_difference")
    lot = [
        Estimate("", "prevalence", value, value - 0.01, value + 0.01, n=400, level=0.95, method=method)
        for method, value in (("weighted", 0.1), ("audit", 0.3))
    ]
    others = tuple(e for e in mitigated.estimates if e.metric != "prevalence")
    for estimates in (bare, (*others, *lot)):
        card = make_card(replace(mitigated, estimates=estimates))
        assert {p.found.rpartition("/")[2] for d in frontiers(card) for p in d.points} == {"labelled"}
        text = re.sub(r"<[^>]+>", "", render_html(card, "en"))
        assert "Found where somebody went, in points of 100" in text


def test_forms_that_disagree_about_costs_are_said(mitigated: RunFacts) -> None:
    """Where somebody went the quota finds less, weighted that is not shown: the model is named; without such a model no sentence stands there."""
    said = "Whether the list finds less depends here on how you count."
    assert said not in render_html(make_card(mitigated), "en")
    apart = [
        replace(e, high=-0.001)
        if (e.model, e.metric, e.method) == ("lightgbm_quota", "precision_difference", "labelled")
        else e
        for e in mitigated.estimates
    ]
    text = re.sub(r"<[^>]+>", "", render_html(make_card(replace(mitigated, estimates=tuple(apart))), "en"))
    assert f"{said} Weighted by the chance of a visit the answer differs" in text
    assert "that where somebody went: Decision trees with a divided list." in text


def test_a_finding_on_costs_names_its_form_and_the_other(mitigated: RunFacts) -> None:
    """Weighted first; where visited places alone say something else, both stand in one sentence."""
    text = re.sub(r"<[^>]+>", "", render_html(make_card(mitigated), "en"))
    assert "Weighted by the chance of a visit, the list finds less than with" in text
    assert "Only where somebody went, the answer differs: −2.2 (−4.0 to −0.1)." in text


def test_every_pair_that_was_looked_at_is_named(mitigated: RunFacts) -> None:
    """Also two pairs with the same second group."""
    more = [replace(e, group="deprivation=some") for e in mitigated.estimates if "_pairs_" in e.metric]
    page = render_html(make_card(replace(mitigated, estimates=(*mitigated.estimates, *more))), "en")
    text = re.sub(r"<[^>]+>", "", page)
    assert text.count("Looked at for a gap that turned round: high – low; some – low.") == 3


def test_a_gap_that_a_division_leaves_out_is_said_as_such(mitigated: RunFacts) -> None:
    """Not as too few data to see it."""
    divided = [
        replace(e, value=0.0, note="by_division")
        if (e.model, e.metric) == ("lightgbm_quota", "selection_rate_pair_gap")
        else e
        for e in mitigated.estimates
    ]
    page = render_html(make_card(replace(mitigated, estimates=tuple(divided))), "en")
    assert page.count("no gap left, because the list is divided that way") == 1


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mark_and_letter_stands_inside_the_drawing(width: float, language: Language, mitigated: RunFacts) -> None:
    """Texts start right of zero and above the foot; marks lie between the axes."""
    card = make_card(mitigated)
    for drawing in frontiers(card):
        canvas = draw(drawing, Speaker(card, language), width)
        svg = str(canvas.inner())
        marks = [(float(x), float(y)) for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', svg)]
        assert len(marks) >= 1
        assert all(LEFT <= x <= width and 0 < y <= HEIGHT for x, y in marks)
        assert all(0 <= float(x) <= width for x in re.findall(r'<text x="(-?[\d.]+)"', svg))
        assert all(0 < float(y) <= canvas.height for y in re.findall(r'<text x="-?[\d.]+" y="(-?[\d.]+)"', svg))


def test_the_line_without_a_gap_stands_where_the_gap_of_the_base_is_undone(mitigated: RunFacts) -> None:
    """A shift of minus the gap leaves nothing: the axis holds it, and the figure names it."""
    card = make_card(mitigated)
    drawing = frontiers(card)[0]
    assert drawing.gap is not None
    assert drawing.x.low <= -card.estimates[drawing.gap].value
    assert "no gap left" in render_html(card, "en")


def test_before_and_after_stand_beside_each_other_per_group(mitigated: RunFacts) -> None:
    """A row per model, the one without mitigation first, with a column for each group that has a rate."""
    tables = [block for block in blocks_of(make_card(mitigated)) if isinstance(block, Table)]
    first = next(t for t in tables if getattr(t.name, "key", "") == "mitigation.before_after.selection_rate.sample")
    assert [row[0].fact for row in first.rows] == [
        f"model.{m}.label" for m in ("lightgbm", *list(mitigated.models)[-2:])
    ]
    assert len(first.columns) == 1 + 3 + 1 + 2
    rates = [
        Estimate(
            m,
            "exposure",
            0.1,
            0.05,
            0.2,
            n=200,
            level=0.95,
            at="capacity=100",
            group=f"deprivation={g}",
            method="sample",
        )
        for m in ("lightgbm", *list(mitigated.models)[-2:])
        for g in ("high", "low")
    ]
    card = make_card(replace(mitigated, estimates=(*mitigated.estimates, *rates)))
    tables = [block for block in blocks_of(card) if isinstance(block, Table)]
    exposed = next(t for t in tables if getattr(t.name, "key", "") == "mitigation.before_after.exposure.sample")
    assert len(exposed.columns) == 1 + 2 + 1 + 2


def test_why_nobody_could_look_names_the_attribute(mitigated: RunFacts) -> None:
    """One check of two attributes is two lines that differ."""
    again = [
        Finding("TK221", "not_applicable", "lightgbm_quota", {"reason": "no_gain_earlier", "attribute": name})
        for name in ("deprivation", "location")
    ]
    text = render_html(make_card(replace(mitigated, findings=(*mitigated.findings, *again))), "en")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text))
    for name in ("deprivation", "location"):
        label = mitigated.attributes[name].label.en
        assert re.search(f"(?i){label}: Not looked at", text)


def test_beside_a_shift_stands_what_it_says_and_what_could_be_shown(mitigated: RunFacts) -> None:
    """One gap is narrower; of the other the interval reaches beyond the two points that matter only when less matters."""
    page = {
        points: render_html(make_card(replace(mitigated, smallest_gap=points)), "en") for points in (None, 0.01, 0.02)
    }
    assert "narrower or wider was not shown" in page[None]
    assert "<span>not enough data</span></td>" in page[0.01]
    assert "no shift of" in page[0.02]
    assert all("Smallest shift that these data could show" in one for one in page.values())


def test_what_rests_on_outcomes_is_folded_out_in_every_way_of_counting(mitigated: RunFacts) -> None:
    """Two tables that open when asked: the shift in looks for nothing, and what is found; one that rests on flags alone has none."""
    tables = [block for block in blocks_of(make_card(mitigated)) if isinstance(block, Table) and block.folded]
    assert {getattr(table.name, "key", "") for table in tables} == {
        "mitigation.ways.precision",
        "mitigation.ways.false_positive_rate",
    }
    assert all(len(table.columns) == 1 + 4 for table in tables)
