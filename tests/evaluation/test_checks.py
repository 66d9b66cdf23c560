"""Each check finds what it is for, stays silent where there is nothing, and says when it cannot look."""

from __future__ import annotations

import numpy as np
import pytest

from tegenkracht.core.estimate import Estimate, Method, none_because
from tegenkracht.core.finding import Finding
from tegenkracht.evaluation.checks import CODES, Asked, check, points
from tegenkracht.evaluation.estimates import About, share_of

ASKED = Asked(
    main_model="main",
    reference_model="rule",
    process_models=["process"],
    audit=["wealth"],
    capacity=100,
    cluster_by="unit_id",
    min_group=10,
    level=0.95,
)
CLUSTERS = Estimate("", "clusters", 500.0, n=500, method="count")


def number(
    metric: str,
    value: float | None,
    low: float | None = None,
    high: float | None = None,
    *,
    model: str = "main",
    method: Method = "labelled",
    n: int = 100,
    **where: str,
) -> Estimate:
    """An estimate of the main model at 100 places, unless said otherwise."""
    return Estimate(model, metric, value, low, high, n=n, method=method, **({"at": "capacity=100"} | where))


def found_by(code: str, *estimates: Estimate, asked: Asked = ASKED) -> list[Finding]:
    """What one check says of these estimates."""
    return [finding for finding in check([CLUSTERS, *estimates], asked) if finding.code == code]


def bounds(low: float, high: float) -> list[Estimate]:
    """What TK101 looks at, for a list of which 40 in 100 places were not visited."""
    return [
        number("precision_above_random", None, low, high, method="bounds"),
        number("precision_at_capacity", None, 0.2, 0.6, method="bounds"),
        number("listed_unobserved", 40.0, method="count"),
    ]


def ratio(fold: str, value: float, width: float) -> Estimate:
    """Expected to observed of one fold."""
    return number("expected_observed_ratio", value, value - width, value + width, split=fold, at="")


def cell(name: str, value: float, width: float) -> Estimate:
    """Finding rate of one inspector."""
    return number("finding_rate", value, value - width, value + width, model="", group=f"inspector={name}", at="")


BRIER = number("brier", 0.1, at="")
CASES = {
    "TK101 bounds hold zero": ("TK101", bounds(-0.1, 0.3), "found"),
    "TK101 bounds above zero": ("TK101", bounds(0.05, 0.3), "not_found"),
    "TK101 nothing to bound": ("TK101", [], "not_applicable"),
    "TK103 many": ("TK103", [number("never_inspected", 0.4, model="", method="count", at="")], "found"),
    "TK103 few": ("TK103", [number("never_inspected", 0.05, model="", method="count", at="")], "not_found"),
    "TK103 unknown": ("TK103", [], "not_applicable"),
    "TK104 apart": ("TK104", [BRIER, ratio("2022", 0.8, 0.1), ratio("2023", 1.3, 0.2)], "found"),
    "TK104 overlap": ("TK104", [BRIER, ratio("2022", 0.9, 0.2), ratio("2023", 1.1, 0.2)], "not_found"),
    "TK104 one fold": ("TK104", [BRIER, ratio("2022", 0.9, 0.2)], "not_applicable"),
    "TK104 no probability": ("TK104", [], "not_applicable"),
    "TK106 order matters": ("TK106", [number("precision_at_capacity", None, 0.2, 0.4, method="tie_bounds")], "found"),
    "TK106 order matters little": (
        "TK106",
        [number("precision_at_capacity", None, 0.30, 0.32, method="tie_bounds")],
        "not_found",
    ),
    "TK108 few": (
        "TK108",
        [number("visits", 12.0, model="", method="count", n=12, group="channel=random", at="")],
        "found",
    ),
    "TK108 none": (
        "TK108",
        [number("visits", 90.0, model="", method="count", n=90, group="channel=risk", at="")],
        "found",
    ),
    "TK108 enough": (
        "TK108",
        [number("visits", 30.0, model="", method="count", n=30, group="channel=random", at="")],
        "not_found",
    ),
    "TK108 channels unknown": ("TK108", [], "not_applicable"),
    "TK201 small": (
        "TK201",
        [
            none_because("group_under_minimum", model="", metric="rows", method="count", group="wealth=mid"),
            number("rows", 50.0, model="", method="count", group="wealth=low", at=""),
        ],
        "found",
    ),
    "TK201 all shown": (
        "TK201",
        [number("rows", 50.0, model="", method="count", group="wealth=low", at="")],
        "not_found",
    ),
}


