"""refit: all decisions, the epochs that validation chose, the calibration of the best model."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from tests.running import QUICK, options, run
from tribar.config.schema import Params
from tribar.dataset.prepared import write_split
from tribar.ensemble import checkpoint
from tribar.ensemble.refitting import Refit, run_refit
from tribar.ensemble.training import Configuration, ensemble_seeds
from tribar.market.pipeline import prepare_whole, read_source
from tribar.model.folds import make_fold
from tribar.model.training.trainer import Trainer

Shrunk = Callable[..., Params]
OVERRIDES = (*QUICK, "tune.n_trials=2", "refit.enabled=true")


@pytest.fixture(scope="module")
def refitted(evaluated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the best model trained again on all decisions."""
    folder = shutil.copytree(evaluated, tmp_path_factory.mktemp("refit") / "copy")
    run("refit", *options(*OVERRIDES), "--output", str(folder), home=folder)
    return folder


def described(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "model.json").read_text())
    return content


def test_it_is_off_by_default_and_predict_says_so(
    evaluated: Path, repository: Path, tmp_path: Path
) -> None:
    run("refit", *options(*QUICK), "--output", str(tmp_path), home=tmp_path)
    assert [file.name for file in (tmp_path / "models/refit").iterdir()] == ["off"]
    sample = str(repository / "data/raw/us_indices.csv.gz")
    found = run("predict", sample, "--model", str(tmp_path / "models/refit"), code=2)
    assert "set refit.enabled: true" in found.stderr.replace("\n", " ")


def test_it_learns_up_to_the_last_matured_decision(refitted: Path) -> None:
    best, refit = (described(refitted / "models" / name) for name in ("best", "refit"))
    assert refit["schema"]["until"].startswith("2018-12")
    assert best["schema"]["until"] < "2016-02"
    for same in ("hyperparameters", "networks", "parameters"):
        assert refit[same] == best[same]
    assert refit["calibration"]["weight"] == best["calibration"]["weight"]
    assert refit["calibration"]["prior"] != best["calibration"]["prior"]
    for key in ("features", "window", "definition", "memory", "symbols"):
        assert refit["schema"][key] == best["schema"][key]


def test_its_networks_take_the_epochs_that_validation_chose(refitted: Path, shrunk: Shrunk) -> None:
    """A plain trainer on all samples, stopped by hand, comes to the same weights."""
    params = shrunk(*OVERRIDES)
    curves = pd.read_csv(refitted / "results/train-best/curves.csv")
    epochs = int(curves["validation_loss"].to_numpy().argmin()) + 1
    whole = prepare_whole(read_source(Path(params.prepare.source), params.prepare), params.prepare)
    fold = make_fold(whole, whole.samples, whole.samples.tail(500), "cpu")
    hyper = checkpoint.load(refitted / "models/best").hyper
    trainer = Trainer(fold, hyper, params.training, ensemble_seeds(params.base.seed, 1)[0])
    for _ in range(epochs):
        trainer.run_epoch()
    with trainer._average.in_place():
        expected = {name: one.clone() for name, one in trainer.network.state_dict().items()}
    found = load_file(refitted / "models/refit/network_0.safetensors")
    assert all(torch.equal(found[name], one) for name, one in expected.items())


def test_a_plateau_is_replayed(evaluated: Path, shrunk: Shrunk, tmp_path: Path) -> None:
    """The recorded losses set the learning rate: worse ones lower it, and change the weights."""
    params = shrunk(*QUICK, "training.schedule=plateau", "training.max_epochs=6")
    whole = prepare_whole(read_source(Path(params.prepare.source), params.prepare), params.prepare)
    (tmp_path / "data").mkdir()
    write_split(whole.select((whole.samples.index % 10 == 0).astype(bool)), tmp_path / "data")
    hyper = params.baseline_hyper()
    curves = {"falling": (1.3, 1.2, 1.1, 1.0), "waiting": (1.3, 1.4, 1.4, 1.0)}
    found = {
        name: run_refit(
            Configuration(tmp_path / "data", hyper, params.training, "cpu", tmp_path / name),
            Refit(7, curve),
        )
        for name, curve in curves.items()
    }
    assert found["falling"].curve == curves["falling"]
    assert len(found["waiting"].train_curve) == 4
    assert found["falling"].weights != found["waiting"].weights


def test_other_data_is_refused(evaluated: Path, tmp_path: Path) -> None:
    asked = (*OVERRIDES, "prepare.labels.horizon=7")
    found = run("refit", *options(*asked), "--output", str(evaluated), home=tmp_path, code=2)
    assert "trained on other data or by other parameters" in found.stderr.replace("\n", " ")
