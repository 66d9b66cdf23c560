"""Tables and recipes -> a panel: who is eligible, what was known, what came of it, and who looked."""

from __future__ import annotations

from tegenkracht.assembly.eligible import as_of_dates
from tegenkracht.assembly.outcomes import each_once, positive_visits, visits_of_rows
from tegenkracht.assembly.panel import Assembled, Counted, assemble, panel_identity
from tegenkracht.assembly.problems import unknown_attributes
from tegenkracht.assembly.surroundings import area_figures, unknown_measures

__all__ = [
    "Assembled",
    "Counted",
    "area_figures",
    "as_of_dates",
    "assemble",
    "each_once",
    "panel_identity",
    "positive_visits",
    "unknown_attributes",
    "unknown_measures",
    "visits_of_rows",
]
