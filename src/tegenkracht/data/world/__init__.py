"""A made-up country in which the truth is known: five sectors, what is seen of them, and who is visited."""

from tegenkracht.data.world.made import is_still_made
from tegenkracht.data.world.maker import WorldSummary, make_world
from tegenkracht.data.world.settings import at_base_rate, make_from_settings
from tegenkracht.data.world.world import World, read_world, worlds

__all__ = [
    "World",
    "WorldSummary",
    "at_base_rate",
    "is_still_made",
    "make_from_settings",
    "make_world",
    "read_world",
    "worlds",
]
