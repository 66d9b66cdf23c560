"""Why do values of this world differ from the prototype's? One mechanism at a time is put back to what the methods say of the prototype.

    python experiments/validity/world_once.py                  # the rows of D.10 that hang on the world, five to six minutes on one core
    python experiments/validity/world_once.py --replicates 3 --only loop

All at the strengths of methods D.5, in the same worlds, with the same draws in everything else:

- *as told*: the world as it is, in which indicators are told quarter after quarter while states begin and end (`world.py --signal 1`);
- *once*: each indicator is one flag from D.5 given the state on the as-of date, the same draw on every date: no history, nothing told late;
- *anew*: the same, with a new draw on every as-of date;
- *covariates*: the model also sees group and deprivation, which decide on visits ("selection covariates", methods 0-7);
- *all*: it sees all that D.6 lets choose visits: indicators, group, deprivation, log(1 + findings in the strip); in the loop, instead of the unit's
  own earlier visits and findings.

The verdict names the first variant with a mean that lies within two standard errors of the prototype's value where the world as told does not. Several
variants are tried for each row, so one row that fits shows little; the counts by variant, below the table, show how many fit together.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
import world as told
from world import EXPECTED, ORDERS, SEED, WINDOW, Rows, Values

from tegenkracht.data.world.arrays import Floats
from tegenkracht.data.world.logistic import expit
from tegenkracht.data.world.sector_run import Setting, Standing, advance, onset_log_odds, start
from tegenkracht.data.world.state import next_state
from tegenkracht.data.world.visits import Known
from tegenkracht.simulation.closed_loop import known_at
from tegenkracht.simulation.policies import features_of

MADE_SHAPES = 60


# ---------------------------------------------------------------- the mechanisms that are put back


@dataclass(frozen=True)
class How:
    """Which mechanisms are as the methods say of the prototype: how indicators come about, and what a model sees besides them."""

    draws: Literal["told", "once", "anew"]
    sees: Literal["as it is", "covariates", "all"]


def on_the_day(setting: Setting, now: Standing, quarter: int, draws: str) -> Standing:
    """What is known of indicators on the as-of date: what was told, or flags from D.5 given the state of that quarter."""
    if draws == "told":
        return now
    places, seen, streams = setting.places, setting.seen, setting.streams
    state = next_state(
        now.true,
        places,
        log_odds=onset_log_odds(setting, now, quarter),
        caught=now.caught,
        world=setting.world,
        streams=streams,
        quarter=quarter,
    ).state
    by_type = setting.world.signal * np.array([[0.0, *signal.by_type] for signal in seen.signals])
    when = quarter if draws == "anew" else 0
    draw = np.array([streams.uniform(places.count, "drawn", places.sector, kind, when) for kind in seen.kinds])
    return replace(now, indicators=(draw < expit(seen.log_odds + by_type[:, state])).astype(float))


def inputs_of(setting: Setting, known: Known, how: How) -> Floats:
    """What a model sees of each unit: the indicators, the covariates of visits, and log(1 + findings in the strip)."""
    places, x = setting.places, known.indicators.T
    if how.sees == "as it is":
        return x
    x = np.column_stack([x, places.group, places.deprivation])
    return x if how.sees == "covariates" else np.column_stack([x, np.log1p(known.hits)])


def looking(how: How) -> told.Look:
    """As `world.live`, in a world with other mechanisms."""

    def look(setting: Setting, quarters: int = told.QUARTERS) -> Rows:
        standing, parts = start(setting), []
        for number in range(-WINDOW, quarters):
            now = on_the_day(setting, standing, number, how.draws)
            quarter, standing = advance(setting, now, number, policy=None)
            if number >= 0:
                visited = np.isin(np.arange(setting.places.count), quarter.visits.unit)
                x = inputs_of(setting, known_at(setting, now, number), how)
                parts.append((x, quarter.true.state > 0, quarter.chances.visit, visited))
        return told.rows_of(parts, setting.places)

    return look


# ---------------------------------------------------------------- the closed loop, with other mechanisms


def loop(seed: int, how: How) -> Values:
    """The rows of the closed loop; as it is, the model also sees the unit's own visits and findings."""
    setting = told.setting_of(*told.looping(1.0), seed)
    return told.shown_by_loop(
        setting,
        seed,
        see=features_of if how.sees == "as it is" else lambda known: inputs_of(setting, known, how),
        told=lambda standing, quarter: on_the_day(setting, standing, quarter, how.draws),
    )


# ---------------------------------------------------------------- twelve groups of other sizes and rates


def shapes(seed: int) -> dict[str, Floats]:
    """The values of methods B-18 for sixty sets of twelve groups: 3 to 39 true states, rates that differ by 0.343, all else by chance."""
    rng, made = np.random.default_rng(seed), []
    for _ in range(MADE_SHAPES):
        positives = rng.permutation(np.r_[3, 39, rng.integers(3, 40, 10)])
        rate = rng.uniform(0.2, 0.8 - 0.343) + 0.343 * rng.permutation(np.r_[0.0, 1.0, rng.random(10)])
        draws = [told.shown_by_groups(rng, positives, rate) for _ in range(100)]
        made.append({name: float(np.mean([one[name] for one in draws])) for name in draws[0]})
    return {name: np.array([one[name] for one in made]) for name in made[0]}


