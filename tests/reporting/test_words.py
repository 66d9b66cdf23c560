"""The catalogue: the same sentences in both languages, careful words, and no number typed by hand."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import tegenkracht.evaluation
import tegenkracht.explanation
import tegenkracht.splits
from tegenkracht.core.text import LANGUAGES, Language
from tegenkracht.reporting.words.catalogue import places, sentences

FORBIDDEN = re.compile(
    r"verdacht|fraude|fraud|objectie|objective|schuldig|suspect|guilty|debias|onbevooroordeeld|crimineel bedrijf|risk score"
    r"|risicoscore|boef|dader|offender|voorspelt misdaad|unbiased|neutral algorithm",
    re.IGNORECASE,
)
PACKAGES = (tegenkracht.evaluation, tegenkracht.explanation, tegenkracht.splits)
OTHER_CODES = ("TK001", "TK002", "TK003", "TK004", "TK005", "TK120")


def _codes() -> list[str]:
    """Every code that a module with a table `CODES` declares, and those of checks that have no table."""
    names = [m.name for p in PACKAGES for m in pkgutil.walk_packages(p.__path__, f"{p.__name__}.")]
    tables = [getattr(importlib.import_module(name), "CODES", {}) for name in names]
    return sorted({*OTHER_CODES, *(code for table in tables for code in table)})


MOST_WORDS = 28


def test_both_languages_have_the_same_sentences() -> None:
    """A sentence that is missing in one language would stop a card."""
    assert set(sentences("nl")) == set(sentences("en"))


def test_a_sentence_has_the_same_places_in_both_languages() -> None:
    """No number gets lost in translation."""
    dutch, english = sentences("nl"), sentences("en")
    assert [key for key in dutch if places(dutch[key]) != places(english[key])] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_holds_a_digit(language: Language) -> None:
    """Every number comes from an estimate or a declared fact."""
    assert [key for key, text in sentences(language).items() if re.search(r"\d", text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_accuses_or_promises_too_much(language: Language) -> None:
    """An indication about places; never a verdict about anybody."""
    assert [key for key, text in sentences(language).items() if FORBIDDEN.search(text)] == []


@pytest.mark.parametrize("text", ["verdachte plaats", "Fraud score", "objectief", "guilty", "debiased"])
def test_the_word_test_would_notice(text: str) -> None:
    """The pattern above finds what it is for."""
    assert FORBIDDEN.search(text)


def test_no_card_accuses(page: str) -> None:
    """Also after everything is filled in, and in whatever order words meet."""
    assert FORBIDDEN.findall(re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)) == []


@pytest.mark.parametrize("code", _codes())
def test_every_check_has_its_sentences(code: str) -> None:
    """A title, a short form for the first page, and a sentence for what was not found."""
    known = sentences("nl")
    assert {f"findings.{code}.title", f"findings.{code}.short"} <= set(known)
    assert [key for key in known if key.startswith(f"findings.{code}.not_found")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_short(language: Language) -> None:
    """Level B1: nobody has to read a sentence twice."""
    long = {}
    for key, text in sentences(language).items():
        for sentence in re.split(r"(?<=[.?!:;])\s+", text):
            if len(sentence.split()) > MOST_WORDS:
                long[key] = len(sentence.split())
    assert long == {}


@pytest.mark.parametrize(
    ("language", "plural"),
    [
        (
            "nl",
            r"(zijn|verschillen|ontbreken) er \{(clear|gone|missing|shared|shifted|withheld)\}|\{(suppressed|outside)\} .*(zijn|liggen)\b",
        ),
        ("en", r"\{(clear|gone|missing|other_way|shared|shifted|shown|suppressed)\} (are|were|differ|do|go|shifted)\b"),
    ],
)
def test_a_count_that_may_be_one_has_no_plural_verb(language: Language, plural: str) -> None:
    """Counts stand behind a colon, so that one reads as well as many."""
    told = {key: text for key, text in sentences(language).items() if ".TK" in key}
    assert [key for key, text in told.items() if re.search(plural, text)] == []
