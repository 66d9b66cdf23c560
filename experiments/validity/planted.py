"""Processes with something planted in them, and what the audits of where differences come from say of each.

A process is made of strips of places that share an effect; its arrays go to the audits as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from line import AT_LEAST, AT_MOST, COVERED, NO_DEMAND, Line, found, holds
from rich.console import Console
from rich.progress import track
from scipy.special import expit, ndtr

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.contrast import contrasts
from tegenkracht.evaluation.estimates import About
from tegenkracht.evaluation.label_audit import (
    DETECTABLE,
    EQUAL,
    GAP,
    check_labels,
    gap_estimates,
)
from tegenkracht.evaluation.proxies import SCORE, auc_estimate, check_proxies
from tegenkracht.evaluation.sample import UNKNOWN, Grouping, Sample
from tegenkracht.evaluation.subgroups import check_subgroups, subgroup_estimates, subgroups
from tegenkracht.evaluation.visited import Visited

CONSOLE = Console(stderr=True)
LEVEL, MINIMUM, REPLICATES = 0.95, 10, 300
STRIPS, PLACES, VISITS = 150, 40, 0.7
PROXY_SIZE, AREAS, DRAWS, BANDS = 0.1, 8, 500, 20
FEW_STRIPS = 25


def sample_from(
    *,
    cluster: np.ndarray,
    score: np.ndarray,
    visited: np.ndarray,
    finding: np.ndarray,
    groups: Mapping[str, np.ndarray],
    rows: pd.DataFrame,
) -> Sample:
    """Arrays as the test rows of a study with one list."""
    n = score.size
    return Sample(
        rows=rows,
        scores={"rule": score},
        visited=visited.astype(np.uint8),
        finding=finding.astype(np.uint8),
        cluster=cluster.astype(np.int32),
        clusters=int(cluster.max()) + 1,
        folds=("all",),
        fold=np.zeros(n, np.int64),
        lists=np.zeros(n, np.int64),
        list_fold=np.zeros(1, np.int64),
        groupings=tuple(_grouping(name, of, rows) for name, of in groups.items()),
    )


def _grouping(name: str, of: np.ndarray, rows: pd.DataFrame) -> Grouping:
    values, codes = np.unique(of, return_inverse=True)
    unit = np.unique(rows["unit_id"].to_numpy(), return_inverse=True)[1]
    return Grouping(name, tuple(f"{name}{v}" for v in values), codes.astype(np.int32), unit)


@dataclass(frozen=True)
class Process:
    """Strips of places: who is in which group, what the score is, who was visited and what was found."""

    sample: Sample
    visited: Visited


def process(
    rng: np.random.Generator,
    *,
    gap: float = 0.0,
    tells: float = 0.0,
    stands_out: float = 0.0,
    strips: int = STRIPS,
    rare: float = 0.0,
    rare_stands_out: float = 0.0,
) -> Process:
    """`gap` is added to what is found in group b of the first attribute; `tells` shifts the score there; `stands_out` shifts it for b and z.

    With `rare` there is a third attribute, that so many places have; `rare_stands_out` shifts the score there.
    """
    cluster = np.repeat(np.arange(strips), PLACES)
    n = cluster.size
    leaning = rng.beta(2, 4, strips)[cluster]
    first, second = rng.random(n) < leaning, rng.integers(3, size=n)
    effect = 0.3 * rng.normal(size=strips)[cluster]
    score = rng.normal(size=n) + effect + tells * first + stands_out * (first & (second == 2))
    third = rng.random(n) < rare if rare else np.zeros(n, bool)
    score += rare_stands_out * third
    found = rng.random(n) < np.clip(expit(-2.4 + 0.8 * score + 0.3 * effect) + gap * first, 0, 1)
    visits = rng.random(n) < VISITS
    rows = pd.DataFrame(
        {"unit_id": np.arange(n), "as_of": pd.Timestamp("2024-01-01"), "area_code": cluster.astype(str)}
    )
    groups = {"one": first.astype(int), "two": second}
    if rare:
        groups["three"] = third.astype(int)
    sample = sample_from(cluster=cluster, score=score, visited=visits, finding=visits & found, groups=groups, rows=rows)
    row = np.flatnonzero(visits)
    names = rng.choice(["i1", "i2", "i3"], row.size)
    on = np.full(row.size, np.datetime64("2024-02-01"))
    return Process(sample, Visited(row, found[row].astype(float), on, np.full(row.size, "risk"), names))


def labels_of(made: Process, seed: int) -> list[Estimate]:
    """The label audit of a process."""
    chosen = tuple(contrasts(made.sample.groupings, minimum=MINIMUM, unknown=UNKNOWN))
    return list(
        gap_estimates(
            made.sample,
            made.visited,
            chosen,
            model="rule",
            capacity=100,
            bands=BANDS,
            minimum=MINIMUM,
            replicates=REPLICATES,
            level=LEVEL,
            seed=seed,
            threads=1,
        )
    )


def told_of(made: Process) -> list[Estimate]:
    """How well the score tells each group."""
    sample = made.sample
    everyone = np.ones(len(sample.rows), bool)
    return [
        auc_estimate(
            sample.scores["rule"],
            c,
            sample.cluster,
            sample.lists,
            everyone,
            About("rule", group=c.group, at=SCORE),
            minimum=MINIMUM,
            level=LEVEL,
        )
        for c in contrasts(sample.groupings, minimum=MINIMUM, unknown=UNKNOWN)
    ]


def worst_in(made: Process, seed: int, *, capacity: int = 600) -> list[Estimate]:
    """The search for the subgroup that is flagged most."""
    sample = made.sample
    score = sample.scores["rule"]
    listed = (score >= np.sort(score)[-capacity]).astype(float)
    return list(
        subgroup_estimates(
            {"selection_rate": (listed, np.ones(listed.size, bool))},
            tuple(subgroups(sample.groupings, minimum=MINIMUM, unknown=UNKNOWN)),
            cluster=sample.cluster,
            model="rule",
            capacity=capacity,
            minimum=MINIMUM,
            draws=DRAWS,
            level=LEVEL,
            seed=seed,
        )
    )


TK211_CLEAN, TK212_CLEAN, TK215_CLEAN = (f"{code}, nothing planted" for code in ("TK211", "TK212", "TK215"))
FEW_CLEAN = f"TK212, nothing planted, {FEW_STRIPS} strips"
FEW_HELD = f"`found_gap` at equal scores, {FEW_STRIPS} strips: interval holds zero"
HIGHER_CLEAN = "TK212, nothing planted, one group scores much higher"
HELD = "`found_gap` at equal scores: interval holds the planted gap"
ABOVE = "TK212, planted gap above the stated smallest gap"
BELOW = "TK212, planted gap below it"
AUC_HELD = "`proxy_auc`: interval holds the truth"
AUC_FOUND = "TK211, score told at 66 of 100 pairs"
WORST_FOUND = "TK215, subgroup flagged 2.3 times as often"
FEW_ALONE = f"TK215, nothing planted, {FEW_STRIPS} strips"
RARE_CLEAN = "TK215, nothing planted, a group of one place in twenty"
RARE_FOUND = "TK215, a group of one place in twenty that scores 0.4 higher"
MOST_CLEAN = "TK215, nothing planted, a group of nineteen places in twenty"
MOST_FOUND = "TK215, a group of nineteen places in twenty that scores 0.4 higher"
WANTED = {
    **dict.fromkeys((TK211_CLEAN, TK212_CLEAN, TK215_CLEAN, FEW_CLEAN), AT_MOST),
    FEW_HELD: COVERED,
    HIGHER_CLEAN: AT_MOST,
    HELD: COVERED,
    ABOVE: AT_LEAST,
    BELOW: NO_DEMAND,
    AUC_HELD: COVERED,
    AUC_FOUND: AT_LEAST,
    WORST_FOUND: AT_LEAST,
    RARE_CLEAN: AT_MOST,
    RARE_FOUND: NO_DEMAND,
    FEW_ALONE: AT_MOST,
    MOST_CLEAN: AT_MOST,
    MOST_FOUND: NO_DEMAND,
}
"""What is counted, in the order of the table, and what is wanted of it."""
GAPS = (0.04, 0.06, 0.08)
_SHIFT = 0.6


def planted(times: int, first_seed: int, *, workers: int) -> Iterator[Line]:
    """Label audit, proxy test and search on planted processes."""
    lines = {name: Line(name, wanted) for name, wanted in WANTED.items()}
    with ProcessPoolExecutor(workers) as pool:
        every = pool.map(one_of_each, range(first_seed, first_seed + times), chunksize=4)
        for seen in track(every, description="planted", total=times, console=CONSOLE):
            for name, so in seen:
                lines[name].add(so)
    yield from lines.values()


def one_of_each(seed: int) -> list[tuple[str, bool]]:
    """One process with each thing planted: what was counted, and whether it was so."""
    rng = np.random.default_rng([seed, 1])
    clean = process(rng)
    labels = labels_of(clean, seed)
    seen = [
        (TK212_CLEAN, _label_gap_found(labels)),
        (HELD, _gap_held(labels, 0.0)),
        (TK211_CLEAN, found([check_proxies(told_of(clean), model="rule", size=PROXY_SIZE)], "TK211")),
        (TK215_CLEAN, _one_stands_out(clean, seed)),
    ]
    few = process(rng, strips=FEW_STRIPS)
    small = labels_of(few, seed)
    seen += [(FEW_CLEAN, _label_gap_found(small)), (FEW_HELD, _gap_held(small, 0.0))]
    seen.append((HIGHER_CLEAN, _label_gap_found(labels_of(process(rng, tells=1.2), seed))))
    for gap in GAPS:
        labels = labels_of(process(rng, gap=gap), seed)
        stated = next(e.value for e in labels if e.metric == DETECTABLE and e.at == EQUAL and e.group == "one=one1")
        above = gap > (1.0 if stated is None else stated)
        seen += [(HELD, _gap_held(labels, gap)), (ABOVE if above else BELOW, _label_gap_found(labels))]
    told = told_of(process(rng, tells=_SHIFT))
    one = next(e for e in told if e.group == "one=one1")
    return [
        *seen,
        (AUC_FOUND, found([check_proxies(told, model="rule", size=PROXY_SIZE)], "TK211")),
        (AUC_HELD, holds(one, _true_auc())),
        (WORST_FOUND, _one_stands_out(process(rng, stands_out=0.5), seed)),
        (RARE_CLEAN, _one_stands_out(process(rng, rare=0.05), seed)),
        (RARE_FOUND, _one_stands_out(process(rng, rare=0.05, rare_stands_out=0.4), seed)),
        (FEW_ALONE, _one_stands_out(few, seed)),
        (MOST_CLEAN, _one_stands_out(process(rng, rare=0.95), seed)),
        (MOST_FOUND, _one_stands_out(process(rng, rare=0.95, rare_stands_out=0.4), seed)),
    ]


def _one_stands_out(made: Process, seed: int) -> bool:
    return found(check_subgroups(worst_in(made, seed), model="rule", level=LEVEL), "TK215")


def _true_auc() -> float:
    """Of two places in any two strips: scores are normal with variance 1 + 0.09 each, and a shift."""
    return float(ndtr(_SHIFT / np.sqrt(2 * (1 + 0.3**2))))


def _label_gap_found(estimates: Sequence[Estimate]) -> bool:
    return found(check_labels(estimates, model="rule", level=LEVEL), "TK212")


def _gap_held(estimates: Sequence[Estimate], gap: float) -> bool:
    return holds(next(e for e in estimates if e.metric == GAP and e.at == EQUAL and e.group == "one=one1"), gap)
