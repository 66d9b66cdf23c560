"""The reconciliation for a reader: a short table for the terminal, every line for a file."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.sheet import sheet
from tegenkracht.triage.note import one_line
from tegenkracht.triage.reconciliation import TOLERANCE, VERDICTS, Line


def shown(lines: Sequence[Line], *, origin: str, longest: int) -> Iterator[str]:
    """How many measures are of each kind, and a table of those that are not equal."""
    yield f"Reconciliation of {len(lines):,} stored measures ({origin}):"
    counts = Counter(line.verdict for line in lines)
    for verdict, means in VERDICTS.items():
        if counts[verdict]:
            yield f"  {counts[verdict]:>6,}  {verdict}: {means}"
    wide = [line for line in lines if line.verdict == "equal" and _is_open(line)]
    if wide:
        yield f"  Of the equal ones, {len(wide):,} rest on part of the list only: what unlabelled places allow is in the file."
    others = [line for line in lines if line.verdict != "equal"]
    if others:
        yield ""
        yield _row("model", "measure", "stored worst/mean/best", "expected", "over ties", "over unlabelled", "verdict")
    for line in others[:longest]:
        yield _row(*_cells(line))
    if len(others) > longest:
        yield f"  … and {len(others) - longest:,} more in reconciliation.csv."


def _is_open(line: Line) -> bool:
    ends = line.unseen
    return ends is not None and ends.low is not None and ends.high is not None and ends.high - ends.low > TOLERANCE


def _row(*cells: str) -> str:
    widths = (8, 34, 26, 9, 17, 17, 0)
    return "  " + " ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


def _cells(line: Line) -> Iterable[str]:
    s = line.stored
    stored = "/".join("-" if math.isnan(x) else f"{x:.4g}" for x in (s.worst, s.stochastic, s.best))
    measure = one_line(f"{s.metric} {s.parameter}".strip(), longest=34)
    value = "-" if line.value is None or line.value.value is None else f"{line.value.value:.4g}"
    return one_line(s.model, longest=8), measure, stored, value, _ends(line.ties), _ends(line.unseen), line.verdict


def _ends(bounds: Estimate | None) -> str:
    if bounds is None or bounds.low is None or bounds.high is None:
        return "-"
    return f"{bounds.low:.4g} … {bounds.high:.4g}"


HEADER = (
    "model_id", "matrix_uuid", "period", "metric", "parameter", "verdict", "why", "stored_worst", "stored_stochastic", "stored_best",
    "expected", "no_number_because", "lowest_over_ties", "highest_over_ties", "lowest_over_unlabelled", "highest_over_unlabelled",
    "labelled", "labelled_there", "places",
)  # fmt: skip


def reconciliation_csv(lines: Iterable[Line]) -> str:
    """Every line; a cell that a spreadsheet would take for a formula is written as text."""
    return sheet(HEADER, ([_short(record[name]) for name in HEADER] for record in map(_record, lines)))


def _record(line: Line) -> Mapping[str, Any]:
    s, value = line.stored, line.value
    return {
        "model_id": s.model, "matrix_uuid": s.matrix, "period": s.period, "metric": s.metric, "parameter": s.parameter,
        "verdict": line.verdict, "why": line.why,
        "stored_worst": s.worst, "stored_stochastic": s.stochastic, "stored_best": s.best,
        "expected": value.value if value else None, "no_number_because": value.note if value and value.value is None else "",
        "lowest_over_ties": line.ties.low if line.ties else None, "highest_over_ties": line.ties.high if line.ties else None,
        "lowest_over_unlabelled": line.unseen.low if line.unseen else None,
        "highest_over_unlabelled": line.unseen.high if line.unseen else None,
        "labelled": line.labelled, "labelled_there": s.labelled, "places": line.places,
    }  # fmt: skip


def _short(value: Any) -> Any:
    """Text from elsewhere on one line."""
    return one_line(value, longest=400) if isinstance(value, str) else value
