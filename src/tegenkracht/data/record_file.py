"""A frozen record read from a YAML file, or every problem in that file with the line where it stands."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from tegenkracht.core.errors import InputError, Problem, wrong
from tegenkracht.core.safe_yaml import SafeLoader

Key = tuple[str | int, ...]
RecordT = TypeVar("RecordT", bound=BaseModel)


class _Loader(SafeLoader):
    """YAML's safe loader, in which `no`, `on` and `y` are words and not truth values."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for letter, resolvers in SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


@dataclass(frozen=True)
class MarkedYaml:
    """The content of a YAML file, and on which line each key stands.

    Parameters
    ----------
    where
        The file, as the user knows it.
    content
        Plain data.
    lines
        Line (from 1) by path of keys.
    """

    where: str
    content: Any
    lines: Mapping[Key, int]

    def place_of(self, key: Key) -> str:
        """File, line and dotted key, as a person would look it up."""
        known = next(key[:end] for end in range(len(key), -1, -1) if key[:end] in self.lines)
        dotted = ".".join(str(part) for part in key)
        return f"{self.where}, line {self.lines[known]}" + (f", {dotted}" if dotted else "")

    def without(self, name: str) -> MarkedYaml:
        """The same file without one of its keys."""
        return MarkedYaml(self.where, {key: value for key, value in self.content.items() if key != name}, self.lines)


def text_of(path: Path, where: str) -> str:
    """The text of a file.

    Raises
    ------
    InputError
        When it cannot be read, or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise wrong(
            where, f"the file cannot be read ({error.strerror}).", "Put it there, or correct the path."
        ) from None
    except UnicodeDecodeError:
        raise wrong(where, "the file is not UTF-8 text.", "Save it as UTF-8.") from None


def read_marked(path: Path, *, where: str) -> MarkedYaml:
    """The content of a YAML file whose root is a mapping.

    Raises
    ------
    InputError
        When it is not there, not UTF-8, not YAML, or has the same key twice.
    """
    try:
        loader = _Loader(text_of(path, where))
        node = loader.get_single_node()
        lines: dict[Key, int] = {(): 1}
        twice = list(_walk(node, (), lines, set())) if node is not None else []
        content = loader.construct_document(node) if node is not None else {}
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(error, where) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise wrong(where, f"this is not YAML: {error}.", "Correct the file.") from None
    if twice:
        raise InputError(
            Problem(f"{where}, line {line}, {key}", "this key stands here twice.", "Remove one.") for key, line in twice
        )
    if not isinstance(content, dict):
        raise wrong(
            where, "the file does not hold `key: value` lines.", "Write it as in the example in data/README.md."
        )
    return MarkedYaml(where, content, lines)


def validated(marked: MarkedYaml, model: type[RecordT]) -> RecordT:
    """The file's content as a frozen record; InputError with every problem, each with its line."""
    try:
        return model.model_validate(marked.content)
    except ValidationError as error:
        raise InputError(_as_problem(detail, marked, model) for detail in error.errors()) from None


def complaint(what: str, way_out: str) -> PydanticCustomError:
    """An error that a validator of a record raises: what is wrong, and the way out."""
    return PydanticCustomError("complaint", "{what}", {"what": what, "way_out": way_out})


def _walk(node: yaml.Node, key: Key, lines: dict[Key, int], seen: set[int]) -> Iterator[tuple[str, int]]:
    """Note the line of every key; yields the keys that stand twice in one mapping."""
    if id(node) in seen:  # an alias: visited before
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for place, item in enumerate(node.value):
            lines[(*key, place)] = item.start_mark.line + 1
            yield from _walk(item, (*key, place), lines, seen)
    elif isinstance(node, yaml.MappingNode):
        names = [str(name.value) for name, _ in node.value]
        for place, (name, value) in enumerate(node.value):
            inner = (*key, names[place])
            if names[place] in names[:place]:
                yield ".".join(map(str, inner)), name.start_mark.line + 1
            lines[inner] = name.start_mark.line + 1
            yield from _walk(value, inner, lines, seen)


def _not_yaml(error: yaml.MarkedYAMLError, where: str) -> InputError:
    line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
    hint = "Correct the line; a value that starts with - or contains `: ` stands between quotes."
    return wrong(f"{where}{line}", f"this is not YAML: {error.problem}.", hint)


def _as_problem(detail: ErrorDetails, marked: MarkedYaml, model: type[BaseModel]) -> Problem:
    """One of pydantic's errors in our own words."""
    key = tuple(part for part in detail["loc"] if part != "[key]")
    where, kind = marked.place_of(key), detail["type"]
    if kind == "complaint":
        return Problem(where, detail["ctx"]["what"], detail["ctx"]["way_out"])
    if kind == "extra_forbidden":
        return Problem(where, "this key is not known.", _suggest(str(key[-1]), _fields_at(model, key[:-1])))
    if kind == "missing":
        return Problem(where, "this key is missing.", "Fill it in.")
    shown = str(detail["input"])[:60]
    if kind == "literal_error":
        return Problem(where, f"`{shown}` is not known here.", f"Choose {detail['ctx']['expected']}.")
    return Problem(where, f"{detail['msg'].rstrip('.')} (found `{shown}`).", "Correct the value.")


def _fields_at(model: type[BaseModel], key: Key) -> list[str]:
    """Names of the fields that a place in the record has."""
    place: Any = model
    for part in key:
        fields = getattr(place, "model_fields", None)
        if fields is not None:
            place = fields[part].annotation if part in fields else None
        inner = [option for option in get_args(place) if isinstance(option, type) and issubclass(option, BaseModel)]
        place = inner[0] if inner and not hasattr(place, "model_fields") and fields is None else place
    return list(getattr(place, "model_fields", {}))


def _suggest(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean `{close[0]}`?" if close else "Remove it."
