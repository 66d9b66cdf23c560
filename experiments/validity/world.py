"""Does the made-up world show what the methods say that such a world shows? The rows of methods D.10, with expected and observed.

    python experiments/validity/world.py                 # all checks, about five minutes on one core
    python experiments/validity/world.py --replicates 5 --only urn naive

Every row is a mean over replicates with its Monte Carlo standard error (MCSE). The expected values come from a prototype that no longer exists: 300
areas of 60 units, prevalence 3 %, a budget of 5 % a quarter, perfect visits, one draw of the indicators. This world has mechanisms that the
prototype did not have; where a value lies outside two standard errors, the last column says which, and `world_once.py` takes them away one at a time.
At the strength of indicators of methods D.5 this world is harder than the prototype, because states begin and end while indicators are told;
`--signal 1.3` makes it about as hard.

The estimators here (inverse probability weighting, doubly robust, Elkan-Noto, SAR-EM) are minimal and only serve this table.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.stats import beta
from sklearn.cluster import KMeans
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, KFold

from tegenkracht.data.world.arrays import Flags, Floats, Ints
from tegenkracht.data.world.calibrate import find_correction
from tegenkracht.data.world.country import make_country
from tegenkracht.data.world.mechanism import Mechanism, read_mechanism
from tegenkracht.data.world.places import Places, make_places
from tegenkracht.data.world.sector_run import Setting, run, set_up
from tegenkracht.data.world.state import balance_for, pressure_on
from tegenkracht.data.world.streams import Streams
from tegenkracht.data.world.world import World, read_world
from tegenkracht.simulation.closed_loop import Telling, live_with
from tegenkracht.simulation.policies import See, features_of

AREAS, UNITS, WINDOW, QUARTERS = 300, 60, 8, 8
EIGHT = [
    "takeover_chain",
    "short_tenure",
    "opaque_finance",
    "address_reuse",
    "no_footfall",
    "late_accounts",
    "energy_anomaly",
    "cash_intensive",
]
SEED = 20_261_124


# ---------------------------------------------------------------- the prototype's setting, in this world


def prototype(
    *,
    prevalence: float,
    switches: dict[str, float],
    budget: float,
    perfect: bool,
    effect_sd: float = 0.8,
    signal: float = 1.0,
) -> tuple[World, Mechanism]:
    """300 strips of 60 shops with the eight indicators of D.5, known at once and everywhere; no network, no lag, nothing missing."""
    world, mechanism = read_world("selected"), read_mechanism("shopping_strip")
    found = (1.0, 1.0, 1.0, 1.0) if perfect else (0.7, 0.5, 0.3, 0.99)
    detection = dict(zip(("functional", "competitive", "relational", "specificity"), found, strict=True))
    signals = {
        name: mechanism.signals[name].model_copy(update={"lag": 0.0, "coverage": 1, "on_sight": False})
        for name in EIGHT
    }
    return world.model_copy(
        update={
            "prevalence": {"shopping_strip": prevalence},
            "signal": signal,
            "end_after_finding": 0.0 if perfect else 0.5,
            "switches": world.switches.model_copy(
                update=dict.fromkeys(type(world.switches).model_fields, 0.0) | switches
            ),
            "visits": world.visits.model_copy(update={"lot_share": 0.0}),
            "detection": world.detection.model_copy(update={**detection, "overturned": 0.0, "seen_twice": 0.0}),
            "space": world.space.model_copy(update={"effect_sd": effect_sd}),
            "budget": {"shopping_strip": budget},
        }
    ), mechanism.model_copy(
        update={
            "signals": signals,
            "cluster_sigma": 0.0,
            "clusters": 2_600,
            "comes_and_goes": False,
            "deep": 0.0,
            "complaint": None,
        }
    )


def setting_of(world: World, mechanism: Mechanism, seed: int) -> Setting:
    """The prototype's strips in a country of their own."""
    scale, streams = AREAS / mechanism.clusters, Streams(seed)
    country = make_country(scale=scale, streams=streams, space=world.space)
    places = make_places(mechanism, country, count=AREAS * UNITS, scale=scale, streams=streams)
    pressure = pressure_on(places, country.effect, world, streams)
    wanted = world.prevalence["shopping_strip"]
    balance = balance_for(pressure, wanted, mechanism.sector)
    return set_up(
        world,
        mechanism,
        places,
        pressure=pressure,
        balance=balance,
        correction=find_correction(world, mechanism.sector),
        streams=streams,
    )


