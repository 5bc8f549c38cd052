"""How long the whole pipeline takes in a clean clone, set-up apart, stage by stage."""

import os
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.records import Record, beside, write

ROOT = Path(__file__).parents[1]
TARGET_MINUTES, TARGET_SHARE = 3.0, 0.85
WORKERS = (1, 2, 4)


def rebuild(workers: int) -> dict[str, float]:
    """Return the seconds of each stage of the committed revision, from nothing."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DVC_", "MLFLOW_"))}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "clone", "--quiet", str(ROOT), folder], check=True)
        environment = {
            **kept, "PYTHONPATH": f"{folder}/src", "PYTHONUNBUFFERED": "1",
            "TRIBAR_WORKERS": str(workers),
        }  # fmt: skip
        return _stage_seconds(["dvc", "repro", "--force"], Path(folder), environment)


def _stage_seconds(
    command: list[str], folder: Path, environment: dict[str, str]
) -> dict[str, float]:
    """Run DVC; return how long each stage took, and what lies before the first one."""
    stage, begin, found = "before the first stage", time.perf_counter(), {}
    process = subprocess.Popen(
        command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Running stage '"):
            now = time.perf_counter()
            found[stage], begin = now - begin, now
            stage = line.split("'")[1]
    found[stage] = time.perf_counter() - begin
    if process.wait():
        raise RuntimeError(f"{command} ended with {process.returncode}")
    return found


def measure() -> list[Record]:
    """Return the seconds of every stage by the number of workers, and the whole."""
    found = {workers: rebuild(workers) for workers in WORKERS}
    records = [
        Record(f"{workers} worker{'' if workers == 1 else 's'}: {stage}", *_seconds(seconds))
        for workers, each in found.items()
        for stage, seconds in {**each, "whole": sum(each.values())}.items()
    ]
    alone, shared = found[1], found[2]
    whole = sum(shared.values())
    minutes = whole / 60
    work = "dvc repro of the sample in a clean clone, 2 workers"
    met = minutes < TARGET_MINUTES
    records.append(Record(work, minutes, None, None, "min", None, TARGET_MINUTES, met))
    work = "dvc repro on 2 workers, beside a study on 2 and all else on one"
    before = sum(alone.values()) - alone["tune"] + shared["tune"]
    records.append(beside(work, whole, before, "all else on one", "s", TARGET_SHARE))
    return records


def _seconds(seconds: float) -> tuple[float, None, None, str, None, None, None]:
    """Return all of a record but the work."""
    return seconds, None, None, "s", None, None, None


if __name__ == "__main__":
    write("repro", measure())