@pytest.mark.parametrize(("code", "estimates", "verdict"), CASES.values(), ids=CASES)
def test_verdict(code, estimates, verdict):
    """The verdict of one check on made-up estimates; it rests on estimates that are there."""
    finding = found_by(code, *estimates)[0]
    assert finding.verdict == verdict
    assert set(finding.estimates) <= {e.id for e in estimates}
    assert ("reason" in finding.facts) == (verdict == "not_applicable")


def test_facts_are_in_points_of_a_hundred():
    """The reader sees 40 of 100 places unvisited, and precision between 20 and 60."""
    facts = found_by("TK101", *bounds(-0.1234, 0.3))[0].facts
    assert facts == {
        "capacity": 100,
        "low": 20.0,
        "high": 60.0,
        "above_low": -12.3,
        "above_high": 30.0,
        "unvisited": 40.0,
    }
    assert str(points(-0.0)) == "0.0"


@pytest.mark.parametrize(
    ("lowest", "highest", "verdict"),
    [
        ((0.02, 0.01), (0.40, 0.05), "found"),
        ((0.2, 0.1), (0.28, 0.1), "not_found"),
        ((0.50, 0.01), (0.60, 0.01), "not_found"),
    ],
)
def test_inspectors_who_find_much_more(lowest, highest, verdict):
    """More than chance and half as much again: 20 and 28 of 100 visits are not, and 50 and 60 of 100 are too alike."""
    cells = [cell("brown", *lowest), cell("purple", *highest)]
    by_inspector, by_channel = found_by("TK105", *cells)
    assert (by_inspector.verdict, by_inspector.facts["highest"], by_inspector.facts["lowest"]) == (
        verdict,
        "purple",
        "brown",
    )
    assert by_channel.facts == {"by": "channel", "reason": "no_channel"}


def counted_cells(rates: list[float], visits: int, seed: int) -> list[Estimate]:
    """Finding rates of inspectors with these chances, with Wilson's intervals."""
    found = np.random.default_rng(seed).binomial(visits, rates)
    about = [About(group=f"inspector={i}") for i in range(len(rates))]
    return [
        share_of(int(f), visits, "finding_rate", a, level=0.95, why_not="") for f, a in zip(found, about, strict=True)
    ]


def test_many_inspectors_alike_are_left_alone():
    """Twenty inspectors with the same chance: found in at most 5 % of 300 worlds, however many pairs there are to compare."""
    verdicts = [found_by("TK105", *counted_cells([0.1] * 20, 60, seed))[0].verdict for seed in range(300)]
    assert verdicts.count("found") <= 0.05 * 300 + 1.64 * (0.05 * 0.95 * 300) ** 0.5


def test_inspector_groups_of_chicago_are_found():
    """Critical violations in 2.5, 6.0, 9.7, 13.8, 25.5 and 40.8 % of their visits."""
    cells = counted_cells([0.025, 0.06, 0.097, 0.138, 0.255, 0.408], 1200, seed=1)
    finding = found_by("TK105", *cells)[0]
    assert (finding.verdict, finding.facts["lowest"], finding.facts["highest"]) == ("found", "0", "5")


def test_few_clusters_make_intervals_too_narrow():
    """Twelve strips are few to resample."""
    few = Estimate("", "clusters", 12.0, n=12, method="count")
    assert [f.verdict for f in check([few], ASKED) if f.code == "TK110"] == ["found"]
    assert found_by("TK110")[0].verdict == "not_found"


def test_every_code_is_in_the_catalogue_and_used():
    """The catalogue has a line for each code that a study can give."""
    assert {finding.code for finding in check([CLUSTERS], ASKED)} == set(CODES)
