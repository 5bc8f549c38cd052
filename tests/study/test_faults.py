import multiprocessing
import multiprocessing.synchronize
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.running import QUICK, ROOT, options, run
from tests.study.landscape import DOWN, Landscape
from tribar.config.schema import Params
from tribar.errors import StudyError
from tribar.execution.executors import InlineExecutor
from tribar.study.journal import open_journal
from tribar.study.loop import run_study
from tribar.study.pool import TrialPool
from tribar.trials import TrialRow

Shrunk = Callable[..., Params]
TUNE = ("tune", *options(*QUICK, "tune.n_trials=4", "tune.rescore.seeds=0"))


def study(params: Params, folder: Path) -> tuple[TrialRow, ...]:
    with open_journal(folder, print) as journal:
        pool = TrialPool(Landscape(params), InlineExecutor(), journal)
        return run_study(params.tune, {}, params.training.max_epochs, DOWN, pool).rows


def workplace(prepared: Path, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "data").symlink_to(prepared / "data")
    return folder


def results(folder: Path, root: str = "results") -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (folder / root / "tune").iterdir()}


ROWS = 561
"""Kilobytes that the study's scaled rows take."""

FULL = """
set -e
mount -t tmpfs -o size={size}k none {home}/{where}
cd {root}
set +e
TRIBAR_WORKERS=1 DVC_ROOT={home} python -m tribar {tune} --output {home} 2> {home}/said
echo $? > {home}/code
mount -o remount,size=64m {home}/{where}
TRIBAR_WORKERS=1 DVC_ROOT={home} python -m tribar {tune} --output {home} > {home}/again
echo $? >> {home}/code
cp -r {home}/results {home}/kept
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
@pytest.mark.parametrize(
    ("where", "size"),
    [
        (".tribar", 8),
        pytest.param(".tribar", 64, marks=pytest.mark.slow),
        pytest.param(".tribar", ROWS + 32, marks=pytest.mark.slow),
        pytest.param(".tribar", ROWS + 64, marks=pytest.mark.slow),
        pytest.param("results", 8, marks=pytest.mark.slow),
    ],
)
def test_a_full_disk_is_an_error_that_loses_nothing(
    where: str, size: int, prepared: Path, tmp_path: Path
) -> None:
    """Whether the lock, the rows, a running trial's progress, the journal or a result is hit."""
    whole = workplace(prepared, tmp_path / "whole")
    run(*TUNE, "--output", str(whole), home=whole)
    home = workplace(prepared, tmp_path / "full")
    (home / where).mkdir()
    tune = " ".join(f"'{part}'" for part in TUNE)
    script = FULL.format(where=where, size=size, home=home, root=ROOT, tune=tune)
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    subprocess.run(["unshare", "--mount", "bash", "-c", script], check=True, env=environment)
    said = (home / "said").read_text()
    assert (home / "code").read_text().split() == ["2", "0"], said
    assert "cannot be written" in said
    assert "make room" in said
    assert "Traceback" not in said
    assert results(home, "kept") == results(whole)


def hold(folder: str, held: "multiprocessing.synchronize.Event") -> None:
    with open_journal(Path(folder), print):
        held.set()
        time.sleep(60)


def test_a_lock_of_a_dead_process_holds_nobody(shrunk: Shrunk, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    held = context.Event()
    process = context.Process(target=hold, args=(str(tmp_path), held), daemon=True)
    process.start()
    held.wait()
    process.kill()
    process.join()
    assert (tmp_path / "lock").read_text() == f"process {process.pid}"
    assert len(study(shrunk("tune.n_trials=3"), tmp_path)) == 3


def test_a_clock_that_is_set_back_decides_nothing(
    shrunk: Shrunk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = shrunk("tune.n_trials=8", "tune.budget.minutes=5")
    whole = study(params, tmp_path / "whole")
    now = iter(range(10**9, 0, -3600))
    monkeypatch.setattr(time, "time", lambda: float(next(now)))
    assert study(params, tmp_path / "back") == whole


def test_all_trials_failing_ends_with_the_reasons(shrunk: Shrunk, tmp_path: Path) -> None:
    params = shrunk("tune.n_trials=3")
    fails = Landscape(params, fails=frozenset(range(3)))
    with open_journal(tmp_path, print) as journal:
        pool = TrialPool(fails, InlineExecutor(), journal)
        with pytest.raises(StudyError, match="none of 3 trials completed: RuntimeError: made up"):
            run_study(params.tune, {}, 4, DOWN, pool)


def test_fewer_trials_than_are_done_uses_the_first_and_says_so(
    prepared: Path, tmp_path: Path
) -> None:
    folder = workplace(prepared, tmp_path / "study")
    run(*TUNE, "--output", str(folder), home=folder)
    four = (folder / "results/tune/trials.csv").read_text().splitlines()
    done = run(*TUNE, "-S", "tune.n_trials=2", "--output", str(folder), home=folder)
    assert "has 4 trials; the first 2 are used" in done.stdout
    assert (folder / "results/tune/trials.csv").read_text().splitlines() == four[:3]
