"""A run, its numbers and files -> MLflow; nothing else in the house knows MLflow, and MLflow phones nobody."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tegenkracht.core.errors import wrong
from tegenkracht.core.estimate import Estimate

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

_MOST_METRICS = 1000  # MLflow's limit for one batch
_MOST_PARAMETERS = 100
_LONGEST_PARAMETER = 6000


@dataclass(frozen=True)
class ModelRecord:
    """What is recorded of one model: a child run.

    `files` are folders and files of the run folder that belong to this model (fitted models, attributions).
    """

    name: str
    parameters: Mapping[str, str]
    estimates: tuple[Estimate, ...]
    files: tuple[Path, ...]


@dataclass(frozen=True)
class Recorded:
    """Where a run can be found again."""

    uri: str
    experiment_id: str
    run_id: str


def local_uri(output: Path) -> str:
    """Address of the SQLite store in the outputs folder."""
    return f"sqlite:///{(output / 'mlflow.db').resolve()}"


def record(
    *,
    uri: str,
    artifacts: Path | None,
    study: str,
    run_name: str,
    parameters: Mapping[str, str],
    tags: Mapping[str, str],
    estimates: Sequence[Estimate],
    models: Sequence[ModelRecord],
    files: Sequence[Path],
) -> Recorded:
    """Record a study as a parent run and each model as a child run of it.

    Parameters
    ----------
    uri
        `sqlite:///…` or the address of a server.
    artifacts
        Folder for the files of a local store; None lets the server decide.
    estimates
        Estimates about the data as a whole (model ""), recorded with the parent.
    files
        Files of the run folder for the parent.

    Raises
    ------
    InputError
        When the server does not answer or refuses.
    """
    client = _client(uri)
    from mlflow.exceptions import MlflowException

    try:
        experiment_id = _experiment(client, study, artifacts)
        parent = client.create_run(experiment_id, run_name=run_name, tags=dict(tags)).info.run_id
        _fill(client, parent, parameters, estimates, files)
        for model in models:
            child = client.create_run(
                experiment_id, run_name=model.name, tags={**tags, "mlflow.parentRunId": parent, "model": model.name}
            )
            _fill(client, child.info.run_id, model.parameters, model.estimates, model.files)
            client.set_terminated(child.info.run_id)
        client.set_terminated(parent)
    except MlflowException as error:
        first = str(error).splitlines()[0][:200]
        raise wrong(
            "tracking.uri",
            f"MLflow at {_without_password(uri)} answered: {first}.",
            "Check the address, or run with tracking=local.",
        ) from None
    return Recorded(uri, experiment_id, parent)


def metric_key(estimate: Estimate) -> str:
    """The estimate's name as MLflow allows it.

    Examples
    --------
    >>> metric_key(Estimate("logistic", "precision_at_capacity", 0.3, 0.2, 0.4, method="labelled", group="size=small & new", at="capacity=20"))
    'precision_at_capacity/labelled/all/capacity_20/size_small _ new'
    """
    parts = (estimate.metric, estimate.method, estimate.split, estimate.at, estimate.group)
    return re.sub(r"[^\w\-. /:]", "_", "/".join(part for part in parts if part))[:240]


def _client(uri: str) -> MlflowClient:
    """A client that never calls home: both switches are read when mlflow is first imported."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["DO_NOT_TRACK"] = "true"
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
    for name in ("alembic", "mlflow.store.db.utils", "mlflow"):
        logging.getLogger(name).setLevel(logging.ERROR)
    from mlflow.tracking import MlflowClient

    return MlflowClient(tracking_uri=uri)


def _experiment(client: MlflowClient, study: str, artifacts: Path | None) -> str:
    """The study's MLflow experiment, made when it is new."""
    known = client.get_experiment_by_name(study)
    if known is not None:
        return str(known.experiment_id)
    location = None if artifacts is None else (artifacts / study).resolve().as_uri()
    return str(client.create_experiment(study, artifact_location=location))


def _fill(
    client: MlflowClient,
    run_id: str,
    parameters: Mapping[str, str],
    estimates: Iterable[Estimate],
    files: Iterable[Path],
) -> None:
    """Parameters, numbers and files of one run, in batches: one by one takes 18 times as long."""
    from mlflow.entities import Metric, Param

    now = int(time.time() * 1000)
    metrics = [Metric(key, number, now, 0) for estimate in estimates for key, number in _numbers(estimate)]
    params = [Param(key, value[:_LONGEST_PARAMETER]) for key, value in parameters.items()]
    for start in range(0, len(params), _MOST_PARAMETERS):
        client.log_batch(run_id, params=params[start : start + _MOST_PARAMETERS])
    for start in range(0, len(metrics), _MOST_METRICS):
        client.log_batch(run_id, metrics=metrics[start : start + _MOST_METRICS])
    for path in files:
        if path.is_dir():
            client.log_artifacts(run_id, str(path), path.name)
        else:
            client.log_artifact(run_id, str(path))


def _numbers(estimate: Estimate) -> Iterator[tuple[str, float]]:
    """Value and both ends, each under its own key."""
    key = metric_key(estimate)
    if estimate.value is not None:
        yield key, estimate.value
    if estimate.low is not None and estimate.high is not None:
        yield f"{key}.low", estimate.low
        yield f"{key}.high", estimate.high


def _without_password(uri: str) -> str:
    return re.sub(r"//[^/@]*@", "//…@", uri)
