"""Does the change of a gap that a mitigation makes come true, counted with visits weighed by their chance, by lot alone, or as bounds?

    python experiments/validity/mitigation_forms.py --times 200

The processes of `mitigation.py`, with visits in the two test periods that somebody chose: more often where the indicator is high, and in group b. Some are
drawn by lot. The change is that of the gap in looks for nothing, over both periods. The truth is what the same models and lists do in a population forty
times as large; bounds are about the very places of the two periods, of which all is known here. Weighed is how a card judges such a gap: so it is also
counted how often *narrower* is said where the true change is at least the smallest that is stated, and where nothing is done.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from line import AT_LEAST, AT_MOST, COVERED, HEAD, NO_DEMAND, Line, holds
from mitigation import (
    ABOVE,
    BASE,
    CONSOLE,
    DONE,
    EARLIER,
    LARGER,
    LISTED,
    NEXT,
    PLACES,
    SAME_LIST,
    STRIPS,
    Learnt,
    Places,
    places,
    tested,
    told,
    truth,
)
from rich.progress import track
from scipy.special import expit

from tegenkracht.core.conditions import at_of, value_of

METRIC, HARM = "false_positive_rate_pair_shift", "false_positive_rate"
LOT = 0.15
ALWAYS = "always"
WANTED = {"labelled": NO_DEMAND, "weighted": COVERED, "audit": COVERED, "bounds": ALWAYS}
WAYS = {
    "labelled": "only where somebody went",
    "weighted": "weighed by recorded chance",
    "audit": "by lot alone",
    "bounds": "bounds",
}


def chosen(rng: np.random.Generator, at: Places) -> tuple[Places, pd.DataFrame]:
    """Who is visited when somebody chooses, but for a lot; and the visits with their channel and chance, by place."""
    n = at.group.size
    choice = expit(-1.2 + 0.8 * at.known[:, 0] + 0.8 * (at.group == "b"))
    by_lot = rng.random(n) < LOT
    visited = by_lot | (rng.random(n) < choice)
    visits = pd.DataFrame(
        {
            "channel": np.where(by_lot, "random", "risk"),
            "propensity": LOT + (1 - LOT) * choice,
            "positive": at.reported.astype(float),
        }
    )
    return replace(at, visited=visited), visits[visited]


def of_places(learnt: Learnt, periods: Mapping[str, Places]) -> dict[str, float]:
    """Per model the gap in looks for nothing of these very places, b against a, were all of them seen."""
    listed = {model: [] for model in (BASE, *DONE)}
    for period, at in periods.items():
        for model, order in learnt.orders(at, period=period).items():
            own = np.zeros(order.size, bool)
            own[np.argsort(-order, kind="stable")[: round(LISTED * STRIPS * PLACES)]] = True
            listed[model].append(own)
    group = np.concatenate([at.group for at in periods.values()])
    clean = ~np.concatenate([at.reported for at in periods.values()])
    rates = {m: [np.concatenate(own)[clean & (group == g)].mean() for g in ("b", "a")] for m, own in listed.items()}
    return {model: float(b - a) for model, (b, a) in rates.items()}


def study(times: int, first_seed: int, *, larger: int = LARGER) -> list[Line]:
    """Every process once; a line per mitigation and way of counting."""
    names = [
        name for name in DONE if name not in ("fading", "late")
    ]  # lists of their first period are others than of the next
    lines = {(name, way): Line(f"{DONE[name]}, {words}", WANTED[way]) for name in names for way, words in WAYS.items()}
    said = {
        name: Line(f"{DONE[name]}, weighed: narrower is shown", AT_MOST)
        if name in SAME_LIST
        else Line(f"{DONE[name]}, weighed: narrower is shown, where {ABOVE}", AT_LEAST)
        for name in names
    }
    for seed in track(range(first_seed, first_seed + times), description="mitigation, chosen visits", console=CONSOLE):
        rng = np.random.default_rng([seed, 7])
        learnt = Learnt.of(places(rng, strips=STRIPS))
        periods, tables = {}, []
        for period in (EARLIER, NEXT):
            periods[period], visits = chosen(rng, places(rng, strips=STRIPS))
            visits["row_id"] = [f"{period}{i:06d}" for i in visits.index]
            tables.append(visits.assign(inspection_id=visits["row_id"]))
        true = truth(learnt, places(rng, strips=STRIPS * larger))
        here = of_places(learnt, periods)
        estimates, _ = told(tested(learnt, periods), seed, pd.concat(tables, ignore_index=True))
        stated = {
            (e.model, e.group): e.value
            for e in estimates
            if e.metric == f"{METRIC}_detectable" and e.method == "weighted" and at_of(e, "period") == "all"
        }
        for e in estimates:
            if e.metric != METRIC or (e.model, e.method) not in lines or at_of(e, "period") != "all":
                continue
            most, least = value_of(e.group), at_of(e, "versus")
            after, before = (true[model].gap(HARM, most, least) for model in (e.model, BASE))
            shift = (here[e.model] - here[BASE]) * (1 if most == "b" else -1)
            lines[e.model, e.method].add(holds(e, shift if e.method == "bounds" else after - before))
            smallest = stated.get((e.model, e.group))
            large = smallest is not None and before - after >= smallest
            if e.method == "weighted" and (large or e.model in SAME_LIST):
                said[e.model].add(e.high is not None and e.high < 0)
    return [*lines.values(), *said.values()]


def main() -> None:
    """The table, printed as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--first-seed", type=int, default=1)
    options = parser.parse_args()
    print(HEAD)
    for line in study(options.times, options.first_seed):
        print(line, flush=True)


if __name__ == "__main__":
    main()
