"""Do bands over the strength of tips hold the truth, and does the tool say so when estimated chances are wrong? Many small worlds, each counted as a study counts it.

    python experiments/validity/sensitivity.py --worlds 500      # every named world, two processes

Per world: strips at a small scale, a calendar of half years, a list of the 50 places with most indicators on each date. The truth is the share of (place, quarter)
pairs within the horizon in which a visit would find something. In `selected+tips` the odds of a visit are e times as high, on average, where something is going on.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from in_processes import seen_per_name, worlds_parser
from pydantic import TypeAdapter

from tegenkracht.assembly import assemble, visits_of_rows
from tegenkracht.core.cohort import Cohort, Outcome, Time
from tegenkracht.core.conditions import conditions_of
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import PROCESS, Panel
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import COLUMNS, Scores
from tegenkracht.data.sources import read_dataset
from tegenkracht.data.world import make_world, read_world
from tegenkracht.data.world.clock import quarter_of
from tegenkracht.data.world.truth import Truth, read_truth
from tegenkracht.evaluation.assumed import Assumed, assumed_estimates
from tegenkracht.evaluation.hidden_tips import seen_of, tips_estimates
from tegenkracht.evaluation.hidden_tips_checks import check_tips
from tegenkracht.evaluation.propensity import Chances, propensities_of
from tegenkracht.evaluation.sample import sample_of
from tegenkracht.evaluation.sensitivity import Visits
from tegenkracht.features import Recipe

TIME = Time(first=date(2018, 1, 1), last=date(2021, 7, 1), step="6 months", horizon="12 months", label_delay="6 months")
CAPACITY, LEVEL, REPLICATES = 50, 0.95, 200
KINDS = ("takeover_chain", "short_tenure", "address_reuse", "late_accounts", "energy_anomaly", "cash_intensive")
RECIPES = TypeAdapter(tuple[Recipe, ...]).validate_python(
    [{"from": "events", "kind": kind, "statistics": ["count"], "windows": ["24 months"]} for kind in KINDS]
)
DRAWS = {"replicates": REPLICATES, "level": LEVEL, "threads": 1}
SHOWN = ("1", "1.5", "2", "3", "5")
Result = dict[str, tuple[float, Estimate] | bool | float]


def one_world(name: str, seed: int, *, scale: float) -> Result:
    """Per figure its truth and estimate; per check whether it was found; and the strength that would explain the lot."""
    with tempfile.TemporaryDirectory() as folder:
        to = Path(folder) / "w"
        make_world(
            read_world(name), scale=scale, seed=seed, sectors=["shopping_strip"], to=to, force=False, progress=silent
        )
        dataset, truth = read_dataset(to), read_truth(to)
    panel = assemble(
        dataset,
        cohort=Cohort(kind="calendar", sectors=("shopping_strip",)),
        time=TIME,
        outcome=Outcome(),
        recipes=RECIPES,
        audit=(),
        sole_traders="business_facts_only",
        threads=1,
    ).panel
    fold = Fold("all", panel.rows["as_of"].min(), np.array([], np.int64), np.arange(len(panel.rows)))
    scores = _scores(panel)
    sample = sample_of(scores, lists="per_as_of", cluster_by="cluster_id")
    visits = visits_of_rows(dataset, panel, [fold], time=TIME, outcome=Outcome())
    true = _true(truth, panel, scores)
    chances = propensities_of(panel, sample, visits, Chances("logistic", 5, 0.01), seed=seed, threads=1)
    seen = seen_of(panel, sample, visits, chances, model="rule", capacity=CAPACITY, seed=seed)
    estimates = tips_estimates(seen, capacity=CAPACITY, seed=seed, **DRAWS)
    blind = replace(seen, recorded=Visits(*(np.asarray(column)[:0] for column in vars(seen.recorded).values())))
    unrecorded = tips_estimates(blind, capacity=CAPACITY, seed=seed, **DRAWS)
    assumed = assumed_estimates(sample, Assumed(1.0, None), main="rule", capacity=CAPACITY, seed=seed, **DRAWS)
    told: Result = {}
    for e in (*estimates, *assumed):
        if e.method in ("tips", "tips_interval", "assumed", "assumed_interval") and e.low is not None:
            told[f"{e.metric}|{e.method}|{e.at}"] = (true[e.metric], e)
    found = {f.code: f.verdict for f in check_tips(estimates, main="rule", why="")}
    told["TK121"] = found["TK121"] == "found"
    told["TK121, no chance recorded"] = any(
        f.code == "TK121" and f.verdict == "found" for f in check_tips(unrecorded, main="rule", why="")
    )
    told["TK122"] = found["TK122"] == "found"
    told["TK123"] = found["TK123"] == "found"
    return told


def _scores(panel: Panel) -> Scores:
    """The sum of indicators, with the row's own number to break ties as a lottery would."""
    points = panel.rows[list(panel.feature_names)].sum(axis=1) + np.random.default_rng(1).uniform(
        0, 0.5, len(panel.rows)
    )
    rows = panel.rows[["row_id", "unit_id", "as_of", "outcome", "observed"]].assign(
        model="rule", fold="all", score=points
    )
    rows["rank"] = rows.groupby("as_of")["score"].rank(ascending=False, method="first").astype(int)
    context = panel.rows.set_index("row_id")[["cluster_id", "area_code", "sector", *PROCESS]]
    return Scores(rows[list(COLUMNS)], context, (), ("rule",))


