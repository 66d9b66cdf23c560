"""A panel holds who was eligible, what came of it and who looked, each as it was known."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter

from tegenkracht.assembly import as_of_dates, assemble, each_once, visits_of_rows
from tegenkracht.core.cohort import Cohort, Outcome, Time
from tegenkracht.core.errors import InputError
from tegenkracht.core.fold import Fold
from tegenkracht.features import Recipe

RECIPES = TypeAdapter(tuple[Recipe, ...]).validate_python(
    [
        {"from": "events", "kind": "takeover", "statistics": ["count"], "windows": ["all"]},
        {"from": "inspections", "statistics": ["count"], "windows": ["all"]},
    ]
)
TIME = Time(first=date(2021, 1, 1), last=date(2022, 1, 1), step="6 months", horizon="6 months", label_delay="3 months")
CALENDAR = Cohort(kind="calendar", sectors=("shop",))


def _unit(unit_id, **more):
    return {"unit_id": unit_id, "sector": "shop", "kind": "place", "area_code": "x", **more}


def _visit(inspection_id, unit_id, inspected_on, finding, **more):
    return {
        "inspection_id": inspection_id,
        "unit_id": unit_id,
        "inspected_on": inspected_on,
        "known_on": inspected_on,
        "channel": "risk",
        "inspector": "i",
        "finding": finding,
        **more,
    }


@pytest.fixture(scope="module")
def dataset(make_dataset):
    """Five shops: one always open, two that close, a sole trader, and one that nobody ever visits."""
    return make_dataset(
        units=[
            _unit("a"),
            _unit("b", opened_on="2020-05-01", closed_on="2021-07-01"),
            _unit("c", legal_form="eenmanszaak"),
            _unit("d"),
            _unit("e", sector="club"),
            _unit("f", closed_on="2021-06-30"),
        ],
        events=[{"unit_id": "a", "kind": "takeover", "occurred_on": "2020-06-01", "known_on": "2021-03-01"}],
        inspections=[
            _visit("1", "a", "2021-02-01", True, severity=1.0, channel="signal", inspector="j"),
            _visit("2", "a", "2021-03-01", False),
            _visit("3", "b", "2021-06-30", False),
            _visit("4", "c", "2021-08-01", True, known_on="2022-06-01", severity=3.0),
            _visit("5", "a", "2022-05-01", False),
            _visit("6", "f", "2021-02-15", True, severity=3.0),
        ],
        groups=[
            {"area_code": "x", "attribute": "wealth", "value": "low", "from_on": "2020-01-01"},
            {"unit_id": "a", "attribute": "wealth", "value": "high", "from_on": "2021-05-01"},
        ],
    )


def _assemble(dataset, **changed):
    settings = {
        "cohort": CALENDAR,
        "time": TIME,
        "outcome": Outcome(),
        "recipes": RECIPES,
        "audit": ["wealth"],
        "sole_traders": "business_facts_only",
        "threads": 1,
    }
    return assemble(dataset, **{**settings, **changed})


def _column(assembled, name) -> dict[str, object]:
    return dict(zip(assembled.panel.rows["row_id"], assembled.panel.rows[name], strict=True))


def test_who_is_open_on_a_date_is_eligible_and_nobody_else(dataset):
    """B closed on 1 July 2021; a club is not a shop."""
    rows = _column(_assemble(dataset), "unit_id")
    assert list(rows) == [f"{u}@2021-01-01" for u in "abcdf"] + [f"{u}@2021-07-01" for u in "acd"] + [
        f"{u}@2022-01-01" for u in "acd"
    ]


def test_never_inspected_is_not_negative(dataset):
    """1 with a finding within six months, 0 without, missing when nobody went or it was known too late."""
    outcome = _column(_assemble(dataset), "outcome")
    assert outcome["a@2021-01-01"] == 1
    assert outcome["b@2021-01-01"] == 0
    assert np.isnan(outcome["d@2021-01-01"])
    assert np.isnan(outcome["c@2021-07-01"]), (
        "the finding of 1 August 2021 became known in June 2022: after six months and three of delay"
    )
    assert outcome["a@2022-01-01"] == 0


def test_a_severity_threshold_makes_a_small_finding_negative(dataset):
    """Severity 1 is less than 2, severity 3 is not."""
    outcome = _column(_assemble(dataset, outcome=Outcome(min_severity=2)), "outcome")
    assert (outcome["a@2021-01-01"], outcome["f@2021-01-01"]) == (0, 1)


def test_features_and_process_know_what_was_known_then(dataset):
    """The takeover of 2020 was registered in March 2021; the last inspector of a by July 2021 was i, after two visits."""
    assembled = _assemble(dataset)
    assert _column(assembled, "takeover_count")["a@2021-01-01"] == 0
    assert _column(assembled, "takeover_count")["a@2021-07-01"] == 1
    assert _column(assembled, "earlier_visits")["a@2021-07-01"] == 2
    assert _column(assembled, "inspector")["a@2021-07-01"] == "i"
    assert pd.isna(_column(assembled, "inspector")["d@2021-07-01"])


def test_an_audit_attribute_is_the_units_own_or_its_areas_as_it_held_then(dataset):
    """A is `low` with its area until its own value starts in May 2021."""
    wealth = _column(_assemble(dataset), "wealth")
    assert (wealth["a@2021-01-01"], wealth["a@2021-07-01"], wealth["d@2021-07-01"]) == ("low", "high", "low")


def test_sole_traders_are_counted_and_left_out_when_the_purpose_says_so(dataset):
    """One eenmanszaak."""
    assembled = _assemble(dataset, sole_traders="exclude")
    assert "c@2021-01-01" not in _column(assembled, "unit_id")
    assert [(e.metric, e.value) for e in assembled.counted.as_estimates() if not e.at] == [
        ("sole_traders", 1.0),
        ("immature_dates", 0.0),
    ]


def test_a_date_whose_outcome_cannot_be_known_yet_is_left_out_and_counted(dataset):
    """The tables end on 31 December 2023: July 2023 plus nine months is later."""
    late = Time(
        first=date(2022, 1, 1), last=date(2023, 7, 1), step="6 months", horizon="6 months", label_delay="3 months"
    )
    assembled = _assemble(dataset, time=Time(**{**late.model_dump(), "first": date(2021, 1, 1)}))
    assert assembled.counted.immature == (pd.Timestamp("2023-07-01"),)


def test_a_scheduled_visit_does_not_know_its_own_result(dataset):
    """Rows are visits; the outcome is the visit's; earlier visits are those before the day."""
    scheduled = Cohort(kind="scheduled", sectors=("shop",), channels=("risk", "signal"), information_lag="1 day")
    time = Time(first=date(2021, 1, 1), last=date(2023, 1, 1), horizon="0 days", label_delay="0 days")
    assembled = _assemble(dataset, cohort=scheduled, time=time)
    assert _column(assembled, "outcome") == {"1": 1, "2": 0, "3": 0, "4": 1, "5": 0, "6": 1}
    assert _column(assembled, "visit_count") == {"1": 0, "2": 1, "3": 0, "4": 0, "5": 2, "6": 0}
    assert _column(assembled, "inspector")["1"] == "j"


