"""The whole road: a project folder in, a dataset, a study that runs, splits and a reconciliation out."""

from __future__ import annotations

import csv
import os
import re
from datetime import datetime
from io import StringIO

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.metrics import roc_auc_score

from tegenkracht.assembly import assemble
from tegenkracht.cli import main
from tegenkracht.config import compose_spec
from tegenkracht.core.errors import InputError
from tegenkracht.core.progress import silent
from tegenkracht.data.sources import read_dataset
from tegenkracht.splits.rolling import rolling_folds
from tegenkracht.study import run_study
from tegenkracht.triage.importing import import_triage
from tegenkracht.triage.results import results_of_server
from tegenkracht.triage.scores import scores_of

from .conftest import INSPECTIONS, SHIPPED, inspections_project, matrix_files
from .test_reconciliation import HEADER, LABELS, SCORES, evaluation, predictions_csv

POSTGRES = os.environ.get("TEGENKRACHT_TEST_POSTGRES", "")


def _import(source, to, **options):
    return import_triage(
        source, **{"to": to, "force": False, "unit": "business", "database": None, "progress": silent} | options
    )


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """The inspections project, brought: working folder, what was said, labels as they were written."""
    work = tmp_path_factory.mktemp("work")
    source = work / "project"
    source.mkdir()
    labels = inspections_project(source, seed=1)
    (source / "predictions.csv").write_text(predictions_csv(SCORES, LABELS))
    (source / "evaluations.csv").write_text(
        HEADER + evaluation("precision@", "2_abs", 0.5, 0.5, 0.5) + evaluation("roc_auc", "", None, None, None)
    )
    before = os.getcwd()
    os.chdir(work)
    try:
        done = _import(source, work / "inspections")
        (work / "conf" / "experiment").mkdir(parents=True)
        (work / "inspections" / "triage" / "inspections.yaml").rename(work / "conf" / "experiment" / "inspections.yaml")
        yield work, done, labels
    finally:
        os.chdir(before)


def test_what_was_done_is_said(imported):
    """Dataset, splits, study and reconciliation, and every key of the experiment."""
    _, done, _ = imported
    assert "Dataset: units 80, events 480, inspections 326, given 480." in done.report
    assert (
        "Splits: 5, recomputed; the first 2015-12-01 with 1 training dates, the last 2017-12-01 with 5 training dates."
        in done.report
    )
    assert "Dates of 10 of 10 matrices agree with them." in done.report
    assert re.search(r"Tried: 480 rows, 5 folds, 326 outcomes observed\.", done.report)
    assert re.search(r"1  equal:.*\n +1  undefined there:", done.report)
    for key in yaml.safe_load(INSPECTIONS):
        assert re.search(rf"^{key}[ .:\[]", done.report, re.MULTILINE), key
    assert "not a key of v8" not in done.report


def test_the_study_has_the_dates_the_training_rows_and_the_labels_of_triage(imported):
    """Fold by fold: training dates, test date, and every label, with an empty one not observed."""
    work, _, labels = imported
    spec = compose_spec(["experiment=inspections", "tracking=off"])
    dataset = read_dataset(work / "inspections")
    panel = assemble(
        dataset, cohort=spec.cohort, time=spec.time, outcome=spec.label, recipes=spec.features.recipes,
        audit=(), sole_traders="business_facts_only", threads=1,
    ).panel  # fmt: skip
    rows = panel.rows
    dates = ["2015-06-01", "2015-12-01", "2016-06-01", "2016-12-01", "2017-06-01", "2017-12-01"]
    folds = rolling_folds(panel, split=spec.split, time=spec.time)
    assert [sorted({f"{d:%Y-%m-%d}" for d in rows["as_of"].iloc[fold.train]}) for fold in folds] == [
        dates[:n] for n in range(1, 6)
    ]
    assert [sorted({f"{d:%Y-%m-%d}" for d in rows["as_of"].iloc[fold.test]}) for fold in folds] == [
        [d] for d in dates[1:]
    ]
    for row in rows.itertuples():
        assert np.array_equal(row.outcome, labels[row.unit_id, f"{row.as_of:%Y-%m-%d}"], equal_nan=True)


