"""Features of triage as columns that came with the data, under the names that they have in a matrix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from tegenkracht.triage.dataset import column_names
from tegenkracht.triage.note import Note, one_line

UNKNOWN = "columns_are_not_known"
"""Stands for columns when neither the matrices nor the settings name one."""


def recipes_of(
    content: Mapping[str, Any], columns: Mapping[str, str] | None, constant: Sequence[str]
) -> tuple[list[dict[str, Any]], list[Note]]:
    """One recipe with every column that differs, and what became of the lot."""
    if columns is None:
        names = [*column_names([*dict.fromkeys(_expected(content))]).values()]
        why = "There are no matrices: these are the names that triage gives; those of categories are known to its database only."
        return [{"from": "given", "columns": names or [UNKNOWN]}], [
            Note("feature_aggregations", "changed", "features.recipes", why)
        ]
    kept = [name for name in columns.values() if name not in set(constant)]
    why = f"{len(kept)} columns as triage made them; nothing is computed again, and the card says that their timing cannot be checked."
    notes = [Note("feature_aggregations", "changed", "features.recipes", why)]
    if constant:
        shown = one_line(", ".join(sorted(constant)), longest=400)
        notes.append(Note("", "no counterpart", "features.recipes", f"The same in all rows, so left out: {shown}."))
    return [{"from": "given", "columns": kept or [UNKNOWN]}], notes


def feature_notes(content: Mapping[str, Any]) -> Iterator[Note]:
    """What became of each kind of setting of features."""
    blocks = [block for block in _list(content.get("feature_aggregations")) if isinstance(block, Mapping)]
    keys = dict.fromkeys(str(key) for block in blocks for key in block)
    for key in keys:
        ending = key if key in _WHY else "imputation" if key.endswith("imputation") else ""
        why = _WHY.get(ending, "This is not a key of v8.")
        yield Note(
            f"feature_aggregations[].{one_line(key, longest=60)}",
            "no counterpart" if ending not in _SEEN else "changed",
            "",
            why,
        )


_SEEN = ("prefix", "aggregates", "categoricals", "array_categoricals", "intervals")
_IN_MATRIX = "What it made is a column of the matrices."
_WHY = {
    "prefix": "It is part of the columns' names.",
    "aggregates": _IN_MATRIX,
    "categoricals": _IN_MATRIX,
    "array_categoricals": _IN_MATRIX,
    "intervals": _IN_MATRIX,
    "from_obj": "The table is not here, so nothing can be computed again.",
    "knowledge_date_column": "The matrices do not keep it, so the timing of columns cannot be checked.",
    "imputation": "Values in the matrices were filled in already; columns that end in `_imp` say where.",
}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _expected(content: Mapping[str, Any]) -> Iterator[str]:
    """Names of columns as triage puts them together, where the settings alone say so."""
    for block in _list(content.get("feature_aggregations")):
        if not isinstance(block, Mapping):
            continue
        intervals = [str(interval) for interval in _list(block.get("intervals")) or ["all"]]
        for middle in (*_quantities(block), *_categories(block)):
            for interval, metric in product(intervals, middle[1]):
                yield f"{block.get('prefix')}_entity_id_{interval}_{middle[0]}_{metric}"


def _quantities(block: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for one in _list(block.get("aggregates")):
        if isinstance(one, Mapping):
            quantity = one.get("quantity")
            names = list(quantity) if isinstance(quantity, Mapping) else [quantity]
            yield from ((str(name), [str(m) for m in _list(one.get("metrics"))]) for name in names)


def _categories(block: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for one in (*_list(block.get("categoricals")), *_list(block.get("array_categoricals"))):
        if isinstance(one, Mapping):
            for choice in _list(one.get("choices")):
                yield f"{one.get('column')}_{choice}", [str(m) for m in _list(one.get("metrics"))]
