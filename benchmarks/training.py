"""Time to the usual script's best validation loss, ours and the script's, in one run."""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from benchmarks.lag import prepare_sample, read, recipe_of
from benchmarks.peers.space import SPACE
from benchmarks.records import Record, write
from tribar.tuning.aim import Aim
from tribar.tuning.executors import open_executor
from tribar.tuning.journal import open_journal
from tribar.tuning.study import Watch, run_study
from tribar.tuning.trial import TrialRow
from tribar.tuning.worker import run_job

Events = list[tuple[float, float]]
"""Seconds since the study began, and a validation loss that was reached then."""
TRIALS, EPOCHS, OUR_TRIALS = 6, 6, 32
SETTINGS = {"its default settings": (), "one thread": ("--threads", "1")}


def usual(data: Path, seed: int, *options: str) -> Events:
    """Return when the usual script reached what."""
    command = [sys.executable, "-m", "benchmarks.peers.usual", str(data), "--seed", str(seed)]
    sizes = ["--trials", str(TRIALS), "--epochs", str(EPOCHS)]
    done = subprocess.run([*command, *sizes, *options], capture_output=True, text=True, check=True)
    return [(when, loss) for when, loss in json.loads(done.stdout)]


def ours(data: Path, seed: int, *overrides: str) -> Events:
    """Return when our study of the same space reached what; a trial counts at its end."""
    params = read(
        SPACE, f"tune.seed={seed}", f"tune.n_trials={OUR_TRIALS}", f"base.seed={seed}",
        f"training.max_epochs={EPOCHS}", *overrides,
    )  # fmt: skip
    events: Events = []
    begin = time.perf_counter()

    def note(row: TrialRow) -> None:
        if row.state == "COMPLETE":
            assert row.value is not None
            events.append((time.perf_counter() - begin, row.value))

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with open_journal(folder, print) as journal, open_executor(4, data, folder) as executor:
            run_study(
                params.tune, params.baseline_hyper().by_name(), EPOCHS, Aim(),
                partial(run_job, recipe_of(params, data, folder, seed)), executor, journal,
                Watch(note),
            )  # fmt: skip
    return events


def until(events: Events, loss: float) -> float | None:
    """Return the seconds until a loss was reached; None if it never was."""
    return next((when for when, reached in events if reached <= loss), None)


def measure(seeds: int = 5) -> list[Record]:
    """Return the median times over study seeds."""
    found = []
    with tempfile.TemporaryDirectory() as name:
        data = Path(name)
        prepare_sample(data)
        mine = [ours(data, seed) for seed in range(seeds)]
        for setting, options in SETTINGS.items():
            theirs = [usual(data, seed, *options) for seed in range(seeds)]
            found += _compare(setting, mine, theirs)
    return found


def _compare(setting: str, mine: list[Events], theirs: list[Events]) -> list[Record]:
    goals = [min(loss for _, loss in events) for events in theirs]
    script = [until(each, goal) for each, goal in zip(theirs, goals, strict=True)]
    study = [until(each, goal) for each, goal in zip(mine, goals, strict=True)]
    reached = [one for one in study if one is not None]
    many = f"{len(goals)} study seed" + "s" * (len(goals) > 1)
    peer = f"the usual script, {setting}"
    best = statistics.median(min(loss for _, loss in events) for events in mine)
    record = Record(
        f"best validation loss of the sample, median of {many}", best,
        statistics.median(goals), peer, "nats", best / statistics.median(goals), None, None,
    )  # fmt: skip
    if len(reached) * 2 <= len(study):
        return [record]
    ours_s = statistics.median(one if one is not None else float("inf") for one in study)
    script_s = statistics.median(one for one in script if one is not None)
    target = 0.1 if setting == "its default settings" else 1 / 7
    ratio = ours_s / script_s
    work = f"time to the usual script's best validation loss of the sample, median of {many}"
    return [record, Record(work, ours_s, script_s, peer, "s", ratio, target, ratio <= target)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    write("training", measure(parser.parse_args().seeds))
