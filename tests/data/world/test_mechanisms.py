"""Every mechanism does what the methods say, and touches nothing that does not depend on it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from tegenkracht.core.progress import silent
from tegenkracht.data.world.calibrate import correction_for, find_correction
from tegenkracht.data.world.country import fields_on
from tegenkracht.data.world.links import link_rows
from tegenkracht.data.world.logistic import expit, level_of
from tegenkracht.data.world.maker import set_up_sectors
from tegenkracht.data.world.measures import figures_of
from tegenkracht.data.world.mechanism import made_sectors
from tegenkracht.data.world.sector_run import Quarter, Setting, run
from tegenkracht.data.world.streams import Streams
from tegenkracht.data.world.world import Switches, World, read_world, worlds

QUARTERS = 12
SWITCHES = tuple(Switches.model_fields)
Digests = Mapping[str, object]

STATIC = {"places", "parties"}
TRUTH = {"state"}
SEEN = {"events", "figures"}
VISITED = {"chances", "visits"}
TOLD = {"links"}
EVERYTHING = STATIC | TRUTH | SEEN | VISITED | TOLD | {"finding if visited", "tips", "results known"}

UNTOUCHED: Mapping[str, set[str]] = {
    # who is visited: with `end_after_finding: 0` nothing in the truth, in what is seen of it, or in what a visit would find depends on it
    "selection_bias": EVERYTHING - VISITED - {"results known"},
    "hidden_tips": EVERYTHING - VISITED - {"results known"},
    "feedback": EVERYTHING - VISITED - {"results known"},
    "model_in_loop": EVERYTHING - VISITED - {"results known"},
    # what a visit finds: neither who is visited nor the truth, as the rule looks at indicators only
    "detection_gap": EVERYTHING - VISITED - {"finding if visited"} | {"chances"},
    "inspector_effect": EVERYTHING - VISITED - {"finding if visited", "results known"},
    "label_lag": EVERYTHING - VISITED - {"results known"} | {"chances"},
    # what is seen of the truth, and so who is visited
    "adversary": EVERYTHING - VISITED - {"events", "results known"},
    "missing_by_inspection": EVERYTHING - VISITED - {"events", "results known"},
    # as takeovers are indicators too, vacancy follows them and the truth follows vacancy
    "proxies": STATIC | {"tips"},
    "drift": STATIC | {"tips"},
    # what the registers make of it: nobody looks there
    "er_noise": EVERYTHING - TOLD,
    # the truth itself, and so everything that follows from it
    "true_gap": STATIC | {"tips"},
    "spatial": STATIC | {"tips"},
    "network": STATIC | {"tips"},
    "ecological": STATIC | {"tips"},
    "relational_share": STATIC | {"tips"},
}


def world_with(switch: str | None, **more: object) -> World:
    """A world in which visits follow the indicators and change nothing, with at most one switch on."""
    world = read_world("selected")
    on = Switches(**({switch: 1.0} if switch else {}))
    return world.model_copy(
        update={"switches": on, "end_after_finding": 0.0, "units": {"shopping_strip": 1_200}, **more}
    )


def set_up(world: World, sector: str = "shopping_strip", *, seed: int = 5, scale: float = 0.01) -> Setting:
    """One sector before its first quarter."""
    return set_up_sectors(world, scale=scale, seed=seed, sectors=[sector], progress=silent)[1][0]


@cache
def lived(switch: str | None) -> dict[str, bytes]:
    """What a world did in twelve quarters, by mechanism."""
    busy = world_with(switch, budget={"shopping_strip": 0.2}, prevalence={"shopping_strip": 0.1})
    country, (setting,) = set_up_sectors(busy, scale=0.01, seed=5, sectors=["shopping_strip"], progress=silent)
    quarters = list(run(setting, quarters=QUARTERS, burn_in=4))
    rows = link_rows(setting, [quarter.handovers for quarter in quarters], 0)
    figures = [
        one.value for quarter in quarters for one in figures_of(setting, country, quarter) if one.measure != "vacancy"
    ]
    parts: dict[str, list[object]] = {
        "places": [vars(setting.places)[name] for name in sorted(vars(setting.places)) if name != "sector"],
        "parties": [setting.parties.owner, setting.parties.director, setting.parties.address],
        "state": [quarter.true.state for quarter in quarters],
        "presence": [quarter.true.state > 0 for quarter in quarters],
        "events": [
            getattr(quarter.told, name)
            for quarter in quarters
            for name in ("unit", "kind", "occurred", "known", "value")
        ],
        "figures": list(figures),
        "chances": [quarter.chances.visit for quarter in quarters],
        "visits": [getattr(quarter.visits, name) for quarter in quarters for name in ("unit", "finding", "known")],
        "results known": [quarter.visits.known for quarter in quarters],
        "finding if visited": [quarter.chances.potential for quarter in quarters],
        "tips": [np.rint(1e6 * (quarter.chances.tip - (quarter.true.state > 0))).astype(int) for quarter in quarters],
        "links": [rows[name] for name in ("unit", "party_id", "role", "from_on", "until_on")],
    }
    return {name: b"".join(np.ascontiguousarray(one).tobytes() for one in arrays) for name, arrays in parts.items()}


def test_the_list_of_what_stays_the_same_covers_all_seventeen_switches() -> None:
    """A new switch must say what it leaves alone."""
    assert set(UNTOUCHED) == set(SWITCHES)
    assert len(SWITCHES) == 17


@pytest.fixture(autouse=True)
def level_held(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """The level of onset stays the same, so that only the mechanism itself can change anything; the slow tests find the level."""
    if "slow" in request.keywords:
        return
    monkeypatch.setattr("tegenkracht.data.world.maker.correction_for", lambda world, sector: -0.3)
    lived.cache_clear()


def test_a_switch_changes_what_it_is_about_and_nothing_that_does_not_depend_on_it() -> None:
    """Common random numbers, for all 17 switches: bit for bit, over twelve quarters."""
    without = lived(None)
    for switch in SWITCHES:
        with_it = lived(switch)
        same = {name for name in without if with_it[name] == without[name]}
        assert UNTOUCHED[switch] <= same, f"{switch} changed {UNTOUCHED[switch] - same}"
        assert same != set(without), f"{switch} changed nothing"


def test_the_streams_of_chance_are_the_same_whatever_is_switched_on() -> None:
    """Even where the truth differs, each mechanism draws the same numbers: recorded at the source, for all 17 switches."""
    drawn: list[dict[tuple[object, ...], bytes]] = []

    class Recorded(Streams):
        def uniform(self, count: int, *path: str | int) -> np.ndarray:
            values = super().uniform(count, *path)
            drawn[-1][(count, *path)] = values.tobytes()
            return values

    for switch in (None, *SWITCHES):
        drawn.append({})
        setting = set_up(world_with(switch))
        list(run(Setting(**{**vars(setting), "streams": Recorded(5)}), quarters=3, burn_in=1))
    assert all(one == drawn[0] for one in drawn[1:])
    assert len(drawn[0]) > 50


@cache
def everyday() -> tuple[Setting, tuple[Quarter, ...]]:
    """Shops of the everyday world at 15,000, forty quarters."""
    world = read_world("selected").model_copy(update={"units": {"shopping_strip": 15_000}})
    setting = set_up(world, scale=0.05)
    return setting, tuple(quarter for quarter in run(setting) if quarter.number >= 0)


def test_chances_of_a_visit_add_up_to_the_budget_each_quarter() -> None:
    """3 % of the open units, to rounding at six digits."""
    setting, quarters = everyday()
    for quarter in quarters:
        open_units = setting.places.is_open(quarter.number)
        assert quarter.chances.visit[open_units].mean() == pytest.approx(0.03, abs=2e-6)
        assert (quarter.chances.visit[~open_units] == 0).all()


def test_chances_of_a_visit_are_exact() -> None:
    """The sum of 1/chance over visits estimates the number of open unit-quarters; its variance is the sum of (1-p)/p."""
    _, quarters = everyday()
    chance = np.concatenate([quarter.chances.visit for quarter in quarters])
    visited = np.concatenate([np.isin(np.arange(15_000), quarter.visits.unit) for quarter in quarters])
    chance, visited = chance[chance > 0], visited[chance > 0]
    assert abs((1 / chance[visited]).sum() - len(chance)) < 4 * np.sqrt(((1 - chance) / chance).sum())
    for low, high in ((0, 0.01), (0.01, 0.03), (0.03, 0.1), (0.1, 1)):
        inside = (chance > low) & (chance <= high)
        assert visited[inside].mean() == pytest.approx(chance[inside].mean(), rel=0.1)


def test_a_tenth_of_the_budget_is_by_lot_and_everyone_has_the_same_chance_of_it() -> None:
    """The channel `random` takes 0.1 x 3 % of the open units, whatever their indicators or group."""
    setting, quarters = everyday()
    by_lot = np.concatenate([quarter.visits.unit[quarter.visits.channel == 0] for quarter in quarters])
    expected = 0.1 * 0.03 * sum(setting.places.is_open(quarter.number).sum() for quarter in quarters)
    assert len(by_lot) == pytest.approx(expected, abs=4 * np.sqrt(expected))
    share, all_share = setting.places.group[by_lot].mean(), setting.places.group.mean()
    assert share == pytest.approx(all_share, abs=4 * np.sqrt(all_share / len(by_lot)))


def test_a_fixed_draw_visits_as_many_as_the_budget_and_keeps_the_chances() -> None:
    """Systematic sampling: every quarter the budget to within one visit, and inclusion in proportion to the chance."""
    visits = read_world("selected").visits.model_copy(update={"draw": "fixed"})
    setting = set_up(world_with("proxies", visits=visits))
    chance, visited = [], []
    for quarter in run(setting, quarters=30, burn_in=0):
        first = quarter.visits.unit[~quarter.visits.is_second]
        assert abs(len(first) - quarter.chances.visit.sum()) < 1
        chance.append(quarter.chances.visit)
        visited.append(np.bincount(first, minlength=1_200))
    p, v = np.concatenate(chance), np.concatenate(visited)
    high = p > np.quantile(p, 0.9)
    assert v[high].mean() == pytest.approx(p[high].mean(), rel=0.1)


def test_findings_follow_the_declared_sensitivity_and_specificity() -> None:
    """Among units with a functional state 0.70 of potential visits find it, competitive 0.50, relational 0.30, none 0.01."""
    setting = set_up(world_with(None))
    state, found = [], []
    for quarter in run(setting, quarters=40, burn_in=0):
        usual = ~quarter.chances.deep
        state.append(quarter.true.state[usual])
        found.append(quarter.chances.potential[usual])
    s, f = np.concatenate(state), np.concatenate(found)
    for kind, expected in enumerate((0.01, 0.70, 0.50, 0.30)):
        assert f[s == kind].mean() == pytest.approx(expected, abs=4 * np.sqrt(expected / (s == kind).sum()))


def test_a_detection_gap_finds_more_at_group_1() -> None:
    """Fully on, 1.25 and 0.75 times the sensitivity: a ratio of 5 to 3."""
    setting = set_up(world_with("detection_gap"))
    chance = [
        (setting.places.group, quarter.true.state, quarter.chances.finding, quarter.chances.deep)
        for quarter in run(setting, quarters=4)
    ]
    group, state, finding, deep = (np.concatenate(column) for column in zip(*chance, strict=True))
    functional = (state == 1) & ~deep
    assert finding[functional & (group == 1)].mean() == pytest.approx(0.875)
    assert finding[functional & (group == 0)].mean() == pytest.approx(0.525)


def test_states_end_after_25_quarters_on_average() -> None:
    """Without findings the chance of an end is 0.04 a quarter."""
    setting = set_up(world_with(None))
    quarters = list(run(setting, quarters=40, burn_in=0))
    ends = stays = 0
    for before, after in pairwise(quarters):
        had = (before.true.state > 0) & setting.places.is_open(after.number)
        ends += int((had & (after.true.state == 0)).sum())
        stays += int(had.sum())
    assert ends / stays == pytest.approx(0.04, abs=4 * np.sqrt(0.04 / stays))


def test_types_begin_60_25_15_and_relational_ones_can_be_more() -> None:
    """Fully on, relational_share makes them 25, 15 and 60 in a hundred."""
    for switch, expected in ((None, (0.60, 0.25, 0.15)), ("relational_share", (0.25, 0.15, 0.60))):
        world = world_with(switch, prevalence={"shopping_strip": 0.3})
        begun = []
        for quarter in run(set_up(world), quarters=20, burn_in=0):
            begun.append(quarter.true.state[quarter.true.began == quarter.number])
        counts = np.bincount(np.concatenate(begun), minlength=4)[1:]
        error = 4 * np.sqrt(0.25 / counts.sum())
        assert counts / counts.sum() == pytest.approx(expected, abs=error)


def test_a_finding_ends_half_of_the_states() -> None:
    """`end_after_finding: 0.5` in the quarter after; with 0 they go on as before."""
    setting, quarters = everyday()
    caught = ended = 0
    for before, after in pairwise(quarters):
        found = np.unique(before.visits.unit[before.visits.finding])
        found = found[(before.true.state[found] > 0) & setting.places.is_open(after.number)[found]]
        caught += len(found)
        ended += int((after.true.state[found] == 0).sum())
    assert caught > 200
    assert ended / caught == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / caught))


def test_indicators_have_the_odds_of_the_table() -> None:
    """`address_reuse` without proxies: log-odds -2.6 over eight quarters, and -1.2 at a functional state (methods D.5)."""
    setting = set_up(world_with(None, prevalence={"shopping_strip": 0.3}, units={"shopping_strip": 6_000}))
    place = setting.seen.kinds.index("address_reuse")
    happened = np.zeros((2, 2))
    for quarter in run(setting, quarters=40, burn_in=0):
        told = quarter.told
        late = (told.kind == place) & (told.occurred >= np.datetime64("2014-01-01"))
        functional = quarter.true.state == 1
        none = (quarter.true.state == 0) & setting.places.is_open(quarter.number)
        happened[0] += functional.sum(), functional[told.unit[late]].sum()
        happened[1] += none.sum(), none[told.unit[late]].sum()
    for (unit_quarters, events), log_odds in zip(happened, (-1.2, -2.6), strict=True):
        expected = (1 - (1 - float(expit(np.array([log_odds]))[0])) ** (1 / 8)) * 0.97  # 3 % get lost
        assert events / unit_quarters == pytest.approx(expected, rel=0.08)


def test_a_field_is_alike_nearby_and_not_far_away() -> None:
    """Matérn 1/2: correlation exp(-d / reach); two points 750 m apart with a reach of 1,500 m have 0.607."""
    points = np.array([[0.0, 0.0], [750.0, 0.0], [60_000.0, 0.0]])
    (values,) = zip(
        *(fields_on(points, np.array([0, 3]), 1_500.0, Streams(seed), "x") for seed in range(2_000)), strict=True
    )
    correlation = np.corrcoef(np.array(values).T)
    assert correlation[0, 1] == pytest.approx(np.exp(-0.5), abs=0.06)
    assert correlation[0, 2] == pytest.approx(0, abs=0.09)
    assert np.array(values).std(axis=0) == pytest.approx(1, abs=0.07)


def test_a_level_is_found_to_six_digits() -> None:
    """The mean chance is the share asked for, also when a few units have nearly all of it."""
    log_odds = np.concatenate([np.full(990, -12.0), np.linspace(-1, 9, 10)])
    assert float(expit(log_odds + level_of(log_odds, 0.004)).mean()) == pytest.approx(0.004, abs=1e-8)


def test_numbers_for_some_units_are_those_that_they_would_have_among_all() -> None:
    """And they are spread evenly: the share below 0.3 is 0.3."""
    streams, units = Streams(3), np.arange(100_000)
    values = streams.at(units, "day", "marina", 4)
    some = np.array([7, 99_999, 12])
    assert (streams.at(some, "day", "marina", 4) == values[some]).all()
    assert (values < 0.3).mean() == pytest.approx(0.3, abs=0.006)
    assert np.corrcoef(values[:-1], values[1:])[0, 1] == pytest.approx(0, abs=0.013)


@pytest.mark.slow
def test_corrections_on_record_are_those_that_are_found() -> None:
    """A change in a mechanism asks for `experiments/validity/corrections.py` to be run again."""
    for name in worlds():
        for sector in made_sectors():
            assert correction_for(read_world(name), sector) == find_correction(read_world(name), sector), (name, sector)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sector", "scale", "wanted"),
    [
        ("shopping_strip", 1.0, 0.03),
        ("neighbourhood", 1.0, 0.02),
        ("football_club", 1.0, 0.04),
        ("marina", 1.0, 0.05),
        ("local_council", 1.0, 0.02),
    ],
)
def test_prevalence_is_the_one_asked_for(sector: str, scale: float, wanted: float) -> None:
    """Over four seeds at full size, to a fifth: contagion and shared area effects make one world differ from the next by a tenth or two."""
    shares = []
    for seed in range(4):
        setting = set_up(read_world("selected"), sector, seed=seed, scale=scale)
        states = [(q.true.state > 0)[setting.places.is_open(q.number)].mean() for q in run(setting) if q.number >= 0]
        shares.append(np.mean(states))
    assert np.mean(shares) == pytest.approx(wanted, rel=0.2)
