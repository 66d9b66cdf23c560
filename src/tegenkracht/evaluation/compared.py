"""Which models a study compares: its own with every other, every other with what is done today, and a mitigated one with the model without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Versus = Mapping[str, tuple[str, ...]]
"""Per model the models that it is compared with."""


def compared(models: Sequence[str], *, main: str, reference: str, mitigates: Mapping[str, str]) -> Versus:
    """The pairs.

    Parameters
    ----------
    mitigates
        Per mitigated model, the model without mitigation.

    Examples
    --------
    >>> compared(["trees", "quota", "rule"], main="trees", reference="rule", mitigates={"quota": "trees"})
    {'trees': ('quota', 'rule'), 'quota': ('trees', 'rule'), 'rule': ()}
    """
    return {
        model: tuple(
            other
            for other in models
            if other != model and (model == main or other in (reference, mitigates.get(model)))
        )
        for model in models
    }
