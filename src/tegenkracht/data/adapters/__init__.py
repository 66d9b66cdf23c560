"""Public datasets, brought into contract form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from tegenkracht.data.adapters.amsterdam_childcare import import_amsterdam_childcare
from tegenkracht.data.adapters.chicago_food import import_chicago_food
from tegenkracht.data.dictionary import Description

IMPORTS: Mapping[str, Callable[[Path], tuple[dict[str, pd.DataFrame], Description]]] = {
    "chicago-food": import_chicago_food,
    "amsterdam-childcare": import_amsterdam_childcare,
}
"""By the name that `tegenkracht data import` takes."""
