"""A folder beside the one that is wanted, to write in: what is there is put in place whole, or not at all."""

from __future__ import annotations

import fcntl
import glob
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

_LOCK = "being-written"


@contextmanager
def aside_of(target: Path) -> Iterator[Path]:
    """A folder beside `target`, gone at the end whatever happens; its parent is made.

    A process that is killed outright cannot tidy up. So the folder is locked while somebody writes in it, and what an earlier one
    without a writer left is tidied first: old folders that were on their way out are put back when the new ones were not all in place.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    _tidy(target)
    aside = target.parent / f".{target.name}.{secrets.token_hex(8)}"
    try:  # the name is known before the folder is there: whoever is stopped right after it was made still removes it
        aside.mkdir(mode=0o700)
        with (aside / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            (aside / "new").mkdir()
            (aside / "old").mkdir()
            yield aside
    finally:
        with suppress(FileNotFoundError):
            shutil.rmtree(aside)


def put_in_place(aside: Path, targets: Sequence[Path]) -> None:
    """Rename `new/<name>` to each target beside `aside`; what stood there goes to `old/<name>`. When one fails, all are as they were."""
    undo: list[tuple[Path, Path]] = []
    try:
        for target in targets:
            new, old = aside / "new" / target.name, aside / "old" / target.name
            if target.exists():
                target.rename(old)
                undo.append((old, target))
            new.rename(target)
            undo.append((target, new))
    except BaseException:  # also when the user stops it: half a replacement is worse than none
        for here, back in reversed(undo):
            here.rename(back)
        raise


def _tidy(target: Path) -> None:
    """Remove what killed writers of a target left beside it; a folder in which somebody still writes stays."""
    for left in sorted(target.parent.glob(f".{glob.escape(target.name)}.*/{_LOCK}")):
        with suppress(FileNotFoundError, BlockingIOError), left.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _put_back(left.parent)
            shutil.rmtree(left.parent)


def _put_back(aside: Path) -> None:
    """Old folders to where they stood, when not every new one got there."""
    if not any((aside / "new").iterdir()):
        return
    for old in sorted((aside / "old").iterdir()):
        place = aside.parent / old.name
        if place.exists():
            place.rename(aside / f"half-{old.name}")
        old.rename(place)
