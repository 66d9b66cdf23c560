"""Stored measures beside recomputed ones: by hand, and against triage's own way of sorting and counting."""

from __future__ import annotations

import csv
import math
import re
from io import StringIO

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tegenkracht.core.errors import InputError
from tegenkracht.triage.found_files import find_files
from tegenkracht.triage.recomputed import read_parameter
from tegenkracht.triage.reconciliation import reconcile
from tegenkracht.triage.reconciliation_text import reconciliation_csv, shown
from tegenkracht.triage.results import results_of_files

SCORES = (0.9, 0.8, 0.7, 0.7, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1)
LABELS = (1, 0, 1, 0, None, None, 1, 0, 0, None)
"""Ten places, three positive, four negative, three without a label; three share the score .7."""
HEADER = "model_id,subset_hash,evaluation_start_time,evaluation_end_time,matrix_uuid,metric,parameter,worst_value,stochastic_value,best_value,num_labeled_examples\n"


def predictions_csv(scores, labels, *, model: int = 1, matrix: str = "m") -> str:
    """An export of test_results.predictions."""
    lines = ["model_id,entity_id,as_of_date,score,label_value,matrix_uuid"]
    lines += [
        f"{model},{i},2020-01-01 00:00:00,{s},{'' if v is None else v},{matrix}"
        for i, (s, v) in enumerate(zip(scores, labels, strict=True))
    ]
    return "\n".join(lines) + "\n"


def evaluation(
    metric: str, parameter: str, worst: object, mean: object, best: object, *, labelled: object = "", subset: str = ""
) -> str:
    """A row of test_results.evaluations."""
    values = ",".join("" if v is None else str(v) for v in (worst, mean, best))
    return f"1,{subset},2020-01-01,2020-01-01,m,{metric},{parameter},{values},{labelled}\n"


def _reconciled(tmp_path, rows: str, scores=SCORES, labels=LABELS):
    (tmp_path / "predictions.csv").write_text(predictions_csv(scores, labels))
    (tmp_path / "evaluations.csv").write_text(HEADER + rows)
    results = results_of_files(find_files(tmp_path))
    assert results is not None
    return reconcile(results)


@pytest.mark.parametrize(
    ("metric", "parameter", "value", "ties", "unseen"),
    [
        ("precision@", "2_abs", 1 / 2, (1 / 2, 1 / 2), (1 / 2, 1 / 2)),
        ("precision@", "4_abs", 1 / 2, (1 / 3, 2 / 3), (1 / 4, 3 / 4)),
        ("precision@", "25.0_pct", 1 / 2, (1 / 2, 1 / 2), (1 / 2, 1 / 2)),
        ("recall@", "2_abs", 1 / 3, (1 / 3, 1 / 3), (1 / 6, 1 / 3)),
        ("recall@", "100_abs", 1.0, (1.0, 1.0), (1.0, 1.0)),
        ("f1", "", 6 / 10, (6 / 10, 6 / 10), None),
        ("accuracy", "", 3 / 7, (3 / 7, 3 / 7), None),
        ("fbeta@", "0.75_beta/2_abs", 1.5625 / 3.6875, (1.5625 / 3.6875, 1.5625 / 3.6875), None),
        ("true positives@", "4_abs", 5 / 3, (1.0, 2.0), None),
        ("false positives@", "4_abs", 5 / 3, (1.0, 2.0), None),
        ("false negatives@", "2_abs", 2.0, (2.0, 2.0), None),
        ("true negatives@", "2_abs", 3.0, (3.0, 3.0), None),
        ("fpr@", "2_abs", 1 / 4, (1 / 4, 1 / 4), None),
        ("roc_auc", "", 8.5 / 12, (8 / 12, 9 / 12), None),
        (
            "average precision score",
            "",
            (1 + 1 / 2 + 3 / 5) / 3,
            ((1 + 2 / 4 + 3 / 5) / 3, (1 + 2 / 3 + 3 / 5) / 3),
            None,
        ),
    ],
)
def test_every_measure_is_what_a_hand_calculation_gives(tmp_path, metric, parameter, value, ties, unseen):
    """Among labelled places; over the orders of the three that tie; and over what the unlabelled three may be."""
    (line,) = _reconciled(tmp_path, evaluation(metric, parameter, 0.123, 0.123, 0.123))
    assert line.value.value == pytest.approx(value)
    assert (line.ties.low, line.ties.high) == pytest.approx(ties)
    if unseen is None:
        assert line.unseen is None
    else:
        assert (line.unseen.low, line.unseen.high) == pytest.approx(unseen)


