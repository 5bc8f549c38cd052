"""How long `dvc repro` takes with nothing to do, beside an empty pipeline of six stages."""

import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.records import Record, write

ROOT = Path(__file__).parents[1]
RUNS = 7
TARGET = 1.5


def seconds(folder: Path) -> float:
    """Return the wall time of one `dvc repro` that runs nothing."""
    begin = time.perf_counter()
    done = subprocess.run(["dvc", "repro"], cwd=folder, check=True, capture_output=True, text=True)
    elapsed = time.perf_counter() - begin
    if "Running stage" in done.stdout:
        raise SystemExit(f"{folder}: not up to date; run `make repro` first")
    return elapsed


def empty_pipeline(folder: Path) -> None:
    """Make a repository whose six stages copy one small file along, and run it once."""
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    subprocess.run(["dvc", "init", "--quiet"], cwd=folder, check=True)
    (folder / "0").write_text("0")
    stages = "".join(
        f"  stage{n}:\n    cmd: cp {n} {n + 1}\n    deps: ['{n}']\n    outs: ['{n + 1}']\n"
        for n in range(6)
    )
    (folder / "dvc.yaml").write_text(f"stages:\n{stages}")
    subprocess.run(["dvc", "repro", "--quiet"], cwd=folder, check=True)


def measure() -> list[Record]:
    """Return the ratio of the medians, both measured turn by turn."""
    with tempfile.TemporaryDirectory() as name:
        empty = Path(name)
        empty_pipeline(empty)
        ours, theirs = [], []
        for _ in range(RUNS):
            ours.append(seconds(ROOT))
            theirs.append(seconds(empty))
    mine, peer = statistics.median(ours), statistics.median(theirs)
    return [
        Record(
            work=f"no-op dvc repro, median of {RUNS}",
            ours=mine,
            peer=peer,
            peer_name="empty pipeline of six stages",
            unit="s",
            ratio=mine / peer,
            target=TARGET,
            met=mine / peer < TARGET,
        )
    ]


if __name__ == "__main__":
    write("noop", measure())
