"""The command line: `tegenkracht run`, `tegenkracht data …`, `tegenkracht card`, `tegenkracht doctor`.

Only the standard library is imported up here, so that `--help` answers at once; each command imports what it needs.
Exit codes: 0 done, 1 not passed, 2 wrong input.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

_EXAMPLES = {
    "": "tegenkracht run experiment=shopping_strip",
    "run": "tegenkracht run experiment=shopping_strip review.capacity=50 seed=7\n"
    "  tegenkracht run -m experiment=shopping_strip seed=1,2,3",
    "freeze": "tegenkracht freeze experiment=shopping_strip",
    "data": "tegenkracht data check data/own",
    "check": "tegenkracht data check data/own --json",
    "make": "tegenkracht data make world=selected scale=0.05 seed=1 --to data/world",
    "import": "tegenkracht data import chicago-food food-inspections-evaluation --to data/chicago_food\n"
    "  tegenkracht data import triage my-triage-project --to data/inspections",
    "cache": "tegenkracht data cache --prune --days 7",
    "rates": "tegenkracht data rates data/world --by sector",
    "map": "tegenkracht data map data/world --to world.html",
    "card": "tegenkracht card outputs/shopping_strip/20260101-120000-0a1b2c3d --lang en",
    "doctor": "tegenkracht doctor",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; a user's mistake is told in words, never as a stack trace."""
    options = _parser().parse_args(arguments)
    if not hasattr(options, "command"):
        _parser().print_help()
        return 2
    from tegenkracht.core.errors import TegenkrachtError

    with _tidy_when_ended():
        try:
            return int(options.command(options))
        except TegenkrachtError as error:
            print(_safe(str(error)), file=sys.stderr)
            return error.exit_code
        except KeyboardInterrupt as stopped:
            print("Stopped. Nothing half-written is left behind.", file=sys.stderr)
            return 128 + (stopped.args[0] if stopped.args else signal.SIGINT)


