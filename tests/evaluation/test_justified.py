"""A difference between groups asks for four answers and a signature; without a difference nothing is asked."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from tegenkracht.core.finding import Finding
from tegenkracht.core.justification import Justification
from tegenkracht.core.text import Text
from tegenkracht.evaluation.justified import check_justified

SAID = Text(nl="zo", en="so")
ANSWERS = dict.fromkeys(("aim", "suitability", "necessity", "proportionality"), SAID)
SIGNED = {"signed_by": SAID, "signed_on": date(2024, 5, 1)}
GAP = Finding("TK210", "found", "m", {}, ("e",))


@pytest.mark.parametrize(
    ("finding", "fails"),
    [
        (GAP, True),
        (Finding("TK217", "found", "m"), True),
        (Finding("TK210", "not_found", "m"), False),
        (Finding("TK206", "found", "m", {"by": "limit_beyond_weighed"}), True),
        (Finding("TK206", "found", "m", {"by": "limit_open"}), False),
        (Finding("TK207", "found", "m", {"shown": 0, "short": 3}), False),
        (Finding("TK207", "not_found", "m", {"shown": 1, "short": 0}), True),
        (Finding("TK207", "not_found", "m", {"attribute": "sector", "shown": 1, "short": 0}), False),
        (Finding("TK101", "found", "m"), False),
    ],
    ids=[
        "largest gap",
        "share of the list",
        "no gap",
        "limit",
        "limit not shown",
        "few data",
        "gap shown",
        "of sectors",
        "other",
    ],
)
def test_a_group_test_that_fails_asks_for_an_answer(finding: Finding, fails: bool) -> None:
    """A gap that was found; not data that are too few to say."""
    told = check_justified([finding], None, model="m")
    assert told.verdict == ("found" if fails else "not_applicable")
    assert fails or told.facts == {"reason": "no_difference_found"}


@pytest.mark.parametrize(
    ("given", "verdict", "missing", "signed"),
    [
        (None, "found", 4, "no"),
        (Justification(aim=SAID, **SIGNED), "found", 3, "yes"),
        (Justification(**ANSWERS), "found", 0, "no"),
        (Justification(**ANSWERS, **SIGNED), "not_found", 0, "yes"),
    ],
    ids=["nothing", "one answer", "not signed", "all"],
)
def test_all_four_answers_and_a_signature_are_needed(
    given: Justification | None, verdict: str, missing: int, signed: str
) -> None:
    """What is missing is counted, and the check rests on what found the gap."""
    told = check_justified([GAP], given, model="m")
    assert (told.verdict, told.facts["missing"], told.facts["signed"]) == (verdict, missing, signed)
    assert told.estimates == ("e",)


def test_a_signature_without_a_day_is_refused() -> None:
    """Both, or neither."""
    with pytest.raises(ValidationError, match="a signature is `signed_by` with `signed_on`; fill in both"):
        Justification(signed_by=SAID)
