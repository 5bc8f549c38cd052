"""How long a worker process takes until it can train, beside `import torch`."""

import os
import statistics
import subprocess
import sys
import time

from benchmarks.records import Record, beside, write
from tribar.runtime import PINS

TURNS = 7
TARGET = 1.5
WORKER = """
from tribar.execution.executors import MODULES
from tribar.execution.processes import ProcessExecutor
with ProcessExecutor(1, MODULES["{stage}"]) as executor:
    executor.submit(int).result()
"""
STAGES = ("train-baseline", "tune", "evaluate")


def seconds(code: str) -> float:
    """Return how long a new process takes for a piece of Python."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | PINS)
    return time.perf_counter() - begin


def measure() -> list[Record]:
    """Return the medians of all stages with workers, turn by turn with the import."""
    records = []
    for stage in STAGES:
        turns = [
            (seconds(WORKER.format(stage=stage)), seconds("import torch")) for _ in range(TURNS)
        ]
        ours, torch = map(statistics.median, zip(*turns, strict=True))
        work = f"a worker of {stage} from its start until it can train or predict"
        records.append(beside(work, ours, torch, "import torch", "s", TARGET))
    return records


if __name__ == "__main__":
    write("startup", measure())
