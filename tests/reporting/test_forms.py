"""The same figure in every way of counting, and who was visited: what is shown, and what is not."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tegenkracht.core.estimate import Estimate, none_because
from tegenkracht.core.finding import Finding
from tegenkracht.reporting.card import make_card
from tegenkracht.reporting.facts import RunFacts
from tegenkracht.reporting.render import render_html
from tegenkracht.reporting.tree import Exhibit, Intervals, Row, Section, Table

K = "capacity=100"
LEVEL = 0.95


def form(metric: str, method: str, value: float, *, model: str = "lightgbm", at: str = "") -> Estimate:
    """A figure in one form, three points wide on both sides."""
    return Estimate(model, metric, value, value - 0.03, value + 0.03, n=400, method=method, level=LEVEL, at=at)


FORMS = (
    form("prevalence", "weighted", 0.06, model=""),
    form("prevalence", "audit", 0.05, model=""),
    form("prevalence", "adjusted", 0.08, model=""),
    form("prevalence", "doubly_robust", 0.081, model=""),
    form("precision_at_capacity", "weighted", 0.3, at=K),
    none_because("few_visits", model="lightgbm", metric="precision_at_capacity", n=6, method="audit", at=K),
    form("precision_at_capacity", "adjusted", 0.35, at=K),
    form("yield_at_capacity", "weighted", 30.0, at=K),
    form("recall_at_capacity", "weighted", 0.2, at=K),
    form("auc", "weighted", 0.7),
    Estimate("lightgbm", "auc", None, 0.1, 0.95, n=15_000, method="bounds"),
    form("brier", "audit", 0.1),
)


def chance(metric: str, value: float, at: str = "") -> Estimate:
    """A figure about the chance of a visit."""
    return Estimate(
        "", metric, value, max(value - 0.02, 0), value + 0.02, n=15_000, method="sample", level=LEVEL, at=at
    )


LEDGER = (
    *(
        chance(metric, value, f"chance={band}")
        for band, values in {"0.05-0.1": (0.7, 0.4, 0.07, 0.08), "0.1-0.2": (0.3, 0.6, 0.15, 0.14)}.items()
        for metric, value in zip(("chance_band", "chance_band_seen", "chance_mean", "chance_seen"), values, strict=True)
    ),
    chance("inspection_auc", 0.65),
    chance("chance_total", 1.01),
    *(
        Estimate("", "inspected_share", share, n=90, method="count", at=f"area={rank}")
        for rank, share in (("tenth", 0.05), ("middle", 0.1), ("ninetieth", 0.2))
    ),
)
CONTRADICTED = Finding("TK116", "found", "", {"by": "lot", "adjusted": 8.0, "low": 2.0, "high": 7.0})


@pytest.fixture(scope="module")
def known(calendar: RunFacts) -> RunFacts:
    """The made-up calendar study with every form."""
    return replace(calendar, estimates=(*calendar.estimates, *FORMS, *LEDGER))


def section(facts: RunFacts, key: str) -> Section | None:
    """One section of the card."""
    return next((s for s in make_card(facts).sections if s.key == key), None)


def rows(facts: RunFacts, metric: str) -> list[Row]:
    """The lines of the figure of one metric."""
    results = section(facts, "results")
    assert results is not None
    for block in results.blocks:
        if isinstance(block, Exhibit) and block.panels[0].key == f"fig-forms-{metric.replace('_', '-')}":
            drawing = block.panels[0].drawing
            assert isinstance(drawing, Intervals)
            return list(drawing.rows)
    return []


def marks(facts: RunFacts, metric: str) -> list[str]:
    """The forms that are drawn."""
    return [mark.estimate.rpartition("/")[2] for row in rows(facts, metric) for mark in row.marks]


def test_every_figure_stands_in_every_form_that_there_is(known) -> None:
    """In one order; a form without a number has its reason and no mark."""
    assert marks(known, "prevalence") == ["labelled", "weighted", "audit", "adjusted", "doubly_robust", "bounds"]
    assert marks(known, "precision_at_capacity") == ["labelled", "weighted", "adjusted", "bounds"]
    assert len(rows(known, "precision_at_capacity")) == 5
    assert marks(known, "auc") == ["labelled", "weighted", "bounds"]
    assert marks(known, "brier") == ["labelled", "audit"]


def test_findings_of_one_list_are_counted_on_an_axis_of_their_own(known) -> None:
    """In findings; where visits by lot establish nothing the reason stands there too. For a list of a hundred precision says the same, and it is left out."""
    assert rows(known, "yield_at_capacity") == []
    at = "capacity=50"
    facts = replace(
        known,
        capacity=50,
        estimates=(
            *known.estimates,
            form("yield_at_capacity", "weighted", 15.0, at=at),
            none_because("few_visits", model="lightgbm", metric="yield_at_capacity", n=6, method="audit", at=at),
            Estimate("lightgbm", "yield_at_capacity", None, 4.0, 42.0, n=400, method="bounds", at=at),
        ),
    )
    assert marks(facts, "yield_at_capacity") == ["weighted", "bounds"]
    assert len(rows(facts, "yield_at_capacity")) == 3
    page = render_html(make_card(facts), "en")
    title = "How many findings does a list of 50 give?"
    assert title in page
    assert re.search(r">40<", page[page.index(title) :])


def test_contradicted_figures_are_not_shown(known) -> None:
    """With TK116 no figure with an estimated chance is drawn, and no cell of the card holds one."""
    facts = replace(known, findings=(*known.findings, CONTRADICTED))
    assert marks(facts, "prevalence") == ["labelled", "weighted", "audit", "bounds"]
    assert sum(row.missing is not None for row in rows(facts, "prevalence")) == 2
    used = make_card(facts).estimates.values()
    assert not [e.id for e in used if e.method in ("adjusted", "doubly_robust")]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_figure_with_an_estimated_chance_says_on_what_it_rests(known, language) -> None:
    """Right only if nothing unknown chooses; never called corrected."""
    page = render_html(make_card(known), language)
    assert {"nl": "alleen juist als niets onbekends bepaalt", "en": "right only if nothing unknown decides"}[
        language
    ] in page
    assert not [word for word in ("gecorrigeerd", "corrected", "bias-free") if word in page.lower()]


def test_a_form_that_could_not_be_counted_is_not_established(known) -> None:
    """Six visits by lot on the list: the reason stands where the number would."""
    audit = next(row for row in rows(known, "precision_at_capacity") if not row.marks)
    assert "forms.not_established" in str(audit.missing)


def test_where_everybody_was_visited_all_forms_agree_and_none_is_drawn(replay: RunFacts) -> None:
    """A replay of scheduled visits has nothing to weigh."""
    assert rows(replay, "prevalence") == []
    assert section(replay, "ledger") is None


def test_the_overlap_shows_all_rows_beside_the_visited_ones(known) -> None:
    """Two marks a band, and the table with what came true."""
    ledger = section(known, "ledger")
    assert ledger is not None
    overlap = next(block for block in ledger.blocks if isinstance(block, Exhibit))
    drawing = overlap.panels[0].drawing
    assert isinstance(drawing, Intervals)
    assert [[mark.shape for mark in row.marks] for row in drawing.rows] == [["reference", "main"]] * 2
    assert overlap.table is not None
    assert len(overlap.table.rows[0]) == 4


@pytest.mark.parametrize(("low", "said"), [(0.76, "Not shown. They vary 1.67 (0.76 to 2.60)"), (1.1, "Yes. They vary")])
def test_whether_visits_hang_together_is_said_by_the_whole_interval(known, low: float, said: str) -> None:
    """Shown when the interval lies above one, which visits give that were drawn by themselves."""
    together = Estimate("", "visits_together", 1.67, low, 2.6, n=130, method="sample", level=LEVEL)
    page = render_html(make_card(replace(known, estimates=(*known.estimates, together))), "en")
    assert said in re.sub(r"<[^>]+>", "", page)


def test_models_stand_beside_each_other_in_the_form_that_the_card_leads_with(known) -> None:
    """Weighed where the card's own list is; a model whose list was hardly visited says so in its place, and TK111 brings back what was seen."""
    few = none_because("few_visits", model="logistic", metric="precision_at_capacity", n=6, method="weighted", at=K)
    weighed = replace(known, estimates=(*known.estimates, few))

    def models(facts: RunFacts) -> Exhibit:
        results = section(facts, "results")
        assert results is not None
        return next(b for b in results.blocks if isinstance(b, Exhibit) and b.panels[0].key == "fig-models")

    drawing = models(weighed).panels[0].drawing
    assert isinstance(drawing, Intervals)
    shown = {row.label.fact: (row.marks[-1].estimate.rpartition("/")[2], row.marks[-1].shape) for row in drawing.rows}
    assert shown == {"model.lightgbm.label": ("weighted", "main"), "model.logistic.label": ("bounds", "range")}
    assert "page.not_measured" not in str(drawing.rows[1].value)
    assert models(weighed).legend[0].words.key == "results.legend_weighed"
    contradicted = replace(weighed, findings=(*weighed.findings, Finding("TK111", "found")))
    assert models(contradicted).legend[0].words.key == "results.legend_main"


