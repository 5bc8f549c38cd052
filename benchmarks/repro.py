"""How long the whole pipeline takes in a clean clone, set-up apart, stage by stage.

`--against REVISION` measures an earlier revision beside this one, turn by turn.
"""

import argparse
import os
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.records import Record, beside, write

ROOT = Path(__file__).parents[1]
TARGET_MINUTES, TARGET_SHARE = 3.0, 0.85
WORKERS = (1, 2, 4)
TURNS = 3
"""Of two revisions; the shorter time of each counts."""


def rebuild(workers: int, revision: str = "HEAD") -> dict[str, float]:
    """Return the seconds of each stage of a committed revision, from nothing."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DVC_", "MLFLOW_"))}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "clone", "--quiet", str(ROOT), folder], check=True)
        subprocess.run(["git", "checkout", "--quiet", revision], cwd=folder, check=True)
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


def measure(against: str | None = None) -> list[Record]:
    """Return the seconds of every stage by the number of workers, and the whole."""
    records = []
    for workers in WORKERS:
        found = rebuild(workers)
        name = f"{workers} worker{'' if workers == 1 else 's'}"
        each = {**found, "whole": sum(found.values())}
        records += [
            Record(f"{name}: {stage}", seconds, None, None, "s", None, None, None)
            for stage, seconds in each.items()
        ]
        if workers == 2:
            minutes = each["whole"] / 60
            work = "dvc repro of the sample in a clean clone, 2 workers"
            met = minutes < TARGET_MINUTES
            records.append(Record(work, minutes, None, None, "min", None, TARGET_MINUTES, met))
    if against:
        turns = [(_whole("HEAD"), _whole(against)) for _ in range(TURNS)]
        ours, before = map(min, zip(*turns, strict=True))
        work = f"dvc repro beside an earlier revision, 2 workers, shortest of {TURNS}"
        records.append(beside(work, ours, before, against[:7], "s", TARGET_SHARE))
    return records


def _whole(revision: str) -> float:
    return sum(rebuild(2, revision).values())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", help="an earlier revision")
    write("repro", measure(parser.parse_args().against))
