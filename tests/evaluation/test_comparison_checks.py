"""Whether the model is better than other lists is read in the form that the card leads with, and a reader is told where two forms say different things."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from tegenkracht.core.estimate import Estimate, Method, none_because
from tegenkracht.core.finding import Finding
from tegenkracht.evaluation.checks import Asked
from tegenkracht.evaluation.comparison_checks import CODES, check_comparisons
from tegenkracht.evaluation.comparisons import Comparisons

ASKED = Asked(
    main_model="main",
    reference_model="rule",
    process_models=["process"],
    audit=[],
    capacity=100,
    cluster_by="unit_id",
    min_group=10,
    level=0.95,
)
LOT = ""


def more(low: float, high: float, other: str, method: Method = "labelled") -> Estimate:
    """What the main model's list finds more than another's, or than a lot."""
    metric, at = (
        ("precision_difference", f"capacity=100,versus={other}")
        if other
        else ("precision_above_random", "capacity=100")
    )
    return Estimate("main", metric, (low + high) / 2, low, high, n=100, method=method, level=0.95, at=at)


def prevalence(low: float, high: float, method: Method) -> Estimate:
    """What a visit anywhere finds."""
    return Estimate("", "prevalence", (low + high) / 2, low, high, n=100, method=method, level=0.95)


def told(estimates: Iterable[Estimate], asked: Asked = ASKED) -> Comparisons:
    """These estimates as the checks read them."""
    return Comparisons.of(estimates, main=asked.main_model, capacity=asked.capacity)


def found_by(code: str, *estimates: Estimate, asked: Asked = ASKED) -> list[Finding]:
    """What one check says of these estimates."""
    return [finding for finding in check_comparisons(told(estimates, asked), asked) if finding.code == code]


DAYS = Estimate(
    "main", "days_earlier_difference", 0.5, -1.0, 2.0, n=100, method="replay", level=0.95, at="versus=process"
)
CASES = {
    "TK102 process does as well": ("TK102", [more(-0.02, 0.1, "process")], "found"),
    "TK102 process does better": ("TK102", [more(-0.2, -0.1, "process")], "found"),
    "TK102 process is beaten": ("TK102", [more(0.02, 0.1, "process")], "not_found"),
    "TK102 beaten on the list, not in days": ("TK102", [more(0.02, 0.1, "process"), DAYS], "found"),
    "TK102 no outcomes": ("TK102", [], "not_applicable"),
    "TK107 not shown": ("TK107", [more(-0.01, 0.2, "rule")], "found"),
    "TK107 shown": ("TK107", [more(0.01, 0.2, "rule")], "not_found"),
    "TK107 no outcomes": ("TK107", [], "not_applicable"),
    "TK109 not shown": ("TK109", [more(-0.01, 0.2, LOT)], "found"),
    "TK109 shown": ("TK109", [more(0.05, 0.2, LOT)], "not_found"),
    "TK118 the same both ways": ("TK118", [more(0.1, 0.2, "rule"), more(0.05, 0.3, "rule", "weighted")], "not_found"),
    "TK118 shown where somebody went only": ("TK118", [more(0.1, 0.2, LOT), more(-0.1, 0.3, LOT, "weighted")], "found"),
    "TK118 nothing is weighed": ("TK118", [more(0.1, 0.2, "rule")], "not_applicable"),
}


@pytest.mark.parametrize(("code", "estimates", "verdict"), CASES.values(), ids=CASES)
def test_verdict(code: str, estimates: list[Estimate], verdict: str) -> None:
    """The verdict of one check on made-up estimates; it rests on estimates that are there."""
    finding = found_by(code, *estimates)[0]
    assert finding.verdict == verdict
    assert set(finding.estimates) <= {e.id for e in estimates}
    assert ("reason" in finding.facts) == (verdict == "not_applicable")


@pytest.mark.parametrize(("code", "other"), [("TK102", "process"), ("TK107", "rule"), ("TK109", LOT)])
def test_what_is_weighed_goes_before_what_was_seen(code: str, other: str) -> None:
    """Better where somebody went, and not shown when each visit is weighed by its chance: not shown, and said in which form."""
    seen, weighed = more(0.1, 0.2, other), more(-0.1, 0.3, other, "weighted")
    (finding,) = found_by(code, seen, weighed)
    assert (finding.verdict, finding.estimates, finding.facts["by"]) == ("found", (weighed.id,), "weighted")
    assert (finding.facts["low"], finding.facts["high"]) == (-10.0, 30.0)


@pytest.fixture
def unusable() -> dict[str, list[Estimate]]:
    """Why the weighed form is not used: too few visits to one of the lists, or visits by lot that contradict it (TK111)."""
    few = none_because(
        "few_visits", model="main", metric="precision_difference", n=6, method="weighted", at="capacity=100,versus=rule"
    )
    apart = [prevalence(0.01, 0.02, "weighted"), prevalence(0.05, 0.09, "audit")]
    return {"few": [few], "contradicted": [more(-0.1, 0.3, "rule", "weighted"), *apart]}


@pytest.mark.parametrize("why", ["few", "contradicted"])
def test_what_cannot_be_weighed_is_read_where_somebody_went(unusable: dict[str, list[Estimate]], why: str) -> None:
    """And then the fact does not name a form."""
    (finding,) = found_by("TK107", more(0.1, 0.2, "rule"), *unusable[why])
    assert finding.verdict == "not_found"
    assert "by" not in finding.facts


def test_nothing_is_said_of_weights_that_visits_by_lot_contradict(unusable: dict[str, list[Estimate]]) -> None:
    """What was seen is not doubted on the word of weights that are wrong themselves."""
    (finding,) = found_by("TK118", more(0.1, 0.2, "rule"), *unusable["contradicted"])
    assert (finding.verdict, finding.facts) == ("not_applicable", {"reason": "lot_contradicts"})


def test_comparisons_that_turn_are_counted_and_the_first_is_told() -> None:
    """Of four three say something else when weighed, one of them of a model that is no reference; a lot comes first."""
    pairs = [more(0.1, 0.2, other) for other in ("readable", LOT, "rule", "process")]
    lowest = {"readable": -0.05, LOT: -0.05, "rule": 0.05, "process": -0.05}
    weighed = [more(low, 0.3, other, "weighted") for other, low in lowest.items()]
    (finding,) = found_by("TK118", *pairs, *weighed)
    assert finding.facts == {
        **{"compared": 4, "apart": 3, "other": "a_lot"},
        **{"seen": 15.0, "seen_low": 10.0, "seen_high": 20.0},
        **{"weighed": 12.5, "weighed_low": -5.0, "weighed_high": 30.0},
    }


def test_a_study_without_process_model_or_reference_says_so() -> None:
    """Silence is not a pass."""
    alone = Asked("main", "main", [], [], 100, "unit_id", 10, 0.95)
    findings = {f.code: f for f in check_comparisons(told([]), alone)}
    assert findings["TK102"].facts == {"reason": "no_process_model"}
    assert findings["TK107"].facts == {"reason": "no_reference"}


def test_every_code_is_in_the_catalogue_and_used() -> None:
    """The catalogue has a line for each code that a study can give."""
    assert {finding.code for finding in check_comparisons(told([]), ASKED)} == set(CODES)


@pytest.mark.parametrize(("code", "other"), [("TK102", "process"), ("TK107", "rule"), ("TK109", LOT)])
def test_a_difference_without_an_interval_says_why(code: str, other: str) -> None:
    """Somebody was visited, and no draw differed from another: the reason is that one."""
    still = replace(more(0.0, 0.0, other), low=None, high=None, level=None, note="never_moves")
    (finding,) = found_by(code, still)
    assert (finding.verdict, finding.facts["reason"]) == ("not_applicable", "never_moves")
