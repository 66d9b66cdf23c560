"""Promises are written down before anybody looks, and a second look is counted."""

from __future__ import annotations

from datetime import datetime

import pytest

from tegenkracht.core.criterion import Criterion, Limit, digest_of_criteria
from tegenkracht.core.errors import InputError
from tegenkracht.core.estimate import Estimate
from tegenkracht.looks import Looks, check_looks

LABEL = {"nl": "beter", "en": "better"}


def promise(limit: float = 0.1, **more) -> Criterion:
    """Precision of at least `limit`."""
    given = {
        "name": "precise",
        "metric": "precision_at_capacity",
        "model": "m",
        "method": "labelled",
        "at_least": limit,
    }
    return Criterion(label=LABEL, **{**given, **more})


def day(number: int) -> datetime:
    """A day in January."""
    return datetime(2026, 1, number)


def test_the_first_look_is_one_and_the_same_study_again_is_no_second(tmp_path) -> None:
    """Running the same study on the same data tells nothing new."""
    looks = Looks(tmp_path)
    first = looks.open([promise()], test_period="t", study="s", on=day(1))
    again = looks.open([promise()], test_period="t", study="s", on=day(2))
    assert (first.look, again.look, again.frozen_on, again.changed) == (1, 1, "2026-01-01", False)
    assert check_looks(first).verdict == "not_found"


def test_another_study_on_the_same_period_is_a_second_look(tmp_path) -> None:
    """Another period starts at one."""
    looks = Looks(tmp_path)
    looks.open([promise()], test_period="t", study="s", on=day(1))
    assert looks.open([promise()], test_period="t", study="other", on=day(2)).look == 2
    assert looks.open([promise()], test_period="u", study="other", on=day(3)).look == 1


def test_criteria_that_change_after_a_look_are_told(tmp_path) -> None:
    """A promise that was made easier after the first look is found, also when the study is otherwise the same."""
    looks = Looks(tmp_path)
    looks.open([promise(0.2)], test_period="t", study="s", on=day(1))
    easier = looks.open([promise(0.1)], test_period="t", study="s", on=day(5))
    assert (easier.changed, easier.frozen_on) == (True, "2026-01-05")
    assert check_looks(easier).verdict == "found"


def test_criteria_that_were_frozen_beforehand_keep_their_day(tmp_path) -> None:
    """Frozen on the 1st, opened on the 9th."""
    looks = Looks(tmp_path)
    looks.freeze([promise()], test_period="t", study="s", on=day(1))
    opened = looks.open([promise()], test_period="t", study="s", on=day(9))
    assert (opened.frozen_on, opened.look, opened.changed) == ("2026-01-01", 1, False)


def test_words_are_not_part_of_a_promise() -> None:
    """Another label is the same promise; another limit is not."""
    other = Criterion(**{**promise().model_dump(), "label": {"nl": "anders", "en": "other"}})
    assert digest_of_criteria([promise()]) == digest_of_criteria([other])
    assert digest_of_criteria([promise()]) != digest_of_criteria([promise(0.2)])


def test_accepted_limits_are_promises_too() -> None:
    """Another accepted gap is another promise; a study without limits keeps its digest."""
    limits = [Limit(metric="selection_rate", attribute="wealth", at_most=points) for points in (1, 2)]
    digests = {digest_of_criteria([promise(), limit]) for limit in limits} | {digest_of_criteria([promise()])}
    assert len(digests) == 3


def test_a_record_that_was_changed_by_hand_is_refused(tmp_path) -> None:
    """Taking out the first line breaks the second."""
    looks = Looks(tmp_path)
    for number in (1, 2):
        looks.open([promise()], test_period="t", study=f"s{number}", on=day(number))
    looks.path.write_text(looks.path.read_text().splitlines()[1] + "\n")
    with pytest.raises(InputError, match=r"looks\.jsonl: line 1 does not follow from the one before it"):
        looks.open([promise()], test_period="t", study="s", on=day(3))


@pytest.mark.parametrize(
    ("low", "high", "at_least", "at_most"),
    [
        (0.12, 0.30, "met", "not_met"),
        (0.05, 0.09, "not_met", "met"),
        (0.05, 0.30, "not_shown", "not_shown"),
    ],
)
def test_only_a_whole_interval_meets_a_promise(low: float, high: float, at_least: str, at_most: str) -> None:
    """With a limit of 0.10 on both sides."""
    estimate = Estimate("m", "precision_at_capacity", (low + high) / 2, low, high, n=10, level=0.95)
    assert promise(0.1).judge(estimate) == at_least
    assert promise(at_least=None, at_most=0.1).judge(estimate) == at_most
    assert promise().judge(None) == "no_number"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"metric": "precsion"}, "is not a figure that a criterion can be about"),
        ({"at_most": 1.0}, "give either `at_least` or `at_most`"),
        ({"at_least": 0.12345}, "more than three decimals"),
        ({"metric": "auc_difference"}, "`versus` names the other model of a difference"),
    ],
)
def test_a_promise_that_cannot_be_judged_is_refused(wrong, message: str) -> None:
    """Misspelt figures, two limits, and a difference without the other model."""
    with pytest.raises(ValueError, match=message):
        promise(**wrong)
