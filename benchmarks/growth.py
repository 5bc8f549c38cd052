"""Peak memory and time of one epoch as the data grow: ours, and stacked windows in a DataLoader."""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.machine import own_peak_megabytes
from benchmarks.panel import Size, make_panel
from benchmarks.peers.loop import Model, Sample, stack, validation_losses
from benchmarks.peers.space import FIRST
from benchmarks.records import Record, beside, write
from benchmarks.sample import fold_of, read
from tribar.dataset.prepared import read_split, write_split
from tribar.model.folds import Fold
from tribar.model.training.trainer import Trainer
from tribar.runtime import open_device

FEATURES, UNITS, BATCH = 17, 8, 256
"""As many features as the sample has, and a network that costs little beside its data."""
MEMORY_TARGET = 1 / 5
"""Ours over the stacked windows' peak memory at the most rows."""
_MIDDLE = {"100,000 rows": Size(100, 1000, FEATURES)}
ROWS = {f"{n * 1000:,} rows": Size(n, 1000, FEATURES) for n in (10, 100, 1000)}
WINDOWS = {f"a window of {n}": Size(100, 1000, FEATURES, n) for n in (30, 120, 240, 480)} | _MIDDLE
SYMBOLS = {f"{n:,} symbol(s)": Size(n, 100_000 // n, FEATURES) for n in (1, 10, 1000)} | _MIDDLE
SIZES = ROWS | WINDOWS | SYMBOLS
"""The others than by rows have 100,000 of them; the others than by window one of 60."""
MOST_ROWS = "1,000,000 rows"
COMMAND = (sys.executable, "-m", "benchmarks.growth")


@dataclass(frozen=True)
class Cost:
    """Seconds of an epoch, and the process's peak memory in megabytes, imports included."""

    seconds: float
    peak: float


def ours(fold: Fold) -> None:
    """Train a small network for one epoch, as the pipeline does."""
    params = read(
        f"model.hidden_dim={UNITS}", "model.num_layers=1", f"training.batch_size={BATCH}",
        "training.max_epochs=9",
    )  # fmt: skip
    hyper = params.training.complete(params.model)
    Trainer(fold, hyper, params.training, 0).run_epoch()


def stacked(fold: Fold) -> None:
    """Train a network of the same size for one epoch on windows that are stacked before."""
    sample = Sample(stack(fold.train), stack(fold.validation))
    hyper = {**FIRST, "hidden_dim": UNITS, "num_layers": 1, "batch_size": BATCH}
    next(validation_losses(Model(FEATURES, hyper), hyper, sample, 1))


WAYS: dict[str, Callable[[Fold], None]] = {"ours": ours, "stacked": stacked}


def one(way: str, data: Path) -> Cost:
    """Run an epoch on a prepared split in this process."""
    open_device("cpu")
    fold = fold_of(read_split(data))
    begin = time.perf_counter()
    WAYS[way](fold)
    seconds = time.perf_counter() - begin
    return Cost(seconds, own_peak_megabytes())


def run(way: str, data: Path) -> Cost:
    """Return what an epoch took in a process of its own."""
    done = subprocess.run([*COMMAND, way, str(data)], stdout=subprocess.PIPE, text=True, check=True)
    return Cost(**json.loads(done.stdout))


def work(what: str) -> str:
    """Return what an epoch of one of the sizes is called in the records."""
    return f"an epoch, {what}, {UNITS} units, batch {BATCH}"


def measure() -> list[Record]:
    """Return peak memory, the data's own included, and time."""
    return [record for what in SIZES for record in _records(what)]


def _records(what: str) -> Iterator[Record]:
    with tempfile.TemporaryDirectory() as name:
        subprocess.run([*COMMAND, "panel", name, what], check=True)
        mine, theirs = (run(way, Path(name)) for way in WAYS)
    target = MEMORY_TARGET if what == MOST_ROWS else None
    peer = "stacked windows"
    yield beside(f"{work(what)}: peak memory", mine.peak, theirs.peak, peer, "MB", target)
    yield beside(f"{work(what)}: time, stacking included", mine.seconds, theirs.seconds, peer, "s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="?", choices=["panel", *WAYS], help="none: measure")
    parser.add_argument("data", nargs="?", type=Path, default=Path(), help="folder of the panel")
    parser.add_argument("size", nargs="?", choices=list(SIZES), default=MOST_ROWS)
    asked = parser.parse_args()
    if asked.part == "panel":
        write_split(make_panel(SIZES[asked.size]), asked.data)
    elif asked.part:
        print(json.dumps(asdict(one(asked.part, asked.data))))
    else:
        write("growth", measure())
