"""The catalogue: the same sentences in both languages, careful words, and no number typed by hand."""

from __future__ import annotations

import re

import pytest

from tegenkracht.core.text import LANGUAGES, Language
from tegenkracht.reporting.words.catalogue import places, sentences

FORBIDDEN = re.compile(
    r"verdacht|fraude|fraud|objectie|objective|schuldig|suspect|guilty|debias|onbevooroordeeld|crimineel bedrijf|risk score"
    r"|risicoscore|boef|dader|offender|voorspelt misdaad|unbiased|neutral algorithm",
    re.IGNORECASE,
)
CODES = (
    *(f"TK0{i:02}" for i in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15, 20, 21)),
    *(f"TK1{i:02}" for i in (*range(1, 11), 11, 12, 13, 20)),
    *("TK201", "TK202", "TK203", "TK204", "TK205", "TK304"),
)
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


@pytest.mark.parametrize("code", CODES)
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
