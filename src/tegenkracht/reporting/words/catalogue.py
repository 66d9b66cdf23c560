"""The sentences of a card, looked up by key, with named places for what is filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from tegenkracht.core.errors import TegenkrachtError
from tegenkracht.core.safe_yaml import SafeLoader
from tegenkracht.core.text import Language

PLACE = re.compile(r"\{([a-z_]+)\}")


class WordingError(TegenkrachtError):
    """A card that uses a sentence which the catalogue does not have, or leaves a place in it empty."""


@cache
def sentences(language: Language) -> Mapping[str, str]:
    """Every sentence of one language by its dotted key, from all files of that language.

    WordingError when a sentence stands in two files.
    """
    known: dict[str, str] = {}
    folder = files("tegenkracht.reporting.words").joinpath(language)
    for file in sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name):
        added = dict(_flat(SafeLoader(file.read_text(encoding="utf-8")).get_single_data(), ""))
        if twice := sorted(set(added) & set(known)):
            raise WordingError(f"words/{language}/{file.name}: `{twice[0]}` stands in another file too. Keep one.")
        known |= added
    return known


def sentence(key: str, language: Language) -> str:
    """One sentence; WordingError names a key that does not exist."""
    try:
        return sentences(language)[key]
    except KeyError:
        raise WordingError(f"words/{language}: there is no sentence `{key}`. Add it, in both languages.") from None


def has(key: str) -> bool:
    """Whether the catalogue has a sentence under this key."""
    return key in sentences("nl")


@cache
def places(text: str) -> frozenset[str]:
    """Names of the places in a sentence.

    Examples
    --------
    >>> sorted(places("{found} of {hundred}"))
    ['found', 'hundred']
    """
    return frozenset(PLACE.findall(text))


def _flat(branch: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, leaf in branch.items():
        if isinstance(leaf, Mapping):
            yield from _flat(leaf, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(leaf)
