"""A made-up world in which the truth is known: shops and marinas, what is seen of them, and who is visited."""

from tegenkracht.data.world.maker import WorldSummary, make_world
from tegenkracht.data.world.settings import make_from_settings
from tegenkracht.data.world.world import World, read_world

__all__ = ["World", "WorldSummary", "make_from_settings", "make_world", "read_world"]
