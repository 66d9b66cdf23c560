"""A page for each flagged place, in Dutch and English: for the person who looks at it, and for nobody else."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from tegenkracht.core.feature import Feature
from tegenkracht.core.sheet import sheet
from tegenkracht.core.text import LANGUAGES, Language, Text
from tegenkracht.explanation.multiplicity import FILE as FLAGS_FILE
from tegenkracht.explanation.places import Place, Reason
from tegenkracht.explanation.refits import DEPENDS
from tegenkracht.features.telling import Telling
from tegenkracht.reporting.reasons import Words, count, fact_sentence, html, numbers, plain, say, value_words
from tegenkracht.reporting.render import environment, plain_stylesheet
from tegenkracht.reporting.words.catalogue import sentence
from tegenkracht.reporting.words.numbers import spelled_date

FOLDER, KEY_FILE = "places", "places-key.csv"
REASONS_FILE, SINGLE_FILE = "reasons.parquet", "single_places.parquet"
LOCAL_ONLY = frozenset({FOLDER, KEY_FILE, REASONS_FILE, SINGLE_FILE, FLAGS_FILE})
"""What a run folder holds that is for this machine alone: never recorded elsewhere, never released."""
HOLDS = 0.9
"""Share of refits from which a flag is said to depend little on the draw."""


@dataclass(frozen=True)
class Reading:
    """What the pages need beside the places.

    Parameters
    ----------
    run_id, title, units
        Of the run; what the study asks, and what its places are called.
    synthetic
        Whether the world is made up.
    capacity
        Of a list.
    features, tellings
        The dictionary, and how each column is told.
    families
        What families are called; one that is not there keeps its name.
    last_only
        Whether the places are those of the last list alone.
    """

    run_id: str
    title: Text
    units: Text
    synthetic: bool
    capacity: int
    features: Mapping[str, Feature]
    tellings: Mapping[str, Telling]
    families: Mapping[str, Text]
    last_only: bool


@dataclass(frozen=True)
class Line:
    """A sentence, and what stands small below it."""

    words: Words
    notes: tuple[Words, ...] = ()


@dataclass(frozen=True)
class Part:
    """One part of a page: a heading, paragraphs, a list of lines, and paragraphs after it. `css` is the look of the list."""

    key: str
    title: Words
    before: tuple[Words, ...] = ()
    lines: tuple[Line, ...] = ()
    after: tuple[Words, ...] = ()
    steps: bool = False

    def words(self) -> Iterator[Words]:
        """Everything that is said."""
        yield from (self.title, *self.before)
        for line in self.lines:
            yield from (line.words, *line.notes)
        yield from self.after


def pseudonym(row_id: str, key: bytes) -> str:
    """A name for a place that tells nothing without the key: the first twelve characters of HMAC-SHA256.

    Examples
    --------
    >>> pseudonym("S000001@2022-04-01", b"0" * 16)
    '2ab4828ca7e4'
    """
    return hmac.new(key, row_id.encode("utf-8"), hashlib.sha256).hexdigest()[:12]


def write_places(places: Sequence[Place], reading: Reading, *, key: bytes, folder: Path) -> None:
    """`places/<pseudonym>.nl.html` and `.en.html`, an index, and every number of the pages, and no other, in `places/places.parquet`.

    Which pseudonym is which row stands in `places-key.csv`, beside the folder and not in it, so that the pages can be handed to a reader without it.

    Parameters
    ----------
    key
        Of this run, and kept nowhere: names of places can be guessed, so that a digest without a secret would tell who is who.
    folder
        Of the run.
    """
    target = folder / FOLDER
    target.mkdir()
    named = sorted((pseudonym(place.row_id, key), place) for place in places)
    key_rows = ([name, place.row_id, place.as_of.date().isoformat()] for name, place in named)
    (folder / KEY_FILE).write_text(sheet(("place", "row_id", "as_of"), key_rows), encoding="utf-8")
    records: list[tuple[str, str, str, float]] = []
    for language in LANGUAGES:
        for name, place in named:
            parts = page_parts(place, reading, language)
            page = _page(name, place, parts, reading, language)
            (target / f"{name}.{language}.html").write_text(page, encoding="utf-8")
            if language == LANGUAGES[0]:
                records += [(name, *record) for record in _records(place, parts)]
        (target / f"index.{language}.html").write_text(_index(named, reading, language), encoding="utf-8")
    columns = ["place", "number", "feature", "value"]
    pd.DataFrame(records, columns=columns).to_parquet(target / "places.parquet", index=False)


def _records(place: Place, parts: Iterable[Part]) -> Iterator[tuple[str, str, float]]:
    """Name, feature and value of every number on a page, and of no other: the folder tells what its pages tell."""
    feature = {f"reason.{i}": reason.feature for i, reason in enumerate(place.reasons, 1)}
    feature |= {f"change.{i}": altered.feature for i, altered in enumerate(place.altered, 1)}
    shown = {name: value for part in parts for words in part.words() for name, value in numbers(words)}
    for name, value in shown.items():
        yield name, feature.get(".".join(name.split(".")[:2]), ""), float(value)


def page_parts(place: Place, reading: Reading, language: Language) -> tuple[Part, ...]:
    """What a page says, in its order: reasons, how sure, what it does not say, what was missing, what would have changed it, what to do."""
    return (
        _reasons(place, reading, language),
        _sure(place, reading, language),
        _not(place, language),
        _missing(place, reading, language),
        _change(place, reading, language),
        _todo(language),
    )


def _reasons(place: Place, reading: Reading, language: Language) -> Part:
    title = say("reasons.title", language)
    units = reading.units.in_(language)
    lines = tuple(_reason(place, i, reading, language) for i in range(len(place.reasons)))
    before = [say(f"reasons.{'in_order' if place.in_order else 'no_order'}", language)] if len(lines) > 1 else []
    if not lines:
        before = [say(f"reasons.{'none_told' if place.untold else 'none'}", language)]
    after = [_comparable(place, units, language)] if lines else []
    states = {place.comparable.state, *(reason.shown.state for reason in place.reasons)} | {
        state for altered in place.altered for state in (altered.now.state, altered.then.state)
    }
    after += [say("reasons.banded", language)] if states & {"band", "or_more", "withheld"} else []
    after += (
        [say("reasons.withheld", language, n=count("withheld", place.withheld, language))] if place.withheld else []
    )
    after += [
        say(f"reasons.untold_{why}", language, n=count(f"untold.{why}", n, language))
        for why, n in sorted(place.untold.items())
    ]
    after += [say("reasons.not_learnt_again", language)] if place.sure is None else []
    return Part("reasons", title, tuple(before), lines, tuple(after), steps=place.in_order and len(lines) > 1)


def _reason(place: Place, i: int, reading: Reading, language: Language) -> Line:
    """One reason: a fact beside what is typical, in how many models it stayed, and what moves with it."""
    reason, name = place.reasons[i], f"reason.{i + 1}"
    told = fact_sentence(
        name,
        reading.features[reason.feature],
        reading.tellings[reason.feature],
        reason.shown,
        reason.typical,
        units=reading.units.in_(language),
        language=language,
    )
    notes = [] if reason.known is None else [_known(name, reason, reading.units.in_(language), language)]
    if reason.agreement is not None and place.sure is not None:
        agreed = count(f"{name}.agreed", round(reason.agreement * place.sure.times), language)
        times = count("sure.times", place.sure.times, language)
        notes.append(say("reasons.held", language, agreed=agreed, times=times))
    own = reading.features[reason.feature].family
    others = [name for name in reason.families if name != own]
    if others:
        called = [reading.families[f].in_(language) if f in reading.families else f for f in others]
        notes.append(say("reasons.with", language, families=", ".join(f"‘{word}’" for word in called)))
    return Line(told, tuple(notes))


def _known(name: str, reason: Reason, units: str, language: Language) -> Words:
    """Of how many places the typical value is, where these are others than the page says of all its reasons."""
    scope, shown = reason.typical.scope, reason.known
    if shown is None or shown.low is None:
        return say(f"reasons.known_{scope}_few", language, units=units)
    n = count(f"{name}.n", int(shown.low), language)
    told = n if shown.high is not None else say("values.or_more", language, low=n)
    return say(f"reasons.known_{scope}", language, units=units, n=told)


def _comparable(place: Place, units: str, language: Language) -> Words:
    if place.compared is None:
        return say("reasons.comparable_none", language)
    if place.comparable.low is None:
        return say("reasons.comparable_few_areas", language, units=units)
    n = count("compared", int(place.comparable.low), language)
    told = n if place.comparable.high is not None else say("values.or_more", language, low=n)
    return say(f"reasons.comparable_{place.compared.scope}", language, units=units, n=told)


def _sure(place: Place, reading: Reading, language: Language) -> Part:
    title, sure = say("sure.title", language), place.sure
    if sure is None:
        return Part("sure", title, (say("sure.unknown", language),))
    flagged = round(sure.flagged * sure.times)
    again = say(
        "sure.flagged",
        language,
        times=count("sure.times", sure.times, language),
        flagged=count("sure.flagged", flagged, language),
    )
    ranks = {name: count(f"sure.{name}", getattr(sure, name), language) for name in ("rank", "low", "high")}
    where = say("sure.rank", language, capacity=count("capacity", reading.capacity, language), **ranks)
    return Part("sure", title, (again, where, say(f"sure.{_firmness(sure.flagged)}", language)))


def _firmness(flagged: float) -> str:
    """Which sentence says how much a flag depends on the draw."""
    return "depends" if flagged < DEPENDS else "partly" if flagged < HOLDS else "holds"


def _not(place: Place, language: Language) -> Part:
    """What no score says; of one person's business it is not said that the page says nothing about a person, because data on it are data on them."""
    whose = ["person_sole", "sole"] if place.sole_trader else ["person"]
    keys = [*whose, "wrong", "cause", "decision", "visited"]
    return Part("not", say("not.title", language), lines=tuple(Line(say(f"not.{key}", language)) for key in keys))


