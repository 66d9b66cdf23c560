"""What scores are worth: estimates with intervals and bounds, audits by group, and checks of both."""

from tegenkracht.evaluation.measure import measure
from tegenkracht.evaluation.replay import Replay
from tegenkracht.evaluation.selection import scheduled_visits

__all__ = ["Replay", "measure", "scheduled_visits"]
