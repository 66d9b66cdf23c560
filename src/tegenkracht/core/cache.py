"""Results that need not be made again: kept by identity, checked when read, safe under two processes and a kill at any moment.

An entry is a folder `<kind>/<identity>` with files and `entry.json`, which holds the digest of each. It is written aside and renamed, so it is
whole or not there; when two processes make the same entry, the first stays. An entry that does not match its digests is thrown away and made again.
"""

from __future__ import annotations

import json
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from tegenkracht.core.identity import digest_of_file
from tegenkracht.core.progress import Progress

Kind = Literal["panels", "splits", "models"]
KINDS: tuple[Kind, ...] = ("panels", "splits", "models")
_ENTRY = "entry.json"
_ASIDE = ".part-"
_ABANDONED = 3600.0  # seconds after which a folder that was written aside belongs to nobody

T = TypeVar("T")


@dataclass(frozen=True)
class Cache:
    """A folder of entries; `folder` None keeps and recalls nothing.

    `notice` is told when an entry had to be thrown away.
    """

    folder: Path | None
    notice: Progress

    def recall(self, kind: Kind, identity: str, read: Callable[[Path], T]) -> T | None:
        """What was kept under this identity, or None; a corrupt entry is removed with a notice."""
        if self.folder is None:
            return None
        entry = self.folder / kind / identity
        if not (entry / _ENTRY).is_file():
            return None
        try:
            if not _is_whole(entry):
                raise ValueError("digests differ")
            found = read(entry)
            os.utime(entry)
        except Exception:
            self.notice(f"cache: {kind} {identity[:12]} was damaged and is made again", 0, 0)
            _remove(entry)
            return None
        return found

    def keep(self, kind: Kind, identity: str, write: Callable[[Path], None]) -> None:
        """Write an entry, unless it is there; a full or read-only disk is told and costs nothing else."""
        if self.folder is None or (self.folder / kind / identity).exists():
            return
        aside = self.folder / f"{_ASIDE}{uuid.uuid4().hex}"
        try:
            aside.mkdir(parents=True)
            write(aside)
            digests = {name: digest_of_file(aside / name) for name in _files(aside)}
            (aside / _ENTRY).write_text(json.dumps(digests, indent=1), encoding="utf-8")
            (self.folder / kind).mkdir(exist_ok=True)
            aside.rename(self.folder / kind / identity)
        except OSError as error:
            if not (self.folder / kind / identity).exists():
                self.notice(f"cache: not kept ({error.strerror})", 0, 0)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


@dataclass(frozen=True)
class Pruned:
    """What pruning removed and what stays: entries and bytes."""

    removed: int
    freed: int
    kept: int
    left: int

    def __str__(self) -> str:
        return f"removed {self.removed:,} entries ({self.freed / 1e6:,.1f} MB); {self.kept:,} stay ({self.left / 1e6:,.1f} MB)"


def prune(folder: Path, *, unused_for: float) -> Pruned:
    """Remove entries that were not used for so many seconds, damaged ones, and what an interrupted process left aside."""
    removed = freed = kept = left = 0
    for entry in _entries(folder):
        size, is_old = _size(entry), _is_old(entry, unused_for)
        if is_old or not _is_whole(entry):
            _remove(entry)
            removed, freed = removed + 1, freed + size
        else:
            kept, left = kept + 1, left + size
    for aside in folder.glob(f"{_ASIDE}*"):
        if _is_old(aside, _ABANDONED):
            shutil.rmtree(aside, ignore_errors=True)
    return Pruned(removed, freed, kept, left)


def _size(entry: Path) -> int:
    """Bytes of an entry; 0 when another process removed it meanwhile."""
    try:
        return sum((entry / name).stat().st_size for name in _files(entry))
    except OSError:
        return 0


def _entries(folder: Path) -> Iterator[Path]:
    for kind in KINDS:
        if (folder / kind).is_dir():
            yield from sorted(path for path in (folder / kind).iterdir() if path.is_dir())


def _is_old(path: Path, seconds: float) -> bool:
    """Whether a folder was not touched for so long; one that is gone is not old."""
    try:
        return time.time() - path.stat().st_mtime >= seconds
    except OSError:
        return False


def _is_whole(entry: Path) -> bool:
    """Whether exactly the files of the entry are there, each with its digest."""
    try:
        digests = json.loads((entry / _ENTRY).read_text(encoding="utf-8"))
        return set(digests) == set(_files(entry)) and all(digest_of_file(entry / n) == d for n, d in digests.items())
    except (OSError, ValueError, TypeError):
        return False


def _files(entry: Path) -> list[str]:
    return sorted(p.relative_to(entry).as_posix() for p in entry.rglob("*") if p.is_file() and p.name != _ENTRY)


def _remove(entry: Path) -> None:
    """Rename first, so that nobody reads an entry that is half gone."""
    gone = entry.parent.parent / f"{_ASIDE}{uuid.uuid4().hex}"
    try:
        entry.rename(gone)
    except OSError:
        return
    shutil.rmtree(gone, ignore_errors=True)