# ---------------------------------------------------------------- the table

VARIANTS = {
    "as told": How("told", "as it is"),
    "once": How("once", "as it is"),
    "once, covariates": How("once", "covariates"),
    "once, all": How("once", "all"),
    "all": How("told", "all"),
    "anew": How("anew", "as it is"),
    "anew, all": How("anew", "all"),
}
TABLE = ("as told", "once", "once, covariates", "once, all")
ASKED = {
    "naive": TABLE,
    "estimated": TABLE,
    "unlabelled": TABLE,
    "spatial": TABLE,
    "loop": ("as told", "once", "anew", "all", "once, all", "anew, all"),
}


def value_of(check: str, variant: str, seed: int) -> Values:
    """The values of a check in one world; as told it is the code of `world.py` itself."""
    if variant == "as told":
        return told.CHECKS[check](seed, signal=1.0)
    if check == "loop":
        return loop(seed, VARIANTS[variant])
    return told.CHECKS[check](seed, signal=1.0, look=looking(VARIANTS[variant]))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicates", type=int, default=8)
    parser.add_argument("--only", nargs="+", choices=(*ASKED, "fairness"), default=(*ASKED, "fairness"))
    options = parser.parse_args(arguments)
    started, verdicts = time.process_time(), []
    for name in options.only:
        if name == "fairness":
            _tell_shapes(shapes(SEED))
        else:
            verdicts += _tell(name, _repeat(name, options.replicates))
    counted = {verdict: verdicts.count(verdict) for verdict in sorted(set(verdicts))}
    print(
        f"\n{options.replicates} replicates, {time.process_time() - started:.0f} s of CPU; rows by verdict: {counted}"
    )
    return 0


def _repeat(name: str, replicates: int) -> dict[str, dict[str, Floats]]:
    """By variant, every value of a check by replicate; all variants have the same worlds."""
    made: dict[str, list[Values]] = {variant: [] for variant in ASKED[name]}
    for replicate in range(replicates):
        for variant in ASKED[name]:
            print(f"{name}, {variant}: {replicate + 1} of {replicates}", file=sys.stderr, flush=True)
            made[variant].append(value_of(name, variant, SEED + replicate))
    return {
        variant: {quantity: np.array([row[quantity] for row in rows]) for quantity in rows[0]}
        for variant, rows in made.items()
    }


def _tell(name: str, made: dict[str, dict[str, Floats]]) -> list[str]:
    """Print the rows of a check and how many of them each variant meets; gives the verdict of each row."""
    print(f"\n| {name} | prototype | {' | '.join(made)} | verdict |\n| --- | --- |{' --- |' * len(made)} --- |")
    verdicts, met = [], dict.fromkeys(made, 0)
    for quantity, (expected, _) in EXPECTED[name].items():
        near = [variant for variant, values in made.items() if told.is_near(values[quantity], expected)]
        met |= {variant: met[variant] + 1 for variant in near}
        verdict = "as told" if "as told" in near else f"with {near[0]}" if near else "not explained"
        cells = [_cell(values[quantity], expected) for values in made.values()]
        print(f"| {quantity} | {expected:g} | {' | '.join(cells)} | {verdict} |")
        verdicts.append(verdict)
    print(f"| **rows met, of {len(verdicts)}** | | {' | '.join(str(one) for one in met.values())} | |")
    for title, (check, quantities) in ORDERS.items():
        if check == name:
            kept = [_rises([float(values[one].mean()) for one in quantities]) for values in made.values()]
            print(f"| order: {title} | | {' | '.join('holds' if one else 'DOES NOT HOLD' for one in kept)} | |")
    return verdicts


def _cell(values: Floats, expected: float) -> str:
    digits = 0 if expected > 10 else 3
    star = "" if told.is_near(values, expected) else " (no)"
    return f"{values.mean():.{digits}f} ± {told.spread_of(values)[1]:.{max(digits, 1)}f}{star}"


def _rises(means: Sequence[float]) -> bool:
    return all(low < high for low, high in pairwise(means))


def _tell_shapes(made: dict[str, Floats]) -> None:
    """Print between which values sets of twelve groups give the rows of B-18."""
    print(
        "\n| twelve groups | prototype | lowest | median | highest | in reach |\n| --- | --- | --- | --- | --- | --- |"
    )
    for quantity, (expected, _) in EXPECTED["fairness"].items():
        low, middle, high = np.quantile(made[quantity], [0.0, 0.5, 1.0])
        print(
            f"| {quantity} | {expected:g} | {low:.3f} | {middle:.3f} | {high:.3f} | {'yes' if low <= expected <= high else 'no'} |"
        )


if __name__ == "__main__":
    sys.exit(main())
