"""YAML from elsewhere is read as plain data, or refused with the line where it goes wrong."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from tegenkracht.core.errors import InputError
from tegenkracht.triage.tagged_yaml import read_tagged

METADATA = """\
as_of_times: !!python/object/new:triage.util.structs.AsOfTimeList
  listitems:
  - 2015-06-01 00:00:00
  - 2015-12-01 00:00:00
feature_names: !!python/object/new:triage.util.structs.FeatureNameList
  listitems:
  - inspections_entity_id_all_total_count
indices: !!python/tuple [entity_id, as_of_date]
label_name: failed
"""


def _read(path):
    return read_tagged(path, where="m.yaml", most_bytes=1_000_000)


def test_the_lists_of_triage_become_lists(written):
    """The two list classes and tuples hold what they hold, and nothing is built."""
    content = _read(written(METADATA)).content
    assert content["as_of_times"] == [datetime(2015, 6, 1), datetime(2015, 12, 1)]
    assert content["feature_names"] == ["inspections_entity_id_all_total_count"]
    assert content["indices"] == ["entity_id", "as_of_date"]


def test_a_value_is_found_again_by_its_line(written):
    """Keys and items carry their lines into messages."""
    assert _read(written("a: 1\nb:\n  - x\n  - y\n")).place_of(("b", 1)) == "m.yaml, line 4, b.1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a: 1\nb: !!python/object/apply:os.system ['touch /tmp/x']\n",
            "m.yaml, line 2: the tag `!!python/object/apply:os.system`",
        ),
        ("a:\n  c: !!python/name:os.system\n", "m.yaml, line 2: the tag `!!python/name:os.system`"),
        (
            "a: !!python/object/new:builtins.eval\n  listitems: [1]\n",
            "line 1: the tag `!!python/object/new:builtins.eval`",
        ),
        ("a: !!binary aGk=\n", "the tag `!!binary` asks for an object to be built"),
        ("!!python/object/apply:os.system\na: 1\n", "line 1: the tag"),
        ("a: !mine 1\n", "the tag `!mine`"),
        (
            "a: !!python/object/new:triage.util.structs.AsOfTimeList\n  args: [1]\n",
            "line 1: `!!python/object/new:triage.util.structs.AsOfTimeList` is no list here",
        ),
        (
            "a: !!python/object/new:triage.util.structs.AsOfTimeList\n  listitems: [1]\n  state: {x: 1}\n",
            "is no list here",
        ),
        (
            "a: !!python/object/new:triage.util.structs.AsOfTimeList\n  listitems: !!python/object/apply:os.getcwd []\n",
            "line 2: the tag",
        ),
        ("a: 1\na: 2\n", "m.yaml, line 2, a: this key stands here twice."),
        ("a: [1\n", "this is not YAML"),
        ("- a\n", "does not hold `key: value` lines"),
        ("a: 2015-13-45\n", "a value cannot be read"),
        ("? [a, b]\n: 1\n", "a key is a list or a mapping"),
        ("a: " + "[" * 70 + "]" * 70 + "\n", "nested more than 60 levels deep"),
        ("a: " + "[" * 3000 + "]" * 3000 + "\n", "nested more than 60 levels deep"),
        ("a: &a [*a]\n", "in a circle"),
        ("a: \x00\n", "this is not YAML"),
    ],
)
def test_hostile_yaml_is_refused(written, text, message):
    """Nothing is built, nothing is run; the message names the line."""
    with pytest.raises(InputError, match=re.escape(message)):
        _read(written(text))


def test_a_small_file_that_stands_for_a_huge_one_is_refused(written):
    """Ten levels of ten aliases are ten thousand million values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    with pytest.raises(InputError, match=r"aliases .* repeat too much"):
        _read(written("\n".join(lines) + "\n"))


def test_a_large_file_is_not_read(written):
    """The size is looked at before the content."""
    path = written("a: " + "x" * 100)
    with pytest.raises(InputError, match="the file has 103 bytes; at most 50 are read"):
        read_tagged(path, where="m.yaml", most_bytes=50)
