"""One fact of a place as a sentence in Dutch or English, in which every number has a name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

from tegenkracht.core.feature import Feature
from tegenkracht.core.text import Language
from tegenkracht.explanation.comparable import Typical
from tegenkracht.explanation.shown import MONTH, YEAR, Shown, unit_of_days
from tegenkracht.features.telling import Measure, Telling
from tegenkracht.reporting.words.catalogue import PLACE, sentence
from tegenkracht.reporting.words.numbers import separated, spelled_count

Words = tuple["Piece", ...]
_COUNTED_IN_WORDS = ("event.count", "visit.count", "visit.finding_count", "space.events.count")
"""Sentences that begin with their count: small ones are written in words."""
_SPELLED: Mapping[float, str] = {0.0: "none", 1.0: "once", 2.0: "twice"}
"""Counts that have a word of their own."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; one that shows a number has the number's name and its value as it is kept."""

    text: str
    name: str = ""
    value: float | None = None


def html(words: Iterable[Piece]) -> Markup:
    """Escaped, each number within `<data>` with its value and its name."""
    return Markup("").join(
        escape(piece.text)
        if piece.value is None
        else Markup('<data value="{}" data-number="{}">{}</data>').format(repr(piece.value), piece.name, piece.text)
        for piece in words
    )


def plain(words: Iterable[Piece]) -> str:
    """The text alone."""
    return "".join(piece.text for piece in words)


def numbers(words: Iterable[Piece]) -> Iterator[tuple[str, float]]:
    """Name and value of each number."""
    return ((piece.name, piece.value) for piece in words if piece.value is not None)


def say(key: str, language: Language, /, **using: Words | str) -> Words:
    """A sentence of the catalogue with its places filled."""
    pieces: list[Piece] = []
    template, at = sentence(f"places.{key}", language), 0
    for found in PLACE.finditer(template):
        given = using[found[1]]
        pieces += [Piece(template[at : found.start()])]
        pieces += [Piece(given)] if isinstance(given, str) else given
        at = found.end()
    return tuple(piece for piece in (*pieces, Piece(template[at:])) if piece.text)


def number(name: str, value: float, text: str) -> Words:
    """One number with its name."""
    return (Piece(text, name, value),)


def count(name: str, n: int, language: Language) -> Words:
    """A whole number with its name."""
    return number(name, float(n), separated(n, 0, language, sign=False))


def fact_sentence(
    name: str,
    feature: Feature,
    telling: Telling,
    shown: Shown,
    typical: Typical,
    *,
    units: str,
    language: Language,
) -> Words:
    """`Drie keer ‘wisseling van uitbater’ in 24 maanden; vergelijkbare winkelpanden: gemiddeld 0,4.`

    Parameters
    ----------
    name
        What the names of its numbers begin with.
    units
        What the places of this study are called.
    """
    return _sentence(
        (*fact(name, feature, telling, shown, language), *_compared(name, telling, typical, units, language))
    )


def fact(name: str, feature: Feature, telling: Telling, shown: Shown, language: Language) -> Words:
    """The value of one column in words, without a comparison."""
    side = 0 if language == "nl" else 1
    words: Mapping[str, str] = {key: both[side] for key, both in telling.words.items()}
    if shown.state == "missing":
        kind = telling.kind.partition(".")[0]
        key = kind if telling.absent == "none" and kind in ("event", "visit") else "other"
        return say(f"absent.{key}", language, title=feature.label.in_(language), **words)
    return say(f"told.{telling.kind}", language, value=value_words(name, telling, shown, language), **words)


def value_words(name: str, telling: Telling, shown: Shown, language: Language) -> Words:
    """A value as it may be shown, with its unit."""
    if shown.state == "missing":
        return say(
            "values.never" if telling.measure == "days" and telling.absent == "none" else "values.missing", language
        )
    if shown.state in ("withheld", "left_out") or shown.low is None:
        return say(f"values.{'left_out' if shown.state == 'left_out' else 'withheld'}", language)
    if telling.measure == "yes_no":
        word = plain(say(f"values.{'yes_word' if shown.low else 'no_word'}", language))
        return number(f"{name}.low", shown.low, word)
    if shown.low == telling.at_most:
        return _at_most(f"{name}.low", telling, shown.low, language)
    spelled = telling.kind in _COUNTED_IN_WORDS
    if spelled and shown.high == shown.low and shown.low in _SPELLED:
        return number(f"{name}.low", shown.low, sentence(f"places.values.{_SPELLED[shown.low]}", language))
    ends = _ends(name, telling, shown, language, spelled=spelled)
    if spelled:
        return say("values.times", language, value=ends)
    return _with_unit(ends, telling.measure, language, of=_deciding(shown))


