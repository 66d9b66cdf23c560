"""Do the audits of where differences come from see what was planted, and nothing where nothing was? Many small processes with known truth, and named worlds.

    python experiments/validity/fairness.py --times 200 --worlds 6

A planted process is made of strips of places that share an effect; its arrays go to the audits as they are. The named worlds are lived through quarter by
quarter, and nothing is written: indicators, visits and findings go to the same audits.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from line import AT_LEAST, AT_MOST, COVERED, HEAD, NO_DEMAND, Line, found
from rich.console import Console
from rich.progress import track
from scipy.special import expit, ndtr

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.progress import silent
from tegenkracht.data.world import read_world
from tegenkracht.data.world.clock import start_of
from tegenkracht.data.world.maker import set_up_sectors
from tegenkracht.data.world.sector_run import run
from tegenkracht.data.world.visits import CHANNELS
from tegenkracht.evaluation.contrast import contrasts
from tegenkracht.evaluation.estimates import About
from tegenkracht.evaluation.label_audit import (
    CHOSEN,
    DETECTABLE,
    EQUAL,
    GAP,
    agreement_estimates,
    check_labels,
    gap_estimates,
    second_looks,
)
from tegenkracht.evaluation.proxies import SCORE, auc_estimate, check_proxies
from tegenkracht.evaluation.sample import UNKNOWN, Grouping, Sample
from tegenkracht.evaluation.subgroups import check_subgroups, subgroup_estimates, subgroups
from tegenkracht.evaluation.threshold_test import (
    THRESHOLD_DETECTABLE,
    THRESHOLD_GAP,
    check_thresholds,
    threshold_estimates,
)
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
        groupings=tuple(
            Grouping(
                name, tuple(f"{name}{v}" for v in np.unique(of)), np.unique(of, return_inverse=True)[1].astype(np.int32)
            )
            for name, of in groups.items()
        ),
    )


# ---------------------------------------------------------------- planted processes


@dataclass(frozen=True)
class Process:
    """Strips of places: who is in which group, what the score is, who was visited and what was found."""

    sample: Sample
    visited: Visited


def process(
    rng: np.random.Generator, *, gap: float = 0.0, tells: float = 0.0, stands_out: float = 0.0, strips: int = STRIPS
) -> Process:
    """`gap` is added to what is found in group b of the first attribute; `tells` shifts the score there; `stands_out` shifts it for b and z."""
    cluster = np.repeat(np.arange(strips), PLACES)
    n = cluster.size
    leaning = rng.beta(2, 4, strips)[cluster]
    first, second = rng.random(n) < leaning, rng.integers(3, size=n)
    effect = 0.3 * rng.normal(size=strips)[cluster]
    score = rng.normal(size=n) + effect + tells * first + stands_out * (first & (second == 2))
    found = rng.random(n) < np.clip(expit(-2.4 + 0.8 * score + 0.3 * effect) + gap * first, 0, 1)
    visits = rng.random(n) < VISITS
    rows = pd.DataFrame(
        {"unit_id": np.arange(n), "as_of": pd.Timestamp("2024-01-01"), "area_code": cluster.astype(str)}
    )
    groups = {"one": first.astype(int), "two": second}
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


def planted(times: int, first_seed: int) -> Iterator[Line]:
    """Label audit, proxy test and search on planted processes."""
    alarm = {code: Line(f"{code}, nothing planted", AT_MOST) for code in ("TK211", "TK212", "TK215")}
    cover = Line("`found_gap` at equal scores: interval holds the planted gap", COVERED)
    over = Line("TK212, planted gap above the stated smallest gap", AT_LEAST)
    under = Line("TK212, planted gap below it", NO_DEMAND)
    few = Line(f"TK212, nothing planted, {FEW_STRIPS} strips", AT_MOST)
    few_cover = Line(f"`found_gap` at equal scores, {FEW_STRIPS} strips: interval holds zero", COVERED)
    higher = Line("TK212, nothing planted, one group scores much higher", AT_MOST)
    auc_cover = Line("`proxy_auc`: interval holds the truth", COVERED)
    auc_power = Line("TK211, score told at 66 of 100 pairs", AT_LEAST)
    worst_power = Line("TK215, subgroup flagged 2.3 times as often", AT_LEAST)
    for seed in track(range(first_seed, first_seed + times), description="planted", console=CONSOLE):
        rng = np.random.default_rng([seed, 1])
        clean = process(rng)
        found_here = labels_of(clean, seed)
        alarm["TK212"].add(found(check_labels(found_here, model="rule", level=LEVEL), "TK212"))
        _gap_held(cover, found_here, 0.0)
        alarm["TK211"].add(found([check_proxies(told_of(clean), model="rule", size=PROXY_SIZE)], "TK211"))
        alarm["TK215"].add(found(check_subgroups(worst_in(clean, seed), model="rule", level=LEVEL), "TK215"))
        small = labels_of(process(rng, strips=FEW_STRIPS), seed)
        few.add(found(check_labels(small, model="rule", level=LEVEL), "TK212"))
        _gap_held(few_cover, small, 0.0)
        apart = labels_of(process(rng, tells=1.2), seed)
        higher.add(found(check_labels(apart, model="rule", level=LEVEL), "TK212"))
        for gap in (0.04, 0.06, 0.08):
            gapped = labels_of(process(rng, gap=gap), seed)
            _gap_held(cover, gapped, gap)
            stated = next(e.value for e in gapped if e.metric == DETECTABLE and e.at == EQUAL and e.group == "one=one1")
            line = over if gap > (stated or 1.0) else under
            line.add(found(check_labels(gapped, model="rule", level=LEVEL), "TK212"))
        telling = process(rng, tells=_SHIFT)
        told = told_of(telling)
        auc_power.add(found([check_proxies(told, model="rule", size=PROXY_SIZE)], "TK211"))
        one = next(e for e in told if e.group == "one=one1")
        auc_cover.add((one.low or 1) <= _true_auc() <= (one.high or 0))
        out = worst_in(process(rng, stands_out=0.5), seed)
        worst_power.add(found(check_subgroups(out, model="rule", level=LEVEL), "TK215"))
    yield from (*alarm.values(), few, few_cover, higher, cover, over, under, auc_cover, auc_power, worst_power)


_SHIFT = 0.6


def _true_auc() -> float:
    """Of two places in any two strips: scores are normal with variance 1 + 0.09 each, and a shift."""
    return float(ndtr(_SHIFT / np.sqrt(2 * (1 + 0.3**2))))


def _gap_held(line: Line, estimates: Sequence[Estimate], gap: float) -> None:
    one = next(e for e in estimates if e.metric == GAP and e.at == EQUAL and e.group == "one=one1")
    line.add(one.low is not None and one.high is not None and one.low <= gap <= one.high)


# ---------------------------------------------------------------- named worlds


QUARTERS = 40
DETECTABLES = {GAP: DETECTABLE, THRESHOLD_GAP: THRESHOLD_DETECTABLE}
KEPT = 28


@dataclass(frozen=True)
class Truth:
    """Of every row the chance of a visit, of a visit by lot, and that a visit would find something that stays."""

    visit: np.ndarray
    lot: np.ndarray
    chance: np.ndarray

    def label_gap(self, made: Process, member: np.ndarray) -> float:
        """What visits find more in a group at equal scores, were every visit made that could be made."""
        score = made.sample.scores["rule"]
        cuts = np.quantile(score[made.visited.row], np.arange(1, BANDS) / BANDS)
        band = np.searchsorted(cuts, score)
        n, x = (
            np.array([np.bincount(band[side], w[side], minlength=BANDS) for side in (member, ~member)])
            for w in (self.visit, self.visit * self.chance)
        )
        weight = n[0] * n[1] / n.sum(0)
        return float((weight * (x[0] / n[0] - x[1] / n[1])).sum() / weight.sum())

    def threshold_gap(self, member: np.ndarray) -> float:
        """How much higher the chance of a finding is in a group at the margin: where a slightly other rule would change who is visited."""
        chosen = np.clip((self.visit - self.lot) / (1 - self.lot), 0, 1)
        margin = chosen * (1 - chosen)
        if not margin.any():  # every visit by lot: nobody has a threshold
            return 0.0
        inside, rest = (float((margin * self.chance)[side].sum() / margin[side].sum()) for side in (member, ~member))
        return inside - rest


def lived(name: str, seed: int, scale: float) -> tuple[Process, Truth]:
    """The last quarters of a world: a row per open unit and quarter, its score the indicators known by then, its visits and findings."""
    _, settings = set_up_sectors(read_world(name), scale=scale, seed=seed, sectors=["shopping_strip"], progress=silent)
    setting = settings[0]
    kinds, count = len(setting.seen.kinds), setting.places.count
    known = np.zeros((kinds, count))
    units, quarters, scores, parts, true = [], [], [], [], []
    kept_findings = 1 - setting.world.detection.overturned
    for quarter in run(setting, quarters=QUARTERS):
        if quarter.number >= QUARTERS - KEPT:
            units.append(np.flatnonzero(setting.places.is_open(quarter.number)))
            quarters.append(np.full(units[-1].size, quarter.number))
            scores.append((setting.manner @ known)[units[-1]])
            c = quarter.chances
            true.append(np.array([c.visit, c.lot, kept_findings * c.finding])[:, units[-1]])
            v = quarter.visits
            parts.append((np.full(v.unit.size, quarter.number), v))
        told = quarter.told.taken(quarter.told.kind < kinds)
        known = 0.875 * known + np.bincount(told.kind * count + told.unit, minlength=kinds * count).reshape(
            kinds, count
        )
    unit, when = np.concatenate(units), np.concatenate(quarters)
    place = pd.MultiIndex.from_arrays([unit, when])
    of_visit = place.get_indexer(
        pd.MultiIndex.from_arrays([np.concatenate([v.unit for _, v in parts]), np.concatenate([q for q, _ in parts])])
    )
    inside = of_visit >= 0

    def take(column: str) -> np.ndarray:
        return np.concatenate([getattr(v, column) for _, v in parts])[inside]

    row, positive = of_visit[inside], take("finding").astype(float)
    order = np.argsort(row, kind="stable")
    visited, finding = np.zeros(unit.size), np.zeros(unit.size)
    visited[row] = 1
    np.maximum.at(finding, row, positive)
    channel = np.array(CHANNELS)[take("channel")]
    inspector = take("inspector").astype(str)
    places = setting.places
    rows = pd.DataFrame(
        {
            "unit_id": unit,
            "as_of": start_of(when).astype("datetime64[ns]"),
            "area_code": places.area_code[unit].astype(str),
        }
    )
    groups = {"group": places.group[unit], "second": places.second_group[unit]}
    noise = np.random.default_rng([seed, 3]).uniform(0, 1e-6, unit.size)
    made = sample_from(
        cluster=np.unique(places.cluster[unit], return_inverse=True)[1],
        score=np.concatenate(scores) + noise,
        visited=visited,
        finding=finding,
        groups=groups,
        rows=rows,
    )
    seen = Visited(row[order], positive[order], take("day")[order], channel[order], inspector[order])
    return Process(made, seen), Truth(*np.concatenate(true, axis=1))


def worlds(names: Sequence[str], times: int, scale: float) -> Iterator[str]:
    """What the audits say of the group attribute in named worlds: values, and how often each finds something."""
    for name in names:
        values: dict[str, list[float]] = {}
        covered: dict[str, list[bool]] = {}
        demanded: dict[str, list[bool]] = {}
        asked_for = Line("TK212 found, truth above the stated smallest gap", AT_LEAST)
        lines = {code: Line(code, "") for code in ("TK211", "TK212", "TK213", "TK214", "TK215")}
        for seed in track(range(times), description=name, console=CONSOLE):
            made, truth = lived(name, seed + 1, scale)
            member = made.sample.groupings[0].of_row == made.sample.groupings[0].values.index("group1")
            told = told_of(made)
            labels = labels_of(made, seed)
            limits = list(
                threshold_estimates(
                    made.sample, made.visited, areas=AREAS, minimum=MINIMUM, level=LEVEL, unknown=UNKNOWN
                )
            )
            chosen = tuple(contrasts(made.sample.groupings, minimum=MINIMUM, unknown=UNKNOWN))
            looks = list(
                agreement_estimates(
                    second_looks(made.visited, made.sample, within_days=14),
                    made.sample,
                    chosen,
                    minimum=MINIMUM,
                    replicates=REPLICATES,
                    level=LEVEL,
                    seed=seed,
                    threads=1,
                )
            )
            findings = [
                check_proxies(told, model="rule", size=PROXY_SIZE),
                *check_labels([*labels, *looks], model="rule", level=LEVEL),
                *check_thresholds([*labels, *limits], level=LEVEL),
                *check_subgroups(worst_in(made, seed), model="rule", level=LEVEL),
            ]
            true = {GAP: truth.label_gap(made, member), THRESHOLD_GAP: truth.threshold_gap(member)}
            for e in (*labels, *limits):
                planted = true.get(e.metric)
                if planted is None or not e.group.startswith("group=") or e.at not in (EQUAL, "versus=group0"):
                    continue
                if e.low is None or e.high is None:
                    continue
                planted = planted if e.group == "group=group1" else -planted
                values.setdefault(f"`{e.metric}`: truth", []).append(planted)
                covered.setdefault(e.metric, []).append(e.low <= planted <= e.high)
                stated = next(
                    (
                        d
                        for d in (*labels, *limits)
                        if d.group == e.group and d.at == e.at and d.metric == DETECTABLES[e.metric]
                    ),
                    None,
                )
                above = stated is not None and stated.value is not None and abs(planted) > stated.value
                demanded.setdefault(e.metric, []).append(above)
                if above and e.metric == GAP:
                    asked_for.add(found(findings, "TK212"))
            for code, line in lines.items():
                verdicts = [f.verdict for f in findings if f.code == code]
                if "found" in verdicts or "not_found" in verdicts:
                    line.add("found" in verdicts)
            for e in (*told, *labels, *limits, *looks):
                wanted = {("proxy_auc", "score"), (GAP, EQUAL), (GAP, CHOSEN), (DETECTABLE, EQUAL)}
                asked = (e.metric, e.at) in wanted or e.metric in ("visit_threshold_gap", "found_again_gap")
                if asked and e.group.startswith("group=") and e.value is not None:
                    values.setdefault(f"`{e.metric}` {e.at}".strip(), []).append(e.value)
        for figure, got in values.items():
            yield f"| {name} | {figure} | {len(got)} | {np.mean(got):.4f} (SD {np.std(got):.4f}) |"
        for metric, held in covered.items():
            yield f"| {name} | `{metric}`: interval holds the truth | {len(held)} | {100 * np.mean(held):.0f} % |"
            asked = sum(demanded[metric])
            yield f"| {name} | `{metric}`: truth above the stated smallest gap (demand on power) | {len(held)} | in {asked} |"
        if asked_for.times:
            yield f"| {name} | {asked_for.name} | {asked_for.times} | {asked_for.share} |"
        for code, line in lines.items():
            share = f"{100 * line.yes / line.times:.0f} %" if line.times else "no answer"
            yield f"| {name} | {code} found | {line.times} | {share} |"


def main() -> None:
    """Every part, printed as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--worlds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=1000)
    parser.add_argument("--scale", type=float, default=0.03)
    parser.add_argument("--names", nargs="+", default=["clean", "detect_gap", "proxy_only", "infra_marginal"])
    options = parser.parse_args()
    print(HEAD, flush=True)
    for line in planted(options.times, options.first_seed):
        print(line, flush=True)
    if options.worlds:
        print("\n| world | figure | worlds | mean, or share |\n| --- | --- | --- | --- |", flush=True)
        for text in worlds(options.names, options.worlds, options.scale):
            print(text, flush=True)


if __name__ == "__main__":
    main()
