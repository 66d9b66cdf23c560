"""Many small worlds, a few at a time: each in a process of its own, with a progress bar."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TypeVar

from rich.console import Console
from rich.progress import track

Result = TypeVar("Result")


def worlds_parser(description: str | None, *, names: Sequence[str]) -> argparse.ArgumentParser:
    """Which worlds of which names, and how many at a time."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=500)
    parser.add_argument("--first", type=int, default=1, help="number of the first world")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--names", nargs="+", default=list(names), choices=list(names))
    return parser


def seen_per_name(
    look: Callable[..., Result], options: argparse.Namespace, **how: object
) -> Iterator[tuple[str, list[Result]]]:
    """Per name what `look` (name, number of the world) sees in each world, in the order of their numbers."""
    console = Console(stderr=True)
    numbers = range(options.first, options.first + options.worlds)
    with ProcessPoolExecutor(options.workers) as pool:
        for name in options.names:
            worlds = pool.map(partial(look, name, **how), numbers)
            yield name, list(track(worlds, description=name, total=options.worlds, console=console))


def print_per_name(
    head: str,
    look: Callable[..., Result],
    summary: Callable[[str, Sequence[Result]], Iterator[str]],
    options: argparse.Namespace,
    **how: object,
) -> None:
    """A table as Markdown: its head, and per name, as soon as all its worlds are seen, the lines that `summary` makes of them."""
    print(head, flush=True)
    for name, seen in seen_per_name(look, options, **how):
        print("\n".join(summary(name, seen)), flush=True)
