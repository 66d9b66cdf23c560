"""An indicator is set beside findings among visits by lot alone, looks are counted, and what is not shown is not passed over."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import mannwhitneyu
from sklearn.metrics import roc_auc_score

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.indicators import AUC, CHANCE, check_indicators, indicator_estimates

N = 400


def told(columns: dict[str, np.ndarray], found: np.ndarray, **where: np.ndarray) -> dict[tuple[str, str], Estimate]:
    """Every figure by metric and indicator."""
    n = found.size
    estimates = indicator_estimates(
        pd.DataFrame(columns),
        found,
        cluster=where.get("cluster", np.arange(n)),
        stratum=where.get("stratum", np.zeros(n, int)),
        minimum=10,
        level=0.95,
    )
    return {(e.metric, e.at.removeprefix("feature=")): e for e in estimates}


def planted(seed: int = 1) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Findings in a quarter of the visits; one indicator that rises with them, one that falls, one that says nothing."""
    rng = np.random.default_rng(seed)
    found = rng.random(N) < 0.25
    noise = rng.normal(size=(3, N))
    return {"rises": noise[0] + found, "falls": noise[1] - found, "says_nothing": noise[2]}, found


def test_the_figure_is_the_area_under_the_curve_and_its_chance_that_of_rank_tests() -> None:
    """One stratum, independent visits: scikit-learn's AUC; and near scipy's Mann-Whitney, times the looks that Holm counts."""
    columns, found = planted()
    figures = told(columns, found)
    for name, value in columns.items():
        assert figures[AUC, name].value == pytest.approx(roc_auc_score(found, value))
    alone = mannwhitneyu(columns["says_nothing"][found], columns["says_nothing"][~found]).pvalue
    assert figures[CHANCE, "says_nothing"].value == pytest.approx(alone, abs=0.03)
    assert figures[CHANCE, "rises"].value < 1e-6


def test_chances_are_corrected_for_the_number_of_indicators() -> None:
    """Alone an indicator has its own chance; as the most surprising of three it has three times as much."""
    columns, found = planted()
    weak = columns["says_nothing"] + 0.6 * found
    alone = told({"weak": weak}, found)[CHANCE, "weak"].value
    beside = told({"weak": weak, **{f"same_{i}": columns["says_nothing"] for i in range(2)}}, found)
    assert beside[CHANCE, "weak"].value == pytest.approx(3 * alone)


def test_visits_of_one_strip_count_for_less() -> None:
    """Each visit written down five times is no more than once: the chance does not shrink."""
    columns, found = planted()
    weak = columns["says_nothing"] + 0.35 * found
    once = told({"weak": weak}, found)[CHANCE, "weak"].value
    five = told({"weak": np.tile(weak, 5)}, np.tile(found, 5), cluster=np.tile(np.arange(N), 5))[CHANCE, "weak"].value
    assert five == pytest.approx(once, rel=0.05)


def test_only_visits_of_one_period_are_set_beside_each_other() -> None:
    """Findings and the indicator are both higher in the second period, and in neither do they go together."""
    rng = np.random.default_rng(3)
    late = np.arange(4 * N) % 2
    found = rng.random(4 * N) < np.where(late, 0.5, 0.1)
    value = rng.normal(size=4 * N) + 3 * late
    assert told({"x": value}, found)[AUC, "x"].value > 0.7
    apart = told({"x": value}, found, stratum=late)[AUC, "x"]
    assert (apart.low or 0) < 0.5 < (apart.high or 0)


@pytest.mark.parametrize(
    ("value", "found", "note", "n"),
    [
        (np.arange(40.0), np.zeros(0, bool), "no_visits_by_lot", 0),
        (np.arange(40.0), np.arange(40) < 9, "few_found_by_lot", 40),
        (np.ones(40), np.arange(40) < 15, "nothing_varies", 40),
        (np.where(np.arange(40) < 12, np.nan, 1.0 * np.arange(40)), np.arange(40) < 20, "few_found_by_lot", 28),
    ],
    ids=["no lottery", "nine findings", "always the same", "missing at most findings"],
)
def test_without_enough_there_is_a_reason(value: np.ndarray, found: np.ndarray, note: str, n: int) -> None:
    """A lottery, ten findings, and something that varies; lines where it is missing take no part."""
    figures = told({"x": value[: found.size]}, found)
    assert (figures[AUC, "x"].note, figures[AUC, "x"].n) == (note, n)
    assert (CHANCE, "x") not in figures


@pytest.mark.parametrize(
    ("directions", "verdict", "by", "counted"),
    [
        ({"rises": "+", "falls": "-"}, "not_found", "open", (2, 0, 0)),
        ({"rises": "±", "falls": "±"}, "not_found", "open", (2, 0, 0)),
        ({"rises": "+", "says_nothing": "+"}, "found", "open", (1, 1, 0)),
        ({"rises": "-", "falls": "-"}, "found", "other_way", (1, 0, 1)),
    ],
)
def test_what_is_not_shown_as_declared_is_found(
    directions: dict, verdict: str, by: str, counted: tuple[int, int, int]
) -> None:
    """An indicator that says nothing, or the opposite of what was declared, is no indicator yet."""
    columns, found = planted()
    finding = check_indicators(told(columns, found).values(), directions, model="m", level=0.95)
    assert (finding.verdict, finding.facts["by"]) == (verdict, by)
    assert tuple(finding.facts[name] for name in ("shown", "not_shown", "other_way")) == counted
    assert finding.facts.get("feature") == ("rises" if by == "other_way" else None)


def test_without_a_lottery_nobody_can_say() -> None:
    """Not applicable, with the reason; and so when the model sees no features."""
    none = told({"x": np.zeros(0)}, np.zeros(0, bool)).values()
    assert check_indicators(none, {"x": "+"}, model="m", level=0.95).facts == {"reason": "no_visits_by_lot"}
    assert check_indicators(none, {}, model="m", level=0.95).facts == {"reason": "no_features_used"}


def test_among_indicators_that_say_nothing_few_are_shown() -> None:
    """A hundred lotteries with ten indicators that say nothing, in strips: Holm lets one through in five of a hundred at most."""
    wrong = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        strip = np.repeat(np.arange(100), 4)
        found = rng.random(N) < rng.beta(2, 6, 100)[strip]
        columns = {f"x{i}": rng.normal(size=N) + rng.normal(size=100)[strip] for i in range(10)}
        figures = told(columns, found, cluster=strip)
        wrong += any(e.value < 0.05 for (metric, _), e in figures.items() if metric == CHANCE)
    assert wrong <= 11  # 5 expected; 11 is beyond it in 1 of 100
