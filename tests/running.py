"""Runs the real command in a process of its own, as a user does."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

from tests.forking import run_in_fork

ROOT = Path(__file__).parents[1]

QUICK = (
    "training.max_epochs=2",
    "training.seeds=1",
    "baseline.hidden_dim=8",
    "baseline.num_layers=1",
    "baseline.batch_size=256",
    "tune.n_trials=5",
    "evaluate.permutation_repeats=1",
    "evaluate.bootstrap_samples=200",
    "tune.space.hidden_dim={type: int, low: 4, high: 12, step: 4}",
    "tune.space.num_layers={type: int, low: 1, high: 2}",
    "tune.space.batch_size={type: categorical, choices: [128, 256]}",
)
"""Overrides that shrink the real parameters to networks that train in a second."""
SHORT = ("prepare.window=20", "prepare.splits.folds=2")
"""Overrides beside `QUICK` where every stage is run many times."""


def options(*overrides: str) -> list[str]:
    """Return overrides as arguments of `tribar` or `dvc exp run`."""
    return [part for override in overrides for part in ("-S", override)]


def outputs(folder: Path) -> dict[str, bytes]:
    """Return what a study wrote, and what it kept of each trial's performance, by name."""
    kept = folder.glob(".tribar/studies/*/performance/*.npy")
    return {file.name: file.read_bytes() for file in (*(folder / "results/tune").iterdir(), *kept)}


def take_ctrl_c() -> None:
    """Let a process take Ctrl-C, which a shell in whose background the tests run ignores."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def press_ctrl_c(process: subprocess.Popen[str], code: int = 130) -> str:
    """Press Ctrl-C; require that all its processes end so, without a traceback; return stderr."""
    family = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == code, err
    assert "Traceback" not in err
    _, alive = psutil.wait_procs(family, timeout=60)
    assert not alive
    return err


def start(
    *arguments: str, home: Path | None = None, cwd: Path = ROOT, workers: int = 1
) -> subprocess.Popen[str]:
    """Start `tribar` as the head of a process group; `home` takes the studies and the store."""
    return subprocess.Popen(
        [sys.executable, "-m", "tribar", *arguments],
        cwd=cwd,
        env=_environment(home, cwd, workers),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=take_ctrl_c,
    )


def run(
    *arguments: str, home: Path | None = None, cwd: Path = ROOT, code: int = 0
) -> subprocess.CompletedProcess[str]:
    """Run `tribar` to its end and require this exit code."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        found = run_in_fork(arguments, cwd, _environment(home, cwd, 1), out, err)
        said = [path.read_text(encoding="utf-8") for path in (out, err)]
    assert found == code, "".join(said)
    return subprocess.CompletedProcess(arguments, found, *said)


def _environment(home: Path | None, cwd: Path, workers: int) -> dict[str, str]:
    known = os.environ | {"PYTHONPATH": str(cwd / "src"), "COLUMNS": "200"}
    known["TRIBAR_WORKERS"] = str(workers)
    return known | ({"DVC_ROOT": str(home)} if home else {})
