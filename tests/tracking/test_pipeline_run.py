"""The real stages leave a real run, and a model that forecasts wherever it is loaded."""

import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions, version
from pathlib import Path

import mlflow
import pytest

import tribar
from tests.running import QUICK, ROOT, options, run
from tests.tracking.servers import free_port
from tribar.outputs.workspace import BEST_MODEL, STUDIES
from tribar.records.stored import find_studies
from tribar.records.study_of_results import spans_of
from tribar.tracking.store import tracking_uri

pytestmark = pytest.mark.slow
QUICKER = options(*QUICK, "prepare.splits.folds=2", "tune.rescore.top=1", "tracking.trials=all")
STAGES = ("prepare", "train-baseline", "tune", "train-best")
SCRIPT = """
import json, os, sys
import mlflow.pyfunc

of_mlflow = {name.partition(".")[0] for name in sys.modules}
model = mlflow.pyfunc.load_model(sys.argv[1])
forecasts = model.predict(model.input_example)
import tribar
assert os.environ["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] == "false"
told = {"code": tribar.__file__, "forecasts": forecasts.to_json(date_format="iso")}
modules = {name.partition(".")[0] for name in sys.modules} - of_mlflow
print(json.dumps({**told, "modules": sorted(modules)}))
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which all stages have run, and whose run was logged afterwards.

    The server was dead at the end of evaluate.
    """
    folder = tmp_path_factory.mktemp("home")
    for stage in STAGES:
        run(stage, "--output", str(folder), *QUICKER, home=folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{free_port()}")
        said = run("evaluate", "--output", str(folder), *QUICKER, home=folder).stdout
    assert "results are safe, and `tribar track` logs them" in said
    assert (folder / "results/evaluate/verdict.txt").is_file()
    said = run("track", "--output", str(folder), *QUICKER, home=folder).stdout
    assert f"in sqlite:///{folder}/mlflow.db" in said
    return folder


@pytest.fixture(scope="module")
def client(home: Path) -> mlflow.MlflowClient:
    return mlflow.MlflowClient(tracking_uri(home))


@pytest.fixture(scope="module")
def logged(client: mlflow.MlflowClient) -> mlflow.entities.Run:
    (found,) = client.search_runs(["1"], "tags.kind = 'pipeline'")
    return found


def needed(modules: list[str]) -> set[str]:
    """Return those packages, pinned, that tribar depends on and that modules are of."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    depends = {re.split(r"[=\[]", one)[0] for one in project["dependencies"]}
    known = packages_distributions()
    found = {name.lower() for module in modules for name in known.get(module, ())}
    return {f"{one}=={version(one).partition('+')[0]}" for one in found & depends}


def test_a_run_logged_later_has_the_time_of_the_pipeline(
    home: Path, logged: mlflow.entities.Run
) -> None:
    last = json.loads((home / ".tribar/last_run.json").read_text())
    assert [logged.info.start_time, logged.info.end_time] == [int(1000 * t) for t in last["span"]]
    written = 1000 * (home / "results/evaluate/verdict.txt").stat().st_mtime
    assert logged.info.start_time < written <= logged.info.end_time


def test_trials_have_the_times_of_the_journal(
    home: Path, client: mlflow.MlflowClient, logged: mlflow.entities.Run
) -> None:
    (study,) = find_studies(home / STUDIES)
    spans = spans_of(study)
    assert len(spans) == 5
    assert logged.data.tags["study"] == study.digest
    for number, span in spans.items():
        (trial,) = client.search_runs(["1"], f"attributes.run_name = 'trial {number}'")
        times = [trial.info.start_time, trial.info.end_time]
        assert times == [int(1000 * moment) for moment in span]


def test_the_logged_model_forecasts_as_the_model_does_and_unpickles_nothing(
    home: Path, logged: mlflow.entities.Run, tmp_path: Path
) -> None:
    """In a process that has no code of tribar's but the logged one before it."""
    model = logged.outputs.model_outputs[0].model_id
    folder = home / "mlartifacts/models" / model / "artifacts"
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONSAFEPATH")}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder)],
        env=kept | {"MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["code"].startswith(str(folder))
    example = mlflow.models.Model.load(str(folder)).load_input_example(str(folder))
    forecast = tribar.load(home / BEST_MODEL).predict(example).table
    assert told["forecasts"] == forecast.to_json(date_format="iso")
    assert forecast["action"].isin(["long", "short", "abstain"]).all()
    assert needed(told["modules"]) <= set((folder / "requirements.txt").read_text().split())
    signature = mlflow.models.Model.load(str(folder)).signature
    assert signature.outputs.input_names() == list(forecast.columns)
