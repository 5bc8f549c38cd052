"""`tribar ui`: MLflow's own server on the repository's own store."""

import socket
from pathlib import Path

import pytest

from tests.running import ROOT, start
from tests.tracking.servers import HOST, Server, free_port, wait_for
from tribar.errors import UserError
from tribar.tracking import LogProcess, open_ui
from tribar.tracking.record import PipelineRecord


def test_a_taken_port_is_an_error(tmp_path: Path) -> None:
    with (
        socket.create_server((HOST, 0)) as taken,
        pytest.raises(UserError, match="is taken; name another"),
    ):
        open_ui(tmp_path, taken.getsockname()[1], print)


def test_what_is_on_a_server_is_not_served_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://me:secret@localhost/runs")
    with pytest.raises(UserError, match=r"open https://localhost/runs$"):
        open_ui(tmp_path, 1, print)


@pytest.mark.slow
def test_it_serves_the_runs_and_says_where_to_look(tmp_path: Path, record: PipelineRecord) -> None:
    assert LogProcess(tmp_path, "tribar").log(record).run_id
    port = free_port()
    process = start("ui", "--port", str(port), home=tmp_path, cwd=ROOT)
    try:
        assert process.stdout is not None
        said = process.stdout.readline().strip()
        address = f"http://{HOST}:{port}"
        assert said == f"tribar: {address}/#/experiments/1/runs?workflowType=machine_learning"
        wait_for(address, process)
    finally:
        Server("", tmp_path, process.pid).kill()
        process.wait()