def _deciding(shown: Shown) -> float:
    """The end that decides the unit of both: a span that begins at nought is told in the unit of its far end."""
    return shown.low or shown.high or 0.0


def _at_most(name: str, telling: Telling, most: float, language: Language) -> Words:
    """The largest number that is counted, in words: so much or more."""
    words = number(name, most, _bare(most, telling.measure, language, of=most, spelled=False))
    if telling.measure == "steps":
        return say("values.or", language, most=words)
    return say("values.or_more", language, low=words)


def _ends(name: str, telling: Telling, shown: Shown, language: Language, *, spelled: bool) -> Words:
    """One number, `two or more`, or two ends, without a unit."""
    if shown.low is None:
        raise ValueError(f"{name}: a value that may not be shown has no ends.")
    of = _deciding(shown)
    low = number(f"{name}.low", shown.low, _bare(shown.low, telling.measure, language, of=of, spelled=spelled))
    if shown.state == "exact":
        return low
    if shown.high is None:
        return say("values.or_more", language, low=low)
    high = number(f"{name}.high", shown.high, _bare(shown.high, telling.measure, language, of=of, spelled=spelled))
    if shown.low == 0 and telling.measure in ("days", "metres"):
        return say("values.below", language, high=high)
    return say("values.between", language, low=low, high=high)


def _compared(name: str, telling: Telling, typical: Typical, units: str, language: Language) -> Words:
    """What is typical of comparable places."""
    if typical.value is None:
        return say("compared.none", language)
    if typical.value == telling.at_most:
        mostly = _at_most(f"{name}.typical", telling, typical.value, language)
        return say(f"compared.mostly_{typical.scope}", language, units=units, typical=mostly)
    middle = "mean" if typical.is_mean else "middle"
    if telling.kind in _COUNTED_IN_WORDS and typical.value < 1:
        rate = number(f"{name}.typical", typical.value, separated(round(100 * typical.value), 0, language, sign=False))
        times = "time" if round(100 * typical.value) == 1 else "times"
        told = say(f"values.{times}_of_hundred", language, value=rate, units=units)
        return say(f"compared.{middle}_{typical.scope}", language, units=units, typical=told)
    measure: Measure = "share" if telling.measure == "yes_no" else telling.measure
    text = _bare(typical.value, measure, language, of=typical.value, spelled=False)
    told = _with_unit(number(f"{name}.typical", typical.value, text), measure, language, of=typical.value)
    return say(f"compared.{middle}_{typical.scope}", language, units=units, typical=told)


def _bare(value: float, measure: Measure, language: Language, *, of: float, spelled: bool) -> str:
    """The number without its unit; `of` decides the unit that a span is told in."""
    if measure == "days":
        told = value / unit_of_days(of)
        decimals = 0 if unit_of_days(of) != YEAR or abs(told - round(told)) < 1e-6 else 1
        return separated(round(told, decimals), decimals, language, sign=False)
    if measure == "share":
        return separated(round(100 * value), 0, language, sign=False)
    if measure == "metres":
        return separated(round(value), 0, language, sign=False)
    whole = float(value).is_integer()
    if spelled and whole:
        return spelled_count(int(value), language)
    tenths = 1 if measure in ("count", "steps", "signed") or abs(value) >= 10 else 2
    decimals = 0 if whole else 2 if abs(value) < 0.1 else tenths
    return separated(round(value, decimals), decimals, language, sign=measure == "signed")


def _with_unit(words: Words, measure: Measure, language: Language, *, of: float) -> Words:
    if measure == "days":
        unit = unit_of_days(of)
        return say(f"values.{'days' if unit == 1 else 'months' if unit == MONTH else 'years'}", language, value=words)
    if measure == "metres":
        return say("values.metres", language, value=words)
    if measure == "steps":
        return say(f"values.{'step' if len(words) == 1 and of == 1 else 'steps'}", language, value=words)
    return say("values.of_hundred", language, value=words) if measure == "share" else words


def _sentence(words: Words) -> Words:
    """With a capital and a full stop."""
    first = words[0]
    text = first.text[:1].upper() + first.text[1:]
    text = text.replace("Éé", "Eé", 1)  # a Dutch capital carries no accent
    return (Piece(text, first.name, first.value), *words[1:], Piece("."))