def test_the_study_runs(imported):
    """As a copied file, from the folder where the dataset was made; the model of an informative column beats lot."""
    work, _, _ = imported
    spec = compose_spec(
        ["experiment=inspections", "tracking=off", "evaluate.replicates=100", f"output={work / 'outputs'}"]
    )
    done = run_study(spec, started=datetime(2026, 1, 1), progress=silent)
    area = next(
        e for e in done.result.estimates if (e.model, e.metric, e.split, e.at) == ("logistic_c_1", "auc", "all", "")
    )
    assert area.low > 0.5


def test_scores_of_triage_are_measured_in_our_study(tmp_path, monkeypatch):
    """Two model groups over five splits: area and precision per fold are those of scikit-learn and of counting, and no other model sees a score."""
    monkeypatch.chdir(tmp_path)
    source = tmp_path / "p"
    source.mkdir()
    labels = inspections_project(source, seed=6)
    random, dates = np.random.default_rng(6), sorted({date for _, date in labels})[1:]
    rows = pd.DataFrame(
        [
            (10 * group + n, group, str(entity), date)
            for group in (1, 2)
            for n, date in enumerate(dates)
            for entity in range(1, 81)
        ],
        columns=["model_id", "group", "entity_id", "as_of_date"],
    )
    rows["label_value"] = [labels[key] for key in zip(rows["entity_id"], rows["as_of_date"], strict=True)]
    rows["score"] = np.round(random.random(len(rows)), 2)
    models = rows[["model_id", "group", "as_of_date"]].drop_duplicates()
    models.columns = ["model_id", "model_group_id", "train_end_time"]
    models.assign(model_type="sklearn.ensemble.RandomForestClassifier").to_csv(source / "models.csv", index=False)
    rows.drop(columns="group").to_csv(source / "predictions.csv", index=False)
    done = _import(source, tmp_path / "out")
    assert "Scores of 2 model groups of triage came along" in done.report
    (tmp_path / "conf" / "experiment").mkdir(parents=True)
    (tmp_path / "conf" / "experiment" / "out.yaml").write_text((tmp_path / "out" / "triage" / "out.yaml").read_text())
    spec = compose_spec(
        ["experiment=out", "tracking=off", "evaluate.replicates=100", "data.path=out", "output=outputs"]
    )
    assert spec.models["logistic_c_1"].without == ("triage_group_1", "triage_group_2")
    estimates = run_study(spec, started=datetime(2026, 1, 1), progress=silent).result.estimates
    for date in dates:
        mine = rows[(rows["group"] == 2) & (rows["as_of_date"] == date)].dropna(subset="label_value")
        area = next(e for e in estimates if (e.model, e.metric, e.split, e.at) == ("triage_group_2", "auc", date, ""))
        assert area.value == pytest.approx(roc_auc_score(mine["label_value"], mine["score"]))


