"""When places hide, a list finds less: never more, the more they hide; and nothing less where nothing can be hidden."""

from __future__ import annotations

import numpy as np
import pytest
from tests.evaluation.conftest import build_scores

from tegenkracht.evaluation.hiding import best_hidden, check_hiding, hiding_estimates
from tegenkracht.evaluation.sample import sample_of

KIND = {"capacity": 2, "replicates": 200, "level": 0.9, "seed": 1, "threads": 1}


def small():
    """Six visited places; the two first on the list were found, and one that is not on it."""
    scores = build_scores({"m": [6, 5, 4, 3, 2, 1]}, [1, 1, 0, 0, 0, 1])
    return sample_of(scores, lists="per_as_of", cluster_by="unit_id")


def test_a_place_hides_no_more_than_helps_it() -> None:
    """Hiding the second column would raise the score again, so it stays."""
    assert best_hidden(np.array([[3.0, 1.0, 2.0], [1.0, 1.0, 0.5]])).tolist() == [[3.0, 1.0, 1.0], [1.0, 1.0, 0.5]]


def test_hiding_by_hand() -> None:
    """All three found places hide: one column takes the second off the list, two columns both. Recall is 1/3, then 0; all of the yield is at risk."""
    reachable = np.array([[6.0, 6.0, 0.5], [5.0, 2.5, 0.5], [1.0, 1.0, 0.5]])
    told = hiding_estimates(small(), "m", reachable, hidden=(1, 2), easy=2, share=1.0, **KIND)
    values = {(e.metric, e.at): e.value for e in told}
    assert values["recall_when_hiding", "capacity=2,hidden=1"] == pytest.approx(1 / 3)
    assert values["precision_when_hiding", "capacity=2,hidden=1"] == 0.5
    assert values["recall_lost", "capacity=2,hidden=2"] == pytest.approx(2 / 3)
    assert values["yield_at_risk", "capacity=2"] == 1.0
    finding = check_hiding(told, "m", easy=2, minimum=2)
    assert (finding.code, finding.verdict, finding.facts) == (
        "TK310",
        "found",
        {"share": 100.0, "columns": 2, "caught": 2},
    )
    few = check_hiding(told, "m", easy=2, minimum=3)  # two findings on the list carry no verdict
    assert (few.verdict, few.facts, few.estimates) == ("not_applicable", {"reason": "few_caught"}, finding.estimates)


def test_the_loss_never_falls_with_what_is_hidden_or_with_who_hides() -> None:
    """200 places, five columns, twenty seeds: the same places hide, and each hides what helps."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        outcomes = (rng.random(200) < 0.3).astype(float)
        scores = rng.normal(size=200)
        sample = sample_of(build_scores({"m": scores}, outcomes), lists="per_as_of", cluster_by="unit_id")
        found = sample.finding == 1
        steps = rng.normal(scale=0.5, size=(found.sum(), 5))
        reachable = best_hidden(np.column_stack([scores[found], scores[found][:, None] + steps.cumsum(axis=1)]))
        kind = KIND | {"capacity": 40, "replicates": 100}
        lost = {
            share: [
                e.value
                for e in hiding_estimates(sample, "m", reachable, hidden=range(6), easy=0, share=share, **kind)
                if e.metric == "recall_lost"
            ]
            for share in (0.5, 1.0)
        }
        assert lost[0.5][0] == 0
        assert (np.diff(lost[0.5]) >= -1e-12).all()
        assert (np.diff(lost[1.0]) >= -1e-12).all()
        assert all(less <= more + 1e-12 for less, more in zip(lost[0.5], lost[1.0], strict=True))


def test_a_model_without_columns_that_can_be_changed_loses_nothing() -> None:
    """There is nothing to hide, and the finding says so."""
    sample = small()
    reachable = np.array([[6.0], [5.0], [1.0]])
    told = hiding_estimates(sample, "m", reachable, hidden=(1, 3), easy=0, share=1.0, **KIND)
    assert {e.value for e in told if e.metric == "recall_lost"} == {0.0}
    assert check_hiding(told, "m", easy=0, minimum=2).facts == {"reason": "nothing_easy_to_change"}
