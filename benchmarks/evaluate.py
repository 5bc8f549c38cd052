"""How long evaluate takes on the sample, and on a million decisions beside the forward passes."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.prepare import panel
from benchmarks.records import Record, beside, write

SECONDS, RATIO, GIGABYTES = 20.0, 1.5, 4.0
SMALL = (
    "prepare.splits.train=0.05", "prepare.splits.validation=0.03", "prepare.splits.folds=2",
    "training.max_epochs=1", "training.seeds=1", "tune.n_trials=1", "tune.rescore.seeds=0",
)  # fmt: skip
"""Nearly all decisions are the test split's; the networks are the baseline's, hardly trained."""

FORWARD = """
import json, sys, time
from pathlib import Path
from tribar import runtime
runtime.pin()
from tribar.dataset.prepared import read_split
from tribar.ensemble import checkpoint
runtime.open_device("cpu")
folder = Path(sys.argv[1])
split = read_split(folder / "data/prepared/test")
models = [checkpoint.load(folder / "models" / name) for name in ("best", "baseline")]
begin = time.perf_counter()
for model in models:
    model.predict(split.rows, split.last)
print(json.dumps({"seconds": time.perf_counter() - begin, "decisions": len(split.samples)}))
"""

EVALUATE = """
import json, resource, sys, time
from tribar import runtime
runtime.pin()
from tribar.cli import app
begin = time.perf_counter()
app(sys.argv[1:], standalone_mode=False)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"seconds": time.perf_counter() - begin, "gigabytes": peak / 2**20}))
"""


def measure(symbols: int = 100) -> list[Record]:
    """Return the seconds of the sample, and the time and memory of up to 10,000 bars a symbol."""
    return [_sample(), *_large(symbols)]


def _sample() -> Record:
    """Return how long evaluate takes on the sample, whose stages have run in this repository."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        _run(folder, 2, [sys.executable, "-m", "tribar", "evaluate", "--output", folder])
        seconds = time.perf_counter() - begin
    work = "evaluate of the sample, 2 workers"
    return Record(work, seconds, None, None, "s", None, SECONDS, seconds <= SECONDS)


def _large(symbols: int) -> list[Record]:
    with tempfile.TemporaryDirectory() as folder:
        bars = panel()
        source = Path(folder) / "bars.parquet"
        bars[bars["symbol"].isin(bars["symbol"].unique()[:symbols])].to_parquet(source, index=False)
        options = [part for one in (f"prepare.source={source}", *SMALL) for part in ("-S", one)]
        for stage in ("prepare", "train-baseline", "tune", "train-best"):
            command = [sys.executable, "-m", "tribar", stage, *options, "--output", folder]
            _run(folder, 2, command)
        forward = _run(folder, 1, [sys.executable, "-c", FORWARD, folder])
        asked = ["evaluate", *options, "--output", folder]
        whole = _run(folder, 1, [sys.executable, "-c", EVALUATE, *asked])
    work = f"evaluate of {forward['decisions']:,.0f} decisions, 1 worker"
    memory = whole["gigabytes"]
    passes = "the two models' forward passes"
    return [
        beside(work, whole["seconds"], forward["seconds"], passes, "s", RATIO),
        Record(f"{work}: peak memory", memory, None, None, "GB", None, GIGABYTES, memory <= 4),
    ]


def _run(folder: str, workers: int, command: list[str]) -> dict[str, float]:
    """Return what the last line of a command says, if that is JSON."""
    environment = {**os.environ, "DVC_ROOT": folder, "TRIBAR_WORKERS": str(workers)}
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    last = done.stdout.splitlines()[-1]
    found: dict[str, float] = json.loads(last) if last.startswith("{") else {}
    return found


if __name__ == "__main__":
    write("evaluate", measure())
