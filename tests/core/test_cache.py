"""What is kept of earlier runs: whole or not there, checked when read, and never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tegenkracht.core.cache import Cache, prune
from tegenkracht.core.progress import silent


def write(folder: Path, text: str = "one") -> None:
    """Two files, one of them in a folder."""
    (folder / "a.txt").write_text(text)
    (folder / "deep").mkdir()
    (folder / "deep" / "b.txt").write_text(text)


def read(folder: Path) -> str:
    """Both files."""
    return (folder / "a.txt").read_text() + (folder / "deep" / "b.txt").read_text()


@pytest.fixture
def cache(tmp_path) -> Cache:
    """A cache whose notices are kept in `told`."""
    return Cache(tmp_path / "cache", notice=silent)


def test_what_is_kept_is_recalled_by_identity_only(cache) -> None:
    """Another identity, another kind and no cache at all recall nothing."""
    cache.keep("panels", "x", write)
    assert cache.recall("panels", "x", read) == "oneone"
    assert cache.recall("panels", "y", read) is None
    assert cache.recall("models", "x", read) is None
    assert Cache(None, notice=silent).recall("panels", "x", read) is None


def test_the_first_of_two_that_make_the_same_stays(cache) -> None:
    """The second writes aside, finds the entry there and leaves nothing behind."""
    cache.keep("panels", "x", write)
    cache.keep("panels", "x", lambda folder: write(folder, "two"))
    assert cache.recall("panels", "x", read) == "oneone"
    assert {path.name for path in cache.folder.iterdir()} == {"panels"}


@pytest.mark.parametrize("harm", ["changed", "missing", "more", "no digests"])
def test_a_damaged_entry_is_told_thrown_away_and_made_again(tmp_path, harm: str) -> None:
    """One changed byte, a missing file, a file too many, or an unreadable list of digests."""
    told: list[str] = []
    cache = Cache(tmp_path, notice=lambda what, done, of: told.append(what))
    cache.keep("panels", "abc", write)
    entry = tmp_path / "panels" / "abc"
    {
        "changed": lambda: (entry / "a.txt").write_text("onf"),
        "missing": lambda: (entry / "deep" / "b.txt").unlink(),
        "more": lambda: (entry / "c.txt").write_text("?"),
        "no digests": lambda: (entry / "entry.json").write_text("{"),
    }[harm]()
    assert cache.recall("panels", "abc", read) is None
    assert told == ["cache: panels abc was damaged and is made again"]
    assert not entry.exists()
    cache.keep("panels", "abc", write)
    assert cache.recall("panels", "abc", read) == "oneone"


def test_a_full_disk_costs_a_notice_and_nothing_else(tmp_path) -> None:
    """The study goes on; what was written aside is gone."""
    told: list[str] = []

    def full(folder: Path) -> None:
        (folder / "a.txt").write_text("half")
        raise OSError(28, "No space left on device")

    cache = Cache(tmp_path, notice=lambda what, done, of: told.append(what))
    cache.keep("panels", "x", full)
    assert told == ["cache: not kept (No space left on device)"]
    assert list(tmp_path.iterdir()) == []


KEEP_SLOWLY = """
import sys, time
from pathlib import Path
from tegenkracht.core.cache import Cache
from tegenkracht.core.progress import silent

def slow(folder):
    (folder / "a.txt").write_text("half")
    time.sleep(3_600)

Cache(Path(sys.argv[1]), notice=silent).keep("panels", "x", slow)
"""
KEEP_AND_RECALL = """
import sys
from pathlib import Path
from tegenkracht.core.cache import Cache
from tegenkracht.core.progress import silent

cache = Cache(Path(sys.argv[1]), notice=silent)
for i in range(60):
    cache.keep("panels", f"{i}", lambda folder: (folder / "a.txt").write_text("one"))
    assert cache.recall("panels", f"{i}", lambda folder: (folder / "a.txt").read_text()) in (None, "one")
"""


def started(script: str, folder: Path) -> subprocess.Popen[bytes]:
    """A process of its own that works in this folder."""
    return subprocess.Popen([sys.executable, "-c", script, str(folder)])


def test_a_process_that_is_killed_leaves_no_entry_and_its_rest_is_pruned(tmp_path, monkeypatch) -> None:
    """SIGKILL in the middle of writing: the entry is not there; pruning removes what lies aside once it is old."""
    process = started(KEEP_SLOWLY, tmp_path)
    while not list(tmp_path.glob(".part-*/a.txt")):
        assert process.poll() is None, "it ended before it wrote anything"
        time.sleep(0.05)
    process.kill()
    process.wait()
    cache = Cache(tmp_path, notice=silent)
    assert cache.recall("panels", "x", read) is None
    cache.keep("panels", "x", write)
    assert cache.recall("panels", "x", read) == "oneone"
    monkeypatch.setattr("tegenkracht.core.cache._ABANDONED", 0.0)
    prune(tmp_path, unused_for=3600)
    assert {path.name for path in tmp_path.iterdir()} == {"panels"}


def test_two_processes_may_keep_recall_and_prune_at_once(tmp_path) -> None:
    """Whatever is recalled is whole; nobody fails."""
    processes = [started(KEEP_AND_RECALL, tmp_path) for _ in range(2)]
    while any(process.poll() is None for process in processes):
        prune(tmp_path, unused_for=0)
    assert [process.returncode for process in processes] == [0, 0]


def test_pruning_removes_what_was_not_used_for_long(cache) -> None:
    """Recalling an entry makes it young again."""
    for name in ("old", "used"):
        cache.keep("panels", name, write)
        os.utime(cache.folder / "panels" / name, (0, 0))
    cache.recall("panels", "used", read)
    pruned = prune(cache.folder, unused_for=3600)
    assert (pruned.removed, pruned.kept) == (1, 1)
    assert str(pruned).startswith("removed 1 entries (0.0 MB); 1 stay")
