"""A study killed at any moment, then run again, gives the bytes of an unbroken one."""

import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.running import QUICK, options, run, start

TUNE = ("tune", *options(*QUICK, "tune.lag=2"))


def outputs(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (folder / "results/tune").iterdir()}


def workplace(prepared: Path, folder: Path) -> Path:
    shutil.copytree(prepared / "data", folder / "data")
    return folder


@pytest.fixture(scope="module")
def unbroken(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = workplace(prepared, tmp_path_factory.mktemp("unbroken"))
    run(*TUNE, "--output", str(folder), home=folder)
    return outputs(folder)


def journal_lines(folder: Path) -> int:
    found = list(folder.glob(".tribar/studies/*/journal.jsonl"))
    return found[0].read_bytes().count(b"\n") if found else 0


def kill_when(process: subprocess.Popen[str], folder: Path, lines: int, signal_: int) -> None:
    """Send the signal in the middle of the trial after the journal's first `lines` lines."""
    while process.poll() is None and journal_lines(folder) < lines:
        time.sleep(0.01)
    time.sleep(0.2)
    process.send_signal(signal_)
    process.communicate()


@pytest.mark.parametrize("lines", [1, 2, 4, 5])
def test_a_killed_study_goes_on_to_the_same_bytes(
    lines: int, prepared: Path, unbroken: dict[str, bytes], tmp_path: Path
) -> None:
    folder = workplace(prepared, tmp_path)
    process = start(*TUNE, "--output", str(folder), home=folder)
    kill_when(process, folder, lines, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    run(*TUNE, "--output", str(folder), home=folder)
    assert outputs(folder) == unbroken


def test_ctrl_c_says_how_to_go_on(
    prepared: Path, unbroken: dict[str, bytes], tmp_path: Path
) -> None:
    folder = workplace(prepared, tmp_path)
    process = start(*TUNE, "--output", str(folder), home=folder)
    while journal_lines(folder) < 3:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert "finished trials are saved" in err
    assert "Traceback" not in err
    done = run(*TUNE, "--output", str(folder), home=folder)
    assert "goes on after 2 trials" in done.stdout
    assert outputs(folder) == unbroken
