"""A study as a file: what came from triage stands above each part, what did not come along stands at the end."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import yaml

from tegenkracht.config import load_spec
from tegenkracht.data.conf import conf_folder
from tegenkracht.triage.note import Note, one_line
from tegenkracht.triage.translation import Translation


def study_text(translation: Translation, *, source: str) -> str:
    """The study as YAML that `tegenkracht run` loads, with the account as comments.

    Raises
    ------
    InputError
        When the study does not hold; then no file is worth writing.
    """
    load_spec({**translation.study, **outside_a_study()})
    head = [
        "# @package _global_",
        *_comment(
            f"Brought from triage's {one_line(source)}. Fill in `purpose` and `review` before anybody reads a card."
        ),
        *_comment(
            "Run it: copy this file to conf/experiment/ where you work, then: "
            f"tegenkracht run experiment={translation.study['name']}"
        ),
        "",
    ]
    parts = [line for key, value in translation.study.items() for line in _part(key, value, translation.notes)]
    return "\n".join([*head, *parts, *_left(translation.notes)]) + "\n"


def outside_a_study() -> dict[str, Any]:
    """What `conf/main.yaml` adds to every study, without tracking."""
    content = yaml.safe_load((conf_folder() / "main.yaml").read_text(encoding="utf-8"))
    added = {key: value for key, value in content.items() if key not in ("defaults", "hydra")}
    return {**added, "tracking": {"kind": "off", "uri": None}}


def account(notes: Iterable[Note]) -> str:
    """The account as a table for a terminal: key, what became of it, and why."""
    lines = []
    for note in notes:
        became = f" -> {note.became}" if note.became else ""
        lines.append(f"{note.key or '(not in the file)'}: {note.fate}{became}")
        lines += textwrap.wrap(note.why, 110, initial_indent="    ", subsequent_indent="    ")
    return "\n".join(lines)


class _WrittenOut(yaml.SafeDumper):
    """Repeats a text where it stands twice, so that each can be filled in by itself."""

    def ignore_aliases(self, data: Any) -> bool:
        """Never write an alias."""
        return True


def _part(key: str, value: Any, notes: Sequence[Note]) -> Iterator[str]:
    for note in notes:
        if note.became.split(".")[0] == key:
            yield from _comment(_sentence(note))
    yield yaml.dump({key: value}, Dumper=_WrittenOut, sort_keys=False, allow_unicode=True, width=140).rstrip()


def _left(notes: Sequence[Note]) -> Iterator[str]:
    left = [note for note in notes if not note.became]
    if left:
        yield ""
        yield "# Keys of triage without a place here:"
        for note in left:
            yield from _comment(_sentence(note))


def _sentence(note: Note) -> str:
    return f"{note.key}: {note.fate}. {note.why}" if note.key else f"({note.fate}) {note.why}"


def _comment(text: str) -> list[str]:
    return textwrap.wrap(one_line(text, longest=1000), 138, initial_indent="# ", subsequent_indent="#   ")
