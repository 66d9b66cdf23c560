"""The canonical form of a table: one order, one digest, whatever file format it came from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from tegenkracht.data.shapes import Shape


def in_canonical_order(frame: pd.DataFrame, shape: Shape) -> pd.DataFrame:
    """The rows in the table's own order, with a RangeIndex; empty values last, text by code point."""
    codes = [_order_codes(frame[name]) for name in shape.full_order]
    if _is_sorted(codes):
        return frame.reset_index(drop=True)
    return frame.take(np.lexsort(codes[::-1])).reset_index(drop=True)


def content_digest(frame: pd.DataFrame, shape: Shape) -> str:
    """SHA-256 of a table in canonical order: column names, types and values, nothing of a file format."""
    digest = hashlib.sha256()
    for column in shape.columns:
        digest.update(f"{column.name}:{column.type}:{len(frame)}\n".encode())
        _add(digest, frame[column.name], is_text=column.type == "text")
    return digest.hexdigest()


def _is_sorted(codes: Sequence[np.ndarray]) -> bool:
    """Whether no row comes before the row above it, by the first code, then the second …"""
    tied = np.ones(max(len(codes[0]) - 1, 0), dtype=bool)
    for code in codes:
        if (tied & (code[1:] < code[:-1])).any():
            return False
        tied &= code[1:] == code[:-1]
    return True


def _order_codes(values: pd.Series) -> np.ndarray:
    """Integers that sort as the values do, empty values last."""
    codes, _ = pd.factorize(values, sort=True)
    return np.where(codes < 0, len(values), codes)


def _add(digest: hashlib._Hash, values: pd.Series, *, is_text: bool) -> None:
    """Add one column: which values are there, then the values themselves."""
    there = values.notna().to_numpy()
    digest.update(np.packbits(there).tobytes())
    if is_text:
        for part in _text_buffers(values[there]):
            digest.update(part)
    else:
        digest.update(_fixed_width(values[there]).tobytes())


def _fixed_width(values: pd.Series) -> np.ndarray:
    """Dates as days, flags as bytes, numbers as little-endian doubles with one zero."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.to_numpy().astype("datetime64[D]").astype("<i8")
    if pd.api.types.is_bool_dtype(values):
        return values.to_numpy().astype("u1")
    return (values.to_numpy().astype("<f8")) + 0.0  # -0.0 + 0.0 is 0.0


def _text_buffers(values: pd.Series) -> tuple[bytes, memoryview]:
    """Lengths in bytes, and all bytes behind each other."""
    column = pa.concat_arrays(
        [chunk.cast(pa.large_string()) for chunk in pa.chunked_array([pa.array(values, type=pa.large_string())]).chunks]
    )
    _, offsets, data = column.buffers()
    ends = np.frombuffer(offsets, dtype="<i8")[column.offset : column.offset + len(column) + 1]
    content = memoryview(data or b"")[int(ends[0]) : int(ends[-1])] if len(column) else memoryview(b"")
    return np.diff(ends).astype("<i8").tobytes(), content
