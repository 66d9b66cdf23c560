"""Files of a public source: found, read, or named with where they can be had."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pandas as pd
import yaml

from tegenkracht.core.errors import wrong
from tegenkracht.data.dictionary import Description


def described(name: str) -> Description:
    """The description that ships beside an adapter."""
    return Description.model_validate(
        yaml.safe_load(files("tegenkracht.data.adapters").joinpath(f"{name}.yaml").read_text("utf-8"))
    )


def read_rds(path: Path, *, get_it: str) -> pd.DataFrame:
    """A table from R's serialised form. Dates come as days since 1970: the package `rdata` keeps R's own integers.

    Raises
    ------
    InputError
        When the file is not there or is no table.
    """
    import rdata

    def read(file: Path) -> pd.DataFrame:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # rdata tells of each R class that it passes on as plain numbers
            return pd.DataFrame(rdata.read_rds(file))

    return _read(path, read, "R data (.Rds)", get_it)


def read_parquet(path: Path, *, get_it: str) -> pd.DataFrame:
    """A Parquet table.

    Raises
    ------
    InputError
        When the file is not there or is no table.
    """
    return _read(path, pd.read_parquet, "Parquet", get_it)


def require_columns(table: pd.DataFrame, columns: list[str], path: Path, *, get_it: str) -> None:
    """Name the columns that a source file should have and has not."""
    if missing := [column for column in columns if column not in table]:
        raise wrong(path.name, f"the columns {', '.join(missing)} are missing.", get_it)


def _read(path: Path, read: Callable[[Path], pd.DataFrame], kind: str, get_it: str) -> pd.DataFrame:
    if not path.is_file():
        raise wrong(str(path), "there is no such file.", get_it)
    try:
        return read(path)
    except Exception as error:  # a corrupt file makes these readers raise whatever they like
        raise wrong(str(path), f"this is not a table in {kind} ({type(error).__name__}).", get_it) from None


def whole_numbers(column: pd.Series) -> pd.Series:
    """Ids that a source stores as floating point, as text: 30790.0 is `30790`."""
    return column.astype("int64").astype("str")
