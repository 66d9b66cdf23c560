"""From words as data to text in one language, in which every number carries where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property, lru_cache

from markupsafe import Markup, escape

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.text import Language, Text
from tegenkracht.reporting.tree import Card
from tegenkracht.reporting.wording import Fact, Join, Number, PartLink, Say, Words
from tegenkracht.reporting.words.catalogue import PLACE, WordingError, places, sentence
from tegenkracht.reporting.words.numbers import Style, spelled_date, written

Attributes = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Piece:
    """A run of text; `source` says which estimate or fact it was written from."""

    text: str
    source: Attributes = ()
    bold: bool = False
    code: bool = False
    href: str = ""


@dataclass(frozen=True)
class Speaker:
    """Says what a card holds, in one language."""

    card: Card
    language: Language

    def html(self, words: Words | None) -> Markup:
        """Escaped HTML, each number within `<data>` with its raw value and its source."""
        pieces = self.pieces(words) if words is not None else []
        return Markup("").join(part for piece in pieces for part in _html(piece))

    def plain(self, words: Words | None) -> str:
        """Text without markup: for the names of things."""
        return "".join(piece.text for piece in self.pieces(words)) if words is not None else ""

    def pieces(self, words: Words) -> list[Piece]:
        """The runs of text that say `words`."""
        match words:
            case Number():
                return [self._number(words)]
            case Fact():
                return [self._fact(words)]
            case Join():
                return _between((self.pieces(item) for item in words.items), words.between)
            case PartLink():
                return self._part(words)
            case Say():
                return self._sentence(words)

    def estimate(self, key: str) -> Estimate:
        """An estimate of the card by id."""
        try:
            return self.card.estimates[key]
        except KeyError:
            raise WordingError(
                f"card.json: a sentence or figure uses estimate `{key}`, which the card lacks."
            ) from None

    @cached_property
    def parts(self) -> Mapping[str, int]:
        """Numbers of the sections."""
        return {section.key: i for i, section in enumerate(self.card.sections, 1)}

    def _number(self, words: Number) -> Piece:
        estimate = self.estimate(words.estimate)
        text, raw = _PARTS[words.part](estimate, words.style, self.language, self)
        source = (
            ("value", raw),
            ("data-estimate", words.estimate),
            ("data-part", words.part),
            ("data-style", words.style),
        )
        return Piece(text, source)

    def _fact(self, words: Fact) -> Piece:
        value = self.card.facts[words.fact]
        if isinstance(value, Text):
            text = value.in_(self.language)
            text = text[:1].upper() + text[1:] if words.style == "title" else text
        elif words.style == "date":
            text = spelled_date(date.fromisoformat(str(value)), self.language)
        elif isinstance(value, int | float) and words.style in ("count", "number", "ratio"):
            text = written(value, _style_of(value, words.style), self.language)
        else:
            text = str(value)
        raw = text if isinstance(value, Text) else str(value)
        source = (("value", raw), ("data-fact", words.fact), ("data-style", words.style))
        return Piece(text, source, code=words.style == "code")

    def _part(self, words: PartLink) -> list[Piece]:
        place = str(self.parts[words.section])
        before = Piece(sentence("page.part", self.language) + " ", href=f"#{words.section}")
        source = (("value", place), ("data-fact", f"part.{words.section}"), ("data-style", "count"))
        return [before, Piece(place, source, href=f"#{words.section}")]

    def _sentence(self, words: Say) -> list[Piece]:
        template = sentence(words.key, self.language)
        if missing := sorted(places(template) - set(words.using)):
            raise WordingError(f"words/{self.language}, `{words.key}`: nothing was given for {missing}.")
        pieces: list[Piece] = []
        bold = code = False
        for part in _split(template):
            if part == "**":
                bold = not bold
            elif part == "`":
                code = not code
            elif found := PLACE.fullmatch(part):
                said = self.pieces(words.using[found[1]])
                marked = bold or code
                pieces += [replace(p, bold=p.bold or bold, code=p.code or code) for p in said] if marked else said
            elif part:
                pieces.append(Piece(part, bold=bold, code=code))
        return pieces


@cache
def _split(template: str) -> tuple[str, ...]:
    """A sentence cut at its places and at the marks for bold and code."""
    parts: list[str] = []
    rest = template
    while rest:
        cuts = [m for m in (PLACE.search(rest),) if m]
        starts = [(m.start(), m.end()) for m in cuts] + [
            (i, i + len(m)) for m in ("**", "`") if (i := rest.find(m)) >= 0
        ]
        if not starts:
            break
        start, end = min(starts)
        parts += [rest[:start], rest[start:end]]
        rest = rest[end:]
    return (*parts, rest)


def _between(groups: Iterable[list[Piece]], between: str) -> list[Piece]:
    pieces: list[Piece] = []
    for group in groups:
        pieces += [Piece(between), *group] if pieces else group
    return pieces


_TEXTS = frozenset({("data-style", "text"), ("data-style", "title"), ("data-style", "code"), ("data-part", "note")})


_CODE, _BOLD = (Markup("<code>"), Markup("</code>")), (Markup("<b>"), Markup("</b>"))
_NUMBER, _TEXT, _DATA_END = Markup('<data class="n"'), Markup('<data class="t"'), Markup("</data>")
_LINK, _LINK_END, _QUOTE, _CLOSE = Markup('<a href="'), Markup("</a>"), Markup('"'), Markup(">")


def _html(piece: Piece) -> Iterator[str]:
    """The parts of a piece, to be joined by `Markup` at once: joining escapes all of them but our own marks, and costs far less than filling in."""
    if piece.href:
        yield from (_LINK, piece.href, _QUOTE, _CLOSE)
    if piece.bold:
        yield _BOLD[0]
    if piece.source:
        yield _NUMBER if _TEXTS.isdisjoint(piece.source) else _TEXT
        for name, value in piece.source:
            yield from (_attribute(name), _escaped(value), _QUOTE)
        yield _CLOSE
    text = _escaped(piece.text)
    yield from (_CODE[0], text, _CODE[1]) if piece.code else (text,)
    if piece.source:
        yield _DATA_END
    if piece.bold:
        yield _BOLD[1]
    if piece.href:
        yield _LINK_END


@cache
def _attribute(name: str) -> Markup:
    return Markup(' {}="').format(name)


@lru_cache(maxsize=20_000)
def _escaped(text: str) -> Markup:
    """Escaped text, which is not escaped again; a card says most of its words many times."""
    return escape(text)


# ---------------------------------------------------------------- parts of an estimate: text and raw value

_Part = Callable[[Estimate, Style, Language, Speaker], tuple[str, str]]


def _known(number: float | None, estimate: Estimate, part: str) -> float:
    if number is None:
        raise WordingError(f"card.json: estimate `{estimate.id}` has no {part}; say why there is none instead.")
    return number


def _value(estimate: Estimate, style: Style, language: Language, _: Speaker) -> tuple[str, str]:
    value = _known(estimate.value, estimate, "value")
    return written(value, style, language), repr(value)


def _rest(estimate: Estimate, style: Style, language: Language, _: Speaker) -> tuple[str, str]:
    value = _known(estimate.value, estimate, "value")
    return str(100 - round(100 * value)), repr(value)


def _low(estimate: Estimate, style: Style, language: Language, _: Speaker) -> tuple[str, str]:
    low = _known(estimate.low, estimate, "low")
    return written(low, style, language, towards="down" if estimate.level is None else "nearest"), repr(low)


def _high(estimate: Estimate, style: Style, language: Language, _: Speaker) -> tuple[str, str]:
    high = _known(estimate.high, estimate, "high")
    return written(high, style, language, towards="up" if estimate.level is None else "nearest"), repr(high)


def _span(estimate: Estimate, style: Style, language: Language, speaker: Speaker) -> tuple[str, str]:
    low, high = _low(estimate, style, language, speaker), _high(estimate, style, language, speaker)
    return f"{low[0]} {sentence('page.to', language)} {high[0]}", f"{low[1]}/{high[1]}"


def _full(estimate: Estimate, style: Style, language: Language, speaker: Speaker) -> tuple[str, str]:
    """Value and interval; what is missing is said, never left out."""
    if not estimate.is_known:
        return sentence("page.no_number", language), ""
    if estimate.value is None:
        return _span(estimate, style, language, speaker)
    value = _value(estimate, style, language, speaker)
    if estimate.low is None:
        bare = f"{value[0]} ({sentence('page.no_interval', language)})" if estimate.lacks_interval else value[0]
        return bare, value[1]
    return f"{value[0]} ({_span(estimate, style, language, speaker)[0]})", value[1]


def _n(estimate: Estimate, style: Style, language: Language, _: Speaker) -> tuple[str, str]:
    return written(estimate.n, "count", language), str(estimate.n)


def _level(estimate: Estimate, style: Style, language: Language, _: Speaker) -> tuple[str, str]:
    level = _known(estimate.level, estimate, "level")
    return written(level, "per_hundred", language), repr(level)


def _odds(estimate: Estimate) -> tuple[int, int]:
    """The level as a count of times: 95 % is 19 of 20."""
    level = _known(estimate.level, estimate, "level")
    out_of = round(1 / (1 - level))
    return (out_of - 1, out_of) if abs((out_of - 1) / out_of - level) < 1e-9 else (round(100 * level), 100)


def _times(estimate: Estimate, style: Style, language: Language, _: Speaker) -> tuple[str, str]:
    return str(_odds(estimate)[0]), repr(estimate.level)


def _out_of(estimate: Estimate, style: Style, language: Language, _: Speaker) -> tuple[str, str]:
    return str(_odds(estimate)[1]), repr(estimate.level)


def _note(estimate: Estimate, style: Style, language: Language, _: Speaker) -> tuple[str, str]:
    return estimate.note, estimate.note


_PARTS: Mapping[str, _Part] = {
    "full": _full,
    "value": _value,
    "low": _low,
    "high": _high,
    "span": _span,
    "rest": _rest,
    "n": _n,
    "level": _level,
    "times": _times,
    "out_of": _out_of,
    "note": _note,
}


def _style_of(value: float, style: str) -> Style:
    """A ratio has two decimals, a whole number none; any other number one, or as many (up to three) as it was declared with.

    Examples
    --------
    >>> _style_of(0.05, "number"), _style_of(12.5, "number"), _style_of(100, "number")
    ('two', 'one', 'count')
    """
    if style == "ratio":
        return "two"
    if isinstance(value, int):
        return "count"
    exact: dict[Style, int] = {"one": 1, "two": 2, "three": 3}
    return next((name for name, decimals in exact.items() if abs(round(value, decimals) - value) < 1e-9), "one")
