"""Do pooled shares of sectors and regions hold the truth, are they nearer to it, and is a group named only when it is unlike the others?

    python experiments/validity/pooled.py --times 100 --models 200 --worlds 20

Planted: groups of visits to strips that are alike, with rates from one curve; in some one group lies outside. Models: sectors with levels and weights from one
distribution each, of which the smallest has sixty rows. Worlds: regions of a simulated world, whose true share is that of all open places and quarters at which a
visit would have found something. A part is left out when its number is 0.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import track
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from small_world import DATES, HORIZON, STEP, WINDOW, small_world

from tegenkracht.core.wilson import wilson_interval
from tegenkracht.data.world import read_world
from tegenkracht.evaluation.all_places import AllPlaces, all_places_estimates
from tegenkracht.evaluation.answers import Answers, answers_of
from tegenkracht.evaluation.estimates import About
from tegenkracht.evaluation.pooled import FIGURES, Groups, check_pooled, pooled_estimates
from tegenkracht.evaluation.unseen import taken_together
from tegenkracht.models.partially_pooled import PartiallyPooledLogistic

CONSOLE = Console(stderr=True)
LEVEL, STRIP, ALIKE = 0.95, 8, 0.08
METRIC = FIGURES[0]
LARGE = 100
REGIONS = tuple(range(16, 256, 8))
SECTORS = (24, 48, 120, 400, 2400)
"""Visits per group: thirty regions, and five sectors of which two are small."""


@dataclass
class Setting:
    """Groups of so many visits, with rates around a middle; `apart` is their spread as a part of the middle, and `outside` the rate of a group that is planted."""

    name: str
    visits: Sequence[int]
    middle: float
    apart: float
    outside: tuple[int, float] | None = None
    held: dict[str, list[float]] = field(default_factory=dict)

    def add(self, what: str, value: float) -> None:
        """One world's answer."""
        self.held.setdefault(what, []).append(value)

    def rates(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """True rates of so many groups."""
        if not self.apart:
            return np.full(count, self.middle)
        return _beta(rng, self.middle, (self.apart * self.middle) ** 2, count)


SETTINGS = (
    Setting("30 regions, one rate of 5 %", REGIONS, 0.05, 0.0),
    Setting("30 regions around 5 %, spread 2.5 points", REGIONS, 0.05, 0.5),
    Setting("30 regions around 20 %, spread 8 points", REGIONS, 0.20, 0.4),
    Setting("5 sectors around 5 %, spread 2.5 points", SECTORS, 0.05, 0.5),
)
OUTSIDE = (
    Setting("30 regions of 5 %, one of 104 visits at 20 %", REGIONS, 0.05, 0.0, (11, 0.20)),
    Setting("30 regions around 5 %, spread 2.5 points, one of 104 visits at 20 %", REGIONS, 0.05, 0.5, (11, 0.20)),
    Setting("30 regions around 5 %, spread 2.5 points, one of 248 visits at 20 %", REGIONS, 0.05, 0.5, (29, 0.20)),
    Setting("5 sectors around 5 %, spread 2.5 points, the one of 400 visits at 30 %", SECTORS, 0.05, 0.5, (3, 0.30)),
)


def _beta(rng: np.random.Generator, mean: np.ndarray | float, variance: np.ndarray | float, count: int) -> np.ndarray:
    size = mean * (1 - mean) / variance - 1
    return rng.beta(mean * size, (1 - mean) * size, count)


def visits_of(rng: np.random.Generator, setting: Setting) -> tuple[np.ndarray, Answers]:
    """True rates of groups, and what visits to strips of eight that are alike make of them."""
    rates = setting.rates(rng, len(setting.visits))
    if setting.outside:
        rates[setting.outside[0]] = setting.outside[1]
    group = np.repeat(np.arange(rates.size), setting.visits)
    strip = np.arange(group.size) // STRIP
    of_strip = rates[group[::STRIP]]
    chance = _beta(rng, of_strip, ALIKE * of_strip * (1 - of_strip), of_strip.size)[strip]
    yes = (rng.random(group.size) < chance).astype(float)
    line = np.arange(group.size)
    answers = answers_of(group=group, groups=rates.size, cluster=strip, once=line, yes=yes, weight=np.ones(group.size))
    return rates, answers


def look(setting: Setting, rates: np.ndarray, answers: Answers, rng: np.random.Generator) -> np.ndarray:
    """What is told of one world, beside its truth; which groups lie in their pooled interval."""
    groups = Groups([f"region={i:03}" for i in range(rates.size)], answers, 1)
    told = list(pooled_estimates(groups, METRIC, About(), form="labelled", level=LEVEL, rng=rng))
    found = {(e.metric.removeprefix(METRIC), e.group): e for e in told}
    own, pooled = (np.array([found[part, name].value for name in groups.names]) for part in ("", "_pooled"))
    for part in ("", "_pooled"):
        ends = np.array([(found[part, name].low, found[part, name].high) for name in groups.names])
        setting.add(f"held{part}", np.mean((ends[:, 0] <= rates) & (rates <= ends[:, 1])))
        setting.add(f"width{part}", np.mean(ends[:, 1] - ends[:, 0]))
    naive = [
        wilson_interval(float(p), float(n), level=LEVEL) for p, n in zip(answers.share, answers.count, strict=True)
    ]
    setting.add("naive", np.mean([low <= r <= high for (low, high), r in zip(naive, rates, strict=True)]))
    together = float((answers.share * answers.count).sum() / answers.count.sum())
    for what, values in (("error", own), ("error_pooled", pooled), ("error_one", together)):
        setting.add(what, np.mean((values - rates) ** 2))
    new = found["_new", ""]
    fresh = setting.rates(rng, 200)
    setting.add("new", np.mean((new.low <= fresh) & (fresh <= new.high)))
    verdicts = {f.code: f for f in check_pooled(told, by=("region",), level=LEVEL) if f.facts.get("metric") == METRIC}
    for code in ("TK140", "TK141"):
        setting.add(code, verdicts[code].verdict == "found")
    if setting.outside:
        finding = verdicts["TK140"]
        setting.add("named", finding.facts.get("group") == f"{setting.outside[0]:03}")
    return (ends[:, 0] <= rates) & (rates <= ends[:, 1])


def _share(values: Sequence[float]) -> str:
    error = np.std(values) / np.sqrt(len(values))
    return f"{100 * np.mean(values):.1f} % (MCSE {100 * error:.1f})"


def planted(times: int) -> Iterator[str]:
    """A block of lines per setting."""
    for number, setting in enumerate(SETTINGS):
        for seed in track(range(times), description=setting.name, console=CONSOLE):
            rng = np.random.default_rng([seed, number])
            look(setting, *visits_of(rng, setting), rng)
        yield from _lines(setting)
        for code in ("TK140", "TK141"):
            yield f"| {setting.name} | {code} found, all from one curve | {times} | {_share(setting.held[code])} | at most 5 % |"


def _lines(setting: Setting) -> Iterator[str]:
    held, times = setting.held, len(setting.held["held"])
    ratio = np.sqrt(np.mean(held["error_pooled"]) / np.mean(held["error"]))
    one = np.sqrt(np.mean(held["error_pooled"]) / np.mean(held["error_one"]))
    width = np.mean(held["width_pooled"]) / np.mean(held["width"])
    for what, value, wanted in (
        ("pooled interval holds the rate", _share(held["held_pooled"]), "93 to 97 %"),
        ("own interval holds the rate", _share(held["held"]), "93 to 97 %"),
        ("own interval as if visits were independent", _share(held["naive"]), "no claim"),
        ("interval of a new group holds its rate", _share(held["new"]), "93 to 97 %"),
        ("error (RMSE) of pooled over own", f"{ratio:.2f}", "under 1"),
        ("error (RMSE) of pooled over one rate for all", f"{one:.2f}", "under 1 when rates differ"),
        ("width of pooled over own interval", f"{width:.2f}", "under 1"),
    ):
        yield f"| {setting.name} | {what} | {times} | {value} | {wanted} |"


def outside(times: int) -> Iterator[str]:
    """How often a planted group is named."""
    for number, setting in enumerate(OUTSIDE):
        for seed in track(range(times), description=setting.name, console=CONSOLE):
            rng = np.random.default_rng([seed, 100 + number])
            look(setting, *visits_of(rng, setting), rng)
        yield f"| {setting.name} | TK140 names it | {times} | {_share(setting.held['named'])} | no demand |"


# ---------------------------------------------------------------- models in places that they do not know

UNSEEN = ((4, 0.0), (4, 0.3), (8, 0.3), (20, 0.3))
"""Number of places that were left out, and the spread of the log-odds of their areas under the curve."""


def unseen(times: int) -> Iterator[str]:
    """Whether the interval of the mean area holds it, and that of a next place its own; areas of 0.7 with errors of 0.1 to 0.4 on the log-odds."""
    for number, (places, spread) in enumerate(UNSEEN):
        held, foretold, alarm = [], [], []
        for seed in range(times):
            rng = np.random.default_rng([seed, 300 + number])
            variance = rng.uniform(0.1, 0.4, places) ** 2
            true = logit(0.7) + spread * rng.normal(size=places + 1)
            told = taken_together(expit(true[:-1] + np.sqrt(variance) * rng.normal(size=places)), variance, level=LEVEL)
            held.append(told.interval[0] <= 0.7 <= told.interval[1])
            foretold.append(told.foretold[0] <= expit(true[-1]) <= told.foretold[1])
            alarm.append(told.foretold[0] <= 0.5)
        name = f"{places} places left out, area 0.7, spread {spread}"
        yield f"| {name} | interval of the mean area holds it | {times} | {_share(held)} | at least 93 % |"
        yield f"| {name} | interval of a next place holds its area | {times} | {_share(foretold)} | at least 93 % |"
        yield f"| {name} | TK143 found | {times} | {_share(alarm)} | no demand |"


# ---------------------------------------------------------------- models with a level and weights per sector

ROWS = (60, 150, 400, 1500, 3000)
"""Rows per sector; the small one has four or five findings."""
SHARED = (-2.8, 0.8, 0.5, 0.3, 0.0, -0.4, 0.2, 0.0, 0.6)
"""Level and weights that sectors have in common, in log-odds."""
APART = (("alike", 0.0, 0.0), ("apart", 0.5, 0.25), ("far apart", 1.0, 0.5))
NEW = 4000
MEASURES = {"log loss": log_loss, "Brier score": brier_score_loss, "area under the curve": roc_auc_score}


def sectors_of(rng: np.random.Generator, levels: float, weights: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sector and columns of each row, whether something was found, and the true level and weights of each sector."""
    columns = len(SHARED) - 1
    true = np.array(SHARED) + rng.normal(size=(len(ROWS), 1 + columns)) * np.array([levels, *[weights] * columns])
    sector = np.repeat(np.arange(len(ROWS)), ROWS)
    x = rng.normal(size=(sector.size, columns))
    margin = true[sector, 0] + (x * true[sector, 1:]).sum(axis=1)
    return np.column_stack([sector, x]), (rng.random(sector.size) < expit(margin)).astype(int), true


def chances_of(X: np.ndarray, y: np.ndarray, new: np.ndarray) -> dict[str, np.ndarray]:
    """Chances in the smallest sector by one regression of all rows, and by one of its own; its own share when it has one outcome only."""
    own = X[:, 0] == 0
    one = LogisticRegression(max_iter=1000).fit(X[:, 1:], y).predict_proba(new)[:, 1]
    if np.unique(y[own]).size < 2:
        return {"one for all": one, "one each": np.full(len(new), (y[own].sum() + 0.5) / (own.sum() + 1))}
    return {"one for all": one, "one each": LogisticRegression().fit(X[own, 1:], y[own]).predict_proba(new)[:, 1]}


def models(times: int) -> Iterator[str]:
    """Error in the smallest sector against one model for all and one each; whether intervals of levels, weights and spreads hold the true ones."""
    for number, (name, levels, weights) in enumerate(APART):
        lost: dict[str, list[float]] = {}
        for seed in track(range(times), description=f"models, {name}", console=CONSOLE):
            rng = np.random.default_rng([seed, 400 + number])
            X, y, true = sectors_of(rng, levels, weights)
            model = PartiallyPooledLogistic(C=1.0, levels_apart=1.0, weights_apart=0.5).fit(X, y)
            new = rng.normal(size=(NEW, X.shape[1] - 1))
            outcome = (rng.random(NEW) < expit(true[0, 0] + new @ true[0, 1:])).astype(int)
            pooled = model.predict_proba(np.column_stack([np.zeros(NEW), new]))[:, 1]
            for other, chance in chances_of(X, y, new).items():
                for what, measure in MEASURES.items():
                    told = measure(outcome, pooled) - measure(outcome, chance)
                    lost.setdefault(f"{what}, pooled minus {other}", []).append(told)
            for what, held in held_by(model, X, true, (levels, weights), rng).items():
                lost.setdefault(what, []).append(held)
        for what, values in lost.items():
            if " minus " in what:
                error = np.std(values, ddof=1) / np.sqrt(times)
                so, wanted = f"{np.mean(values):+.4f} (MCSE {error:.4f})", "no demand" if name != "apart" else "better"
            else:
                so, wanted = _share(values), "no claim" if levels == 0 else "93 to 97 %"
            yield f"| 5 sectors, {name}: a model | {what} | {times} | {so} | {wanted} |"


def held_by(
    model: PartiallyPooledLogistic,
    X: np.ndarray,
    true: np.ndarray,
    spreads: tuple[float, float],
    rng: np.random.Generator,
) -> dict[str, float]:
    """Shares of intervals that hold the true level (at the sector's own mean), weights and spreads."""
    means = np.array([X[X[:, 0] == sector, 1:].mean(axis=0) for sector in range(len(ROWS))])
    level = true[:, 0] + (means * true[:, 1:]).sum(axis=1)
    of_level = np.abs(model.level_ - level) < 1.96 * model.level_error_
    of_weight = np.abs(model.coef_[:, 1:] / model.scale_ - true[:, 1:]) < 1.96 * model.error_[:, 1:] / model.scale_
    held = {
        "interval of a level holds it": of_level.mean(),
        "the same, the smallest sector": of_level[0],
        "interval of a weight holds it": of_weight.mean(),
        "the same, of the smallest sector": of_weight[0].mean(),
    }
    for what, spread, draws in zip(("levels", "weights"), spreads, model.spreads_drawn(rng, 4000), strict=True):
        if spread > 0:
            low, high = np.quantile(draws, [0.025, 0.975])
            held[f"interval of the spread of {what} holds it"] = low <= spread <= high
    return {what: float(value) for what, value in held.items()}


# ---------------------------------------------------------------- worlds


@dataclass(frozen=True)
class Regions:
    """Regions of a world that were visited, in one form of visits.

    `truth` is the share of quarters and places at which a visit would have found something. `counted` is a count of places, each once: what a visit found, or would
    have found in a quarter by lot where there was none.
    """

    truth: np.ndarray
    counted: np.ndarray
    places: AllPlaces
    answers: Answers


def regions_of(name: str, seed: int, scale: float) -> Iterator[tuple[str, Regions]]:
    """The regions of a world by form of visits."""
    world = small_world(read_world(name), sector="shopping_strip", scale=scale, seed=seed)
    rows = world.panel.rows
    region, names = pd.factorize(rows["area_code"].astype(int) // 10, sort=True)
    start = np.repeat(WINDOW + STEP * np.arange(DATES), rows["as_of"].value_counts().sort_index().to_numpy())
    quarter = start[:, None] + np.arange(HORIZON)
    every = pd.DataFrame(
        {
            "region": np.repeat(region, HORIZON),
            "unit": np.repeat(rows["unit_id"].to_numpy(), HORIZON),
            "quarter": quarter.ravel(),
            "potential": world.potential.ravel(),
        }
    ).drop_duplicates(["unit", "quarter"])
    every = every[every["potential"].notna()]
    truth = every.groupby("region")["potential"].mean().to_numpy()
    rng = np.random.default_rng([seed, 500])
    any_quarter = every.iloc[rng.permutation(len(every))].drop_duplicates("unit").set_index("unit").sort_index()
    code = pd.factorize(rows["cluster_id"])[0].astype(np.int64)
    cluster_of = pd.Series(code, rows["unit_id"]).groupby(level=0).first()[any_quarter.index].to_numpy()
    of_place = any_quarter["region"].to_numpy(np.int64)
    visits = world.visits.drop_duplicates("inspection_id")
    row = pd.Index(rows["row_id"]).get_indexer(pd.Index(visits["row_id"]))
    chance = visits["propensity"].to_numpy(float)
    cluster = pd.factorize(rows["cluster_id"])[0]
    for form, weight in (
        ("audit", (visits["channel"] == "random").to_numpy(float)),
        ("weighted", np.divide(1.0, chance, out=np.zeros(chance.size), where=chance > 0)),
        ("labelled", np.ones(row.size)),
    ):
        used = np.flatnonzero(weight)
        answers = answers_of(
            group=region[row[used]],
            groups=len(names),
            cluster=cluster[row[used]],
            once=used,
            yes=visits["positive"].to_numpy(float)[used],
            weight=weight[used],
        )
        positive = visits["positive"].to_numpy(float)
        visited = any_quarter.index.get_indexer(rows["unit_id"].to_numpy()[row[used]])
        places = AllPlaces.of(
            group=of_place,
            groups=len(names),
            cluster=cluster_of,
            visited=visited,
            yes=positive[used],
            weight=weight[used],
        )
        found = any_quarter["potential"].to_numpy(float).copy()
        found[visited] = positive[used]
        counted = np.bincount(of_place, found, minlength=len(names)) / np.bincount(of_place, minlength=len(names))
        seen = np.flatnonzero(answers.worth > 0)
        yield form, Regions(truth[seen], counted[seen], places.only(seen), answers.only(seen))


def holds_count(regions: Regions, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Which intervals of all places hold the count of places, and how wide they are."""
    groups = Groups([f"region={i:03}" for i in range(regions.truth.size)], regions.answers, 1)
    told = list(all_places_estimates(groups, regions.places, METRIC, About(), form="labelled", level=LEVEL, rng=rng))
    low, high = (np.array([getattr(e, end) for e in told]) for end in ("low", "high"))
    return (low - 1e-9 <= regions.counted) & (regions.counted <= high + 1e-9), high - low


def worlds(names: Sequence[str], times: int, scale: float) -> Iterator[str]:
    """Regions of named worlds."""
    for name in names:
        settings: dict[str, Setting] = {}
        for seed in track(range(times), description=name, console=CONSOLE):
            for form, regions in regions_of(name, seed + 1, scale):
                setting = settings.setdefault(form, Setting(f"{name}, {form}", (), float(regions.truth.mean()), 0.0))
                held = look(setting, regions.truth, regions.answers, np.random.default_rng([seed, 200]))
                large = regions.places.count >= LARGE
                counted = holds_count(regions, np.random.default_rng([seed, 201]))
                for part, of in (("large", large), ("small", ~large)):
                    setting.add(f"held_{part}", held[of].mean())
                    setting.add(f"counted_{part}", counted[0][of].mean())
                    setting.add(f"width_{part}", counted[1][of].mean())
        for form, setting in settings.items():
            held, wanted = setting.held, "no claim" if form == "labelled" else "93 to 97 %"
            for what, values, so in (
                ("interval of a rate holds the share of quarters and places", held["held_pooled"], "no claim"),
                (f"the same, regions of {LARGE} places or more", held["held_large"], wanted),
                ("the same, smaller regions", held["held_small"], "no claim"),
                (
                    f"interval of all places holds their count, regions of {LARGE} or more",
                    held["counted_large"],
                    wanted,
                ),
                ("the same, smaller regions", held["counted_small"], wanted),
                ("own interval holds the share of quarters and places", held["held"], "no claim"),
            ):
                yield f"| {setting.name} | {what} | {times} | {_share(values)} | {so} |"
            widths = " and ".join(f"{np.mean(held[f'width_{part}']):.3f}" for part in ("large", "small"))
            yield f"| {setting.name} | width of the interval of all places, large and smaller | {times} | {widths} | no demand |"
            ratio = np.sqrt(np.mean(held["error_pooled"]) / np.mean(held["error"]))
            yield f"| {setting.name} | error (RMSE) of pooled over own | {times} | {ratio:.2f} | under 1 |"
            yield f"| {setting.name} | TK140 found | {times} | {_share(held['TK140'])} | no demand |"


def main() -> None:
    """Every part, printed as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--models", type=int, default=200)
    parser.add_argument("--worlds", type=int, default=20)
    parser.add_argument("--scale", type=float, default=0.05)
    parser.add_argument("--names", nargs="+", default=["clean", "selected"])
    options = parser.parse_args()
    print("| groups | figure | times | so | wanted |\n| --- | --- | --- | --- | --- |", flush=True)
    rates = (planted(options.times), outside(options.times), unseen(20 * options.times)) if options.times else ()
    learnt = (models(options.models),) if options.models else ()
    lived = (worlds(options.names, options.worlds, options.scale),) if options.worlds else ()
    for line in chain(*rates, *learnt, *lived):
        print(line, flush=True)


if __name__ == "__main__":
    main()
