"""Folders as triage leaves them, small enough to count by hand."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

SHIPPED = """\
config_version: 'v8'
temporal_config:
    feature_start_time: '1995-01-01'
    feature_end_time: '2015-01-01'
    label_start_time: '2012-01-01'
    label_end_time: '2015-01-01'
    model_update_frequency: '6month'
    training_as_of_date_frequencies: '1day'
    test_as_of_date_frequencies: '3month'
    max_training_histories: ['6month', '3month']
    test_durations: ['0day', '1month', '2month']
    training_label_timespans: ['1month']
    test_label_timespans: ['7day']
"""
"""The time settings of the example that triage ships."""

INSPECTIONS = """\
config_version: 'v8'
model_comment: 'inspections: baseline'
random_seed: 23895478
user_metadata:
  label_definition: 'failed'
model_group_keys: ['class_path', 'parameters', 'label_definition']
temporal_config:
    feature_start_time: '2010-01-04'
    feature_end_time: '2018-06-01'
    label_start_time: '2015-01-01'
    label_end_time: '2018-06-01'
    model_update_frequency: '6month'
    training_label_timespans: ['6month']
    training_as_of_date_frequencies: '6month'
    test_durations: '0d'
    test_label_timespans: ['6month']
    test_as_of_date_frequencies: '6month'
    max_training_histories: '5y'
label_config:
  query: |
    select entity_id, bool_or(result = 'fail')::integer as outcome from semantic.events
    where '{as_of_date}'::timestamp <= date and date < '{as_of_date}'::timestamp + interval '{label_timespan}'
    group by entity_id
  name: 'failed_inspections'
cohort_config:
  query: select entity_id from semantic.entities where daterange(start_time, end_time) @> '{as_of_date}'::date
  name: 'active_facilities'
feature_aggregations:
  - prefix: 'inspections'
    from_obj: 'semantic.events'
    knowledge_date_column: 'date'
    aggregates_imputation:
      count: {type: 'zero_noflag'}
    aggregates:
      - quantity: {total: "*"}
        metrics: ['count']
    intervals: ['all', '1 year']
feature_group_definition:
   prefix: ['inspections']
feature_group_strategies: ['all']
grid_config:
    'sklearn.dummy.DummyClassifier':
        strategy: [prior]
    'triage.component.catwalk.estimators.classifiers.ScaledLogisticRegression':
        penalty: ['l1', 'l2']
        C: [0.01, 1]
    'sklearn.ensemble.ExtraTreesClassifier':
        n_estimators: [100]
scoring:
    testing_metric_groups:
      - metrics: [precision@, recall@]
        thresholds: {percentiles: [10.0], top_n: [5, 10]}
      - metrics: [roc_auc]
"""
"""The tutorial's inspections, with a grid of three kinds of model."""


@pytest.fixture
def written(tmp_path) -> Callable[[str], Path]:
    """Write a text as an experiment file and give its path."""

    def write(text: str, name: str = "experiment.yaml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


def matrix_files(folder: Path, name: str, table: str, **metadata: object) -> None:
    """A matrix as triage writes it: a packed table and metadata with Python's tags for its lists."""
    names = [n for n in table.splitlines()[0].split(",") if n not in ("entity_id", "as_of_date", "failed")]
    said = {
        "matrix_type": "test",
        "label_name": "failed",
        "label_timespan": "6month",
        "cohort_name": "active",
    } | metadata
    dates = sorted({line.split(",")[1] for line in table.splitlines()[1:] if line.split(",")[1][:1].isdigit()})
    lists = {
        "feature_names": ("FeatureNameList", names),
        "as_of_times": ("AsOfTimeList", [f"{d} 00:00:00" for d in dates]),
    }
    text = "".join(f"{key}: {value}\n" for key, value in said.items())
    for key, (kind, items) in lists.items():
        if not items:
            continue
        lines = "".join(f"  - {item}\n" for item in items)
        text += f"{key}: !!python/object/new:triage.util.structs.{kind}\n  listitems:\n{lines}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.yaml").write_text(text)
    with gzip.open(folder / f"{name}.csv.gz", "wt") as packed:
        packed.write(table)


def inspections_project(folder: Path, *, seed: int) -> dict[tuple[str, str], float]:
    """A project of 80 places on six dates; a third is not inspected. The labels that were written, by entity and date."""
    random = np.random.default_rng(seed)
    dates = ["2015-06-01", "2015-12-01", "2016-06-01", "2016-12-01", "2017-06-01", "2017-12-01"]
    labels, tables = {}, {}
    for date in dates:
        lines = ["entity_id,as_of_date,past_entity_id_all_total_count,past_entity_id_1y_total_count_imp,failed"]
        for entity in range(1, 81):
            x = int(random.poisson(2))
            label = "" if random.random() < 1 / 3 else str(float(random.random() < 1 / (1 + np.exp(2 - x))))
            labels[str(entity), date] = float(label or "nan")
            lines.append(f"{entity},{date},{x},{int(random.random() < 0.3)},{label}")
        tables[date] = lines
    for number, date in enumerate(dates[1:], start=1):
        matrix_files(folder / "matrices", f"te{number}", "\n".join(tables[date]) + "\n", matrix_type="test")
        rows = [tables[dates[0]][0]] + [row for d in dates[:number] for row in tables[d][1:]]
        matrix_files(folder / "matrices", f"tr{number}", "\n".join(rows) + "\n", matrix_type="train")
    (folder / "experiment.yaml").write_text(INSPECTIONS)
    return labels
