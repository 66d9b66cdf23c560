"""Which flags and reasons survive when the model learns from other draws of units."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.feature import Feature
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.core.text import Text
from tegenkracht.explanation.attributions import Attributions
from tegenkracht.explanation.refits import (
    Refits,
    _drawn,
    agreement_of,
    check_flags,
    check_reasons,
    first_sets,
    flag_estimates,
    reason_estimates,
    withheld_reasons,
)
from tegenkracht.explanation.stability import stability
from tegenkracht.spec import Explain


def told(values: list[list[float]]) -> Attributions:
    """Contributions of two columns to two places."""
    table = pd.DataFrame(values, columns=["a", "b"])
    return Attributions("m", np.array(["x", "y"]), np.array(["f", "f"]), np.zeros(2), table, "log-odds")


def refits(
    flags: list[list[bool]],
    values: list[list[list[float]]],
    seeds: list[list[bool]] | None = None,
    *,
    seed_moves: bool = True,
) -> Refits:
    """Refits with these flags and contributions."""
    overlap = np.array([np.mean(row) for row in flags])
    ranks = np.where(np.array(flags), 1, 3)
    alone = np.array([] if seeds is None else seeds, dtype=bool).reshape(-1, 2)
    explained = tuple(told(v) for v in values)
    return Refits("m", np.array(["x", "y"]), np.array(flags), overlap, explained, ranks, (), alone, seed_moves)


def test_a_flag_depends_on_the_draw_when_fewer_than_half_of_the_refits_set_it() -> None:
    """X is flagged by three of four refits, y by one of four: one of two flags depends on the draw."""
    made = refits([[True, False], [True, True], [True, False], [False, False]], [[[1, 1], [1, 1]]] * 4)
    overlap, depending, _ = flag_estimates(made, replicates=200, level=0.95, seed=1)
    assert (depending.value, depending.n) == (0.5, 2)
    assert overlap.value in (0.5, 1.0)
    finding = check_flags([overlap, depending])
    assert (finding.code, finding.verdict, finding.facts["depending"]) == ("TK304", "found", 50.0)


@pytest.mark.parametrize(
    ("seeds", "seed_moves", "told"),
    [
        ([[True, False], [True, True], [True, False]], True, (0.5, True, None)),
        ([[True, True]], False, (0.0, False, None)),
        (None, True, (None, False, "too_few_refits")),
    ],
)
def test_what_the_seed_alone_does_is_told_apart(seeds, seed_moves, told) -> None:
    """Of three seeds one flags y: one of two flags depends on the seed. A seed that moves no score gives exactly nought; none at all gives a reason."""
    made = refits([[True, True]] * 4, [[[1, 1], [1, 1]]] * 4, seeds, seed_moves=seed_moves)
    _, both, alone = flag_estimates(made, replicates=200, level=0.95, seed=1)
    assert (both.value, both.at) == (0.0, "")
    assert (alone.value, alone.low is not None, alone.note or None) == told
    assert (alone.at, alone.n) == ("by=seed", 2)
    assert check_flags([alone, both]).facts["depending"] == 0.0


def test_when_all_agree_nothing_depends() -> None:
    """Every refit flags both; and without refits nobody could look."""
    made = refits([[True, True]] * 4, [[[1, 1], [1, 1]]] * 4)
    assert check_flags(flag_estimates(made, replicates=100, level=0.95, seed=1)).verdict == "not_found"
    assert check_flags([]).verdict == "not_applicable"


APART = {"a": ("a",), "b": ("b",)}
TOGETHER = {"ab": ("a", "b")}


def test_a_withheld_reason_is_counted_by_place() -> None:
    """For x, b speaks for a review in 7 of 10 refits: one of its two reasons is withheld. At y both stay, so that one place of two has a loss."""
    values = [[[1.0, 1.0 if i < 7 else -1.0], [1.0, 1.0]] for i in range(10)]
    made = refits([[True, True]] * 10, values)
    withheld = withheld_reasons(told([[2.0, 1.0], [1.0, 1.0]]), made, APART, at_most=5)
    assert withheld.tolist() == [1, 0]
    (share,) = reason_estimates(withheld, model="m", level=0.95)
    assert (share.value, share.n) == (0.5, 2)
    finding = check_reasons([share])
    assert (finding.code, finding.verdict) == ("TK306", "found")
    assert finding.facts == {"withheld": 50.0, "places": 2}
    assert check_reasons([]).verdict == "not_applicable"


def test_families_are_judged_together() -> None:
    """Single reasons turn by chance and their sum does not: nothing is withheld when a and b are one reason."""
    values = [[[1.0, -0.5] if i % 2 else [-0.5, 1.0], [1.0, 1.0]] for i in range(10)]
    made = refits([[True, True]] * 10, values)
    own = told([[1.0, 1.0], [1.0, 1.0]])
    assert withheld_reasons(own, made, APART, at_most=5).tolist() == [2, 0]
    assert withheld_reasons(own, made, TOGETHER, at_most=5).tolist() == [0, 0]
    assert agreement_of(made, TOGETHER, ["y", "x"]).index.tolist() == ["y", "x"]
    with pytest.raises(KeyError, match=r"Not explained again: \['z'\]"):
        agreement_of(made, TOGETHER, ["z"])


def test_what_adds_next_to_nothing_is_no_reason() -> None:
    """A twentieth of what is added is the least: 5 of 100 is a reason, 4.9 is not, and neither is what lowers the score."""
    totals = np.array([[95.0, 5.0, -50.0], [95.1, 4.9, 0.0]])
    assert first_sets(totals, at_most=5).tolist() == [[True, True, False], [True, False, False]]
    assert first_sets(totals, at_most=1).tolist() == [[True, False, False], [True, False, False]]


def test_a_draw_takes_units_with_all_their_rows() -> None:
    """As many units as there are, each with both of its rows, and only training rows."""
    rows = pd.DataFrame({"unit_id": [f"u{i // 2}" for i in range(20)]})
    panel = object.__new__(Panel)
    object.__setattr__(panel, "rows", rows)
    fold = Fold("f", pd.Timestamp("2020-01-01"), np.arange(12), np.arange(12, 20))
    drawn = _drawn(panel, fold, np.random.default_rng(3))
    counts = np.bincount(drawn.train, minlength=12)
    assert drawn.train.size == 12
    assert (counts[0:12:2] == counts[1:12:2]).all()
    assert drawn.test.tolist() == fold.test.tolist()


def test_features_that_say_the_same_have_unstable_ranks_and_a_stable_family() -> None:
    """Two copies of one column: a model divides its weight among them by chance, and their sum stays."""
    rng = np.random.default_rng(1)
    text = Text(nl="x", en="x")
    features = [
        Feature(name=n, label=text, definition=text, subject="place", source="-", family=f)
        for n, f in (("a", "one"), ("b", "one"), ("c", "two"))
    ]
    fits = []
    for _ in range(20):
        share = rng.uniform()
        table = pd.DataFrame({"a": [2 * share] * 3, "b": [2 * (1 - share)] * 3, "c": [0.9] * 3})
        fits.append(Attributions("m", np.arange(3), np.array(["f"] * 3), np.zeros(3), table, "log-odds"))
    rank = {e.at: e for e in stability(fits, features=features, level=0.95) if e.metric == "attribution_rank"}
    assert rank["feature=a"].low == 1
    assert rank["feature=a"].high == 3
    assert (rank["family=one"].low, rank["family=one"].high) == (1, 1)


def test_one_refit_is_refused() -> None:
    """There is nothing to compare it with."""
    with pytest.raises(ValueError, match="one refit cannot be compared"):
        Explain(reasons=5, refits=1)
