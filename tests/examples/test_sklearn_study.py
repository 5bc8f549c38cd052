"""The engine on somebody else's objective: the same bytes for any workers and after a kill."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.pipeline import command
from tests.running import ROOT

OUTPUTS = ("best.json", "trials.csv")


def copy(folder: Path) -> Path:
    """Copy the example, as a repository of its own, with a shorter study."""
    shutil.copytree(ROOT / "examples/sklearn_study", folder)
    params = folder / "params.yaml"
    params.write_text(params.read_text().replace("n_trials: 24", "n_trials: 8"))
    command(folder, sys.executable, "data.py")
    return folder


def start(folder: Path, workers: int) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "TRIBAR_WORKERS": str(workers)}
    return subprocess.Popen(
        [sys.executable, "study.py"], cwd=folder, env=environment, start_new_session=True
    )


def outputs(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in OUTPUTS]


def trials_done(folder: Path) -> int:
    journals = list(folder.glob(".tribar/studies/*/journal.jsonl"))
    return len(journals[0].read_bytes().splitlines()) - 1 if journals else 0


@pytest.mark.slow
def test_neither_workers_nor_a_kill_change_a_byte(tmp_path: Path) -> None:
    alone, killed = copy(tmp_path / "alone"), copy(tmp_path / "killed")
    assert start(alone, workers=1).wait() == 0
    process = start(killed, workers=2)
    while trials_done(killed) < 3:
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (killed / "best.json").exists()
    assert start(killed, workers=2).wait() == 0
    assert outputs(killed) == outputs(alone)


@pytest.mark.slow
def test_it_is_a_pipeline_of_its_own(tmp_path: Path) -> None:
    folder = copy(tmp_path / "example")
    params = folder / "params.yaml"
    params.write_text(params.read_text().replace("n_trials: 8", "n_trials: 2"))
    for line in (("git", "init", "--quiet"), ("env", f"PYTHONPATH={ROOT / 'src'}", "dvc", "repro")):
        command(folder, *line)
    assert json.loads((folder / "best.json").read_text())["value"] < 0.5
    assert "didn't change" in command(folder, "dvc", "repro", "study")


def test_the_engine_needs_no_torch() -> None:
    script = (
        "import sys, runpy\n"
        "runpy.run_path('study.py', run_name='study')\n"
        "sys.exit('torch' in sys.modules)"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    folder = ROOT / "examples/sklearn_study"
    subprocess.run([sys.executable, "-c", script], cwd=folder, env=environment, check=True)
