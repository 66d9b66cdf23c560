"""Windows over facts for many dates at once, in one pass: exact, also for facts that became known late."""

from __future__ import annotations

from tegenkracht.features.windows.asked import Ask, Facts
from tegenkracht.features.windows.running import aggregate
from tegenkracht.features.windows.stream import aggregate_file

__all__ = ["Ask", "Facts", "aggregate", "aggregate_file"]
