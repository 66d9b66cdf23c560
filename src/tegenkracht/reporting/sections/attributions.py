"""What a feature or a family weighs in a model: the mean size of its attributions."""

from __future__ import annotations

from tegenkracht.core.estimate import Estimate
from tegenkracht.reporting.facts import Known, RunFacts


def weight_of(known: Known, model: str, at: str) -> Estimate | None:
    """Mean size of the attributions to a feature or family."""
    found = known.all("mean_abs_shap", model=model, at=at, split="all")
    return next((estimate for estimate in found if estimate.value is not None), None)


def families_by_weight(known: Known, facts: RunFacts) -> list[tuple[str, Estimate]]:
    """Families with the mean size of their attributions, heaviest first."""
    families = dict.fromkeys(feature.family or feature.name for feature in facts.features)
    weights = [(family, weight_of(known, facts.main, f"family={family}")) for family in families]
    found = [(family, weight) for family, weight in weights if weight is not None]
    return sorted(found, key=lambda item: -(item[1].value or 0.0))