def _true(truth: Truth, panel: Panel, scores: Scores) -> dict[str, float]:
    """The share of (place, quarter) pairs within the horizon in which a visit would find something: of all rows, of the lists, and the distance."""
    quarters = truth.quarters.assign(unit_id=truth.units["unit_id"].to_numpy()[truth.quarters["unit"]])[
        ["unit_id", "quarter", "potential"]
    ]
    rows = panel.rows[["row_id", "unit_id", "as_of"]].assign(rank=scores.rows["rank"].to_numpy())
    start = quarter_of(rows["as_of"].to_numpy().astype("datetime64[D]"))
    pairs = pd.concat([rows.assign(quarter=start + ahead) for ahead in range(4)]).merge(
        quarters, on=["unit_id", "quarter"]
    )
    everywhere = float(pairs["potential"].mean())
    listed = float(pairs.loc[pairs["rank"] <= CAPACITY, "potential"].mean())
    return {
        "prevalence": everywhere,
        "precision_at_capacity": listed,
        "precision_above_random": listed - everywhere,
    }


def summary(name: str, results: list[Result]) -> Iterator[str]:
    """A line per figure and strength, then a line per check."""
    keys = list(dict.fromkeys(key for result in results for key, value in result.items() if isinstance(value, tuple)))
    for key in keys:
        metric, method, at = key.split("|")
        strength = conditions_of(at)
        if strength.get("gamma", "1") not in SHOWN or method.endswith("_interval"):
            continue
        pairs = [
            (result[key], result[key.replace(f"|{method}|", f"|{method}_interval|")])
            for result in results
            if key in result
        ]
        if not pairs:
            continue
        true = np.array([band[0] for band, _ in pairs])
        band = np.array([(e.low, e.high) for (_, e), _ in pairs])
        around = np.array([(e.low, e.high) for _, (_, e) in pairs])
        by = (
            f"chance {strength['chance']}, strength {strength['gamma']}"
            if "gamma" in strength
            else f"if {strength['if']}"
        )
        yield (
            f"| {name} | {metric} | {by} | {len(pairs)} | {true.mean():.4f} | {band[:, 0].mean():.4f} to {band[:, 1].mean():.4f} | "
            f"{_held(band, true)} | {_held(around, true)} |"
        )
    for code in ("TK121", "TK121, no chance recorded", "TK122", "TK123"):
        yield f"| {name} | {code} found | | {len(results)} | | | {100 * np.mean([r[code] for r in results]):.0f} % | |"


def _held(ends: np.ndarray, true: np.ndarray) -> str:
    return f"{100 * np.mean((ends[:, 0] <= true + 1e-12) & (true <= ends[:, 1] + 1e-12)):.0f} %"


def main() -> None:
    """Every named world, printed as Markdown."""
    parser = worlds_parser(__doc__, names=["clean", "selected", "selected+tips"])
    parser.add_argument("--scale", type=float, default=0.05)
    options = parser.parse_args()
    print(
        "| world | figure | how | worlds | truth | band, mean | band holds the truth | interval holds the truth |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- |"
    )
    for name, results in seen_per_name(one_world, options, scale=options.scale):
        print("\n".join(summary(name, results)), flush=True)


if __name__ == "__main__":
    main()
