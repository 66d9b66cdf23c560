"""A loop in which what is chosen today decides what is known tomorrow: whom a policy visits, misses and finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tegenkracht.core.errors import wrong
from tegenkracht.core.progress import Progress
from tegenkracht.data.world.arrays import Floats, Ints
from tegenkracht.data.world.clock import BURN_IN, start_of
from tegenkracht.data.world.maker import set_up_sectors
from tegenkracht.data.world.sector_run import Quarter, Setting, Standing, advance, start
from tegenkracht.data.world.visits import Known, Policy
from tegenkracht.data.world.world import World
from tegenkracht.simulation.policies import POLICIES, Learned, See, features_of, model_scores

Telling = Callable[[Standing, int], Standing]
"""How things stand at the beginning of a quarter, and its number -> the same with other indicators."""


@dataclass(frozen=True)
class LoopRecord:
    """What came of one policy over the quarters in which it chose.

    Parameters
    ----------
    policy
        Its name.
    quarters, visits, finds
        How many quarters it chose in, how many visits it made (first looks) and how many of them found something.
    amplification
        By group: its share of the visits over its share of the true states; 1 is proportional.
    gini
        How unevenly visits fall on clusters that have units: 0 evenly, 1 all on one.
    never_visited, clusters_never_visited
        Share of the units, and of the clusters, that it never visited.
    auc
        By quarter, how well a model of all results known then orders the units by their true state; NaN while it cannot be fitted.
    """

    policy: str
    quarters: int
    visits: int
    finds: int
    amplification: Mapping[int, float]
    gini: float
    never_visited: float
    clusters_never_visited: float
    auc: tuple[float, ...]


def closed_loop(
    world: World,
    *,
    sector: str,
    policies: Sequence[str],
    quarters: int,
    explore: float,
    scale: float,
    seed: int,
    progress: Progress,
) -> tuple[LoopRecord, ...]:
    """Let each policy choose the visits of `quarters` quarters in the same world, with the same chance in everything else.

    Raises
    ------
    InputError
        When a policy is not known, or the share to explore is not between 0 and 1.
    """
    if unknown := sorted(set(policies) - set(POLICIES)):
        raise wrong("policies", f"`{unknown[0]}` is not a policy.", f"Choose from: {', '.join(POLICIES)}.")
    if not 0 <= explore <= 1:
        raise wrong("explore", f"{explore:g} is not a share.", "Write for example 0.1.")
    _, (setting,) = set_up_sectors(world, scale=scale, seed=seed, sectors=[sector], progress=progress)
    records = []
    for done, policy in enumerate(policies):
        progress(f"live with the policy {policy}", done, len(policies))
        records.append(live_with(setting, policy=policy, quarters=quarters, explore=explore, seed=seed))
    return tuple(records)


def live_with(
    setting: Setting,
    *,
    policy: str,
    quarters: int,
    explore: float,
    seed: int,
    burn_in: int = BURN_IN,
    see: See = features_of,
    told: Telling | None = None,
) -> LoopRecord:
    """One policy in one world. Until it begins the world's own rule chooses, and the policy learns from what that found.

    Parameters
    ----------
    see
        What a model sees of each unit.
    told
        How indicators come to be known, given how things stand at the beginning of a quarter; None is as the world tells them.
    """
    choose, rng = POLICIES[policy], np.random.default_rng([seed, 7])
    standing, past = start(setting), _Past.empty()
    lived: list[Quarter] = []
    auc: list[float] = []
    for number in range(-burn_in, quarters):
        standing = standing if told is None else told(standing, number)
        learned = past.learned_by(number, see)
        visits = round(setting.budget * int(setting.places.is_open(number).sum()))
        known = known_at(setting, standing, number)
        chosen = None if number < 0 else choose(setting, known, learned, visits, explore, rng)
        quarter, standing = advance(setting, standing, number, policy=None if chosen is None else _always(chosen))
        past = past.after(see(known), quarter)
        if number >= 0:
            lived.append(quarter)
            auc.append(_auc_of(model_scores(learned, known, weighted="weighted" in policy), quarter, known))
    return _record(setting, policy, lived, auc)


def price_of_exploration(greedy: LoopRecord, exploring: LoopRecord) -> float:
    """The share of the finds that exploring gives up, against a policy that never explores in the same world.

    Examples
    --------
    >>> one = LoopRecord("model_greedy", 14, 100, 50, {}, 0.0, 0.0, 0.0, ())
    >>> two = LoopRecord("model_eps", 14, 100, 48, {}, 0.0, 0.0, 0.0, ())
    >>> round(price_of_exploration(one, two), 6)
    0.04
    """
    return 1 - exploring.finds / greedy.finds


def known_at(setting: Setting, standing: Standing, quarter: int) -> Known:
    """What those who choose know on the first day of a quarter."""
    places = setting.places
    return Known(
        quarter,
        places.is_open(quarter),
        standing.indicators,
        standing.hits[places.cluster],
        standing.visited,
        standing.found,
    )


@dataclass(frozen=True)
class _Past:
    """All first visits so far, and the day on which each result is known; features are None before the first quarter."""

    features: Floats | None
    finding: Ints
    chance: Floats
    known_on: np.ndarray

    @classmethod
    def empty(cls) -> _Past:
        return cls(None, np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0, dtype="datetime64[D]"))

    def after(self, features: Floats, quarter: Quarter) -> _Past:
        """With the visits of one more quarter."""
        first = ~quarter.visits.is_second
        unit = quarter.visits.unit[first]
        return _Past(
            features[unit] if self.features is None else np.concatenate([self.features, features[unit]]),
            np.concatenate([self.finding, quarter.visits.finding[first]]),
            np.concatenate([self.chance, quarter.visits.propensity[first]]),
            np.concatenate([self.known_on, quarter.visits.known[first]]),
        )

    def learned_by(self, quarter: int, see: See) -> Learned:
        """What is known of them when a quarter begins."""
        rows = self.known_on < start_of(quarter)
        features = np.zeros((0, 0)) if self.features is None else self.features[rows]
        return Learned(features, self.finding[rows].astype(bool), self.chance[rows], see)


def _always(chances: Floats) -> Policy:
    return lambda known: chances


def _record(setting: Setting, policy: str, lived: Sequence[Quarter], auc: Sequence[float]) -> LoopRecord:
    places = setting.places
    unit = np.concatenate([quarter.visits.unit[~quarter.visits.is_second] for quarter in lived])
    found = np.concatenate([quarter.visits.finding[~quarter.visits.is_second] for quarter in lived])
    with_state = np.concatenate([np.flatnonzero(quarter.true.state > 0) for quarter in lived])
    by_unit = np.bincount(unit, minlength=places.count)
    by_cluster = np.bincount(places.cluster, weights=by_unit).astype(np.float64)
    return LoopRecord(
        policy=policy,
        quarters=len(lived),
        visits=len(unit),
        finds=int(found.sum()),
        amplification=_amplification(places.group, unit, with_state),
        gini=gini(by_cluster),
        never_visited=float((by_unit == 0).mean()),
        clusters_never_visited=float((by_cluster == 0).mean()),
        auc=tuple(auc),
    )


def _amplification(group: Ints, visited: Ints, with_state: Ints) -> dict[int, float]:
    """By group its share of the visits over its share of the states."""
    shares = {int(one): ((group[visited] == one).mean(), (group[with_state] == one).mean()) for one in np.unique(group)}
    return {one: float(of_visits / of_states) for one, (of_visits, of_states) in shares.items() if of_states > 0}


def gini(counts: Floats) -> float:
    """The Gini coefficient of counts: 0 when all are alike.

    Examples
    --------
    >>> gini(np.array([1.0, 1.0])), gini(np.array([0.0, 0.0, 0.0, 4.0]))
    (0.0, 0.75)
    """
    ordered = np.sort(counts)
    n = len(ordered)
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered / (n * ordered.sum()))


def _auc_of(score: Floats | None, quarter: Quarter, known: Known) -> float:
    """How well a score orders open units by their true state."""
    if score is None:
        return float("nan")
    positive = (quarter.true.state > 0)[known.is_open]
    rank = np.argsort(np.argsort(score[known.is_open], kind="stable"), kind="stable") + 1.0
    n = int(positive.sum())
    return float((rank[positive].sum() - n * (n + 1) / 2) / max(n * (len(positive) - n), 1))
