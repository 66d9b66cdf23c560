"""A research workbench for honest risk indication of places and businesses."""

from __future__ import annotations

__version__ = "0.1.0"
