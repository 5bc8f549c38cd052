"""What a run is in MLflow's store: the repository's own file, and a real server."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import replace
from pathlib import Path

import mlflow
import pytest

from tests.running import ROOT
from tests.tracking.conftest import BEGAN
from tests.tracking.servers import Server, real_server
from tribar.tracking import LogProcess
from tribar.tracking.record import PipelineRecord
from tribar.tracking.store import experiments, tracking_uri
from tribar.trial.result import Span

PICKLED = (".pkl", ".pickle", ".pt", ".pth", ".bin", ".joblib")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository's folder, whose store is made once for all tests."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def logged(home: Path, record: PipelineRecord) -> str:
    """Return the id of the run, logged from a folder that is not the repository's."""
    with chdir(home.parent):
        result = LogProcess(home, "tribar").log(record)
    assert result.run_id, result.message
    assert f"run {result.run_id} in sqlite:///{home}/mlflow.db, " in result.message
    assert "% of the trials')" in result.message
    return result.run_id


@pytest.fixture(scope="module")
def client(home: Path) -> mlflow.MlflowClient:
    return mlflow.MlflowClient(tracking_uri(home))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with real_server(tmp_path_factory.mktemp("server")) as one:
        yield one


def check(client: mlflow.MlflowClient, run_id: str, record: PipelineRecord) -> None:
    """Require everything of the record in the store."""
    run = client.get_run(run_id)
    assert (run.info.status, run.info.run_name) == ("FINISHED", record.name)
    assert (run.info.start_time, run.info.end_time) == (1000 * BEGAN, 1000 * (BEGAN + 600))
    assert run.data.params == record.params
    assert run.data.metrics == record.metrics
    assert run.data.tags["mlflow.note.content"] == record.description
    assert {**run.data.tags, **record.tags} == run.data.tags
    check_children(client, run_id, record)
    check_inputs(run, record)
    check_model(client, run, record)
    files = {one.path for one in client.list_artifacts(run_id, "evaluate")}
    assert {"evaluate/metrics.json", "evaluate/scores.csv"} <= files
    figures = {one.path for one in client.list_artifacts(run_id, "figures")}
    assert {Path(one).stem for one in figures} == {"comparison", "calibration", "trials", "curves"}


def check_children(client: mlflow.MlflowClient, run_id: str, record: PipelineRecord) -> None:
    experiment = client.get_run(run_id).info.experiment_id
    found = {
        one.info.run_name: one
        for one in client.search_runs([experiment], f"tags.mlflow.parentRunId = '{run_id}'")
    }
    assert found.keys() == {one.name for one in record.children}
    for child in record.children:
        run = found[child.name]
        assert run.info.status == child.status
        span = child.span or Span(BEGAN, BEGAN)
        assert (run.info.start_time, run.info.end_time) == (span.began * 1000, span.ended * 1000)
        assert run.data.params == child.params
        assert run.data.tags["kind"] == child.kind
        assert run.data.tags["mlflow.note.content"] == child.description
    trial = next(one for one in record.children if one.kind == "trial")
    curve = client.get_metric_history(found[trial.name].info.run_id, "validation_loss")
    assert tuple(point.value for point in curve) == trial.curves["validation_loss"]
    assert [point.step for point in curve] == list(range(len(curve)))


def check_inputs(run: mlflow.entities.Run, record: PipelineRecord) -> None:
    found = {one.dataset.name: one for one in run.inputs.dataset_inputs}
    for dataset in record.datasets:
        one = found[dataset.name]
        assert one.dataset.digest == dataset.digest
        assert [tag.value for tag in one.tags] == [dataset.context]
        assert json.loads(one.dataset.source) == {"uri": dataset.source}
        assert json.loads(one.dataset.profile) == dataset.profile


def check_model(
    client: mlflow.MlflowClient, run: mlflow.entities.Run, record: PipelineRecord
) -> None:
    (output,) = run.outputs.model_outputs
    model = client.get_logged_model(output.model_id)
    assert (model.name, model.status, model.source_run_id) == (
        "us_indices-lstm",
        "READY",
        run.info.run_id,
    )
    assert model.params["hidden_dim"] == record.params["best.hidden_dim"]
    assert model.tags["mlflow.note.content"] == record.description
    assert model.tags["mlflow.source.name"] == record.tags["mlflow.source.name"]
    about_test = {(one.key, one.dataset_name, one.dataset_digest) for one in model.metrics}
    test = record.datasets[-1]
    assert about_test == {
        (name, test.name, test.digest) for name in record.metrics if name.startswith("test.")
    }


