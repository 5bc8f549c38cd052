"""A study killed at any moment, then run again, gives the bytes of an unbroken one."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from tests.running import QUICK, options, outputs, press_ctrl_c, run, start
from tribar.model.training.saved_state import load_progress

TUNE = ("tune", *options(*QUICK, "tune.lag=2", "tune.n_trials=8", "tune.rescore.seeds=1"))
KILLS = ("parent", "worker", "group", "mid-write")


def workplace(prepared: Path, folder: Path) -> Path:
    shutil.copytree(prepared / "data", folder / "data")
    return folder


@pytest.fixture(scope="module")
def unbroken(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = workplace(prepared, tmp_path_factory.mktemp("unbroken"))
    run(*TUNE, "--output", str(folder), home=folder)
    return outputs(folder)


def journal_of(folder: Path) -> Path | None:
    return next(iter(folder.glob(".tribar/studies/*/journal.jsonl")), None)


def journal_lines(folder: Path) -> int:
    journal = journal_of(folder)
    return journal.read_bytes().count(b"\n") if journal else 0


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    family = psutil.Process(process.pid).children(recursive=True)
    servers = {
        one.pid
        for one in family
        if one.ppid() == process.pid and "forkserver" in " ".join(one.cmdline())
    }
    return [one for one in family if one.ppid() in servers]


def kill(process: subprocess.Popen[str], kind: str, rng: np.random.Generator) -> None:
    """Kill what `kind` says, if it is still there."""
    try:
        if kind == "worker":
            workers = workers_of(process)
            if workers:
                workers[rng.integers(len(workers))].kill()
        elif kind == "group":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except (psutil.NoSuchProcess, ProcessLookupError):
        pass


def cut_last_line(folder: Path, rng: np.random.Generator) -> None:
    """Leave the journal as a kill in the middle of a write would."""
    journal = journal_of(folder)
    if journal and journal_lines(folder) > 1:
        content = journal.read_bytes()
        last = content.rstrip(b"\n").rfind(b"\n") + 1
        journal.write_bytes(content[: last + int(rng.integers(1, len(content) - last))])


def interrupt(folder: Path, kind: str, rng: np.random.Generator) -> None:
    """Run the study on two workers and kill it at a random moment."""
    process = start(*TUNE, "--output", str(folder), home=folder, workers=2)
    wanted = int(rng.integers(0, 8))
    before = journal_lines(folder)
    while process.poll() is None and journal_lines(folder) < min(before + wanted, 8):
        time.sleep(0.01)
    time.sleep(float(rng.uniform(0, 1)))
    kill(process, kind, rng)
    process.communicate()
    if kind == "mid-write":
        cut_last_line(folder, rng)


def chain(prepared: Path, folder: Path, seed: int, kills: int) -> dict[str, bytes]:
    """Return the outputs of a study that was killed again and again before it could finish."""
    rng = np.random.default_rng(seed)
    workplace(prepared, folder)
    for number in range(kills):
        interrupt(folder, KILLS[(seed + number) % len(KILLS)], rng)
    run(*TUNE, "--output", str(folder), home=folder)
    return outputs(folder)


def test_three_random_kills_change_no_byte(
    prepared: Path, unbroken: dict[str, bytes], tmp_path: Path
) -> None:
    assert chain(prepared, tmp_path / "study", seed=0, kills=3) == unbroken


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 20))
def test_fifty_random_kills_change_no_byte(
    seed: int, prepared: Path, unbroken: dict[str, bytes], tmp_path: Path
) -> None:
    assert chain(prepared, tmp_path / "study", seed, kills=5) == unbroken


@pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_ctrl_c_says_how_to_go_on_and_leaves_nobody_behind(
    workers: int, prepared: Path, unbroken: dict[str, bytes], tmp_path: Path
) -> None:
    folder = workplace(prepared, tmp_path / "study")
    process = start(*TUNE, "--output", str(folder), home=folder, workers=workers)
    while journal_lines(folder) < 3:
        time.sleep(0.01)
    assert "finished trials are saved" in press_ctrl_c(process)
    done = run(*TUNE, "--output", str(folder), home=folder)
    assert "goes on after" in done.stdout
    assert outputs(folder) == unbroken


def test_an_epoch_is_not_paid_for_twice(
    prepared: Path, unbroken: dict[str, bytes], tmp_path: Path
) -> None:
    """A trial killed after its first epoch is found half done, and goes on from there."""
    folder = workplace(prepared, tmp_path / "study")
    process = start(*TUNE, "--output", str(folder), home=folder)
    saved = folder / ".tribar/studies"
    while not list(saved.glob("*/running/0/0.safetensors")):
        time.sleep(0.005)
    process.kill()
    process.communicate()
    (kept,) = saved.glob("*/running/0/0.safetensors")
    progress = load_progress(kept)
    assert progress is not None
    assert len(progress.curve) >= 1
    assert journal_lines(folder) <= 1
    run(*TUNE, "--output", str(folder), home=folder)
    assert outputs(folder) == unbroken
    assert not kept.exists()