def test_an_experiment_alone_gives_splits_and_a_study(tmp_path, monkeypatch):
    """Without matrices there is no dataset; columns have the names that triage gives."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "baseline.yaml").write_text(INSPECTIONS)
    done = _import(tmp_path / "baseline.yaml", tmp_path / "out")
    study = yaml.safe_load((tmp_path / "out" / "triage" / "out.yaml").read_text())
    assert study["features"]["recipes"][0]["columns"] == [
        "inspections_entity_id_all_total_count",
        "inspections_entity_id_1_year_total_count",
    ]
    assert study["time"]["training_history"] == "66 months"
    assert not (tmp_path / "out" / "dataset.yaml").exists()
    assert "Not tried: there are no matrices." in done.report


def test_the_splits_file_has_the_36_of_the_shipped_example(tmp_path):
    """One row for each test matrix."""
    (tmp_path / "e.yaml").write_text(SHIPPED)
    _import(tmp_path / "e.yaml", tmp_path / "out")
    rows = list(csv.DictReader(StringIO((tmp_path / "out" / "triage" / "splits.csv").read_text())))
    assert len(rows) == 36
    assert (rows[0]["split"], rows[0]["training_dates"]) == ("2012-06-25", "146")
    assert (rows[-1]["split"], rows[-1]["training_dates"]) == ("2014-10-25", "93")


def test_settings_that_differ_are_said_to(tmp_path):
    """Two label spans, three durations, two histories, daily training dates: one study takes the first, and says what is left."""
    (tmp_path / "e.yaml").write_text(SHIPPED)
    report = " ".join(_import(tmp_path / "e.yaml", tmp_path / "out").report.split())
    assert (
        "temporal_config.training_label_timespans: no counterpart -> time.horizon One horizon for learning and testing"
        in report
    )
    assert "Others in the list (1 month, 2 months) need a study each." in report
    assert "temporal_config.training_as_of_date_frequencies: changed -> time.step" in report


def test_results_alone_are_reconciled(tmp_path):
    """No experiment and no matrices: the file of the reconciliation is all there is."""
    (tmp_path / "predictions.csv").write_text(predictions_csv(SCORES, LABELS))
    (tmp_path / "evaluations.csv").write_text(HEADER + evaluation("precision@", "2_abs", 0.5, 0.5, 0.5))
    done = _import(tmp_path, tmp_path / "out")
    assert [file.name for file in done.files] == ["reconciliation.csv"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "'active_facilities'",
            "'active_patients'",
            r"experiment.yaml, line \d+, cohort_config.name: `patients` says that the entities are people",
        ),
        ("semantic.entities", "semantic.persons", r"cohort_config.query: `persons` says that the entities are people"),
        ("'v8'", "'v6'", r"line 1, config_version: this is `v6`; the layout that is read is v8"),
    ],
)
def test_an_experiment_about_people_or_of_another_layout_is_refused(tmp_path, old, new, message):
    """Before anything is written."""
    (tmp_path / "experiment.yaml").write_text(INSPECTIONS.replace(old, new))
    with pytest.raises(InputError, match=message):
        _import(tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_features_that_are_made_of_people_are_named_and_left_out(tmp_path):
    """The table of a block says so; its columns do not come along, and the rest does."""
    source = tmp_path / "p"
    source.mkdir()
    inspections_project(source, seed=5)
    text = (source / "experiment.yaml").read_text()
    blocks = "feature_aggregations:\n  - {prefix: past, from_obj: semantic.people}\n"
    (source / "experiment.yaml").write_text(text.replace("feature_aggregations:\n", blocks))
    report = _import(source, tmp_path / "out").report
    assert "Left out, because their names or their table say that they describe people: past_entity_id_" in report
    assert "No study: no feature is left that differs between rows." in report
    assert not [column for column in pd.read_parquet(tmp_path / "out" / "given.parquet") if column.startswith("past_")]


def test_foreign_words_cannot_steer_the_study(tmp_path, monkeypatch):
    """An interpolation, a missing-value mark, a new line and a terminal code in a comment are text."""
    monkeypatch.chdir(tmp_path)
    comment = r'"${oc.env:HOME} ??? \n- x: 1 \e[31m # y"'
    (tmp_path / "experiment.yaml").write_text(INSPECTIONS.replace("'inspections: baseline'", comment))
    _import(tmp_path, tmp_path / "out")
    (tmp_path / "conf" / "experiment").mkdir(parents=True)
    (tmp_path / "conf" / "experiment" / "out.yaml").write_text((tmp_path / "out" / "triage" / "out.yaml").read_text())
    title = compose_spec(["experiment=out"]).purpose.title.en
    assert title == "Brought from triage: $ {oc.env:HOME} ? ? ? - x: 1 �[31m # y"


def test_models_of_the_grid_that_have_a_counterpart(tmp_path):
    """Rules, one feature, LightGBM with its own defaults; what has none is named."""
    grid = """grid_config:
    'lightgbm.LGBMClassifier':
        n_estimators: [50]
        boosting_type: [dart]
    'triage.component.catwalk.baselines.thresholders.SimpleThresholder':
        rules: [['past_entity_id_all_total_count > 3', 'past_entity_id_1y_total_count_imp <= 0']]
        logical_operator: [or]
    'triage.component.catwalk.baselines.rankers.BaselineRankMultiFeature':
        rules: [[{feature: past_entity_id_all_total_count, low_value_high_score: false}], [{feature: gone, low_value_high_score: false}]]
    'triage.component.catwalk.baselines.rankers.PercentileRankOneFeature':
        feature: [past_entity_id_all_total_count]
        descend: [true]