def test_visits_behind_the_outcomes_are_counted_once(dataset):
    """Visits 1, 2, 3 and 6 decide the rows of January 2021."""
    panel = _assemble(dataset).panel
    fold = Fold("f", pd.Timestamp("2021-01-01"), np.array([0]), np.flatnonzero(panel.rows["as_of"] == "2021-01-01"))
    visits = each_once(visits_of_rows(dataset, panel, [fold], time=TIME, outcome=Outcome()))
    assert sorted(zip(visits["channel"], visits["finding"], strict=True)) == [
        ("risk", False),
        ("risk", False),
        ("risk", True),
        ("signal", True),
    ]


def test_months_are_counted_from_the_first_date():
    """End of January plus a month, plus two: the last day of February, then 31 March again."""
    time = Time(first=date(2023, 1, 31), last=date(2023, 4, 1), step="1 month", horizon="1 month", label_delay="0 days")
    assert [f"{day:%m-%d}" for day in as_of_dates(time)] == ["01-31", "02-28", "03-31"]


@pytest.mark.parametrize(
    "part", [{"outcome": Outcome(min_severity=2)}, {"recipes": RECIPES[:1]}, {"audit": []}, {"sole_traders": "exclude"}]
)
def test_another_question_is_another_panel(dataset, part):
    """The identity covers label, recipes, audit and purpose, so no result can belong to another question."""
    assert _assemble(dataset).panel.identity != _assemble(dataset, **part).panel.identity
    assert _assemble(dataset, **part).panel.identity == _assemble(dataset, **part).panel.identity


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"cohort": Cohort(kind="calendar", sectors=("marina",))},
            r"cohort\.sectors: dataset small has no units of sector `marina`\. It has: club, shop\.",
        ),
        ({"audit": ["income"]}, r"audit\.attributes: `income` is not an attribute of dataset small\. It has: wealth\."),
        (
            {
                "time": Time(
                    first=date(2023, 6, 1),
                    last=date(2023, 7, 1),
                    step="1 month",
                    horizon="5 years",
                    label_delay="0 days",
                )
            },
            r"time\.horizon: no as-of date has an outcome that could be known by 2023-12-31",
        ),
        (
            {
                "time": Time(
                    first=date(2020, 1, 1),
                    last=date(2020, 3, 1),
                    step="1 month",
                    horizon="1 month",
                    label_delay="0 days",
                )
            },
            r"label: no outcome is observed: nobody inspected any of these units within the horizon\.",
        ),
        ({"outcome": Outcome(min_severity=9)}, r"label: all \d+ outcomes are no finding; there is nothing to learn\."),
        (
            {"cohort": Cohort(kind="scheduled", sectors=("shop",), channels=("random",), information_lag="1 day")},
            r"cohort: no scheduled row is left between 2021-01-01 and 2022-01-01\.",
        ),
        (
            {
                "recipes": TypeAdapter(tuple[Recipe, ...]).validate_python(
                    [{"from": "events", "kind": "other", "statistics": ["count"], "windows": ["all"]}]
                )
            },
            r"features\.recipes: the column `other_count` is 0 in all 11 rows\. Remove it, or take another window\.",
        ),
    ],
)
def test_what_gives_no_panel_is_named(dataset, changed, message):
    """Key, reason and way out, with exit code 2."""
    with pytest.raises(InputError, match=message):
        _assemble(dataset, **changed)


