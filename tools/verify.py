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
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tribar.tracking.run_record import flat

ROOT = Path(__file__).parents[1]

EXACT = 1e-9
TRAINED = 0.03
"""How far a trained model's score may lie from the committed one on another kind of machine, where
the same sums round differently; on the same kind every result is bit-identical."""

COMPARED = {
    "results/prepare/metrics.json": EXACT,
    "results/tune/metrics.json": TRAINED,
    "results/train-best/metrics.json": TRAINED,
    "results/evaluate/metrics.json": TRAINED,
}
LOSSES = ("log_loss", "best_value", "mean")
"""The trained figures that are held to the tolerance: the others follow from these or are counts
that a rounded loss may tip over."""


@dataclass(frozen=True)
class Fault:
    """A result that is not what is committed."""

    file: str
    key: str
    committed: object
    rebuilt: object


def compare(
    file: str, committed: Mapping[str, object], rebuilt: Mapping[str, object]
) -> list[Fault]:
    """Return the figures of one metrics file that differ by more than its tolerance."""
    tolerance = COMPARED[file]
    old, new = flat(committed), flat(rebuilt)
    if set(old) != set(new):
        return [Fault(file, "keys", sorted(old), sorted(new))]
    return [
        Fault(file, key, old[key], new[key])
        for key in old
        if (tolerance == EXACT or key.split(".")[-1] in LOSSES)
        and not _close(old[key], new[key], tolerance)
    ]


def _close(old: object, new: object, tolerance: float) -> bool:
    if isinstance(old, float | int) and isinstance(new, float | int):
        return math.isclose(old, new, rel_tol=0, abs_tol=tolerance)
    return old == new


def rebuild(folder: Path) -> Path:
    """Clone the committed revision into `folder` and run every stage there; return the clone."""
    clone = folder / "tribar"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("DVC_", "MLFLOW_"))}
    environment["PYTHONPATH"] = str(clone / "src")
    subprocess.run(["dvc", "repro", "--force"], cwd=clone, env=environment, check=True)
    return clone


def main() -> int:
    """Rebuild, compare, and say whether the results are bit-identical."""
    with tempfile.TemporaryDirectory() as folder:
        clone = rebuild(Path(folder))
        changed = _git(clone, "status", "--porcelain").splitlines()
        faults = [
            fault
            for file in COMPARED
            for fault in compare(
                file, _committed(clone, file), json.loads((clone / file).read_text())
            )
        ]
    for fault in faults:
        print(f"{fault.file}: {fault.key} is {fault.rebuilt}, committed {fault.committed}")
    identical = (
        "bit-identical" if not changed else f"not bit-identical: {len(changed)} files differ"
    )
    print(f"verify: {'FAILED' if faults else 'passed'} (losses within {TRAINED}); {identical}")
    for line in changed:
        print(f"  {line}")
    return 1 if faults else 0


def _committed(clone: Path, file: str) -> dict[str, object]:
    content: dict[str, object] = json.loads(_git(clone, "show", f"HEAD:{file}"))
    return content


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
