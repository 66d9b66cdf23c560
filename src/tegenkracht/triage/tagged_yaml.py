"""YAML as triage writes it, read without building anything but plain data.

triage dumps the metadata of a matrix with Python's own tags (`!!python/object/new:…`), which only an unsafe loader turns into objects. Here the
two list classes that it uses become lists; every other tag is refused with the line where it stands, before anything is constructed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tegenkracht.core.errors import InputError, Problem, wrong
from tegenkracht.data.record_file import Key, MarkedYaml, text_of

_STANDARD, _PYTHON = "tag:yaml.org,2002:", "tag:yaml.org,2002:python/"
_PLAIN = frozenset(
    _STANDARD + name for name in ("str", "int", "float", "bool", "null", "timestamp", "seq", "map", "merge")
)
LISTS = frozenset(
    _PYTHON + name
    for name in (
        "tuple",
        "object/new:triage.util.structs.AsOfTimeList",
        "object/new:triage.util.structs.FeatureNameList",
    )
)
"""Tags that are lists: as a sequence, or as a mapping with `listitems` alone."""
DEEPEST = 60
MOST_NODES = 500_000
"""Nodes after every alias has been written out: a small file can stand for a very large one."""


def read_tagged(path: Path, *, where: str, most_bytes: int) -> MarkedYaml:
    """The content of a YAML file whose root is a mapping, as plain data, with the line of every key.

    Raises
    ------
    InputError
        When it is not there, too large, not UTF-8, not YAML, nested too deeply, has a key twice, or holds a tag that is not on the list.
    """
    text = _text(path, where, most_bytes)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise wrong(where + line, f"this is not YAML: {error.problem}.", "Correct the line.") from None
    except (yaml.YAMLError, ValueError) as error:
        raise wrong(where, f"this is not YAML: {str(error).splitlines()[0]}.", "Correct the file.") from None
    except RecursionError:
        raise _too_deep(where) from None
    if not isinstance(node, yaml.MappingNode):
        raise wrong(where, "the file does not hold `key: value` lines.", "Give the file that triage wrote or read.")
    _require_size(node, where)
    if problems := [*_refused(node, where)]:
        raise InputError(problems)
    return MarkedYaml(where, _constructed(node, where), dict(_lines(node, ())) | {(): 1})


def _text(path: Path, where: str, most_bytes: int) -> str:
    if path.is_file() and (size := path.stat().st_size) > most_bytes:
        what = f"the file has {size:,} bytes; at most {most_bytes:,} are read."
        raise wrong(where, what, "Give the file that triage wrote, or shorten it.")
    return text_of(path, where)


def _require_size(root: yaml.Node, where: str) -> None:
    """Refuse what is nested too deeply or circular, or too large once its aliases are written out."""
    sizes: dict[int, int] = {}

    def size(node: yaml.Node, depth: int) -> int:
        if depth > DEEPEST:
            raise _too_deep(where)
        if id(node) not in sizes:
            sizes[id(node)] = 1 + sum(size(child, depth + 1) for child in _children(node))
        return sizes[id(node)]

    if size(root, 0) > MOST_NODES:
        raise wrong(
            where,
            f"written out, the file has more than {MOST_NODES:,} values: aliases (`*name`) repeat too much.",
            "Write it without aliases.",
        )


def _too_deep(where: str) -> InputError:
    return wrong(where, f"the file is nested more than {DEEPEST} levels deep, or in a circle.", "Give a flatter file.")


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        yield from node.value
    elif isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield name
            yield value


def _unique(root: yaml.Node) -> Iterator[yaml.Node]:
    """Every node once, in the order of the file."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            waiting += reversed([*_children(node)])


def _refused(root: yaml.Node, where: str) -> Iterator[Problem]:
    """Tags that are not on the list, lists that hold more than their items, and keys that stand twice."""
    for node in _unique(root):
        place = f"{where}, line {node.start_mark.line + 1}"
        if node.tag in LISTS and not isinstance(_items(node), yaml.SequenceNode):
            yield Problem(place, f"`{_short(node.tag)}` is no list here.", "Give the file as triage wrote it.")
        elif node.tag not in _PLAIN | LISTS:
            what = f"the tag `{_short(node.tag)}` asks for an object to be built, and none is built here."
            yield Problem(place, what, "Remove the tag, or give the file as triage wrote it.")
        elif isinstance(node, yaml.MappingNode):
            yield from _faulty_keys(node, where)


def _faulty_keys(node: yaml.MappingNode, where: str) -> Iterator[Problem]:
    names: list[str] = []
    for name, _ in node.value:
        place = f"{where}, line {name.start_mark.line + 1}"
        if not isinstance(name, yaml.ScalarNode):
            yield Problem(place, "a key is a list or a mapping.", "Write a word.")
        elif name.value in names and name.tag != _STANDARD + "merge":
            yield Problem(f"{place}, {name.value[:60]}", "this key stands here twice.", "Remove one.")
        else:
            names.append(name.value)


def _short(tag: str) -> str:
    return "!!" + tag.removeprefix(_STANDARD)[:80] if tag.startswith(_STANDARD) else tag[:80]


def _items(node: yaml.Node) -> yaml.Node | None:
    """The sequence inside a list object, as Python's dumper writes it."""
    if isinstance(node, yaml.SequenceNode):
        return node
    if isinstance(node, yaml.MappingNode) and len(node.value) == 1:
        name, value = node.value[0]
        is_plain = isinstance(value, yaml.SequenceNode) and value.tag == _STANDARD + "seq"
        return value if isinstance(name, yaml.ScalarNode) and name.value == "listitems" and is_plain else None
    return None


class _ListLoader(yaml.SafeLoader):
    """The safe loader, and the listed tags as lists."""


def _as_list(loader: yaml.SafeLoader, node: yaml.Node) -> list[Any]:
    items = _items(node)
    assert isinstance(items, yaml.SequenceNode)  # noqa: S101 - checked by _refused
    return loader.construct_sequence(items, deep=True)


for _tag in LISTS:
    _ListLoader.add_constructor(_tag, _as_list)


def _constructed(node: yaml.MappingNode, where: str) -> dict[str, Any]:
    loader = _ListLoader("")
    try:
        content = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise wrong(where + line, f"this is not YAML: {error.problem}.", "Correct the line.") from None
    except (ValueError, OverflowError) as error:
        raise wrong(where, f"a value cannot be read: {error}.", "Correct the value.") from None
    finally:
        loader.dispose()
    return {str(key): value for key, value in content.items()}


def _lines(node: yaml.Node, key: Key) -> Iterator[tuple[Key, int]]:
    """The line of every key; a part that is reached by several aliases has several."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield (*key, name.value), name.start_mark.line + 1
            yield from _lines(value, (*key, name.value))
    elif isinstance(node, yaml.SequenceNode):
        for place, item in enumerate(node.value):
            yield (*key, place), item.start_mark.line + 1
            yield from _lines(item, (*key, place))
