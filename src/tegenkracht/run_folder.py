"""The folder of one run: written aside, renamed when whole, gone when something fails."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tegenkracht.core.errors import InputError, wrong

CACHE = ".cache"
"""Name of the folder of kept panels and fits, below the outputs folder."""


@contextmanager
def whole_or_nothing(output: Path, *parts: str) -> Iterator[Path]:
    """A folder to write into that appears as `output/parts…` only when the block ends well.

    Parameters
    ----------
    output
        The user's outputs folder; folders that had to be made for it are removed again when the block fails.
    parts
        Names below it: the study and the run.

    What earlier runs left in the cache stays, unless the outputs folder is new or the disk is full: then the cache is the first to go.

    Raises
    ------
    InputError
        When the folder cannot be written, the disk is full, or a run of the same study began in the same second.
    """
    final = output.joinpath(*parts)
    aside = final.with_name(f".{final.name}.part")
    made = [folder for folder in (final.parent, *final.parent.parents) if not folder.exists()]
    if final.exists() or aside.exists():
        raise wrong(
            str(final), "a run of this study that began in the same second has this name.", "Start this one again."
        )
    begun = False
    try:
        aside.mkdir(parents=True)
        begun = True
        yield aside
        aside.rename(final)
    except BaseException as error:
        if begun:
            shutil.rmtree(aside, ignore_errors=True)
        if output in made or _is_full(error):
            shutil.rmtree(output / CACHE, ignore_errors=True)
        for folder in made:
            _remove_if_empty(folder)
        if isinstance(error, OSError):
            raise _explained(error, output) from None
        raise


def _is_full(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno == errno.ENOSPC


def _explained(error: OSError, output: Path) -> InputError:
    if _is_full(error):
        return wrong(
            str(output),
            "the disk is full.",
            "Make room, or write elsewhere with output=<folder>. Nothing of this run was kept.",
        )
    reason = error.strerror or str(error)
    return wrong(
        str(output),
        f"this folder cannot be written ({reason}).",
        "Give yourself the right to write there, or choose another with output=<folder>.",
    )


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return
