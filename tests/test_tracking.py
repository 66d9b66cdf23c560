"""Runs are recorded with their numbers and files, and MLflow calls nobody."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap
import time
import urllib.request

import pytest

from tegenkracht.core.errors import InputError
from tegenkracht.core.estimate import Estimate
from tegenkracht.tracking import ModelRecord, local_uri, record

AUC = Estimate("logistic", "auc", 0.7, 0.6, 0.8, n=100, level=0.95)


def _record(folder, **changed):
    settings = {
        "uri": local_uri(folder),
        "artifacts": folder / "mlartifacts",
        "study": "marina",
        "run_name": "run-1",
        "parameters": {"seed": "1"},
        "tags": {"tegenkracht.run": "run-1"},
        "estimates": (Estimate("", "rows", 100, n=100, method="count"),),
        "models": [ModelRecord("logistic", {"C": "1.0"}, (AUC,), ())],
        "files": [],
    }
    return record(**{**settings, **changed})


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """One recorded study with one model and one file."""
    folder = tmp_path_factory.mktemp("outputs")
    card = folder / "card.json"
    card.write_text("{}")
    return folder, _record(folder, files=[card])


def test_a_study_is_a_parent_run_and_a_model_its_child(recorded):
    """Numbers, ends of intervals, parameters and files stand where MLflow's pages show them."""
    from mlflow.tracking import MlflowClient

    folder, where = recorded
    client = MlflowClient(local_uri(folder))
    parent, child = (
        client.search_runs([where.experiment_id], f"tags.`mlflow.runName` = '{name}'")[0]
        for name in ("run-1", "logistic")
    )
    assert child.data.tags["mlflow.parentRunId"] == parent.info.run_id == where.run_id
    assert parent.data.params == {"seed": "1"}
    assert child.data.metrics == {"auc/labelled/all": 0.7, "auc/labelled/all.low": 0.6, "auc/labelled/all.high": 0.8}
    assert [file.path for file in client.list_artifacts(parent.info.run_id)] == ["card.json"]
    assert parent.info.status == child.info.status == "FINISHED"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A real MLflow server on loopback, that keeps the files itself."""
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    stores = ["--backend-store-uri", f"sqlite:///{folder}/server.db", "--artifacts-destination", f"{folder}/files"]
    settings = {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }  # no extra processes for jobs that we have not
    environment = {**os.environ, **settings}
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen([*command, *stores], stdout=log, stderr=log, env=environment) as process,
    ):
        try:
            _wait_for(f"http://127.0.0.1:{port}/health", folder / "log", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for(address, log, process):
    for _ in range(240):
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.5)
    raise AssertionError(log.read_text())


def test_a_server_keeps_runs_and_files(server, tmp_path):
    """`tracking=server`: parent, child and card are on the server, not on this machine."""
    from mlflow.tracking import MlflowClient

    (tmp_path / "card.json").write_text("{}")
    where = _record(tmp_path, uri=server, artifacts=None, files=[tmp_path / "card.json"])
    client = MlflowClient(server)
    runs = client.search_runs([where.experiment_id])
    assert {run.data.tags["mlflow.runName"] for run in runs} == {"run-1", "logistic"}
    assert [file.path for file in client.list_artifacts(where.run_id)] == ["card.json"]
    assert not (tmp_path / "mlartifacts").exists()


def test_a_silent_server_is_named_without_its_password(tmp_path):
    """Nobody listens on port 9 of loopback; the message says where and what to do."""
    os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
    with pytest.raises(
        InputError,
        match=r"tracking\.uri: MLflow at http://…@127\.0\.0\.1:9 answered: .* Check the address, or run with tracking=local\.",
    ):
        _record(tmp_path, uri="http://user:secret@127.0.0.1:9", artifacts=None)


_WATCH = """
    import os, socket, sys
    for name in ("CI", "PYTEST_CURRENT_TEST", "GITHUB_ACTIONS", "DO_NOT_TRACK", "MLFLOW_DISABLE_TELEMETRY"):
        os.environ.pop(name, None)
    seen = []
    def watch(event, arguments):
        if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
            seen.append((event, str(arguments[1:])))
    sys.addaudithook(watch)
    {action}
    import time; time.sleep(3)
    print("SEEN", [s for s in seen if "AF_UNIX" not in s[1]])
"""
_OURS = """
    from pathlib import Path
    from tegenkracht.core.estimate import Estimate
    from tegenkracht.tracking import local_uri, record
    record(uri=local_uri(Path(sys.argv[1])), artifacts=Path(sys.argv[1]) / "a", study="s", run_name="r", parameters={}, tags={},
           estimates=(), models=[], files=[])
"""
_THEIRS = """
    import mlflow
    mlflow.set_tracking_uri("sqlite:///" + sys.argv[1] + "/m.db")
    mlflow.set_experiment("s")
    with mlflow.start_run(): mlflow.log_metric("x", 1.0)
"""


def _connections(action, folder):
    code = textwrap.dedent(_WATCH).replace("{action}", textwrap.dedent(action).strip())
    environment = {
        k: v
        for k, v in os.environ.items()
        if k not in ("CI", "PYTEST_CURRENT_TEST", "DO_NOT_TRACK", "MLFLOW_DISABLE_TELEMETRY")
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(folder)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.rpartition("SEEN ")[2].strip()


def test_recording_a_run_opens_no_connection(tmp_path):
    """Every look-up and connection of a whole process is watched: there is none."""
    assert _connections(_OURS, tmp_path) == "[]"


def test_the_watch_would_see_mlflow_call_home(tmp_path):
    """The same watch on plain MLflow sees it try, so the test above can fail."""
    assert "getaddrinfo" in _connections(_THEIRS, tmp_path) or "connect" in _connections(_THEIRS, tmp_path)
