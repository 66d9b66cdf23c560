"""How much of what is found goes with who looked."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tegenkracht.evaluation.process_share import process_shares


def visits(
    rng: np.random.Generator, *, inspectors: int, sizes: tuple[int, int], share: float, rate: float = 0.3
) -> pd.DataFrame:
    """Visits of inspectors who differ so much that `share` of the variance lies between them."""
    n = rng.integers(*sizes, size=inspectors)
    spread = np.sqrt(share * rate * (1 - rate))
    own = np.clip(rate + spread * rng.choice([-1.0, 1.0], size=inspectors), 0, 1)
    who = np.repeat(np.arange(inspectors), n)
    return pd.DataFrame(
        {"inspector": [f"i{i:02}" for i in who], "channel": "risk", "finding": rng.uniform(size=who.size) < own[who]}
    )


def shares(table: pd.DataFrame) -> dict[tuple[str, str], object]:
    """Estimates by metric and `at`."""
    return {(e.metric, e.at): e for e in process_shares(table, minimum=10, level=0.95)}


def test_two_inspectors_by_hand() -> None:
    """Two inspectors with 3 of 4 and 1 of 4: mean squares 0.5 and 0.25, so (2 - 1)/(2 - 1 + 4) = 0.2."""
    table = pd.DataFrame({"inspector": list("aaaabbbb"), "channel": "risk", "finding": [1, 1, 1, 0, 1, 0, 0, 0]})
    found = {(e.metric, e.at): e for e in process_shares(table, minimum=4, level=0.95)}
    assert found["inspector_variance_share", ""].value == pytest.approx(0.2)
    assert found["channel_variance_share", ""].note == "one_inspector"


def test_alike_inspectors_share_nothing() -> None:
    """With no difference the interval starts at zero."""
    found = shares(visits(np.random.default_rng(1), inspectors=30, sizes=(20, 60), share=0.0))
    assert found["inspector_variance_share", ""].low == 0.0
    assert found["inspector_variance_share", ""].high < 0.05


def test_intervals_hold_the_true_share() -> None:
    """In 300 made-up services with a true share of 0.1, the 95 % interval holds it in at least 92 of 100."""
    held = 0
    for seed in range(300):
        found = shares(visits(np.random.default_rng(seed), inspectors=24, sizes=(20, 60), share=0.1))
        estimate = found["inspector_variance_share", ""]
        held += estimate.low <= 0.1 <= estimate.high
    assert held / 300 >= 0.92


def test_what_a_channel_explains_is_taken_off_within_it() -> None:
    """Inspector a does only tips, b only rounds: all of their difference is the channel's."""
    rng = np.random.default_rng(2)
    table = pd.DataFrame({"inspector": ["a"] * 300 + ["b"] * 300, "channel": ["signal"] * 300 + ["risk"] * 300})
    table["finding"] = rng.uniform(size=600) < np.where(table["channel"] == "signal", 0.6, 0.1)
    found = shares(table)
    assert found["inspector_variance_share", ""].value > 0.3
    assert found["inspector_variance_share", "within=channel"].note == "one_inspector"


def test_nobody_knows_who_looked() -> None:
    """No visits, no lines; too few visits, no number."""
    assert list(process_shares(None, minimum=10, level=0.95)) == []
    few = pd.DataFrame({"inspector": ["a", "b"], "channel": "risk", "finding": [True, False]})
    assert next(e.note for e in process_shares(few, minimum=10, level=0.95)) == "base_under_minimum"


def nested(rng: np.random.Generator, *, share: float) -> pd.DataFrame:
    """Eight inspectors, two in each of four channels, who differ within a channel so much that `share` of the variance lies between them."""
    own = rng.normal(0.0, np.sqrt(share / (1 - share)), size=8) + np.repeat([0.0, 1.0, 2.0, 3.0], 2)
    who = np.repeat(np.arange(8), 40)
    return pd.DataFrame(
        {
            "inspector": [f"i{i}" for i in who],
            "channel": [f"c{i // 2}" for i in who],
            "finding": rng.normal(own[who]),
        }
    )


def test_inspectors_who_work_in_one_channel_each_are_compared_within_it() -> None:
    """In 300 made-up services with a true share of 0.155 the mean is near it, and the interval holds it in at least 92 of 100."""
    found = [
        shares(nested(np.random.default_rng(seed), share=0.155))["inspector_variance_share", "within=channel"]
        for seed in range(300)
    ]
    assert np.mean([e.value for e in found]) == pytest.approx(
        0.13, abs=0.03
    )  # a share of an estimated part lies below it
    assert np.mean([e.low <= 0.155 <= e.high for e in found]) >= 0.92


def test_inspectors_who_work_in_all_channels_are_compared_within_each() -> None:
    """Crossed and unbalanced: what a channel explains is taken off, and the interval holds the true share in at least 92 of 100 draws."""
    held = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        who, how = rng.integers(0, 12, size=600), rng.choice(3, p=[0.6, 0.3, 0.1], size=600)
        own = rng.normal(0.0, np.sqrt(0.1 / 0.9), size=12)
        table = pd.DataFrame(
            {
                "inspector": [f"i{i:02}" for i in who],
                "channel": [f"c{c}" for c in how],
                "finding": rng.normal(own[who] + how),
            }
        )
        estimate = shares(table)["inspector_variance_share", "within=channel"]
        held += estimate.low <= 0.1 <= estimate.high
    assert held / 300 >= 0.92


def test_one_inspector_in_each_channel_cannot_be_told_from_it() -> None:
    """Within a channel there is nobody to compare with: a reason, no number."""
    table = pd.DataFrame({"inspector": list("aabb") * 20, "channel": list("ccdd") * 20, "finding": [0, 1, 1, 1] * 20})
    assert shares(table)["inspector_variance_share", "within=channel"].note == "one_inspector"