def test_bounds_of_groups_are_those_of_the_cards_own_model(known) -> None:
    """Also where other models have bounds for the same groups, before it and after it."""
    group = next(e.group for e in known.estimates if e.metric == "precision_at_capacity" and e.group)
    bounds = [
        Estimate(model, "precision_at_capacity", None, low, 0.9, n=50, method="bounds", at=K, group=group)
        for model, low in (("logistic", 0.1), ("lightgbm", 0.2), ("current_rule", 0.3))
    ]
    groups = section(replace(known, estimates=(*known.estimates, *bounds)), "groups")
    assert groups is not None
    table = next(b for b in groups.blocks if isinstance(b, Table) and b.name.key == "groups.bounds")
    shown = [cell.estimate for row in table.rows for cell in row if getattr(cell, "type", "") == "number"]
    assert [bounds[1].id] == [e for e in shown if "precision_at_capacity" in e]


def test_groups_in_other_ways_are_a_table_of_their_own(known) -> None:
    """Figures of groups in other forms add one table of all ways, give that of other lengths the weighed form, and turn up in no other part of the section."""
    counted = [e for e in known.estimates if e.group and e.metric == "precision_at_capacity" and e.method == "labelled"]
    more = replace(known, estimates=(*known.estimates, *(replace(e, method="weighted") for e in counted)))
    before, after = section(known, "groups").blocks, section(more, "groups").blocks
    ways, *lengths = sorted((b for b in after if b not in before), key=lambda b: b.name.key == "groups.lengths.rate")
    assert [b for b in after if b != ways and b not in lengths] == [
        b for b in before if not (isinstance(b, Table) and b.name.key == "groups.lengths.rate" and b not in after)
    ]
    assert [b.name.using["form"].key for b in lengths] == ["forms.ways.weighted"] * len(lengths)
    assert isinstance(ways, Table)
    assert [column.title.key for column in ways.columns[1:]] == [
        f"forms.ways.{w}" for w in ("labelled", "weighted", "audit")
    ]
    assert ways.rows
    assert {cell.style for row in ways.rows for cell in row if getattr(cell, "type", "") == "number"} == {
        "per_hundred_fine"
    }