def _maturity(assembled) -> dict[str, list[float]]:
    """Units, in time, late and open, per as-of date."""
    table: dict[str, list[float]] = {}
    for estimate in assembled.counted.maturity:
        table.setdefault(estimate.at.partition("=")[2], []).append(estimate.value)
    return table


def test_the_maturity_report_says_per_date_what_was_in_time_late_or_open(dataset):
    """In July 2021 the visit to c was known after settlement; July 2023 cannot be settled by the end of 2023."""
    time = Time(**{**TIME.model_dump(), "last": date(2023, 7, 1)})
    report = _maturity(_assemble(dataset, time=time))
    assert report["2021-01-01"] == [5, 3, 0, 0]
    assert report["2021-07-01"] == [3, 0, 1, 0]
    assert report["2023-07-01"] == [3, 0, 0, 3]


def test_who_was_found_not_long_ago_is_not_eligible(dataset):
    """The finding at a of February 2021 keeps it out in July 2021 (12 months) and no longer in July 2022; it was not known in January 2021."""
    kept = Cohort(kind="calendar", sectors=("shop",), without=({"from": "findings", "within": "12 months"},))
    time = Time(**{**TIME.model_dump(), "last": date(2022, 7, 1)})
    rows = set(_column(_assemble(dataset, cohort=kept, time=time), "unit_id"))
    assert {"a@2021-01-01", "a@2022-07-01"} <= rows
    assert not {"a@2021-07-01", "a@2022-01-01"} & rows


