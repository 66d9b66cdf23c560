"""Progress on a terminal: a live line where there is one, a plain line per stage where there is not."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tegenkracht.core.progress import Progress


@contextmanager
def shown() -> Iterator[Progress]:
    """A `Progress` that writes to standard error."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.status import Status

        with Status("…", console=Console(stderr=True)) as status:
            yield lambda what, done, of: status.update(f"{what} ({done} of {of})" if of else what)
    else:
        yield _plain_lines()


def _plain_lines() -> Progress:
    """At most one line a second, and always the first line of a stage."""
    start = time.monotonic()
    last_stage, last_at = "", 0.0

    def tell(what: str, done: int, of: int) -> None:
        nonlocal last_stage, last_at
        now, stage = time.monotonic() - start, what.split(" ")[0]
        if stage != last_stage or now - last_at >= 1:
            print(f"{now:6.1f} s  {what}" + (f" ({done} of {of})" if of else ""), file=sys.stderr, flush=True)
            last_stage, last_at = stage, now

    return tell