"""
    source = tmp_path / "p"
    source.mkdir()
    inspections_project(source, seed=2)
    text = (source / "experiment.yaml").read_text()
    (source / "experiment.yaml").write_text(re.sub(r"grid_config:.*?(?=scoring:)", grid, text, flags=re.DOTALL))
    report = " ".join(_import(source, tmp_path / "out").report.split())
    models = yaml.safe_load((tmp_path / "out" / "triage" / "out.yaml").read_text())["models"]
    assert models["lightgbm"]["estimator"]["n_estimators"] == 50
    assert models["rule"]["estimator"]["rules"] == [
        {"column": "past_entity_id_all_total_count", "at_least": np.nextafter(3, 4), "points": 1.0},
        {"column": "past_entity_id_1y_total_count_imp", "at_most": 0.0, "points": 1.0},
    ]
    assert models["by_past_entity_id_all_total_count"]["estimator"]["column"] == "past_entity_id_all_total_count"
    assert "Not taken over: boosting_type." in report
    assert "The column `gone` is in no matrix, or never differs." in report
    assert "Ranking the lowest values first is not here." in report


def test_the_command_writes_and_replaces_only_when_asked(tmp_path, capsys):
    """Exit code 0 with the account; 2 for a folder that is not empty; --force replaces the dataset."""
    source = tmp_path / "p"
    source.mkdir()
    inspections_project(source, seed=3)
    command = ["data", "import", "triage", str(source), "--to", str(tmp_path / "out"), "--unit", "place"]
    assert main(command) == 0
    assert "Every entity is taken to be a place" in capsys.readouterr().out
    assert pd.read_parquet(tmp_path / "out" / "units.parquet")["kind"].unique().tolist() == ["place"]
    assert main(command) == 2
    assert "the folder is not empty" in capsys.readouterr().err
    assert main([*command, "--force"]) == 0


def test_an_address_that_is_none_is_refused_without_the_network(tmp_path):
    """Only PostgreSQL, only on request."""
    (tmp_path / "e.yaml").write_text(SHIPPED)
    with pytest.raises(InputError, match="--database: this is not an address of a PostgreSQL database"):
        _import(tmp_path / "e.yaml", tmp_path / "out", database="https://example.org/db")


@pytest.mark.postgres
@pytest.mark.skipif(
    not POSTGRES,
    reason="no PostgreSQL server: set TEGENKRACHT_TEST_POSTGRES=postgresql://user:password@127.0.0.1:5432/database",
)
def test_the_database_of_triage_gives_the_same_as_its_export(tmp_path):
    """Its own column types, NaN in a numeric, and a schema of triage's name; nothing is written there."""
    import psycopg

    (tmp_path / "e.yaml").write_text(SHIPPED)
    with psycopg.connect(POSTGRES) as connection:
        connection.execute("drop schema if exists test_results, triage_metadata cascade")
        connection.execute("create schema test_results")
        connection.execute("create schema triage_metadata")
        connection.execute(
            "create table triage_metadata.models (model_id integer, model_group_id integer, model_hash text, model_type text, "
            "hyperparameters jsonb, train_end_time timestamp)"
        )
        connection.execute(
            "insert into triage_metadata.models values (7, 3, 'h', 'sklearn.tree.X', '{}', '2019-07-01')"
        )
        connection.execute(
            "create table test_results.predictions (model_id integer, entity_id bigint, as_of_date timestamp, score numeric(6,5), "
            "label_value integer, rank_abs_no_ties integer, matrix_uuid text, test_label_timespan interval)"
        )
        connection.execute(
            "create table test_results.evaluations (model_id integer, subset_hash varchar default '', evaluation_start_time timestamp, "
            "evaluation_end_time timestamp, as_of_date_frequency interval, matrix_uuid text, metric varchar, parameter varchar, "
            "num_labeled_examples integer, num_labeled_above_threshold integer, num_positive_labels integer, sort_seed integer, "
            "best_value numeric, worst_value numeric, stochastic_value numeric, num_sort_trials integer, standard_deviation numeric)"
        )
        for entity, (score, label) in enumerate(zip(SCORES, LABELS, strict=True)):
            connection.execute(
                "insert into test_results.predictions values (7, %s, '2020-01-01', %s, %s, 1, 'm', '6 months')",
                (entity, score, label),
            )
        for metric, parameter, worst, mean, best in (
            ("precision@", "4_abs", 1 / 3, 0.45, 0.5),
            ("roc_auc", "", "NaN", None, None),
            ("recall@", "2_abs", 1 / 3, 1 / 3, 1 / 3),
        ):
            connection.execute(
                "insert into test_results.evaluations (model_id, evaluation_start_time, evaluation_end_time, matrix_uuid, metric, parameter, "
                "num_labeled_examples, worst_value, stochastic_value, best_value) values (7, '2020-01-01', '2020-01-01', 'm', %s, %s, 7, %s, %s, %s)",
                (metric, parameter, worst, mean, best),
            )
    try:
        done = _import(tmp_path / "e.yaml", tmp_path / "out", database=POSTGRES)
        rows = list(csv.DictReader(StringIO((tmp_path / "out" / "triage" / "reconciliation.csv").read_text())))
        assert [row["verdict"] for row in rows] == ["unlabelled", "undefined there", "equal"]
        assert re.search(r"3 stored measures \(postgresql://[\w.]+:\d+/\w+\)", done.report)
        scores = scores_of(results_of_server(POSTGRES))
        assert scores is not None
        assert scores.kinds == {"triage_group_3": "sklearn.tree.X"}
        assert scores.table["triage_group_3"].tolist() == [float(score) for score in SCORES]
        with psycopg.connect(POSTGRES) as connection:
            connection.execute("drop table test_results.predictions")
        with pytest.raises(InputError, match=r"test_results\.predictions: there is no such table"):
            _import(tmp_path / "e.yaml", tmp_path / "out2", database=POSTGRES)
    finally:
        with psycopg.connect(POSTGRES) as connection:
            connection.execute("drop schema if exists test_results, triage_metadata cascade")


def test_a_matrix_that_is_of_no_split_is_named(tmp_path):
    """Its dates are not those that the settings give."""
    source = tmp_path / "p"
    source.mkdir()
    inspections_project(source, seed=4)
    matrix_files(source / "matrices", "odd", "entity_id,as_of_date,x,failed\n1,2016-03-01,1,\n2,2016-03-01,2,\n")
    report = _import(source, tmp_path / "out").report
    assert "Dates of 10 of 11 matrices agree with them. Not: odd" in report


def test_areas_come_along_and_their_study_waits_for_sides(tmp_path):
    """A study of areas is a profile, which needs its sides from a person: the dataset is written, the reason told."""
    source = tmp_path / "p"
    source.mkdir()
    inspections_project(source, seed=7)
    report = _import(source, tmp_path / "out", unit="area").report
    assert "No study: " in report
    assert "sector.dimensions" in report
    assert (tmp_path / "out" / "dataset.yaml").is_file()