def test_an_event_that_was_not_known_yet_keeps_nobody_out(dataset):
    """The takeover of June 2020 became known in March 2021: a is eligible in January and not in July, for 24 months."""
    kept = Cohort(
        kind="calendar", sectors=("shop",), without=({"from": "events", "kind": "takeover", "within": "24 months"},)
    )
    tenure = TypeAdapter(tuple[Recipe, ...]).validate_python([{"from": "units", "statistics": ["tenure"]}])
    rows = set(_column(_assemble(dataset, cohort=kept, recipes=tenure), "unit_id"))
    assert "a@2021-01-01" in rows
    assert not {"a@2021-07-01", "a@2022-01-01"} & rows


def test_open_for_asks_for_a_while(dataset):
    """B opened in May 2020: on 1 January 2021 it has been open for eight months, not twelve."""
    rows = _column(
        _assemble(dataset, cohort=Cohort(kind="calendar", sectors=("shop",), open_for="12 months")), "unit_id"
    )
    assert "b@2021-01-01" not in rows
    assert "b@2021-01-01" in _column(_assemble(dataset), "unit_id")


def test_a_count_needs_that_many_findings(make_dataset):
    """Two findings within the horizon are positive, one is not, and nobody went is still not observed."""
    shops = make_dataset(
        units=[_unit(name) for name in "abc"],
        events=[{"unit_id": "a", "kind": "takeover", "occurred_on": "2020-06-01", "known_on": "2020-06-01"}],
        inspections=[
            _visit("1", "a", "2021-02-01", True),
            _visit("2", "a", "2021-03-01", True),
            _visit("3", "b", "2021-02-01", True),
        ],
    )
    time = Time(first=date(2021, 1, 1), last=date(2021, 1, 1), horizon="6 months", label_delay="3 months")
    outcome = _column(
        _assemble(shops, outcome=Outcome(kind="count", at_least=2), time=time, audit=[], recipes=RECIPES[:1]), "outcome"
    )
    assert (outcome["a@2021-01-01"], outcome["b@2021-01-01"]) == (1, 0)
    assert np.isnan(outcome["c@2021-01-01"])


def test_a_time_label_holds_the_days_to_the_first_finding(dataset):
    """From 1 January to 1 February 2021 are 31 days for a, to 15 February 45 for f; b had a visit without a finding."""
    days = _column(_assemble(dataset, outcome=Outcome(kind="time_to_finding")), "days_to_finding")
    assert (days["a@2021-01-01"], days["f@2021-01-01"]) == (31, 45)
    assert np.isnan(days["b@2021-01-01"])


def test_a_date_without_anybody_is_refused(make_dataset):
    """Both shops close in 2021: on two of three dates nobody is left."""
    shops = make_dataset(
        units=[_unit(name, closed_on="2021-06-01") for name in "ab"],
        events=[{"unit_id": "a", "kind": "takeover", "occurred_on": "2020-06-01", "known_on": "2020-06-01"}],
        inspections=[_visit("1", "a", "2021-02-01", True), _visit("2", "b", "2021-03-01", False)],
    )
    with pytest.raises(InputError, match=r"no unit is eligible on 2 of 3 as-of dates \(2021-07-01, 2022-01-01\)"):
        _assemble(shops, audit=[], recipes=RECIPES[:1])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kind": "count"}, "`at_least` \\(2 or more\\) belongs to a label of kind `count`"),
        ({"kind": "severity"}, "needs `min_severity`"),
    ],
)
def test_a_label_that_does_not_say_enough_is_refused(settings, message):
    """Each kind has the key that it needs, and no other."""
    with pytest.raises(ValueError, match=message):
        Outcome(**settings)
