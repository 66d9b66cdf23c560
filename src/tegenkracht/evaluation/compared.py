"""Which models a study compares: its own with every other, every other with what is done today, and pairs that a study asks besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Pair = tuple[str, str]
Versus = Mapping[str, tuple[str, ...]]
"""Per model the models that it is compared with."""


def compared(models: Sequence[str], *, main: str, reference: str, also: Sequence[Pair] = ()) -> Versus:
    """The pairs.

    Parameters
    ----------
    also
        Pairs beside those of the main model and the reference.

    Examples
    --------
    >>> compared(["trees", "rule", "lot"], main="trees", reference="rule")
    {'trees': ('rule', 'lot'), 'rule': (), 'lot': ('rule',)}
    >>> compared(["sums", "trees", "card", "rule"], main="sums", reference="rule", also=[("trees", "card")])["trees"]
    ('card', 'rule')
    """
    return {
        model: tuple(
            other
            for other in models
            if other != model and (model == main or other == reference or (model, other) in also)
        )
        for model in models
    }
