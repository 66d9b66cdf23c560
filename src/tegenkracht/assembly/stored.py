"""A panel on disk and back, to the last bit."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from tegenkracht.assembly.panel import Assembled, Counted
from tegenkracht.core.estimate import read_estimates, write_estimates
from tegenkracht.core.feature import Feature
from tegenkracht.core.panel import Panel


def write_assembled(assembled: Assembled, folder: Path) -> None:
    """`rows.parquet`, `panel.json` and `maturity.json`."""
    panel, counted = assembled.panel, assembled.counted
    panel.rows.to_parquet(folder / "rows.parquet", index=False)
    record = {
        "features": [feature.model_dump(mode="json") for feature in panel.features],
        "audit": list(panel.audit),
        "scheduled": panel.scheduled,
        "identity": panel.identity,
        "of_areas": panel.of_areas,
        "sole_traders": counted.sole_traders,
        "immature": [f"{date:%Y-%m-%d}" for date in counted.immature],
    }
    (folder / "panel.json").write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    (folder / "maturity.json").write_text(write_estimates(counted.maturity), encoding="utf-8")


def read_assembled(folder: Path) -> Assembled:
    """What `write_assembled` wrote."""
    record = json.loads((folder / "panel.json").read_text(encoding="utf-8"))
    panel = Panel(
        rows=pd.read_parquet(folder / "rows.parquet"),
        features=tuple(Feature.model_validate(feature) for feature in record["features"]),
        audit=tuple(record["audit"]),
        scheduled=record["scheduled"],
        identity=record["identity"],
        of_areas=record["of_areas"],
    )
    counted = Counted(
        sole_traders=record["sole_traders"],
        immature=tuple(pd.Timestamp(date) for date in record["immature"]),
        maturity=read_estimates((folder / "maturity.json").read_text(encoding="utf-8")),
    )
    return Assembled(panel, counted)
