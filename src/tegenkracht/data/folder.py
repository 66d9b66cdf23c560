"""A dataset folder on disk: written aside, then put in place by renaming."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from tegenkracht.core.errors import wrong
from tegenkracht.core.identity import digest_of_file
from tegenkracht.data.aside import aside_of, put_in_place
from tegenkracht.data.dictionary import Description
from tegenkracht.data.shapes import Shape, shape_of

_ARROW = {"text": pa.string(), "date": pa.date32(), "number": pa.float64(), "flag": pa.bool_()}


def publish(tables: Mapping[str, pd.DataFrame], description: Description, folder: Path, *, force: bool) -> None:
    """Put tables in canonical form into a folder, all of them or none.

    Raises
    ------
    InputError
        When something stands in the folder that may not be replaced, or it cannot be written.
    """
    require_room(folder, force=force)
    try:
        with aside_of(folder) as aside:
            _fill(aside / "new" / folder.name, tables, description)
            put_in_place(aside, [folder])
    except OSError as error:
        raise wrong(
            str(folder), f"the folder cannot be written ({error.strerror}).", "Choose another folder, or make room."
        ) from None


def write_parquet(frame: pd.DataFrame, shape: Shape, path: Path) -> None:
    """One table as Parquet: the same rows give the same bytes."""
    schema = pa.schema([pa.field(column.name, _ARROW[column.type]) for column in shape.columns])
    table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(table, path, compression="zstd", compression_level=3, row_group_size=1 << 20, store_schema=False)


def require_room(folder: Path, *, force: bool) -> None:
    """Only an empty folder is filled, and only a dataset is replaced.

    Raises
    ------
    InputError
        When something else stands there.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise wrong(str(folder), "this is a file, not a folder.", "Choose another folder.")
    if not any(folder.iterdir()):
        return
    if not force:
        raise wrong(
            str(folder),
            "the folder is not empty.",
            "Choose another folder, or add --force to replace the dataset in it.",
        )
    if not (folder / "dataset.yaml").is_file():
        raise wrong(
            str(folder),
            "the folder holds other things than a dataset, so --force does not replace it.",
            "Choose another folder.",
        )


def _fill(folder: Path, tables: Mapping[str, pd.DataFrame], description: Description) -> None:
    folder.mkdir()
    infos = {}
    for name, info in description.tables.items():
        path = folder / f"{name}.parquet"
        write_parquet(tables[name], shape_of(name, description), path)
        infos[name] = info.model_copy(update={"file": path.name, "sha256": digest_of_file(path)})
    whole = description.model_copy(update={"tables": infos})
    text = yaml.safe_dump(whole.as_plain(), sort_keys=False, allow_unicode=True, width=140)
    (folder / "dataset.yaml").write_text(text, encoding="utf-8")
