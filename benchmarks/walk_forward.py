"""The procedure walked forward through the sample: how long it takes, and what it is worth."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.records import Record, alone, write

ORIGINS, TARGET_MINUTES = 4, 10.0


def measure() -> list[Record]:
    """Return the minutes of four origins on two cores, and the log-losses of all forecasts."""
    with tempfile.TemporaryDirectory() as folder:
        _run(folder, "prepare")
        begin = time.perf_counter()
        _run(folder, "walk-forward", "-S", f"walk_forward.origins={ORIGINS}")
        minutes = (time.perf_counter() - begin) / 60
        found = json.loads((Path(folder) / "results/walk-forward/metrics.json").read_text())
    work = f"walk-forward of the sample, {ORIGINS} origins, 2 workers"
    met = minutes < TARGET_MINUTES
    timed = Record(work, minutes, None, None, "min", None, TARGET_MINUTES, met)
    return [timed, *_losses(found)]


def _losses(found: dict[str, dict[str, dict[str, float]]]) -> list[Record]:
    """Return the procedure's difference to each other forecaster, and the ends of its interval."""
    return [
        alone(f"log-loss minus that of {other.removeprefix('best_minus_')}: {what}", value, "nats")
        for other, one in found["comparison"].items()
        for what, value in one.items()
        if isinstance(value, float)
    ]


def _run(folder: str, *arguments: str) -> None:
    environment = {**os.environ, "DVC_ROOT": folder, "TRIBAR_WORKERS": "2"}
    command = [sys.executable, "-m", "tribar", *arguments, "--output", folder]
    subprocess.run(command, env=environment, check=True)


if __name__ == "__main__":
    write("walk_forward", measure())
