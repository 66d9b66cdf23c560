"""The profile of every area or public body on one page, in order of number and never in order of score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from tegenkracht.core.text import LANGUAGES, Language
from tegenkracht.reporting.facts import SideFacts
from tegenkracht.reporting.render import environment, page_stylesheet
from tegenkracht.reporting.words.catalogue import sentence


@dataclass(frozen=True, slots=True)
class Strip:
    """One side of one unit, in hundredths: position (None where nothing is known) and the ends between which it may lie."""

    side: str
    position: int | None
    low: int
    high: int
    note: str


def write_profiles(
    profiles: pd.DataFrame,
    sides: Mapping[str, SideFacts],
    *,
    title: Mapping[Language, str],
    synthetic: bool,
    folder: Path,
) -> None:
    """`profiles.nl.html` and `profiles.en.html`: every unit on the last date.

    Parameters
    ----------
    profiles
        Columns `unit_id, as_of, side, position, low, high, known, signs`, as in `profiles.parquet`.
    """
    last = profiles[profiles["as_of"] == profiles["as_of"].max()]
    for language in LANGUAGES:
        page = (
            environment()
            .get_template("profiles.html.j2")
            .render(
                language=language,
                other="en" if language == "nl" else "nl",
                css=page_stylesheet(),
                title=title[language],
                synthetic=synthetic,
                as_of=profiles["as_of"].max().date().isoformat(),
                names=[side.label.in_(language) for side in sides.values()],
                entries=_entries(last, sides, language),
                say=partial(sentence, language=language),
            )
        )
        (folder / f"profiles.{language}.html").write_text(page.lstrip(), encoding="utf-8")


def _entries(
    last: pd.DataFrame, sides: Mapping[str, SideFacts], language: Language
) -> Iterator[tuple[str, tuple[Strip, ...]]]:
    """Per unit, in order of number, its strips in the order of the sides."""
    labels = {name: side.label.in_(language) for name, side in sides.items()}
    known, opened = sentence("profile.page.known", language), sentence("profile.page.open", language)
    place = last["side"].map({name: i for i, name in enumerate(sides)})
    ordered = last.assign(place=place).sort_values(["unit_id", "place"], kind="stable")
    strips = [
        Strip(
            labels[side],
            round(100 * position) if n else None,
            round(100 * low),
            round(100 * high),
            "" if n == of else known.format(known=n, signs=of) if n else opened,
        )
        for side, position, low, high, n, of in zip(
            *(ordered[name] for name in ("side", "position", "low", "high", "known", "signs")), strict=True
        )
    ]
    units = ordered["unit_id"].to_list()
    for start in range(0, len(units), len(sides)):
        yield str(units[start]), tuple(strips[start : start + len(sides)])
