"""The card says whether its explanation holds, and where the reasons per place are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tegenkracht.core.text import LANGUAGES
from tegenkracht.reporting.card import make_card
from tegenkracht.reporting.facts import RunFacts
from tegenkracht.reporting.speaker import Speaker
from tegenkracht.reporting.tree import Bullets, Exhibit, Paragraph, Table


def section(facts: RunFacts):
    """The section on the explanation."""
    return next(s for s in make_card(facts).sections if s.key == "explanation")


def told(facts: RunFacts, language: str = "nl") -> str:
    """Every bullet of it."""
    speaker = Speaker(make_card(facts), language)
    return "\n".join(speaker.plain(item) for b in section(facts).blocks if isinstance(b, Bullets) for item in b.items)


def test_three_roads_stand_side_by_side(calendar) -> None:
    """A row per family, in the order of its weight, with its weight, shuffling and leaving out."""
    speaker = Speaker(make_card(calendar), "en")
    table = next(b for b in section(calendar).blocks if isinstance(b, Table))
    assert [speaker.plain(column.title) for column in table.columns] == [
        *("Family", "Weight in the score", "Shuffle", "Leave out")
    ]
    assert [speaker.plain(cell) for cell in table.rows[0]][1:] == [
        *("0.50 (0.45 to 0.55)", "4.00 (2.50 to 5.50)", "1.00 (−1.50 to 3.50)")
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_orders_and_what_was_withheld_are_said_with_their_interval(calendar, language) -> None:
    """Kendall's tau, the overlap of the heaviest, Kendall's W, and the share of places with a reason that did not stay."""
    found = told(calendar, language)
    to, point = ("tot", ",") if language == "nl" else ("to", ".")
    assert f"0{point}40 (0{point}10 {to} 0{point}70)" in found
    of = "Dezelfde zwaarste families: 2" if language == "nl" else "The same among the heaviest families: 2"
    assert f"{of} (1 {to} 3)" in found
    assert f"0{point}95" in found
    assert f"15 (13 {to} 17)" in found


def test_ranks_are_drawn(calendar) -> None:
    """A figure of the place of each family in the order over the new models."""
    keys = [panel.key for b in section(calendar).blocks if isinstance(b, Exhibit) for panel in b.panels]
    assert keys == ["fig-shap", "fig-ranks"]


def test_pages_per_place_are_named_only_when_they_are_there(calendar) -> None:
    """And that they are not released."""
    assert "zitten in geen bundel" in told(calendar)
    assert "zitten in geen bundel" not in told(replace(calendar, place_pages=False))


def test_what_was_not_asked_is_not_shown(calendar) -> None:
    """Without the other roads there is no table but that of what the heaviest families cannot say."""
    some = tuple(e for e in calendar.estimates if not e.metric.startswith("importance_"))
    tables = [b for b in section(replace(calendar, estimates=some)).blocks if isinstance(b, Table)]
    assert [table.name.key for table in tables] == ["explanation.limits.title"]


def paragraphs(facts: RunFacts) -> str:
    """Every paragraph of the section, in English."""
    speaker = Speaker(make_card(facts), "en")
    return "\n".join(speaker.plain(b.words) for b in section(facts).blocks if isinstance(b, Paragraph))


def test_what_the_seed_does_and_what_other_places_do_are_told_apart(calendar) -> None:
    """Both shares stand there; a seed that moves nothing and one that nobody tried get a sentence instead."""
    seeded = "Of 100 places flagged for review, 8 (5 to 11) depend on the seed alone."
    assert seeded in paragraphs(calendar)
    assert "47 (42 to 52) depend on the draw" in paragraphs(calendar)
    alone = next(e for e in calendar.estimates if e.metric == "flags_depending" and e.at == "by=seed")
    others = tuple(e for e in calendar.estimates if e is not alone)
    exact = replace(alone, value=0.0, low=None, high=None, level=None)
    assert "came out exactly the same" in paragraphs(replace(calendar, estimates=(*others, exact)))
    assert "Too few new models" in paragraphs(replace(calendar, estimates=others))


def test_models_that_do_as_well_are_counted_with_what_they_leave_out(calendar) -> None:
    """Ambiguity and discrepancy among the models of the study; nothing where there are none."""
    told = "not shown to find more or less: 2. Of 100 places flagged for review, 62 (58 to 66) are off the list"
    assert told in paragraphs(calendar)
    some = tuple(e for e in calendar.estimates if e.at != "among=models")
    assert "not shown to find more or less" not in paragraphs(replace(calendar, estimates=some))


def test_the_interval_of_a_weight_is_said_to_be_of_one_model(calendar) -> None:
    """With refits it points to them, without it says that nobody made the model again."""
    assert "The model itself stays as it is. How much the order moves" in paragraphs(calendar)
    none = tuple(e for e in calendar.estimates if e.metric not in ("list_overlap", "flags_depending"))
    assert "did not make it again" in paragraphs(replace(calendar, estimates=none))


def learnt(facts: RunFacts) -> Exhibit:
    """The curves."""
    found = next(s for s in make_card(facts).sections if s.key == "learned")
    return next(b for b in found.blocks if isinstance(b, Exhibit))


def test_values_of_curves_are_in_their_unit_and_stand_there_once(calendar) -> None:
    """Days are told in years, counts as they are; a value that reads like the one before it is no line of its own."""
    curves = [e for e in calendar.estimates if e.metric == "ale" and "tenure_days" in e.at]
    near = replace(curves[0], at="feature=tenure_days,value=13.5")
    facts = replace(calendar, estimates=(*calendar.estimates, near))
    speaker = Speaker(make_card(facts), "en")
    cells = [speaker.plain(row[1]) for row in learnt(facts).table.rows]
    assert cells == ["0", "1", "3", "0 years", "2.2 years", "13.7 years"]
    assert [speaker.plain(p.drawing.x_title) for p in learnt(facts).panels] == ["Value, a count", "Value, in years"]


def test_a_band_is_named_only_where_there_is_one(calendar) -> None:
    """Without refits no curve has an interval."""
    speaker = Speaker(make_card(calendar), "en")
    assert "The band shows" in speaker.plain(learnt(calendar).how)
    bare = replace(
        calendar,
        estimates=tuple(
            replace(e, low=None, high=None, level=None) if e.metric == "ale" else e for e in calendar.estimates
        ),
    )
    assert "There is no band" in Speaker(make_card(bare), "en").plain(learnt(bare).how)


def costs(facts: RunFacts) -> list[str]:
    """The paragraphs on what declared directions cost."""
    found = next(s for s in make_card(facts).sections if s.key == "learned")
    speaker = Speaker(make_card(facts), "en")
    said = [speaker.plain(b.words) for b in found.blocks if isinstance(b, Paragraph)]
    return [words for words in said if "agreed directions" in words]


def test_the_cost_of_directions_says_its_form_and_has_intervals(calendar, share) -> None:
    """Weighed first where the card leads with that, then of visited places, both with the interval of what the list finds without them."""
    gap = "it was not shown that the agreed directions cost or gain anything:"
    free = "of 100 places. Without directions the list finds"
    end = "times half the width of its interval."
    seen = f"Where somebody went, {gap} +2.5 (−4.0 to +9.0) {free} 41 (37 to 46). The difference is 0.38 {end}"
    weighed = f"Weighted by the chance of a visit, {gap} +1.0 (−7.0 to +8.0) {free} 16 (8 to 29). The difference is 0.13 {end}"
    assert costs(calendar) == [seen]  # this card leads with visited places
    leads = replace(calendar, estimates=(*calendar.estimates, share("weighted", 0.18, 0.1, 0.3)))
    assert costs(leads) == [weighed, seen]
    unknown = [
        replace(e, value=None, low=None, high=None, level=None, note="few_visits")
        if e.metric == "constraint_gain" and e.method == "weighted"
        else e
        for e in leads.estimates
    ]
    first, second = costs(replace(leads, estimates=tuple(unknown)))
    assert first.startswith("Weighted by the chance of a visit, nobody knows what the agreed directions cost: ")
    assert second == seen
