"""A server that is dead, mute, slow or killed costs the log alone, and not for long.

None of these tests would end if a log could hang.
"""

import socket
import threading
import time
from dataclasses import replace
from pathlib import Path

import mlflow
import pytest

from tests.running import run
from tests.tracking.servers import HOST, Server, free_port, late_server, real_server
from tribar.outputs.workspace import Workspace
from tribar.tracking import LogProcess, TrackingResult
from tribar.tracking.process import Order, Outcome
from tribar.tracking.record import PipelineRecord


def lost(result: TrackingResult) -> str:
    """Require that nothing was logged, and that one line says so; return it."""
    assert result.run_id is None
    (line,) = result.message.splitlines()
    assert line.startswith("tracking: not logged to http://127.0.0.1")
    assert line.endswith("); results are safe, and `tribar track` logs them")
    return line


def test_a_dead_server_is_told(
    record: PipelineRecord, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://me:secret@127.0.0.1:{free_port()}")
    line = lost(LogProcess(tmp_path, "tribar").log(record))
    assert "refused" in line
    assert "secret" not in line


def test_a_server_that_never_answers_is_given_up(
    record: PipelineRecord, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Also where the client would be patient for longer."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "600")
    with socket.create_server((HOST, 0)) as mute:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://{HOST}:{mute.getsockname()[1]}")
        line = lost(LogProcess(tmp_path, "tribar").log(record, seconds=4))
    assert "(it took too long)" in line


def test_a_process_that_does_not_end_is_ended(
    record: PipelineRecord, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The last resort, where the client has taken a signal for no reason to stop."""
    monkeypatch.setattr("tribar.tracking.process._TO_END", -600)
    with socket.create_server((HOST, 0)) as mute:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://{HOST}:{mute.getsockname()[1]}")
        process = LogProcess(tmp_path, "tribar")
        assert "(not done after 2 s)" in lost(process.log(record, seconds=2))
    assert process._process.returncode == -9


def test_a_process_without_an_answer_tells_its_last_words(
    record: PipelineRecord, tmp_path: Path
) -> None:
    process = LogProcess(tmp_path, "tribar")
    process._process.kill()
    assert process._outcome(record, 5.0) == Outcome(None, reason="no answer")


def test_an_order_survives_its_way(record: PipelineRecord, tmp_path: Path) -> None:
    trial = replace(record.children[0], curves={"validation_loss": (1.0, float("inf"))})
    order = Order(replace(record, children=(trial,)), "tribar", tmp_path, None)
    assert Order.from_json(order.to_json()) == order
    assert order.to_json().count("\n") == 1


@pytest.mark.slow
def test_a_slow_server_is_given_up_and_the_run_marked(
    record: PipelineRecord, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with (
        real_server(tmp_path) as server,
        late_server(server.address, seconds=1.0) as late,
    ):
        monkeypatch.setenv("MLFLOW_TRACKING_URI", late)
        monkeypatch.setattr("tribar.tracking.process._TO_END", 20)
        assert "it took too long" in lost(LogProcess(tmp_path, "tribar").log(record, seconds=30))
        client = mlflow.MlflowClient(server.address)
        (run,) = client.search_runs(["1"], "tags.kind = 'pipeline'")
        assert run.info.status == "FAILED"


@pytest.mark.slow
def test_a_run_that_a_killed_server_lost_is_logged_again(
    record: PipelineRecord,
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """The server dies as soon as it has the first file."""
    with real_server(tmp_path) as server:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", server.address)
        killing = threading.Thread(target=_kill_at_first_file, args=[server])
        killing.start()
        lost(LogProcess(tmp_path, "tribar").log(record, seconds=60))
        killing.join()
        options = ("--output", str(workspace.root))
        failed = run("track", *options, "--seconds", "20", home=workspace.home, code=2)
        assert "error: tracking: not logged" in failed.stderr
        assert "Traceback" not in failed.stderr
    with real_server(tmp_path) as server:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", server.address)
        run("track", *options, home=workspace.home)
        runs = mlflow.MlflowClient(server.address).search_runs(["1"], "tags.kind = 'pipeline'")
        assert [one.info.status for one in runs] == ["FINISHED", "RUNNING"]


def _kill_at_first_file(server: Server) -> None:
    while not any(path.is_file() for path in server.artifacts.rglob("*")):
        time.sleep(0.005)
    server.kill()
