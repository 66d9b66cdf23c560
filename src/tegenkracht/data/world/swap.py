"""Several folders put in place together, or none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def put_in_place(new: Mapping[Path, Path], aside: Path) -> None:
    """Rename each new folder (value) to its target (key); when one fails, all targets are as they were.

    What stood in a target goes to `aside`, whose owner removes it.
    """
    undo: list[tuple[Path, Path]] = []
    try:
        for place, (target, folder) in enumerate(new.items()):
            if target.exists():
                target.rename(aside / f"old-{place}")
                undo.append((aside / f"old-{place}", target))
            folder.rename(target)
            undo.append((target, folder))
    except BaseException:  # also when the user stops it: half a replacement is worse than none
        for here, back in reversed(undo):
            here.rename(back)
        raise
