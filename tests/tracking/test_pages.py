"""MLflow's own pages on a logged run, in a real browser; what they looked like is kept."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import mlflow
import pytest

from tests.browsing import BROWSERS
from tests.running import ROOT
from tests.tracking.servers import Server, real_server
from tribar.tracking import LogProcess
from tribar.tracking.record import PipelineRecord
from tribar.tracking.store import page

BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
KEPT = Path(os.environ.get("TRIBAR_SCREENSHOTS", ROOT / ".tribar/screenshots"))
TRAINING = "?workflowType=machine_learning"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        BROWSER is None,
        reason="no chromium: apt-get install -y --no-install-recommends chromium",
    ),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with real_server(tmp_path_factory.mktemp("server")) as one:
        yield one


@pytest.fixture(scope="module")
def run_id(server: Server, record: PipelineRecord, tmp_path_factory: pytest.TempPathFactory) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", server.address)
        result = LogProcess(tmp_path_factory.mktemp("home"), "tribar").log(record, seconds=300)
    assert result.run_id, result.message
    return result.run_id


@pytest.fixture
def look(tmp_path: Path) -> Callable[[str, str], str]:
    """Return what opens an address, keeps a picture of it, and returns the page's content."""

    def open_page(address: str, name: str) -> str:
        KEPT.mkdir(parents=True, exist_ok=True)
        picture = KEPT / f"{name}.png"
        picture.unlink(missing_ok=True)
        _browse(tmp_path, f"--screenshot={picture}", address)
        assert picture.stat().st_size > 20_000
        return _browse(tmp_path, "--dump-dom", address)

    return open_page


def _browse(profile: Path, what: str, address: str) -> str:
    assert BROWSER
    done = subprocess.run(
        [
            *(BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
            *(f"--user-data-dir={profile}", "--window-size=1700,1500"),
            *("--virtual-time-budget=60000", what, address),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_experiment_lists_runs_of_model_training(
    server: Server, run_id: str, record: PipelineRecord, look: Callable[[str, str], str]
) -> None:
    seen = look(page(server.address, "1"), "runs")
    for part in (record.name, "dvc.yaml", "us_indices-lstm", "us_indices development", "10.0min"):
        assert part in seen, part
    assert "Evaluation runs" not in seen


def test_a_run_shows_verdict_figures_data_and_model(
    server: Server, run_id: str, record: PipelineRecord, look: Callable[[str, str], str]
) -> None:
    seen = look(page(server.address, "1", run_id), "run")
    assert "<strong>verdict: no evidence of a difference" in seen
    names = (*record.metrics, "best.learning_rate", "us_indices-lstm", "trial 30", "seed 0")
    for part in (*names, record.datasets[0].digest, "10.0min", "Finished"):
        assert part in seen, part
    assert "Evaluation runs" not in seen


def test_a_trial_shows_its_explanation(
    server: Server, run_id: str, look: Callable[[str, str], str]
) -> None:
    client = mlflow.MlflowClient(server.address)
    (trial,) = client.search_runs(["1"], "attributes.run_name = 'trial 30'")
    seen = look(page(server.address, "1", trial.info.run_id), "trial")
    assert "trial 30 is the best" in seen or "trial 30 won on fresh seeds" in seen
    assert "31.0s" in seen


def test_a_figure_is_shown_among_the_artifacts(
    server: Server, run_id: str, look: Callable[[str, str], str]
) -> None:
    place = page(server.address, "1", f"{run_id}/artifacts/figures/comparison.png")
    seen = look(place, "figure")
    for part in ("evaluate", "figures", "train-best", "params.json", "comparison.png", "<img"):
        assert part in seen, part


def test_the_model_shows_what_it_takes_and_gives(
    server: Server, run_id: str, look: Callable[[str, str], str]
) -> None:
    run = mlflow.MlflowClient(server.address).get_run(run_id)
    model = run.outputs.model_outputs[0].model_id
    seen = look(f"{server.address}/#/experiments/1/models/{model}{TRAINING}", "model")
    for part in (
        "us_indices-lstm",
        "test.best.log_loss",
        "us_indices test",
        "Ready",
        "<strong>verdict",
    ):
        assert part in seen, part