@pytest.mark.parametrize(
    ("row", "verdict", "why"),
    [
        (evaluation("precision@", "2_abs", 0.5, 0.5, 0.5), "equal", ""),
        (evaluation("recall@", "2_abs", 0.3333333, 0.3333333, 0.3333333), "equal", ""),
        (
            evaluation("precision@", "4_abs", 1 / 3, 0.52, 2 / 3),
            "ties",
            "Places tie at the cut; worst and best are the same",
        ),
        (
            evaluation("precision@", "4_abs", 1 / 3, 0.45, 1 / 2),
            "unlabelled",
            "Places without a label (1) tie at the cut",
        ),
        (evaluation("precision@", "4_abs", 0.5, 0.5, 0.5), "ties", "Scores are stored with five decimals"),
        (evaluation("precision@", "2_abs", 0.75, 0.75, 0.75), "not explained", "Recomputed 0.5, from 0.5 to 0.5"),
        (
            evaluation("precision@", "2_abs", 0.75, 0.75, 0.75, labelled=10),
            "unlabelled",
            "triage counted 10 labels, the predictions hold 7.",
        ),
        (
            evaluation("roc_auc", "", None, None, None),
            "undefined there",
            "triage passes 3 empty labels on and stores nothing",
        ),
        (evaluation("roc_auc", "", "NaN", "NaN", "NaN"), "undefined there", "triage passes 3 empty labels on"),
        (evaluation("roc_auc", "", 0.7, 0.7, 0.7), "ties", "Scores are stored with five decimals"),
        (
            evaluation("precision@", "0_abs", 0, 0, 0),
            "undefined there",
            "There is nothing to divide by, and triage writes 0.",
        ),
        (
            evaluation("precision@", "2_abs", None, None, None),
            "undefined there",
            "triage stored nothing; there is a number.",
        ),
        (evaluation("precision@", "2_abs", 0.5, 0.5, 0.5, subset="abc"), "not recomputed", "It is about a subset"),
        (evaluation("lift", "2_abs", 0.5, 0.5, 0.5), "not recomputed", "This measure is not one of triage's own."),
        (evaluation("precision@", "2_abs/x_y", 0.5, 0.5, 0.5), "not recomputed", "The parameter says more"),
        (
            evaluation("precision@", "2_abs", 0.5, 0.5, 0.5)
            .replace("2020-01-01,m", "2020-01-01,")
            .replace("2020", "2021"),
            "not recomputed",
            "There are no predictions",
        ),
    ],
)
def test_each_difference_has_its_reason(tmp_path, row, verdict, why):
    """One stored row, one verdict, one sentence."""
    (line,) = _reconciled(tmp_path, row)
    assert (line.verdict, line.why[: len(why)]) == (verdict, why)


def test_a_worst_case_above_the_best_case_is_explained(tmp_path):
    """A sure hit, then one negative and one unlabelled place that tie for the second slot: triage's worst is 1, its best 1/2."""
    (line,) = _reconciled(
        tmp_path, evaluation("precision@", "2_abs", 1.0, 0.7, 0.5), scores=(0.9, 0.5, 0.5), labels=(1, 0, None)
    )
    assert line.verdict == "unlabelled"
    assert line.why.endswith("so its worst is better than its best.")
    assert (line.ties.low, line.ties.high) == (0.5, 1.0)


def test_ten_inspections_in_a_list_of_a_hundred_leave_nearly_everything_open(tmp_path):
    """8 hits among 10 labelled of the top 100: 0.80 is equal, and the truth lies anywhere from 0.08 to 0.98."""
    scores = np.round(np.linspace(0.99, 0.01, 1000), 5)
    labels = [1] * 8 + [0] * 2 + [None] * 990
    lines = _reconciled(tmp_path, evaluation("precision@", "100_abs", 0.8, 0.8, 0.8), scores=scores, labels=labels)
    assert lines[0].verdict == "equal"
    assert (lines[0].unseen.low, lines[0].unseen.high) == pytest.approx((0.08, 0.98))
    assert any("1 rest on part of the list only" in line for line in shown(lines, origin="CSV", longest=5))


def test_measures_without_a_number_say_why(tmp_path):
    """Nobody with a label: no precision, no recall, no area; and triage's 0 is not a number."""
    rows = evaluation("precision@", "1_abs", 0, 0, 0) + evaluation("roc_auc", "", None, None, None)
    lines = _reconciled(tmp_path, rows, scores=(0.9, 0.1), labels=(None, None))
    assert [line.verdict for line in lines] == ["undefined there"] * 2
    assert [line.value.note for line in lines] == ["no_outcomes", "no_outcomes"]
    assert lines[1].why == "There is no number here either."


# ---------------------------------------------------------------- against triage's own way, written out


def _as_triage(scores, labels, metric, parameter, order):
    """One value as triage computes it: sort by score and label, cut, drop empty labels, count."""
    rank = {"worst": lambda v: 0 if np.isnan(v) else 1 + v, "best": lambda v: 2 if np.isnan(v) else 1 - v}[order]
    sorted_labels = [labels[i] for i in sorted(range(len(scores)), key=lambda i: (-scores[i], rank(labels[i])))]
    cutoff = read_parameter(parameter)
    size = cutoff.length(len(scores))
    listed = [v for v in sorted_labels[:size] if not np.isnan(v)]
    everybody = [v for v in labels if not np.isnan(v)]
    if metric == "roc_auc":
        if len(everybody) < len(labels) or len(set(everybody)) < 2:
            return None
        return roc_auc_score(labels, scores)
    if metric == "precision@":
        return sum(listed) / len(listed) if listed else 0.0
    return sum(listed) / sum(everybody) if sum(everybody) else 0.0


