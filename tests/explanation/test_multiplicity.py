"""How many other models that do as well would flag other places."""

from __future__ import annotations

import numpy as np
import pytest

from tegenkracht.config import compose_spec
from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.comparisons import Comparisons
from tegenkracht.experiment.multiplicity import not_told_apart
from tegenkracht.explanation.multiplicity import check_multiplicity, flags_table, multiplicity_estimates

MODELS = np.array([[True, True, False, True], [False, True, False, True]])
NONE = np.empty((0, 4), dtype=bool)


def test_ambiguity_and_discrepancy_by_hand() -> None:
    """Of four flags one model leaves out the third, another the first and the third: half are in doubt, and the second alone drops half."""
    told = {e.metric: e for e in multiplicity_estimates("m", {"seed": NONE, "models": MODELS}, level=0.95)}
    assert {e.at for e in told.values()} == {"among=models"}
    assert (told["ambiguity"].value, told["discrepancy"].value, told["models_counted"].value) == (0.5, 0.5, 2)
    assert told["ambiguity"].low == pytest.approx(0.150, abs=5e-4)  # Wilson, 2 of 4
    assert told["ambiguity"].n == 4
    finding = check_multiplicity(list(told.values()), model="m")
    assert (finding.code, finding.verdict) == ("TK313", "found")
    assert finding.facts == {"models": 2, "ambiguity": 50.0, "discrepancy": 50.0, "flags": 4}


def test_models_that_agree_are_not_found_and_no_model_is_no_pass() -> None:
    """Silence is not a pass."""
    same = multiplicity_estimates("m", {"models": np.ones((3, 4), dtype=bool)}, level=0.95)
    assert check_multiplicity(same, model="m").verdict == "not_found"
    refits_only = multiplicity_estimates("m", {"units": MODELS, "models": NONE}, level=0.95)
    finding = check_multiplicity(refits_only, model="m")
    assert (finding.verdict, finding.facts) == ("not_applicable", {"reason": "no_model_as_good"})


def test_two_models_that_choose_by_lot_among_equals_flag_as_chance_says() -> None:
    """Half of 2,000 places that are all alike are flagged: another model of the kind leaves out half of the flags, and one of two leaves out three quarters."""
    rng = np.random.default_rng(5)
    own, *others = (rng.permutation(2_000) < 1_000 for _ in range(3))
    told = multiplicity_estimates("m", {"models": np.array([other[own] for other in others])}, level=0.999)
    ambiguity, discrepancy, _ = told
    assert ambiguity.low <= 0.75 <= ambiguity.high
    assert discrepancy.value == pytest.approx(0.5, abs=0.06)


def test_the_table_names_places_and_the_models_that_leave_them_out() -> None:
    """One line per flag: shares of the refits and models that set it too, and which models do not; without seeds there is no share."""
    units = np.array([[True, False, True, True]] * 3 + [[True, False, False, True]])
    table = flags_table(np.array(list("wxyz")), {"seed": NONE, "units": units, "models": MODELS}, ["a", "b"])
    assert table["row_id"].tolist() == list("wxyz")
    assert table["by_seed"].isna().all()
    assert table["by_units"].tolist() == [1.0, 0.0, 0.75, 1.0]
    assert table["by_models"].tolist() == [0.5, 1.0, 0.0, 1.0]
    assert table["not_by"].tolist() == ["b", "", "a, b", ""]
    assert table["depends"].tolist() == [False, True, False, False]
    alone = flags_table(np.array(list("wxyz")), {"seed": NONE, "units": NONE, "models": MODELS}, ["a", "b"])
    assert alone["depends"].isna().all()


def test_only_models_that_see_facts_of_places_are_another_way_to_choose() -> None:
    """Nothing was told apart from the card's model; the base rate, a lot and who inspects know no place, and stay out for that alone."""
    plans = compose_spec(["experiment=shopping_strip"]).models
    level = [
        Estimate(
            "lightgbm", "precision_difference", 0.01, -0.02, 0.04, n=90, level=0.95, at=f"capacity=100,versus={name}"
        )
        for name in plans
        if name != "lightgbm"
    ]
    told = Comparisons.of(level, main="lightgbm", capacity=100)
    seen = not_told_apart(plans, told, features=("takeover_count_12m",))
    assert seen == [name for name in plans if name not in ("lightgbm", "who_inspects", "prior", "random")]
    assert {"logistic", "current_rule"} <= set(seen)
    named = {"visits": plans["logistic"].model_copy(update={"columns": ("inspector",)})}
    both = {"mixed": plans["logistic"].model_copy(update={"columns": ("inspector", "takeover_count_12m")})}
    told = Comparisons.of(
        [
            Estimate(
                "lightgbm",
                "precision_difference",
                0.01,
                -0.02,
                0.04,
                n=90,
                level=0.95,
                at=f"capacity=100,versus={name}",
            )
            for name in ("visits", "mixed")
        ],
        main="lightgbm",
        capacity=100,
    )
    assert not_told_apart(named | both, told, features=("takeover_count_12m",)) == ["mixed"]
