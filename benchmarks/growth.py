"""Peak memory and time of one epoch as rows grow: ours, and stacked windows in a DataLoader."""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.lag import read
from benchmarks.records import Record, write
from benchmarks.sample import WINDOW, panel_fold
from tribar.model.fitting import Fold
from tribar.model.training import Trainer
from tribar.runtime import open_device

ROWS = (10_000, 100_000, 1_000_000)
BARS, UNITS, BATCH = 1_000, 8, 256
TARGET = 1 / 5
"""Ours over the stacked windows' peak memory at the most rows."""


def ours(fold: Fold) -> None:
    """Train a small network for one epoch, as the pipeline does."""
    params = read(
        f"model.hidden_dim={UNITS}", "model.num_layers=1", f"training.batch_size={BATCH}",
        "training.max_epochs=9",
    )  # fmt: skip
    hyper = params.training.complete(params.model)
    Trainer(fold.fit, fold.check, hyper, params.training, 0).run_epoch()


def stacked(fold: Fold) -> None:
    """Train the same network for one epoch on windows that are stacked before."""
    rows = fold.fit.rows.numpy()

    def dataset(last: torch.Tensor, target: torch.Tensor) -> TensorDataset:
        windows = np.stack([rows[one - WINDOW + 1 : one + 1] for one in last.tolist()])
        return TensorDataset(torch.from_numpy(windows), target)

    train = dataset(fold.fit.last, fold.fit.target)
    check = dataset(fold.check.last, fold.check.target)
    lstm = nn.LSTM(rows.shape[1], UNITS, batch_first=True)
    head = nn.Linear(UNITS, 3)
    optimizer = torch.optim.Adam([*lstm.parameters(), *head.parameters()])
    for windows, target in DataLoader(train, batch_size=BATCH, shuffle=True):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(head(lstm(windows)[0][:, -1]), target)
        torch.autograd.backward(loss)
        optimizer.step()
    with torch.no_grad():
        for windows, _ in DataLoader(check, batch_size=512):
            head(lstm(windows)[0][:, -1])


WAYS: dict[str, Callable[[Fold], None]] = {"ours": ours, "stacked": stacked}


def one(way: str, rows: int) -> None:
    """Run an epoch, and print its seconds and the process's peak memory in megabytes."""
    open_device("cpu")
    fold = panel_fold(symbols=rows // BARS, bars=BARS)
    begin = time.perf_counter()
    WAYS[way](fold)
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "peak": peak / 1024}))


def run(way: str, rows: int) -> dict[str, float]:
    """Return what an epoch took in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.growth", "--way", way, "--rows", str(rows)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def measure() -> list[Record]:
    """Return peak memory, the data's own included, and time, by rows."""
    found = []
    for rows in ROWS:
        each = {way: run(way, rows) for way in WAYS}
        for unit, name in (("peak", "peak memory"), ("seconds", "time")):
            mine, theirs = (each[way][unit] for way in WAYS)
            target = TARGET if rows == max(ROWS) and unit == "peak" else None
            met = None if target is None else mine / theirs <= target
            work = f"an epoch of {rows:,} rows, {UNITS} units, batch {BATCH}: {name}"
            short = {"peak": "MB", "seconds": "s"}[unit]
            found.append(
                Record(work, mine, theirs, "stacked windows", short, mine / theirs, target, met)
            )
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--way", choices=list(WAYS))
    parser.add_argument("--rows", type=int)
    asked = parser.parse_args()
    if asked.way:
        one(asked.way, asked.rows)
    else:
        write("growth", measure())
