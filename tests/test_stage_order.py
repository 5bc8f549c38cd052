"""A stage refuses what another run of the stages before it has left."""

import json
import shutil
from pathlib import Path

import pytest

from tests.running import QUICK, options, run

QUICKER = options(*QUICK, "prepare.splits.folds=2", "tune.n_trials=2", "tune.rescore.top=1")
SHIFTED = options("prepare.splits.train=0.65", "prepare.splits.validation=0.2")
SHORT = options("prepare.window=30")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which all stages but the last have run."""
    folder = tmp_path_factory.mktemp("finished")
    for stage in ("prepare", "train-baseline", "tune", "train-best"):
        run(stage, "--output", str(folder), *QUICKER, home=folder)
    return folder


@pytest.fixture
def folder(finished: Path, tmp_path: Path) -> Path:
    """Return a copy that a test may spoil."""
    return Path(shutil.copytree(finished, tmp_path / "copy"))


def said(folder: Path, stage: str, *changes: str, code: int = 2) -> str:
    done = run(stage, "--output", str(folder), *QUICKER, *changes, home=folder, code=code)
    assert "Traceback" not in done.stderr
    return done.stderr


def test_evaluate_judges_no_model_of_other_data(folder: Path) -> None:
    said(folder, "prepare", *SHIFTED, code=0)
    told = said(folder, "evaluate")
    assert "models/best: trained on other prepared data (other bars, features, labels" in told
    assert "run `tribar train-best` or `dvc repro`" in told
    said(folder, "prepare", *SHORT, code=0)
    assert "(window 60 there and 30 here)" in said(folder, "evaluate")
    assert not (folder / "results/evaluate").exists()


def test_evaluate_judges_no_baseline_of_other_data(folder: Path) -> None:
    model = folder / "models/baseline/model.json"
    content = json.loads(model.read_text())
    content["schema"]["fingerprint"] = "0" * 64
    model.write_text(json.dumps(content))
    told = said(folder, "evaluate")
    assert "models/baseline: trained on other prepared data" in told
    assert "tribar train-baseline" in told


def test_evaluate_judges_no_model_of_another_study(folder: Path) -> None:
    best = folder / "results/tune/best_params.json"
    content = json.loads(best.read_text())
    best.write_text(json.dumps(content | {"learning_rate": 0.5}))
    told = said(folder, "evaluate")
    assert "models/best: trained with other parameters than those of" in told


def test_evaluate_takes_no_splits_of_two_runs(folder: Path) -> None:
    test = folder / "data/prepared/test"
    shutil.move(test, folder / "kept")
    said(folder, "prepare", *SHORT, code=0)
    shutil.rmtree(test)
    shutil.move(folder / "kept", test)
    told = said(folder, "evaluate")
    assert "test: not prepared together with development (window 30 there and 60 here" in told


def test_train_best_takes_no_study_of_other_data(folder: Path) -> None:
    before = (folder / "models/best/model.json").read_bytes()
    said(folder, "prepare", *SHIFTED, code=0)
    told = said(folder, "train-best")
    assert "best_params.json: not to be trained with these parameters" in told
    assert "the study saw other prepared data" in told
    assert (folder / "models/best/model.json").read_bytes() == before


def test_train_best_takes_no_study_with_other_fixed_values(folder: Path) -> None:
    changes = options("training.optimizer=sgd", "training.momentum=0.5")
    told = said(folder, "train-best", *changes)
    assert "training.momentum: 0.9 in the study, 0.5 here" in told
    assert "training.optimizer: adam in the study, sgd here" in told
    searched = options("training.learning_rate=0.5", "training.max_epochs=1")
    assert not said(folder, "train-best", *searched, code=0).startswith("error")


def test_train_best_compares_with_no_baseline_of_other_folds(folder: Path) -> None:
    (folder / "models/baseline/folds.parquet").unlink()
    assert "no predictions of the folds of this prepared split" in said(folder, "train-best")
    said(folder, "train-baseline", code=0)
    said(folder, "prepare", *options("prepare.splits.folds=3"), code=0)
    said(folder, "tune", code=0)
    told = said(folder, "train-best")
    assert "models/baseline/folds.parquet: no predictions of the folds" in told
    assert "run `tribar train-baseline` or `dvc repro`" in told


def test_best_parameters_without_their_study(folder: Path) -> None:
    (folder / "results/tune/study.json").write_text("{}")
    told = said(folder, "train-best")
    assert "study.json: no result of a study (development: Field required)" in told
    assert "run `tribar tune` or `dvc repro`" in told


@pytest.mark.parametrize("content", [None, "{", "{}"])
def test_evaluate_takes_a_study_from_one_place_or_not_at_all(
    content: str | None, folder: Path
) -> None:
    """The repository has a study of its own, which is another one."""
    metrics = folder / "results/tune/metrics.json"
    if content is None:
        metrics.unlink()
    else:
        metrics.write_text(content)
    told = said(folder, "evaluate")
    assert f"error: {metrics}: no " in told
    assert "run `tribar tune` or `dvc repro`" in told
    assert not (folder / "results/evaluate").exists()


def test_evaluate_needs_what_train_best_says(folder: Path) -> None:
    (folder / "results/train-best/metrics.json").unlink()
    assert "run `tribar train-best` or `dvc repro`" in said(folder, "evaluate")


@pytest.mark.parametrize("name", ["rows.npy", "samples.parquet", "schema.json"])
def test_a_damaged_split_is_told(name: str, folder: Path) -> None:
    for damage in (b"{}", b"", (folder / "data/prepared/development" / name).read_bytes()[:-9]):
        (folder / "data/prepared/development" / name).write_bytes(damage)
        told = said(folder, "evaluate")
        assert "development: no complete prepared split (" in told
        assert "run `tribar prepare`" in told


def test_a_parameter_of_other_stages_alone_is_noted(folder: Path) -> None:
    (folder / "results/train-best/metrics.json").unlink()  # so that it ends at once
    told = said(folder, "evaluate", *options("model.cell=gru"))
    for_whom = "train-baseline, tune, walk-forward"
    assert f"note: evaluate takes no notice of model.cell; it is for {for_whom}\n" in told
    assert "notice of evaluate.bootstrap_samples" not in told
