"""Do the audits of where differences come from see what was planted, and nothing where nothing was? Many small processes with known truth, and named worlds.

    python experiments/validity/fairness.py --times 200 --worlds 6

A planted process is made of strips of places that share an effect; its arrays go to the audits as they are. The named worlds are lived through quarter by
quarter, and nothing is written: indicators, visits and findings go to the same audits.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from line import AT_LEAST, HEAD, Line, found
from planted import (
    AREAS,
    BANDS,
    CONSOLE,
    LEVEL,
    MINIMUM,
    PROXY_SIZE,
    REPLICATES,
    Process,
    labels_of,
    planted,
    sample_from,
    told_of,
    worst_in,
)
from rich.progress import track

from tegenkracht.core.progress import silent
from tegenkracht.data.world import read_world
from tegenkracht.data.world.clock import start_of
from tegenkracht.data.world.maker import set_up_sectors
from tegenkracht.data.world.sector_run import run
from tegenkracht.data.world.visits import CHANNELS
from tegenkracht.evaluation.contrast import contrasts
from tegenkracht.evaluation.label_audit import (
    CHOSEN,
    DETECTABLE,
    EQUAL,
    GAP,
    agreement_estimates,
    check_labels,
    second_looks,
)
from tegenkracht.evaluation.proxies import check_proxies
from tegenkracht.evaluation.sample import UNKNOWN
from tegenkracht.evaluation.subgroups import check_subgroups
from tegenkracht.evaluation.threshold_test import (
    THRESHOLD_DETECTABLE,
    THRESHOLD_GAP,
    check_thresholds,
    threshold_estimates,
)
from tegenkracht.evaluation.visited import Visited

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