@contextmanager
def _tidy_when_ended() -> Iterator[None]:
    """A request to end (SIGTERM: a scheduler, a shutdown) is answered as Ctrl-C is; Python's own answer would leave half-written files."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt(number)

    if (
        threading.current_thread() is not threading.main_thread()
    ):  # only the main thread may say how a signal is answered
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _parser() -> argparse.ArgumentParser:
    parser = _command(None, "", "Honest risk indication for places and businesses: a research workbench.")
    commands = parser.add_subparsers(title="commands", metavar="")
    run = _command(commands, "run", "Run a study: read, fit, measure, explain, audit, track and write a card.")
    run.add_argument("overrides", nargs="*", metavar="key=value", help="experiment=<study> and any key of the study")
    run.add_argument(
        "-m", "--multirun", action="store_true", help="run once for each combination of comma-separated values"
    )
    run.add_argument("--no-cache", action="store_true", help="make everything again, and keep nothing for a next run")
    run.set_defaults(command=_run)
    freeze = _command(
        commands, "freeze", "Write down the success criteria of a study before its test period is opened."
    )
    freeze.add_argument("overrides", nargs="*", metavar="key=value", help="experiment=<study> and any key of the study")
    freeze.set_defaults(command=_freeze)
    _data_commands(_command(commands, "data", "Check, make or import a dataset; draw a map of it."))
    card = _command(commands, "card", "Write the card of a run again, from its card.json.")
    card.add_argument("run", type=Path, metavar="RUN", help="folder of a run, or its card.json")
    card.add_argument("--lang", choices=("nl", "en"), help="one language; both when left out")
    card.add_argument("--output", type=Path, metavar="FOLDER", help="where to write; the run's folder when left out")
    card.set_defaults(command=_card)
    doctor = _command(commands, "doctor", "Show versions, settings and what is missing on this machine.")
    doctor.set_defaults(command=_doctor)
    return parser


def _data_commands(data: argparse.ArgumentParser) -> None:
    commands = data.add_subparsers(title="commands", metavar="", required=True)
    check = _command(commands, "check", "Check a dataset against the contract; every failure at once.")
    check.add_argument("path", metavar="PATH", help="folder with dataset.yaml")
    check.add_argument("--json", action="store_true", help="print JSON")
    check.set_defaults(command=_check)
    rates = _command(commands, "rates", "What visits found per sector or region, alone and leaning on the others.")
    rates.add_argument("path", metavar="PATH", help="folder with dataset.yaml")
    rates.add_argument("--by", choices=("sector", "region"), default="sector", help="default sector")
    rates.add_argument("--prefix", type=int, metavar="N", help="a region is the first N characters of an area's code")
    rates.add_argument("--sector", metavar="NAME", help="only this sector; all when left out")
    rates.add_argument("--json", action="store_true", help="print JSON")
    rates.set_defaults(command=_rates)
    make = _command(commands, "make", "Make a dataset from a simulated world with known truth.")
    make.add_argument(
        "settings",
        nargs="+",
        metavar="key=value",
        help="world=<name> scale=<0..1] seed=<n> [sectors=a,b] [prevalence=low|base|high]",
    )
    make.add_argument("--to", type=Path, required=True, metavar="PATH")
    make.add_argument("--force", action="store_true", help="replace what stands in PATH")
    make.set_defaults(command=_make)
    imports = _command(commands, "import", "Bring a public dataset, or an experiment of triage, into contract form.")
    imports.add_argument("kind", choices=("chicago-food", "amsterdam-childcare", "triage"))
    imports.add_argument("source", type=Path, metavar="SOURCE")
    imports.add_argument("--to", type=Path, required=True, metavar="PATH")
    imports.add_argument("--force", action="store_true", help="replace what stands in PATH")
    of_triage = imports.add_argument_group("only for triage")
    kinds = ("place", "business", "area", "public_body")
    of_triage.add_argument("--unit", choices=kinds, default="business", help="what one entity is (default business)")
    of_triage.add_argument("--database", metavar="URL", help="read its results from PostgreSQL, read-only")
    imports.set_defaults(command=_import)
    cache = _command(commands, "cache", "Show or prune what is kept of earlier runs (panels, fits).")
    cache.add_argument("--prune", action="store_true", help="remove entries that were not used for --days days")
    cache.add_argument("--days", type=float, default=30.0, help="default 30; 0 removes everything")
    cache.add_argument("--output", type=Path, default=Path("outputs"), metavar="FOLDER", help="default outputs")
    cache.set_defaults(command=_cache)
    drawn = _command(commands, "map", "Draw a map of a dataset as one HTML file: places, inspections over time.")
    drawn.add_argument("path", type=Path, metavar="PATH", help="folder with dataset.yaml")
    drawn.add_argument("--to", type=Path, required=True, metavar="FILE.html")
    drawn.set_defaults(command=_map)


def _command(
    parent: argparse._SubParsersAction[argparse.ArgumentParser] | None, name: str, what: str
) -> argparse.ArgumentParser:
    epilog, layout = f"example:\n  {_EXAMPLES[name]}", argparse.RawDescriptionHelpFormatter
    if parent is None:
        return argparse.ArgumentParser(prog="tegenkracht", description=what, epilog=epilog, formatter_class=layout)
    return parent.add_parser(name, help=what, description=what, epilog=epilog, formatter_class=layout)


def _run(options: argparse.Namespace) -> int:
    overrides = [*options.overrides, *(["cache=false"] if options.no_cache else [])]
    if options.multirun:
        from tegenkracht.multirun import run_all

        return run_all(overrides)
    from datetime import datetime

    from tegenkracht.config import compose_spec
    from tegenkracht.progress import shown
    from tegenkracht.study import run_study

    spec = compose_spec(overrides)
    with shown() as progress:
        done = run_study(spec, started=datetime.now(), progress=progress)
    print(_safe(done.headline))
    return 0


def _freeze(options: argparse.Namespace) -> int:
    from datetime import datetime

    from tegenkracht.config import compose_spec
    from tegenkracht.study import freeze_criteria

    spec = compose_spec(options.overrides)
    frozen = freeze_criteria(spec, on=datetime.now())
    print(
        _safe(
            f"{spec.name}: {len(spec.success_criteria)} criteria, frozen on {frozen.frozen_on}, digest {frozen.digest[:12]}"
        )
    )
    return 0


def _check(options: argparse.Namespace) -> int:
    import json

    from tegenkracht.data.summary import check_and_summarise

    report = check_and_summarise(options.path)
    print(json.dumps(report.as_dict(), indent=1, ensure_ascii=False) if options.json else _safe(report.as_text()))
    return 2 if report.problems else 0


def _rates(options: argparse.Namespace) -> int:
    import json

    from tegenkracht.core.errors import wrong
    from tegenkracht.rates import MINIMUM, SEED, rates

    if options.prefix is not None and (options.prefix < 1 or options.by == "sector"):
        raise wrong("--prefix", "it says how many characters of an area's code name a region.", "Write --by region.")
    told = rates(options.path, by=options.by, prefix=options.prefix, sector=options.sector, minimum=MINIMUM, seed=SEED)
    print(json.dumps(told.as_dict(), indent=1, ensure_ascii=False) if options.json else _safe(str(told)))
    return 0


def _make(options: argparse.Namespace) -> int:
    from tegenkracht.data.world import make_from_settings
    from tegenkracht.progress import shown

    with shown() as progress:
        summary = make_from_settings(options.settings, to=options.to, force=options.force, progress=progress)
    print(_safe(str(summary)))
    return 0


def _import(options: argparse.Namespace) -> int:
    if options.kind == "triage":
        return _import_triage(options)
    from tegenkracht.data.adapters import IMPORTS
    from tegenkracht.data.sources import write_dataset

    tables, description = IMPORTS[options.kind](options.source)
    write_dataset(tables, description, options.to, force=options.force)
    rows = ", ".join(f"{name} {len(table):,}" for name, table in tables.items())
    print(_safe(f"{options.to}: {rows}"))
    return 0


def _import_triage(options: argparse.Namespace) -> int:
    from tegenkracht.progress import shown
    from tegenkracht.triage.importing import import_triage

    with shown() as progress:
        done = import_triage(
            options.source,
            to=options.to,
            force=options.force,
            unit=options.unit,
            database=options.database,
            progress=progress,
        )
    print(_safe(done.report))
    return 0


def _cache(options: argparse.Namespace) -> int:
    import math

    from tegenkracht.core.cache import prune
    from tegenkracht.core.errors import wrong
    from tegenkracht.run_folder import CACHE

    folder = options.output / CACHE
    if not options.output.is_dir():
        raise wrong(
            str(options.output), "there is no such folder.", "Name the outputs folder of your runs with --output."
        )
    if options.days < 0:
        raise wrong("--days", f"{options.days:g} is less than 0.", "Write 0 to remove everything.")
    pruned = prune(folder, unused_for=options.days * 86_400 if options.prune else math.inf)
    print(_safe(f"{folder}: {pruned}"))
    return 0


def _map(options: argparse.Namespace) -> int:
    from tegenkracht.data.map import draw_map
    from tegenkracht.data.sources import read_dataset

    draw_map(read_dataset(options.path), folder=options.path, to=options.to)
    print(_safe(str(options.to)))
    return 0


def _card(options: argparse.Namespace) -> int:
    from tegenkracht.reporting.files import rewrite

    for path in rewrite(options.run, language=options.lang, output=options.output):
        print(_safe(str(path)))
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from tegenkracht.doctor import look

    report = look()
    print(_safe(str(report)))
    return 0 if report.is_well else 1


def _safe(text: str) -> str:
    """Text for a terminal: control characters from data cannot move the cursor or change colours."""
    return "".join(c if c in "\n\t" or c.isprintable() else "�" for c in text)


if __name__ == "__main__":
    sys.exit(main())
