"""Do intervals of every way of counting hold the truth? Many small worlds, each counted as a study counts it.

    python experiments/validity/quadruple.py --worlds 40

Per world: strips at a small scale, a calendar of half years, a list of the 50 places with most indicators on each date. The truth of a list is the share of its
(place, quarter) pairs in which a visit would find something; recall and the area under the ROC curve are over the same pairs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import TypeAdapter
from sklearn.metrics import roc_auc_score

from tegenkracht.assembly import assemble, visits_of_rows
from tegenkracht.core.cohort import Cohort, Outcome, Time
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import PROCESS, Panel
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import COLUMNS, Scores
from tegenkracht.data.sources import read_dataset
from tegenkracht.data.world import make_world, read_world
from tegenkracht.data.world.clock import quarter_of
from tegenkracht.data.world.truth import Truth, read_truth
from tegenkracht.evaluation.bounds_everyone import area_bounds
from tegenkracht.evaluation.estimates import wilson_interval
from tegenkracht.evaluation.propensity import Chances, chance_estimates, check_chances, propensities_of
from tegenkracht.evaluation.sample import Sample, sample_of
from tegenkracht.evaluation.weighted import check_weighted, weighted_estimates
from tegenkracht.features import Recipe

TIME = Time(first=date(2018, 1, 1), last=date(2021, 7, 1), step="6 months", horizon="12 months", label_delay="6 months")
CAPACITY, LEVEL, REPLICATES = 50, 0.95, 200
KINDS = ("takeover_chain", "short_tenure", "address_reuse", "late_accounts", "energy_anomaly")
RECIPES = TypeAdapter(tuple[Recipe, ...]).validate_python(
    [{"from": "events", "kind": kind, "statistics": ["count"], "windows": ["24 months"]} for kind in KINDS]
)


CODES = ("TK111", "TK114", "TK115", "TK116")
WANTED = {
    ("", "prevalence"): "prevalence",
    ("rule", "precision_at_capacity"): "precision",
    ("rule", "recall_at_capacity"): "recall",
    ("rule", "auc"): "AUC",
}


def one_world(name: str, seed: int, scale: float) -> dict[str, tuple[float, float, float, float] | bool]:
    """Per figure: truth, value, low and high; and which of the findings were found."""
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
    visits = visits_of_rows(dataset, panel, [fold], time=TIME, outcome=Outcome())
    sample = sample_of(scores, lists="per_as_of", cluster_by="cluster_id")
    chances = propensities_of(panel, sample, visits, Chances("logistic", 5, 0.01), seed=seed, threads=1)
    settings = {"replicates": REPLICATES, "level": LEVEL, "seed": seed, "threads": 1}
    found = weighted_estimates(
        scores,
        visits,
        propensities=chances,
        probability_models=(),
        capacity=CAPACITY,
        lists="per_as_of",
        cluster_by="cluster_id",
        minimum=10,
        **settings,
    )
    told = chance_estimates(chances, sample, **settings)
    found_codes = {f.code: f.verdict for f in (*check_weighted(found, main="rule"), *check_chances(told))}
    return {
        **_held(found, panel, sample, _true(truth, panel, scores)),
        **{code: found_codes[code] == "found" for code in CODES},
    }


def _held(
    found: Sequence[Estimate], panel: Panel, sample: Sample, true: dict[str, float]
) -> dict[str, tuple[float, float, float, float]]:
    """Truth, value, low and high of every figure and form; for prevalence also where somebody went alone, and for the area its bounds."""
    told = {
        f"{WANTED[e.model, e.metric]}, {e.method}": (true[WANTED[e.model, e.metric]], e.value, e.low, e.high)
        for e in found
        if (e.model, e.metric) in WANTED and e.value is not None and e.low is not None and e.high is not None
    }
    labelled = panel.rows.loc[panel.rows["observed"], "outcome"].mean()
    told["prevalence, only where somebody went"] = (
        true["prevalence"],
        float(labelled),
        *_wilson(labelled, int(panel.rows["observed"].sum())),
    )
    low, high = area_bounds(sample.scores["rule"], sample.visited == 1, sample.finding == 1)
    told["AUC, bounds"] = (true["AUC"], (low + high) / 2, low, high)
    return told


def _wilson(share: float, n: int) -> tuple[float, float]:
    return wilson_interval(float(share), n, level=LEVEL)


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
    """The share of (place, quarter) pairs within the horizon in which a visit would find something: of all rows, and of the lists."""
    quarters = truth.quarters.assign(unit_id=truth.units["unit_id"].to_numpy()[truth.quarters["unit"]])[
        ["unit_id", "quarter", "potential"]
    ]
    rows = panel.rows[["row_id", "unit_id", "as_of"]].assign(
        rank=scores.rows["rank"].to_numpy(), score=scores.rows["score"].to_numpy()
    )
    start = quarter_of(rows["as_of"].to_numpy().astype("datetime64[D]"))
    pairs = pd.concat([rows.assign(quarter=start + ahead) for ahead in range(4)]).merge(
        quarters, on=["unit_id", "quarter"]
    )
    listed = pairs[pairs["rank"] <= CAPACITY]
    return {
        "prevalence": float(pairs["potential"].mean()),
        "precision": float(listed["potential"].mean()),
        "recall": float(listed["potential"].sum() / pairs["potential"].sum()),
        "AUC": float(roc_auc_score(pairs["potential"], pairs["score"])),
    }


def summary(name: str, results: list[dict]) -> Iterator[str]:
    """A line per figure."""
    figures = sorted({key for result in results for key in result if key not in CODES})
    for figure in figures:
        told = np.array([result[figure] for result in results if figure in result], float)
        held = (told[:, 2] <= told[:, 0]) & (told[:, 0] <= told[:, 3])
        margin = 1.96 * np.sqrt(LEVEL * (1 - LEVEL) / len(told))
        yield (
            f"| {name} | {figure} | {len(told)} | {told[:, 0].mean():.4f} | {told[:, 1].mean():.4f} | "
            f"{100 * held.mean():.0f} % | {100 * (LEVEL - margin):.0f} to 100 % | {np.mean(told[:, 3] - told[:, 2]):.3f} |"
        )
    for code in CODES:
        wanted = "at least 95 %" if code == "TK116" and name == "selected+tips" else "at most 5 %"
        share = 100 * np.mean([result[code] for result in results])
        yield f"| {name} | {code} found | {len(results)} | | | {share:.0f} % | {wanted} | |"


def main() -> None:
    """Every named world, printed as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=40)
    parser.add_argument("--scale", type=float, default=0.05)
    parser.add_argument("--names", nargs="+", default=["clean", "selected", "selected+tips"])
    options = parser.parse_args()
    print(
        "| world | figure | worlds | truth | estimate | interval holds the truth | expected | width |\n| --- | --- | --- | --- | --- | --- | --- | --- |"
    )
    for name in options.names:
        results = []
        for seed in range(options.worlds):
            results.append(one_world(name, seed + 1, options.scale))
            print(f"\r{name}: {seed + 1} of {options.worlds}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        print("\n".join(summary(name, results)), flush=True)


if __name__ == "__main__":
    main()
