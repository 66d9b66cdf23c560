"""What an estimate was measured at: its `at`, written and read."""

from __future__ import annotations

from tegenkracht.core.estimate import Estimate


def at_capacity(capacity: int) -> str:
    """The `at` of what is measured at a capacity."""
    return f"capacity={capacity}"


def at_of(estimate: Estimate, key: str) -> str:
    """One entry of an `at`: `versus` of `capacity=100,versus=random` is `random`."""
    return dict(part.partition("=")[::2] for part in estimate.at.split(",") if part).get(key, "")
