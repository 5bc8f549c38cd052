"""What the completed trials left is what is judged, in the stage and without it."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from tests.evaluation.overfitting.noise import noise
from tests.running import QUICK, options, run
from tribar.dataset.prepared import read_split
from tribar.evaluation.horizon import horizon
from tribar.evaluation.overfitting.study import study_overfitting
from tribar.stages.tune.overfitting import completed_losses
from tribar.study.performance import write_performance
from tribar.trial.result import Performance
from tribar.trials import State, TrialRow, from_lines

TIMES = np.arange("2020-01-01", "2020-01-21", dtype="datetime64[D]").astype("datetime64[ns]")
LOSSES = noise(0, trials=4, times=len(TIMES)).astype(np.float32)


def row(number: int, state: State = "COMPLETE") -> TrialRow:
    return TrialRow(number, state, (1.0,), {})


def kept(folder: Path, *numbers: int) -> Path:
    for number in numbers:
        write_performance(
            folder, number, Performance(TIMES, np.stack([LOSSES[number], -LOSSES[number]]))
        )
    return folder


def test_the_lines_are_the_completed_trials_by_number(tmp_path: Path) -> None:
    rows = [row(2), row(0), row(1, "PRUNED"), row(3)]
    found = completed_losses(kept(tmp_path, 0, 1, 2, 3), rows)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, LOSSES[[0, 2, 3]])


def test_a_trial_without_performance_and_a_pruned_baseline_are_unknown(tmp_path: Path) -> None:
    found = completed_losses(kept(tmp_path, 0, 1), [row(0, "PRUNED"), row(1), row(2)])
    np.testing.assert_array_equal(found, [LOSSES[0] * np.nan, LOSSES[1], LOSSES[0] * np.nan])


def test_a_study_without_any_performance_is_said(tmp_path: Path) -> None:
    found = study_overfitting(completed_losses(tmp_path, [row(0), row(1)]), 1, seed=0)
    assert found.notes[-1] == "no completed trial has a loss at every decision time"


def test_tune_writes_and_prints_it(prepared: Path, tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(prepared / "data")
    few = options(*QUICK, "tune.n_trials=3", "tune.rescore.seeds=0", "tune.pruner.name=none")
    said = run("tune", *few, "--output", str(tmp_path), home=tmp_path).stdout
    rows = from_lines((tmp_path / "results/tune/trials.jsonl").read_text())
    (journal,) = (tmp_path / ".tribar/studies").glob("*/journal.jsonl")
    losses = completed_losses(journal.parent, rows)
    samples = read_split(tmp_path / "data/prepared/development").part("validation")
    record = json.loads((tmp_path / "results/tune/overfitting.json").read_text())
    assert record["trials"] == 3
    assert record["lead"] == float(losses[0].mean() - losses.mean(axis=1).min())
    again = study_overfitting(losses, horizon(samples), seed=0)
    assert record["pbo"] == again.record()["pbo"]
    assert said.count("overfitting, by log-loss (trials: 3") == 1


def test_what_workers_import_has_no_arch() -> None:
    script = "import sys, tribar.stages.tune.run; sys.exit('arch' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)
