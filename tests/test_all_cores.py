"""Stages that train and judge outside a study: on any number of processes, after any kill."""

import itertools
import os
import shutil
import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.running import QUICK, options, press_ctrl_c, run, start
from tribar.model.training.saved_state import load_progress

LONGER = ("training.seeds=3", "training.max_epochs=3", "evaluate.permutation_repeats=2")
OPTIONS = options(*QUICK, *LONGER, "tune.n_trials=2", "tune.rescore.seeds=1")
IN_EVERY_RUN = (("final", "train-best", "worker"), ("fold", "train-best", "everyone"))
STAGES = ("train-baseline", "train-best", "evaluate")


def outputs(folder: Path) -> dict[str, bytes]:
    files = [one for part in ("models", "results") for one in (folder / part).rglob("*")]
    return {str(one.relative_to(folder)): one.read_bytes() for one in files if one.is_file()}


def rerun(stage: str, folder: Path, workers: int) -> None:
    process = start(stage, *OPTIONS, "--output", str(folder), home=folder, workers=workers)
    _, err = process.communicate()
    assert process.returncode == 0, err


@pytest.fixture(scope="module")
def alone(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which one process has run every stage."""
    folder = tmp_path_factory.mktemp("alone")
    shutil.copytree(prepared / "data", folder / "data")
    shutil.copytree(prepared / "results", folder / "results")
    for stage in ("train-baseline", "tune", "train-best", "evaluate"):
        run(stage, *OPTIONS, "--output", str(folder), home=folder)
    return folder


@pytest.fixture
def copied(alone: Path, tmp_path: Path) -> Path:
    return shutil.copytree(alone, tmp_path / "copy")


def forget(stage: str, folder: Path) -> None:
    """Empty a stage's outputs, so that only running it brings them back."""
    name = {"train-baseline": "models/baseline", "train-best": "models/best"}.get(stage)
    for file in (folder / (name or "results/evaluate")).iterdir():
        file.write_bytes(b"")


@pytest.mark.parametrize("stage", STAGES)
def test_the_number_of_workers_changes_no_byte(stage: str, alone: Path, copied: Path) -> None:
    if stage != "evaluate":  # which reads the models
        forget(stage, copied)
    else:
        shutil.rmtree(copied / "results/evaluate")
    rerun(stage, copied, workers=2)
    assert outputs(copied) == outputs(alone)
    assert not list(copied.glob(".tribar/trainings/*"))


@pytest.mark.parametrize(
    ("training", "stage", "killed"),
    [
        pytest.param(*one, marks=[] if one in IN_EVERY_RUN else [pytest.mark.slow])
        for one in itertools.product(
            ("final", "fold"), ("train-baseline", "train-best"), ("everyone", "worker")
        )
    ],
)
def test_a_training_goes_on_where_it_was_killed(
    training: str, stage: str, killed: str, alone: Path, copied: Path
) -> None:
    process = start(stage, *OPTIONS, "--output", str(copied), home=copied, workers=2)
    while not (kept := list(copied.glob(f".tribar/trainings/*/{training}-*.safetensors"))):
        assert process.poll() is None, process.communicate()
        time.sleep(0.002)
    if killed == "everyone":
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        progress = load_progress(kept[0])
        assert progress is not None
        assert progress.curve
        rerun(stage, copied, workers=2)
    else:
        servers = psutil.Process(process.pid).children(recursive=True)
        workers = [one for one in servers if one.ppid() != process.pid]
        workers[0].kill()
        _, err = process.communicate()
        assert process.returncode == 0, err
    assert outputs(copied) == outputs(alone)


def test_an_evaluation_killed_on_its_way_gives_the_same_bytes(alone: Path, copied: Path) -> None:
    process = start("evaluate", *OPTIONS, "--output", str(copied), home=copied, workers=2)
    while process.poll() is None and len(psutil.Process(process.pid).children(recursive=True)) < 3:
        time.sleep(0.002)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    rerun("evaluate", copied, workers=2)
    assert outputs(copied) == outputs(alone)


def test_ctrl_c_says_what_is_kept(alone: Path, copied: Path) -> None:
    process = start("train-best", *OPTIONS, "--output", str(copied), home=copied, workers=2)
    while not list(copied.glob(".tribar/trainings/*/*.safetensors")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.002)
    told = press_ctrl_c(process)
    assert "finished epochs are saved: the same command goes on from them" in told
    rerun("train-best", copied, workers=1)
    assert outputs(copied) == outputs(alone)
