"""Which rows every fold holds, as hashes: a split that is made again is the same, or it is told where it is not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import TypeAdapter

from tegenkracht.core.cohort import Time
from tegenkracht.core.errors import Problem, TegenkrachtError, wrong
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.splits.folds import make_folds
from tegenkracht.splits.rolling import Split

FILE = "splits.json"
VERSION = 1


class RebuildError(TegenkrachtError):
    """The split that was made again is not the one in the manifest; the message names the fold."""


@dataclass(frozen=True)
class FoldRecord:
    """One fold: `train` and `test` are SHA-256 of their row ids, each followed by a line feed, in the order of the panel (`as_of, row_id`)."""

    name: str
    split_on: str
    place: str
    n_train: int
    n_test: int
    n_positive: int
    train: str
    test: str


@dataclass(frozen=True)
class Manifest:
    """What a split was made from, and what it holds.

    Parameters
    ----------
    panel
        Identity of the panel.
    split, time
        The declarations, as plain data.
    folds
        One record per fold, in order.
    """

    panel: str
    split: Mapping[str, Any]
    time: Mapping[str, Any]
    folds: tuple[FoldRecord, ...]

    @classmethod
    def of(cls, panel: Panel, folds: Sequence[Fold], *, split: Split, time: Time) -> Manifest:
        """The manifest of folds that were made from a panel."""
        return cls(panel.identity, split.model_dump(mode="json"), time.model_dump(mode="json"), _records(panel, folds))

    def as_json(self) -> str:
        """`splits.json`: the same folds give the same bytes."""
        return json.dumps({"version": VERSION, **asdict(self)}, indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """The manifest in a `splits.json`; an InputError when it is none."""
        try:
            plain = json.loads(text)
            if plain.pop("version") != VERSION:
                raise ValueError("version")
            folds = tuple(FoldRecord(**record) for record in plain.pop("folds"))
            return cls(**plain, folds=folds)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise wrong(FILE, f"this is not a manifest of version {VERSION}.", "Take the file of a run.") from None


def rebuild(panel: Panel, manifest: Manifest, *, tables: Mapping[str, pd.DataFrame]) -> tuple[Fold, ...]:
    """The folds of a manifest, made again from the panel and the dataset's tables.

    Raises
    ------
    RebuildError
        When the members of a fold are others than they were; every such fold is named.
    InputError
        When the declaration gives no folds on this panel at all.
    """
    split: Split = TypeAdapter[Split](Split).validate_python(dict(manifest.split))
    folds = make_folds(panel, tables=tables, split=split, time=Time.model_validate(dict(manifest.time)))
    if faults := _differences(manifest, _records(panel, folds), panel.identity):
        raise RebuildError("\n".join(str(fault) for fault in faults))
    return folds


def _differences(manifest: Manifest, made: Sequence[FoldRecord], identity: str) -> list[Problem]:
    before, now = ({record.name: record for record in records} for records in (manifest.folds, made))
    way_out = (
        "Make it from the tables and the code of that run."
        if identity == manifest.panel
        else "The panel is another one: take the tables, recipes and label of that run."
    )
    faults = []
    for name in dict.fromkeys([*before, *now]):
        where = f"{FILE}, fold {name}"
        if name not in now or name not in before:
            what = "it is not made any more." if name not in now else "it was not there."
            faults.append(Problem(where, what, way_out))
            continue
        for part in ("train", "test"):
            was, became = (getattr(side[name], part) for side in (before, now))
            if was != became:
                faults.append(Problem(where, f"the {part} rows differ: {was[:12]} became {became[:12]}.", way_out))
    return faults


def _records(panel: Panel, folds: Sequence[Fold]) -> tuple[FoldRecord, ...]:
    lines = _lines(panel.rows["row_id"])
    outcome = panel.rows["outcome"].to_numpy()
    return tuple(
        FoldRecord(
            name=fold.name,
            split_on=f"{fold.split_on:%Y-%m-%d}",
            place=fold.place,
            n_train=len(fold.train),
            n_test=len(fold.test),
            n_positive=int((outcome[fold.train] == 1).sum()),
            train=_digest(lines, fold.train),
            test=_digest(lines, fold.test),
        )
        for fold in folds
    )


def _lines(row_id: pd.Series) -> pa.Array:
    """Every row id with a line feed after it, in one piece; a column that Arrow holds comes in chunks."""
    ids = pa.array(row_id, type=pa.large_string())
    ids = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    return pc.binary_join_element_wise(ids, pa.scalar("\n", pa.large_string()), pa.scalar("", pa.large_string()))


def _digest(lines: pa.Array, positions: np.ndarray) -> str:
    """SHA-256 over the chosen lines; their bytes lie one after the other in Arrow's buffer."""
    chosen = lines.take(pa.array(np.sort(positions)))
    if not len(chosen):
        return hashlib.sha256().hexdigest()
    offsets = np.frombuffer(chosen.buffers()[1], dtype=np.int64)[chosen.offset : chosen.offset + len(chosen) + 1]
    return hashlib.sha256(memoryview(chosen.buffers()[2])[offsets[0] : offsets[-1]]).hexdigest()
