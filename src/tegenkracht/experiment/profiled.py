"""The resilience profile of areas and public bodies, and what its sides are worth."""

from __future__ import annotations

from tegenkracht.evaluation.profile import Profiles, check_profiles, profile_estimates, profiles_of, sides_of
from tegenkracht.experiment.tested import Tested, Told


def profiled(tested: Tested) -> tuple[Profiles | None, Told]:
    """Profiles with their numbers and checks; None when units are places or businesses."""
    asked = tested.questions
    sides = sides_of(tested.panel, asked.dimensions)
    if not sides:
        return None, Told()
    profiles = profiles_of(tested.panel, tested.folds, sides, cluster_by=asked.cluster_by)
    estimates = profile_estimates(
        profiles,
        audit=tested.panel.audit,
        minimum=asked.min_group,
        replicates=asked.replicates,
        level=asked.level,
        seed=tested.seed,
        threads=tested.threads,
    )
    return profiles, Told(tuple(estimates), tuple(check_profiles(estimates)))
