"""Against a real MLflow server on loopback, and the real SQLite store."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import mlflow
import pytest

from tribar.errors import UserError
from tribar.tracking import PipelineRecord, TrialRecord, log_pipeline, open_ui
from tribar.trials import TrialRow

TRIALS = (
    TrialRecord(
        TrialRow(0, "COMPLETE", (1.05,), {"hidden_dim": 64, "learning_rate": 1e-3}, (1.1, 1.05))
    ),
    TrialRecord(
        TrialRow(
            number=1,
            state="PRUNED",
            values=(1.2,),
            params={"hidden_dim": 32, "learning_rate": 1e-2},
            curve=(1.2,),
            reason="median: …",
        ),
        explanation="trial 1: PRUNED\ncurve █▁",
    ),
    TrialRecord(
        TrialRow(
            number=2,
            state="FAIL",
            values=(),
            params={"hidden_dim": 96, "learning_rate": 1.0},
            reason="Diverged: nan",
        ),
        explanation="é" * 8001,
    ),
)


@pytest.fixture
def record(tmp_path: Path) -> PipelineRecord:
    model = tmp_path / "best"
    model.mkdir()
    (model / "model.json").write_text("{}")
    table = tmp_path / "trials.csv"
    table.write_text("trial\n0\n")
    return PipelineRecord(
        params={f"many.{n}": n for n in range(230)} | {"best.hidden_dim": 64, "long": "x" * 9000},
        metrics={"tune.best_value": 1.05, "test.best.log_loss": 1.06, "tune.pruned": 1.0},
        tags={"verdict": "no evidence of a difference"},
        trials=TRIALS,
        artifacts=(table,),
        model=model,
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository's folder, whose store is made once for all tests."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """A real server; its address and its process group."""
    folder = tmp_path_factory.mktemp("server")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--workers", "1"),
            *("--port", str(port), "--backend-store-uri", f"sqlite:///{folder}/server.db"),
            *("--artifacts-destination", str(folder / "artifacts")),
        ],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(address, process)
        yield address, process.pid
    finally:
        stop(process.pid)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{address}/health", timeout=2)
        except OSError:
            assert process.poll() is None, "the server ended"
            time.sleep(0.3)
        else:
            return
    raise AssertionError(f"{address} does not answer")


def stop(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def check(client: mlflow.MlflowClient, run_id: str) -> None:
    """Require everything of the record in the store."""
    parent = client.get_run(run_id)
    assert parent.info.status == "FINISHED"
    assert parent.data.params["best.hidden_dim"] == "64"
    assert parent.data.params["many.229"] == "229"
    assert parent.data.metrics["test.best.log_loss"] == 1.06
    assert parent.data.tags["verdict"] == "no evidence of a difference"
    assert parent.data.tags["tribar.version"]
    names = {file.path for file in client.list_artifacts(run_id)}
    assert names == {"trials.csv", "model"}
    children = client.search_runs(
        [parent.info.experiment_id],
        f"tags.mlflow.parentRunId = '{run_id}'",
        order_by=["attributes.run_name"],
    )
    assert [one.info.run_name for one in children] == ["trial 0", "trial 1", "trial 2"]
    assert [one.info.status for one in children] == ["FINISHED", "KILLED", "FAILED"]
    assert [one.data.tags["state"] for one in children] == ["COMPLETE", "PRUNED", "FAIL"]
    assert children[2].data.tags["reason"] == "Diverged: nan"
    assert children[1].data.tags["explanation"] == "trial 1: PRUNED\ncurve █▁"
    cut = children[2].data.tags["explanation"]
    assert len(cut) == 8000
    assert cut.endswith("éé\n… cut here: MLflow admits no more")
    curve = client.get_metric_history(children[0].info.run_id, "validation_loss")
    assert [(point.step, point.value) for point in curve] == [(0, 1.1), (1, 1.05)]
    assert children[0].data.params == {"hidden_dim": "64", "learning_rate": "0.001"}


def test_a_run_is_logged_in_the_repositorys_own_store(
    record: PipelineRecord, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    result = log_pipeline(record, "tribar", tmp_path, home)
    assert result.run_id, result.message
    client = mlflow.MlflowClient(f"sqlite:///{home}/mlflow.db")
    check(client, result.run_id)
    artifacts = home / "mlartifacts" / result.run_id / "artifacts"
    assert (artifacts / "model/model.json").is_file()
    assert not (tmp_path / "mlruns").exists()


def test_the_best_parameters_are_read_back_as_the_readme_says(
    record: PipelineRecord, home: Path, tmp_path: Path, repository: Path
) -> None:
    log_pipeline(record, "tribar", tmp_path, home)
    text = (repository / "README.md").read_text()
    snippet = text.split("```python\n# the newest run's best parameters\n")[1].split("```")[0]
    done = subprocess.run(
        [sys.executable, "-c", snippet], cwd=home, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "{'hidden_dim': '64'}"


def test_a_run_is_logged_on_a_server(
    record: PipelineRecord,
    server: tuple[str, int],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server[0])
    result = log_pipeline(record, "tribar", tmp_path, tmp_path)
    assert result.run_id, result.message
    check(mlflow.MlflowClient(server[0]), result.run_id)
    assert not (tmp_path / "mlflow.db").exists()


def test_a_dead_server_costs_the_log_alone(
    record: PipelineRecord, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    result = log_pipeline(record, "tribar", tmp_path, tmp_path)
    assert result.run_id is None
    assert "tracking: not logged to http://127.0.0.1" in result.message
    assert len(result.message.splitlines()) == 1


def test_a_server_that_never_answers_costs_the_log_alone(
    record: PipelineRecord, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{mute.getsockname()[1]}")
        monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
        monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
        assert log_pipeline(record, "tribar", tmp_path, tmp_path).run_id is None


def test_a_server_killed_half_way_costs_the_log_alone(
    record: PipelineRecord,
    server: tuple[str, int],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """The last test of this server: it dies when the first artifact is asked for."""
    address, group = server
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")

    class Trap(tuple[Path, ...]):
        def __iter__(self) -> Iterator[Path]:
            stop(group)
            return super().__iter__()

    half = replace(record, artifacts=Trap(record.artifacts))
    result = log_pipeline(half, "tribar", tmp_path, tmp_path)
    assert result.run_id is None
    assert "results are safe" in result.message


def test_a_failed_log_is_marked(record: PipelineRecord, home: Path, tmp_path: Path) -> None:
    broken = replace(record, artifacts=(tmp_path / "missing.csv",))
    assert log_pipeline(broken, "broken", tmp_path, home).run_id is None
    client = mlflow.MlflowClient(f"sqlite:///{home}/mlflow.db")
    experiment = client.get_experiment_by_name("broken")
    runs = client.search_runs([experiment.experiment_id], "attributes.run_name = 'pipeline'")
    assert [run.info.status for run in runs] == ["FAILED"]


def test_a_taken_port_is_an_error(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(UserError, match="is taken; name another"),
    ):
        open_ui(tmp_path, taken.getsockname()[1])


def test_importing_tracking_does_not_import_mlflow() -> None:
    script = "import sys, tribar.tracking; sys.exit('mlflow' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)