@dataclass(frozen=True)
class Rows:
    """Unit-quarters: indicators of the eight quarters before, true state, chance of a visit, visited, group, deprivation, quarter, unit."""

    x: Floats
    z: Flags
    chance: Floats
    visited: Flags
    group: Ints
    deprivation: Floats
    quarter: Ints
    unit: Ints

    def at(self, rows: Flags) -> Rows:
        """Some of the rows."""
        return Rows(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


Look = Callable[..., Rows]
"""Setting, number of quarters -> what was seen of every unit in each of them: `live`, or another way to see the same world."""


def live(setting: Setting, quarters: int = QUARTERS) -> Rows:
    """Eight quarters to fill the window of indicators, then the quarters that are looked at."""
    places, parts = setting.places, []
    window: list[Floats] = []
    for quarter in run(setting, quarters=quarters, burn_in=WINDOW):
        if quarter.number >= 0:
            x = (np.sum(window, axis=0) > 0).astype(float)
            visited = np.isin(np.arange(places.count), quarter.visits.unit)
            parts.append((x, quarter.true.state > 0, quarter.chances.visit, visited))
        counts = np.zeros((places.count, len(EIGHT)))
        np.add.at(counts, (quarter.told.unit, quarter.told.kind), 1.0)
        window = [*window[-(WINDOW - 1) :], counts]
    return rows_of(parts, places)


def rows_of(parts: Sequence[tuple[Floats, Flags, Floats, Flags]], places: Places) -> Rows:
    """Indicators, state, chance of a visit and visited by quarter, as one table."""
    n = len(parts)
    x, z, chance, visited = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Rows(
        x, z, chance, visited, np.tile(places.group, n), np.tile(places.deprivation, n),
        np.repeat(np.arange(n), places.count), np.tile(np.arange(places.count), n),
    )  # fmt: skip


# ---------------------------------------------------------------- minimal estimators, for this table only


def hajek(y: Floats, chance: Floats) -> tuple[float, float]:
    """Weighted mean and its linearised standard error (methods B-3)."""
    w = 1 / chance
    value = float((w * y).sum() / w.sum())
    return value, float(np.std(w / w.mean() * (y - value)) / np.sqrt(len(y)))


def doubly_robust(rows: Rows, chance: Floats, folds: int = 2) -> tuple[float, float]:
    """Cross-fitted augmented weighting with a given chance of a visit (methods B-4)."""
    y, outcome = rows.z.astype(float), np.empty(len(rows.z))
    fold = rows.unit % folds
    for one in range(folds):
        train = (fold != one) & rows.visited
        model = LogisticRegression(max_iter=300).fit(design(rows)[train], rows.z[train])
        outcome[fold == one] = model.predict_proba(design(rows)[fold == one])[:, 1]
    influence = outcome + rows.visited * (y - outcome) / chance
    return float(influence.mean()), float(influence.std() / np.sqrt(len(influence)))


def design(rows: Rows) -> Floats:
    return np.column_stack([rows.x, rows.group, rows.deprivation])


def elkan_noto(x: Floats, labelled: Flags) -> float:
    """Prevalence from labels as if labelled completely at random: mean score over mean score of the labelled (Elkan and Noto 2008)."""
    score = LogisticRegression(max_iter=300).fit(x, labelled).predict_proba(x)[:, 1]
    return float(labelled.mean() / score[labelled].mean())


def sar_em(x: Floats, labelled: Flags, by: Floats, steps: int = 200) -> tuple[float, LogisticRegression]:
    """Prevalence and labelling model when the chance of a label depends on `by` (Bekker, Robberechts and Davis 2019)."""
    kinds, count = np.unique(np.column_stack([x, by, labelled]), axis=0, return_counts=True)
    x, by, labelled = kinds[:, : x.shape[1]], kinds[:, x.shape[1] : -1], kinds[:, -1] > 0  # alike units count together
    score = LogisticRegression(max_iter=300).fit(x, labelled, sample_weight=count).predict_proba(x)[:, 1]
    weight = np.where(labelled, 1.0, score)  # begins at as many unlabelled states as labelled ones
    double, labels = np.concatenate([x, x]), np.r_[np.ones(len(x)), np.zeros(len(x))]
    outcome, chance = (LogisticRegression(max_iter=300, warm_start=True) for _ in range(2))
    for _ in range(steps):
        outcome.fit(double, labels, sample_weight=np.r_[count * weight, count * (1 - weight)])
        chance.fit(by, labelled, sample_weight=count * np.maximum(weight, 1e-6))
        p, e = outcome.predict_proba(x)[:, 1], chance.predict_proba(by)[:, 1]
        weight = np.where(labelled, 1.0, p * (1 - e) / (1 - p * e))
    return float(np.average(weight, weights=count)), chance


# ---------------------------------------------------------------- checks: each gives named values for one seed

Values = dict[str, float]
VARIANTS = {"no bias": {}, "biased": {"selection_bias": 1.0}, "tips": {"selection_bias": 1.0, "hidden_tips": 1.0}}


def naive(seed: int, *, signal: float, look: Look = live) -> Values:
    """Rows 1, 2 and 4: precision, prevalence and AUC among the visited, weighted, and in truth."""
    made: Values = {}
    for name, switches in VARIANTS.items():
        world, mechanism = prototype(
            prevalence=0.03,
            switches={"proxies": 1.0, "spatial": 1.0, **switches},
            budget=0.05,
            perfect=True,
            signal=signal,
        )
        rows = look(setting_of(world, mechanism, seed))
        first, later = rows.at(rows.quarter < QUARTERS // 2), rows.at(rows.quarter >= QUARTERS // 2)
        model = LogisticRegression(max_iter=300).fit(first.x[first.visited], first.z[first.visited])
        score = model.decision_function(later.x) + 1e-6 * np.random.default_rng(seed).random(len(later.z))
        top = score >= np.quantile(score, 0.98)
        seen = top & later.visited
        made |= {
            f"precision@2% naive, {name}": float(later.z[seen].mean()),
            f"precision@2% IPW, {name}": hajek(later.z[seen].astype(float), later.chance[seen])[0],
            f"precision@2% truth, {name}": float(later.z[top].mean()),
            f"prevalence naive, {name}": float(rows.z[rows.visited].mean()),
            f"prevalence Hajek, {name}": hajek(rows.z[rows.visited].astype(float), rows.chance[rows.visited])[0],
            f"prevalence truth, {name}": float(rows.z.mean()),
            f"AUC naive, {name}": float(roc_auc_score(later.z[later.visited], score[later.visited])),
            f"AUC truth, {name}": float(roc_auc_score(later.z, score)),
        }
    return made


def estimated(seed: int, *, signal: float, look: Look = live) -> Values:
    """Row 3: with tips, weights and doubly robust estimates from an estimated chance of a visit miss the truth, and their intervals too."""
    world, mechanism = prototype(
        prevalence=0.03,
        switches={"proxies": 1.0, "spatial": 1.0, "selection_bias": 1.0, "hidden_tips": 1.0},
        budget=0.05,
        perfect=True,
        signal=signal,
    )
    rows = look(setting_of(world, mechanism, seed))
    guess = LogisticRegression(max_iter=300).fit(design(rows), rows.visited).predict_proba(design(rows))[:, 1]
    truth = float(rows.z.mean())
    weighted, weighted_se = hajek(rows.z[rows.visited].astype(float), guess[rows.visited])
    robust, robust_se = doubly_robust(rows, guess)
    return {
        "truth": truth,
        "IPW, estimated chance": weighted,
        "DR, estimated chance": robust,
        "coverage IPW": float(abs(weighted - truth) < 1.96 * weighted_se),
        "coverage DR": float(abs(robust - truth) < 1.96 * robust_se),
    }


def unlabelled(seed: int, *, signal: float, look: Look = live) -> Values:
    """Rows 5 and 6: positive-unlabelled estimates of a prevalence of 0.10, labelled at random and by group."""
    world, mechanism = prototype(
        prevalence=0.10, switches={"proxies": 1.0, "spatial": 1.0}, budget=0.05, perfect=True, signal=signal
    )
    rows = look(setting_of(world, mechanism, seed), quarters=1)
    rng = np.random.default_rng(seed)
    at_random = rows.z & (rng.random(len(rows.z)) < 0.32)
    by_group = rows.z & (rng.random(len(rows.z)) < np.where(rows.group == 1, 0.65, 0.20))
    # the group decides on labels and not on the state, so it stays out of the outcome model: with it in both nothing is identified
    scar, _ = sar_em(rows.x, at_random, np.zeros((len(rows.z), 1)))
    sar, chance = sar_em(rows.x, by_group, rows.group[:, None].astype(float))
    rates = chance.predict_proba(np.array([[0.0], [1.0]]))[:, 1]
    return {
        "truth": float(rows.z.mean()),
        "Elkan-Noto, at random": elkan_noto(rows.x, at_random),
        "SAR-EM, at random": scar,
        "Elkan-Noto, by group": elkan_noto(rows.x, by_group),
        "SAR-EM, by group": sar,
        "label rate group 0 (true 0.20)": float(rates[0]),
        "label rate group 1 (true 0.65)": float(rates[1]),
    }


def spatial(seed: int, *, signal: float, look: Look = live) -> Values:
    """Row 7: the same model judged by random folds, folds by strip, blocks in space, and in a country that it never saw."""
    world, mechanism = prototype(
        prevalence=0.06,
        switches={"proxies": 1.0, "spatial": 1.0},
        budget=0.05,
        perfect=True,
        effect_sd=1.5,
        signal=signal,
    )
    (here, x, z), (_, new_x, new_z) = (_spatial_rows(world, mechanism, one, look) for one in (seed, seed + 500_000))
    places = here.places
    block = KMeans(10, n_init=2, random_state=seed).fit_predict(np.column_stack([places.x, places.y]))
    new = HistGradientBoostingClassifier(max_iter=60, random_state=0).fit(x, z)
    return {
        "AUC random folds": _auc_by(KFold(5, shuffle=True, random_state=seed).split(x), x, z),
        "AUC folds by strip": _auc_by(GroupKFold(5).split(x, z, places.cluster), x, z),
        "AUC blocks in space": _auc_by(GroupKFold(5).split(x, z, block), x, z),
        "AUC in a new country": float(roc_auc_score(new_z, new.predict_proba(new_x)[:, 1])),
    }


def _spatial_rows(world: World, mechanism: Mechanism, seed: int, look: Look) -> tuple[Setting, Floats, Flags]:
    setting = setting_of(world, mechanism, seed)
    rows = look(setting, quarters=1)
    return setting, np.column_stack([rows.x, setting.places.x, setting.places.y]), rows.z


def _auc_by(folds: Iterator[tuple[Ints, Ints]], x: Floats, z: Flags) -> float:
    made = []
    for train, test in folds:
        model = HistGradientBoostingClassifier(max_iter=60, random_state=0).fit(x[train], z[train])
        made.append(roc_auc_score(z[test], model.predict_proba(x[test])[:, 1]))
    return float(np.mean(made))


def loop(seed: int, *, signal: float) -> Values:
    """Row 8: fourteen quarters in which a model chooses, at 3 % a quarter and a sensitivity of 0.7, 0.5 and 0.3."""
    return shown_by_loop(setting_of(*looping(signal), seed), seed)


def shown_by_loop(setting: Setting, seed: int, *, see: See = features_of, told: Telling | None = None) -> Values:
    """The rows of three policies in one world; `see` and `told` as `live_with` takes them."""
    made: Values = {}
    for policy in ("model_greedy", "model_eps", "model_eps_weighted"):
        record = live_with(setting, policy=policy, quarters=14, explore=0.1, seed=seed, see=see, told=told)
        made |= {
            f"AF of group 1, {policy}": record.amplification[1],
            f"Gini over strips, {policy}": record.gini,
            f"strips never visited, {policy}": record.clusters_never_visited,
            f"finds, {policy}": float(record.finds),
            f"AUC, {policy}": float(np.nanmean(record.auc[-4:])),
        }
    return made


def looping(signal: float) -> tuple[World, Mechanism]:
    """The world of the closed loop."""
    return prototype(
        prevalence=0.03,
        switches={"proxies": 1.0, "spatial": 1.0, "selection_bias": 1.0},
        budget=0.03,
        perfect=False,
        signal=signal,
    )


def urn(seed: int, *, signal: float) -> Values:
    """Row 9: two regions with crime rates 0.03 and 0.02, and an urn that sends patrols where they found something (Ensign et al. 2018)."""
    rng = np.random.default_rng(seed)
    return {
        "naive, share of A after 20,000": _urn(rng, 20_000, corrected=False, explore=0.0),
        "naive, share of A after 200,000": _urn(rng, 200_000, corrected=False, explore=0.0),
        "corrected by 1/chance, after 200,000": _urn(rng, 200_000, corrected=True, explore=0.0),
        "a fifth by lot alone, after 200,000": _urn(rng, 200_000, corrected=False, explore=0.2),
    }


def _urn(rng: np.random.Generator, steps: int, *, corrected: bool, explore: float) -> float:
    """The share of region A among the balls, from 50 and 50, after so many patrols."""
    a, b = 50.0, 50.0
    draws = rng.random((steps, 3))
    for visit, found, by_lot in draws.tolist():
        share = a / (a + b)
        chance = explore * 0.5 + (1 - explore) * share
        goes_to_a = (visit < 0.5) if by_lot < explore else (visit < share)
        if found < (0.03 if goes_to_a else 0.02):
            gain = 1.0 / (chance if goes_to_a else 1 - chance) if corrected else 1.0
            a, b = (a + gain, b) if goes_to_a else (a, b + gain)
    return a / (a + b)


def fairness(seed: int, *, signal: float) -> Values:
    """Row 10: twelve groups with 3 to 39 true states each; true positive rates differ by 0.343 at most, the raw ones by much more."""
    rng = np.random.default_rng(seed)
    positives, even = np.round(np.geomspace(3, 39, 12)).astype(int), 0.5 + 0.343 * (np.arange(12) / 11 - 0.5)
    made = [shown_by_groups(rng, positives, rng.permutation(even)) for _ in range(200)]
    return {name: float(np.mean([one[name] for one in made])) for name in made[0]}


def shown_by_groups(rng: np.random.Generator, positives: Ints, rate: Floats) -> Values:
    """What one draw of findings shows of groups with so many true states and these true positive rates."""
    hits = rng.binomial(positives, rate)
    low, high = beta.ppf(0.025, hits, positives - hits + 1), beta.ppf(0.975, hits + 1, positives - hits)
    covered = (np.nan_to_num(low, nan=0.0) <= rate) & (rate <= np.nan_to_num(high, nan=1.0))
    mean = hits.sum() / positives.sum()
    prior = _prior_strength(hits, positives, mean)
    a, b = hits + prior * mean, positives - hits + prior * (1 - mean)
    inside = (beta.ppf(0.025, a, b) <= rate) & (rate <= beta.ppf(0.975, a, b))
    return {
        "largest raw gap (true 0.343)": float(np.ptp(hits / positives)),
        "largest gap, plug-in empirical Bayes": float(np.ptp(a / (a + b))),
        "coverage, plug-in empirical Bayes": float(inside.mean()),
        "coverage, Clopper-Pearson": float(covered.mean()),
    }


def _prior_strength(hits: Ints, n: Ints, mean: float) -> float:
    """Moment estimate of the strength of a beta prior."""
    spread = float(np.average((hits / n - mean) ** 2, weights=n))
    noise = mean * (1 - mean) * len(n) / n.sum()
    between = max(spread - noise, 1e-3)
    return max(mean * (1 - mean) / between - 1, 0.1)


# ---------------------------------------------------------------- expected values and the table

DIFFERENT = "indicators are told while states begin and end, and the model sees less: tested in world_once.py"
SPREAD = "the model sees a unit's own earlier visits and findings, and not what D.6 names: tested in world_once.py"
BIAS, STRENGTH, EM = (
    "the strength of the bias is not on record",
    "the strength of tips is not on record",
    "as for Elkan-Noto: tested in world_once.py",
)
CHANCE, RATES = (
    "one world differs from the next: its areas share effects",
    "the prototype's twelve rates are not on record: what can be reached is in world_once.py",
)


def _rows(*groups: tuple[str, dict[str, float]]) -> dict[str, tuple[float, str]]:
    """Expected values, each with the reason why it may differ."""
    return {quantity: (value, why) for why, values in groups for quantity, value in values.items()}


EXPECTED: dict[str, dict[str, tuple[float, str]]] = {
    "naive": _rows(
        (DIFFERENT, {f"precision@2% {how}, {name}": value
                     for name, values in {"no bias": (0.312, 0.273, 0.276), "biased": (0.312, 0.276, 0.276), "tips": (0.440, 0.280, 0.276)}.items()
                     for how, value in zip(("naive", "IPW", "truth"), values, strict=True)}),
        (CHANCE, {f"prevalence {how}, {name}": 0.030 for how in ("truth", "Hajek") for name in VARIANTS}),
        (DIFFERENT, {"prevalence naive, no bias": 0.056}),
        (BIAS, {"prevalence naive, biased": 0.066}),
        (STRENGTH, {"prevalence naive, tips": 0.115}),
        (DIFFERENT, {f"AUC {how}, {name}": value
                     for name, values in {"no bias": (0.819, 0.779), "biased": (0.815, 0.779), "tips": (0.790, 0.779)}.items()
                     for how, value in zip(("naive", "truth"), values, strict=True)}),
    ),
    "estimated": _rows(
        (CHANCE, {"truth": 0.030}),
        (STRENGTH, {"IPW, estimated chance": 0.0605, "DR, estimated chance": 0.0605, "coverage IPW": 0.0, "coverage DR": 0.0}),
    ),
    "unlabelled": _rows(
        (CHANCE, {"truth": 0.10}),
        (DIFFERENT, {"Elkan-Noto, at random": 0.346, "Elkan-Noto, by group": 0.294}),
        (EM, {"SAR-EM, at random": 0.085, "SAR-EM, by group": 0.090}),
        (EM, {"label rate group 0 (true 0.20)": 0.23, "label rate group 1 (true 0.65)": 0.70}),
    ),
    "spatial": _rows(
        (DIFFERENT, {"AUC random folds": 0.834, "AUC folds by strip": 0.765, "AUC blocks in space": 0.700, "AUC in a new country": 0.697}),
    ),
    "loop": _rows(
        (SPREAD, {"AF of group 1, model_greedy": 1.29, "Gini over strips, model_greedy": 0.64, "strips never visited, model_greedy": 0.016}),
        (SPREAD, {"AF of group 1, model_eps": 1.17, "Gini over strips, model_eps": 0.57, "strips never visited, model_eps": 0.001}),
        (DIFFERENT, {"finds, model_greedy": 990, "finds, model_eps": 951, "finds, model_eps_weighted": 426}),
        (DIFFERENT, {"AUC, model_greedy": 0.81, "AUC, model_eps_weighted": 0.66}),
    ),
    "urn": _rows(
        ("balls at the start are not on record: 50 and 50 here", {"naive, share of A after 20,000": 0.656, "naive, share of A after 200,000": 0.804}),
        ("as above", {"corrected by 1/chance, after 200,000": 0.595, "a fifth by lot alone, after 200,000": 0.73}),
    ),
    "fairness": _rows(
        (RATES, {"largest raw gap (true 0.343)": 0.536, "largest gap, plug-in empirical Bayes": 0.231}),
        (RATES, {"coverage, plug-in empirical Bayes": 0.9075, "coverage, Clopper-Pearson": 0.974}),
    ),
}  # fmt: skip
CHECKS: dict[str, Callable[..., Values]] = {
    "naive": naive, "estimated": estimated, "unlabelled": unlabelled, "spatial": spatial, "loop": loop, "urn": urn, "fairness": fairness,
}  # fmt: skip

ORDERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "naive precision overstates, weighted does not: no bias": ("naive", ("precision@2% IPW, no bias", "precision@2% naive, no bias")),
    "tips make it worst": ("naive", ("precision@2% naive, no bias", "precision@2% naive, tips")),
    "naive prevalence: truth < no bias < biased < tips": (
        "naive",
        ("prevalence truth, no bias", "prevalence naive, no bias", "prevalence naive, biased", "prevalence naive, tips"),
    ),
    "naive AUC overstates without bias": ("naive", ("AUC truth, no bias", "AUC naive, no bias")),
    "with tips the estimated chance misses upward": ("estimated", ("truth", "IPW, estimated chance")),
    "so does doubly robust": ("estimated", ("truth", "DR, estimated chance")),
    "SAR-EM is near, Elkan-Noto far above: at random": ("unlabelled", ("SAR-EM, at random", "Elkan-Noto, at random")),
    "SAR-EM is near, Elkan-Noto far above: by group": ("unlabelled", ("SAR-EM, by group", "Elkan-Noto, by group")),
    "folds: blocks < by strip < random": ("spatial", ("AUC blocks in space", "AUC folds by strip", "AUC random folds")),
    "loop: exploring amplifies less": ("loop", ("AF of group 1, model_eps", "AF of group 1, model_greedy")),
    "loop: exploring spreads visits": ("loop", ("Gini over strips, model_eps", "Gini over strips, model_greedy")),
    "loop: finds weighted < exploring < greedy": ("loop", ("finds, model_eps_weighted", "finds, model_eps", "finds, model_greedy")),
    "loop: raw weights spoil the ranking": ("loop", ("AUC, model_eps_weighted", "AUC, model_greedy")),
    "urn: corrected < 20,000 < 200,000": ("urn", ("corrected by 1/chance, after 200,000", "naive, share of A after 20,000", "naive, share of A after 200,000")),
    "urn: lots alone do not repair": ("urn", ("corrected by 1/chance, after 200,000", "a fifth by lot alone, after 200,000")),
    "groups: shrunk < raw": ("fairness", ("largest gap, plug-in empirical Bayes", "largest raw gap (true 0.343)")),
    "groups: plug-in covers less than Clopper-Pearson": ("fairness", ("coverage, plug-in empirical Bayes", "coverage, Clopper-Pearson")),
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicates", type=int, default=20)
    parser.add_argument(
        "--signal",
        type=float,
        default=1.0,
        help="how strongly indicators follow the state; 1 is the table of methods D.5",
    )
    parser.add_argument("--only", nargs="+", choices=tuple(CHECKS), default=tuple(CHECKS))
    options = parser.parse_args(arguments)
    made = {name: _repeat(name, options.replicates, options.signal) for name in options.only}
    print(f"\n{options.replicates} replicates, signal {options.signal:g}\n")
    print(
        "| check | quantity | expected | observed | MCSE | within 2 SE | why it may differ |\n| --- | --- | --- | --- | --- | --- | --- |"
    )
    for name, values in made.items():
        for quantity, (expected, why) in EXPECTED[name].items():
            print(_line(name, quantity, expected, values[quantity], why))
    print("\n| sign and order | holds | smallest step, in SE | values |\n| --- | --- | --- | --- |")
    kept = [
        _order(title, [made[check][one] for one in names]) for title, (check, names) in ORDERS.items() if check in made
    ]
    return 0 if all(kept) else 1


def _repeat(name: str, replicates: int, signal: float) -> dict[str, Floats]:
    """Every value of a check, by replicate."""
    started, rows = time.monotonic(), []
    for replicate in range(replicates):
        print(
            f"{time.monotonic() - started:6.1f} s  {name} {replicate + 1} of {replicates}", file=sys.stderr, flush=True
        )
        rows.append(CHECKS[name](SEED + replicate, signal=signal))
    return {quantity: np.array([row[quantity] for row in rows]) for quantity in rows[0]}


def _line(check: str, quantity: str, expected: float, values: Floats, why: str) -> str:
    """One row: the prototype's value is one draw of the same spread, so its own error counts too."""
    error = spread_of(values)[1]
    within = is_near(values, expected)
    shown = f"{values.mean():.0f}" if expected > 10 else f"{values.mean():.3f}"
    return f"| {check} | {quantity} | {expected:g} | {shown} | {error:.4f} | {'yes' if within else 'no'} | {'' if within else why} |"


def spread_of(values: Floats) -> tuple[float, float]:
    """Standard deviation over replicates, and the Monte Carlo standard error of their mean."""
    sd = float(values.std(ddof=1)) if len(values) > 1 else float("nan")
    return sd, sd / float(np.sqrt(len(values)))


def is_near(values: Floats, expected: float) -> bool:
    """Whether a prototype's value, one draw of the spread that is seen here, lies within two standard errors of the mean."""
    return bool(abs(float(values.mean()) - expected) <= 2 * np.hypot(*spread_of(values)) + 5e-4)


def _order(title: str, values: Sequence[Floats]) -> bool:
    """Whether the means rise in the order that the prototype showed, and the smallest step over its standard error (the same worlds, so paired)."""
    means = [float(one.mean()) for one in values]
    steps = [high - low for low, high in pairwise(values)]
    firm = [
        float(step.mean() / (step.std(ddof=1) / np.sqrt(len(step)))) if len(step) > 1 and step.std() > 0 else np.nan
        for step in steps
    ]
    holds = all(low < high for low, high in pairwise(means))
    verdict = "NO" if not holds else "yes" if not min(firm) < 2 else "yes, but not beyond chance"
    print(f"| {title} | {verdict} | {min(firm):.1f} | {' < '.join(f'{one:.4g}' for one in means)} |")
    return holds


if __name__ == "__main__":
    sys.exit(main())
