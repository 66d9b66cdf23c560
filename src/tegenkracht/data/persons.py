"""Signs that a table describes people: names of columns, and values like a citizen number, name, e-mail or phone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scipy.stats import binomtest

from tegenkracht.core.errors import Problem
from tegenkracht.data.conform import rows_of
from tegenkracht.data.dictionary import Description, TableName
from tegenkracht.data.shapes import Shape


def _listed(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


_CONTACT_WORDS = _listed(
    "name naam names namen initials voorletters mail phone telephone telefoon telefoonnummer mobile mobiel",
    "iban rekeningnummer",
)
_PERSON_WORDS = _CONTACT_WORDS | _listed(
    "bsn burgerservicenummer sofinummer ssn passport paspoort rijbewijs email emailadres emailadress woonadres",
    "voornaam voornamen achternaam familienaam geslachtsnaam surname firstname lastname fullname",
    "birth birthdate birthday birthplace dob geboren geboorte geboortedatum geboorteplaats geboorteland",
    "nationality nationaliteit ethnicity etniciteit herkomst migratieachtergrond religion godsdienst",
    "gender geslacht sex",
)
_ATTRIBUTE_WORDS = _PERSON_WORDS - _CONTACT_WORDS
"""Words that no indicator may be about; a change of a business's name or telephone may be one."""

_EMAIL = r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$"
_PHONE = r"^(?:\+31|0031|0)[ -]?[1-9](?:[ -]?\d){8}$"
_NINE_DIGITS = r"^(?:\d{8,9}|\d{4}\.\d{2}\.\d{3}|\d{3}\.\d{3}\.\d{3})$"
_PARTICLE = r"(?:(?:van|de|der|den|ter|ten|te|von|el|al|bin|'t)\s)"
_WORD = r"\p{Lu}[\p{L}'-]+"
_INITIALS = r"(?:\p{Lu}\.\s?)+"
_NAME = f"^(?:{_INITIALS}{_PARTICLE}*{_WORD}|{_WORD}\\s{_PARTICLE}+{_WORD}|{_PARTICLE}*{_WORD},\\s?{_INITIALS})$"
_BSN_WEIGHTS = (-1, 2, 3, 4, 5, 6, 7, 8, 9)  # of the digits, the last one first
_PSEUDONYM = "Leave the column out, or replace it by a pseudonym before it comes here."


@dataclass(frozen=True, slots=True)
class _Sign:
    """A pattern of values that people have: from which share of the different values on a column is refused."""

    looks_like: str
    pattern: str
    share: float
    least: int


_SIGNS = (
    _Sign("an e-mail address", _EMAIL, share=0.0, least=1),
    _Sign("a phone number", _PHONE, share=0.5, least=3),
    _Sign("a person's name", _NAME, share=0.3, least=2),
)


def names_a_person(column: str) -> bool:
    """Whether a column's name says that it holds something of a person.

    Examples
    --------
    >>> [names_a_person(name) for name in ("owner_name", "geboortedatum", "BSN", "name", "filename", "unit_id")]
    [True, True, True, True, False, False]
    """
    return bool(_words(column) & _PERSON_WORDS)


def refused_indicators(description: Description) -> Iterator[Problem]:
    """Entries of the dictionary whose name says that they are an attribute of a person."""
    lists = {
        "event_kinds": description.event_kinds,
        "link_roles": description.link_roles,
        "given_columns": description.given_columns,
    }
    for key, entries in lists.items():
        for name in entries:
            if _words(name) & _ATTRIBUTE_WORDS:
                what = "this is an attribute of a person, and no such attribute can be a feature."
                yield Problem(f"dataset.yaml, {key}.{name}", what, "Leave it out.")


def refused_values(
    frames: Mapping[TableName, pd.DataFrame], shapes: Mapping[TableName, Shape], files: Mapping[TableName, str]
) -> Iterator[Problem]:
    """Text columns whose values look like those of people."""
    for table, frame in frames.items():
        for name in shapes[table].of_type("text"):
            yield from _refused_column(frame[name], name, files[table])


def _words(column: str) -> frozenset[str]:
    """The words of a column's name: `ownerName`, `owner_name` and `owner name` have the same."""
    parts = re.sub(r"([a-z])([A-Z])", r"\1_\2", column).lower()
    return frozenset({*re.split(r"[\W_]+", parts), parts.replace("-", "").replace("_", "")})


def _refused_column(values: pd.Series, name: str, where: str) -> Iterator[Problem]:
    codes, uniques = pd.factorize(values)
    words = pa.array(uniques, type=pa.large_string())
    for sign in _SIGNS:
        hits = np.asarray(pc.match_substring_regex(words, sign.pattern))
        if hits.sum() >= sign.least and hits.mean() > sign.share:
            yield _problem(codes, hits, f"the values look like {sign.looks_like}.", name, where)
    shaped = np.asarray(pc.match_substring_regex(words, _NINE_DIGITS))
    passed = _passes_eleven(words, shaped)
    if _more_than_chance(int(passed.sum()), int(shaped.sum())):
        what = (
            "the values look like citizen service numbers (BSN; an RSIN has the same form): they pass the eleven test."
        )
        yield _problem(codes, passed, what, name, where)


def _problem(codes: np.ndarray, hits: np.ndarray, what: str, name: str, where: str) -> Problem:
    """The values themselves are not repeated: they may be somebody's."""
    rows, count = rows_of((codes >= 0) & hits[codes])
    return Problem(where, what, _PSEUDONYM, name, rows, count)


def _passes_eleven(words: pa.Array, shaped: np.ndarray) -> np.ndarray:
    """Whether each word with the form of a BSN passes its eleven test."""
    passed = np.zeros(len(words), dtype=bool)
    numbers = np.asarray(pc.replace_substring(words.filter(pa.array(shaped)), ".", "").cast(pa.int64()))
    total = sum(weight * (numbers // 10**place % 10) for place, weight in enumerate(_BSN_WEIGHTS))
    passed[shaped] = (total % 11 == 0) & (numbers > 0)
    return passed


def _more_than_chance(passed: int, shaped: int) -> bool:
    """Of ordinary numbers one in eleven passes; a column in which far more do is refused."""
    return shaped > 0 and binomtest(passed, shaped, 1 / 11, alternative="greater").pvalue < 0.001