@pytest.mark.parametrize("unlabelled", [0.0, 0.5])
@pytest.mark.parametrize("decimals", [2, 8])
def test_what_triage_computes_is_always_explained(tmp_path, unlabelled, decimals):
    """Forty random matrices: scores with few or many different values, stored with five decimals; each verdict is one that can be true."""
    random = np.random.default_rng(17)
    for _ in range(10):
        scores = np.round(random.random(60), decimals)
        labels = np.where(random.random(60) < unlabelled, np.nan, (random.random(60) < 0.3).astype(float))
        rows = ""
        for metric, parameter in [
            (m, p) for m in ("precision@", "recall@") for p in ("5_abs", "20_abs", "33.0_pct")
        ] + [("roc_auc", "")]:
            worst, best = (_as_triage(scores, labels, metric, parameter, order) for order in ("worst", "best"))
            mean = worst if worst is None or math.isclose(worst, best, rel_tol=0.01) else (worst + best) / 2
            rows += evaluation(metric, parameter, worst, mean, best)
        shown_labels = [None if np.isnan(v) else int(v) for v in labels]
        lines = _reconciled(tmp_path, rows, scores=np.round(scores, 5), labels=shown_labels)
        allowed = {"equal", "ties"} | ({"unlabelled", "undefined there"} if unlabelled else set())
        assert {line.verdict for line in lines} <= allowed
        if decimals == 8:
            assert {line.verdict for line in lines if line.stored.metric != "roc_auc"} == {"equal"}


# ---------------------------------------------------------------- files


def test_the_file_has_every_line_and_no_formula(tmp_path):
    """A cell that starts like a formula is written as text; numbers stay numbers."""
    rows = evaluation("=cmd()", "2_abs", 0.5, 0.5, 0.5) + evaluation("precision@", "2_abs", 0.5, 0.5, 0.5)
    read = list(csv.DictReader(StringIO(reconciliation_csv(_reconciled(tmp_path, rows)))))
    assert [row["metric"] for row in read] == ["'=cmd()", "precision@"]
    assert (read[1]["verdict"], read[1]["expected"], read[1]["labelled"], read[1]["places"]) == (
        "equal",
        "0.5",
        "7",
        "10",
    )


def test_the_table_counts_the_verdicts(tmp_path):
    """Totals first, then only what is not equal."""
    rows = evaluation("precision@", "2_abs", 0.5, 0.5, 0.5) + evaluation("roc_auc", "", None, None, None)
    text = "\n".join(shown(_reconciled(tmp_path, rows), origin="CSV", longest=5))
    assert "Reconciliation of 2 stored measures (CSV):" in text
    assert re.search(r"1  equal: the stored and the recomputed number are the same", text)
    assert re.search(r"1 +roc_auc +-/-/- +0.7083 +0.6667 … 0.75 +- +undefined there", text)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("predictions.csv", "0.9,1", "high,1", r"predictions.csv, row 1, column `score`: `high` is not a number"),
        ("predictions.csv", "0.9,1", "0.9,7", r"row 1, column `label_value`: the label 7 is not 0 or 1"),
        (
            "predictions.csv",
            "1,0,2020-01-01 00:00:00",
            "1,0,2020-01-01 09:30:00",
            r"row 1, column `as_of_date`: .* has a time of day",
        ),
        (
            "predictions.csv",
            "1,1,2020",
            "1,0,2020",
            r"row 2, column `entity_id`: an earlier row has the same model, matrix, entity and date",
        ),
        ("predictions.csv", "score", "skore", r"predictions.csv, column `score`: the column is missing"),
        ("predictions.csv", "1,0,2020", "1,bob,2020", r"row 1, column `entity_id`: `bob` is not a whole number"),
        (
            "evaluations.csv",
            "0.5,0.5,0.5",
            "x,0.5,0.5",
            r"evaluations.csv, row 1, column `worst_value`: `x` is not a number",
        ),
        (
            "evaluations.csv",
            "2020-01-01,2020-01-01",
            "soon,2020-01-01",
            r"row 1, column `evaluation_start_time`: `soon` is not a date",
        ),
        ("evaluations.csv", "metric", "measure", r"column `metric`: the column is missing"),
    ],
)
def test_a_wrong_export_is_refused_with_its_place(tmp_path, file, old, new, message):
    """File, row, column."""
    _reconciled(tmp_path, evaluation("precision@", "2_abs", 0.5, 0.5, 0.5))
    path = tmp_path / file
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(InputError, match=message):
        results_of_files(find_files(tmp_path))