def _missing(place: Place, reading: Reading, language: Language) -> Part:
    title = say("missing.title", language)
    lines = tuple(
        Line((*say("missing.item", language, label=reading.features[n].label.in_(language)),))
        for n in place.missing or ()
    )
    found = "untold" if place.missing is None else "listed" if lines else "none"
    left = count("left_out", place.left_out, language)
    after = (say("missing.left_out", language, n=left),) if place.left_out else ()
    return Part("missing", title, (say(f"missing.{found}", language),), lines, after)


def _change(place: Place, reading: Reading, language: Language) -> Part:
    title = say("change.title", language)
    if place.change.state != "found":
        return Part("change", title, (say(f"change.{place.change.state}", language),))
    lines = tuple(
        Line(
            say(
                f"change.{'line_untold' if altered.now.state == 'withheld' else 'line'}",
                language,
                label=reading.features[altered.feature].label.in_(language),
                **{
                    when: value_words(
                        f"change.{i}.{when}", reading.tellings[altered.feature], getattr(altered, when), language
                    )
                    for when in (("then",) if altered.now.state == "withheld" else ("now", "then"))
                },
            )
        )
        for i, altered in enumerate(place.altered, 1)
    )
    after = (say("change.why", language), say("change.observed", language))
    return Part("change", title, (say("change.found", language),), lines, after)