@pytest.mark.parametrize("size", ["capacity=50", "capacity=100"])
def test_errors_at_other_lengths_are_read_weighed_where_they_are(known, size: str) -> None:
    """A column per length; the name says in which form."""
    group = next(e.group for e in known.estimates if e.metric == "false_positive_rate" and e.group)
    one = Estimate(
        "lightgbm", "false_positive_rate", 0.1, 0.0, 0.2, n=50, method="weighted", at=size, group=group, level=LEVEL
    )
    groups = section(replace(known, estimates=(*known.estimates, one)), "groups")
    assert groups is not None
    tables = [b for b in groups.blocks if isinstance(b, Table) and b.name.key == "groups.lengths.rate"]
    shown = [cell.estimate for b in tables for row in b.rows for cell in row if getattr(cell, "type", "") == "number"]
    assert one.id in shown


def test_how_right_scores_are_per_group_is_told_in_every_way(known) -> None:
    """Visited, weighed, by lot and as bounds side by side, once one of the other ways is known."""
    group = next(e.group for e in known.estimates if e.metric == "precision_at_capacity" and e.group)
    ratio = Estimate(
        "lightgbm", "expected_observed_ratio", 1.1, 0.8, 1.6, n=50, method="labelled", group=group, level=LEVEL
    )
    ways = [ratio, replace(ratio, method="weighted"), replace(ratio, method="bounds", value=None, level=None)]

    def tables(*added: Estimate) -> list[Table]:
        groups = section(replace(known, estimates=(*known.estimates, *added)), "groups")
        assert groups is not None
        return [b for b in groups.blocks if isinstance(b, Table) and b.name.key == "groups.expected"]

    assert tables(ratio) == []
    (table,) = tables(*ways)
    shown = [getattr(cell, "estimate", cell.key if hasattr(cell, "key") else "") for cell in table.rows[0][1:]]
    assert shown == [ways[0].id, ways[1].id, "page.not_measured", ways[2].id]
