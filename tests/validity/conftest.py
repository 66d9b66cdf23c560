"""Validity studies in small: the same scripts as the tables of experiments/validity, with a few worlds or processes each."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).parents[2] / "experiments" / "validity"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """A script by name, with its neighbours at hand."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module