def _todo(language: Language) -> Part:
    lines = tuple(Line(say(f"todo.{key}", language)) for key in ("check", "ordinary", "decide"))
    return Part("todo", say("todo.title", language), lines=lines, steps=True)


# ---------------------------------------------------------------- files


def _date(place: Place, language: Language) -> str:
    return spelled_date(place.listed.date(), language)


def _page(name: str, place: Place, parts: Sequence[Part], reading: Reading, language: Language) -> str:
    return _render(
        "place.html.j2",
        reading,
        language,
        name=name,
        lead=say("lead", language, date=_date(place, language)),
        parts=parts,
    )


def _index(named: Sequence[tuple[str, Place]], reading: Reading, language: Language) -> str:
    dates = sorted({place.listed for _, place in named})
    lead = (
        say("index_lead", language, date=spelled_date(dates[-1].date(), language))
        if reading.last_only and dates
        else say("index_lead_all", language)
    )
    ordered = sorted(named, key=lambda item: (item[1].listed, item[0]))
    entries = [(name, _date(place, language)) for name, place in ordered]
    return _render("places.html.j2", reading, language, lead=lead, entries=entries)


def _render(template: str, reading: Reading, language: Language, **filled: object) -> str:
    page = (
        environment()
        .get_template(template)
        .render(
            language=language,
            other="en" if language == "nl" else "nl",
            css=plain_stylesheet(),
            run_id=reading.run_id,
            title=reading.title.in_(language),
            synthetic=reading.synthetic,
            html=html,
            plain=plain,
            say=partial(sentence, language=language),
            **filled,
        )
    )
    return page.lstrip()
