"""Which models a study compares: its own with every other, and every other with what is done today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Versus = Mapping[str, tuple[str, ...]]
"""Per model the models that it is compared with."""


def compared(models: Sequence[str], *, main: str, reference: str) -> Versus:
    """The pairs.

    Examples
    --------
    >>> compared(["trees", "rule", "lot"], main="trees", reference="rule")
    {'trees': ('rule', 'lot'), 'rule': (), 'lot': ('rule',)}
    """
    return {
        model: tuple(other for other in models if other != model and (model == main or other == reference))
        for model in models
    }
