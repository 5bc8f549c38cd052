"""Rebuilds every result from nothing and compares it with what is committed: `make verify`.

A rerun in place proves nothing: DVC skips what it knows, and a finished study has its journal. So
the committed revision is cloned (no cache, no journal) and every stage is forced to run.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tools.bits import agrees, processor, read_record

ROOT = Path(__file__).parents[1]
TRIALS = "results/tune/trials.csv"
NEAR = 1e-4
"""How far a test loss may lie from the committed one on a processor that is not known to agree."""


def rebuild(folder: Path) -> Path:
    """Clone the committed revision into `folder` and run every stage there; return the clone."""
    clone = folder / "tribar"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("DVC_", "MLFLOW_"))}
    environment["PYTHONPATH"] = str(clone / "src")
    subprocess.run(["dvc", "repro", "--force"], cwd=clone, env=environment, check=True)
    return clone


def outcome(read: Callable[[str], str]) -> dict[str, object]:
    """Return what has to be the same on any processor: winner, verdicts and test losses.

    Args:
        read: returns the text of a file by its path in the repository.
    """
    study, scores = (json.loads(read(f"results/{x}/metrics.json")) for x in ("tune", "evaluate"))
    verdicts = {
        name: each["verdict"]
        for name, each in scores["comparison"].items()
        if name.startswith("best_minus_")
    }
    losses = {name: each["log_loss"] for name, each in scores.items() if "log_loss" in each}
    return {"winner": study["best_trial"], **verdicts, **losses}


def departures(committed: Mapping[str, object], rebuilt: Mapping[str, object]) -> list[str]:
    """Return a line for each part of an outcome that is another one."""
    return [
        f"{name} is {rebuilt.get(name)}, committed {value}"
        for name, value in committed.items()
        if not _near(value, rebuilt.get(name))
    ]


def _near(old: object, new: object) -> bool:
    if isinstance(old, float) and isinstance(new, float):
        return math.isclose(old, new, rel_tol=0, abs_tol=NEAR)
    return old == new


def changed_trials(committed: str, rebuilt: str) -> list[str]:
    """Return the numbers of the trials whose lines in the trial table differ."""
    old, new = committed.splitlines(), rebuilt.splitlines()
    return [line.partition(",")[0] for line in old if line not in new]


def main() -> int:
    """Rebuild, compare, and say what differs; return 1 where nothing may, or too much does."""
    with tempfile.TemporaryDirectory() as folder:
        clone = rebuild(Path(folder))

        def committed(name: str) -> str:
            return _git(clone, "show", f"HEAD:{name}")

        def rebuilt(name: str) -> str:
            return (clone / name).read_text(encoding="utf-8")

        changed = _git(clone, "status", "--porcelain").splitlines()
        departed = departures(outcome(committed), outcome(rebuilt))
        trials = changed_trials(committed(TRIALS), rebuilt(TRIALS))
    same = agrees(processor(), read_record())
    for line in (*changed, *departed):
        print(f"  {line}")
    if trials:
        print(f"  trials that differ: {', '.join(trials)}")
    failed = bool(departed or (same and changed))
    known = "is" if same else "is not"
    print(
        f"verify: {'FAILED' if failed else 'passed'}; {len(changed)} files differ; "
        f"{processor()} {known} on record as computing the same bytes"
    )
    return int(failed)


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