def test_a_run_is_logged_in_the_repositorys_own_store(
    logged: str, client: mlflow.MlflowClient, record: PipelineRecord, home: Path
) -> None:
    check(client, logged, record)
    assert (home / "mlartifacts" / logged / "artifacts/params.json").is_file()
    assert not (home.parent / "mlruns").exists()


def test_the_experiment_is_one_of_model_training(logged: str, client: mlflow.MlflowClient) -> None:
    experiment = client.get_experiment(client.get_run(logged).info.experiment_id)
    assert experiment.tags["mlflow.experimentKind"] == "custom_model_development"
    assert experiment.tags["mlflow.note.content"]
    assert experiments(client) == {"tribar": experiment.experiment_id}


def test_the_model_has_no_pickle_and_all_that_it_takes(
    logged: str, client: mlflow.MlflowClient, home: Path
) -> None:
    model_id = client.get_run(logged).outputs.model_outputs[0].model_id
    folder = home / "mlartifacts/models" / model_id / "artifacts"
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert not [name for name in files if name.endswith(PICKLED)]
    assert {"pyfunc_model.py", "code/tribar.zip", "input_example.json"} <= files
    assert "artifacts/best/network_0.safetensors" in files
    pinned = (folder / "requirements.txt").read_text().split()
    assert all("==" in line for line in pinned)
    assert {line.partition("==")[0] for line in pinned} >= {"mlflow", "numpy", "torch"}
    assert "+" not in next(line for line in pinned if line.startswith("torch=="))
    model = mlflow.models.Model.load(str(folder))
    assert model.signature.inputs.required_input_names() == ["timestamp", "close"]
    assert "expected_return" in model.signature.outputs.input_names()
    example = model.load_input_example(str(folder))
    assert list(example.columns) == ["symbol", "timestamp", "close", "volume"]
    assert example["symbol"].tolist() == ["A"] * 11


def test_an_older_experiment_becomes_one_of_model_training(
    client: mlflow.MlflowClient, home: Path, record: PipelineRecord
) -> None:
    """And a log that fails is marked: here a table of a figure is missing."""
    number = client.create_experiment("older", tags={"mlflow.note.content": "mine"})
    broken = replace(record, results={**record.results, "tune": home / "missing"})
    result = LogProcess(home, "older").log(broken)
    assert result.run_id is None
    assert "missing" in result.message
    assert "results are safe, and `tribar track` logs them" in result.message
    tags = client.get_experiment(number).tags
    assert tags["mlflow.experimentKind"] == "custom_model_development"
    assert tags["mlflow.note.content"] == "mine"
    runs = client.search_runs([number], "tags.kind = 'pipeline'")
    assert [run.info.status for run in runs] == ["FAILED"]


def test_the_best_parameters_are_read_back_as_the_readme_says(
    logged: str, record: PipelineRecord, home: Path
) -> None:
    text = (ROOT / "docs/tracking.md").read_text()
    snippet = text.split("```python\n# the newest run's best parameters\n")[1].split("```")[0]
    done = subprocess.run(
        [sys.executable, "-c", snippet], cwd=home, capture_output=True, text=True, check=True
    )
    best = {name[5:]: v for name, v in record.params.items() if name.startswith("best.")}
    assert ast.literal_eval(done.stdout) == best


def test_a_model_of_a_table_that_came_labelled_is_logged_as_it_is(
    home: Path, client: mlflow.MlflowClient, record: PipelineRecord, tmp_path: Path
) -> None:
    (tmp_path / "model.json").write_text("{}")
    labelled = replace(record, model=replace(record.model, folder=tmp_path), children=())
    result = LogProcess(home, "labelled").log(labelled)
    assert result.run_id, result.message
    model_id = client.get_run(result.run_id).outputs.model_outputs[0].model_id
    folder = home / "mlartifacts/models" / model_id / "artifacts"
    assert [path.name for path in folder.iterdir()] == ["model.json"]


def test_a_run_is_logged_on_a_server(
    record: PipelineRecord,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.address)
    result = LogProcess(tmp_path, "tribar").log(record, seconds=120)
    assert result.run_id, result.message
    client = mlflow.MlflowClient(server.address)
    check(client, result.run_id, record)
    place = f"{server.address}/#/experiments/1/runs/{result.run_id}?workflowType=machine_learning"
    assert place in result.message
    assert not (tmp_path / "mlflow.db").exists()


def test_importing_tracking_does_not_import_mlflow() -> None:
    script = "import sys, tribar.tracking; sys.exit('mlflow' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)
