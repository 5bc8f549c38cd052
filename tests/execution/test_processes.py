import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

import psutil
import pytest

from tests.running import ROOT
from tests.study.landscape import DOWN, Landscape
from tribar.config.schema import Params
from tribar.errors import UserError
from tribar.execution.executors import InlineExecutor, open_executor, wanted_workers
from tribar.execution.processes import ProcessExecutor, WorkerDiedError
from tribar.study.journal import open_journal
from tribar.study.loop import run_study
from tribar.study.pool import RunTrial, TrialPool
from tribar.trial.result import TrialResult
from tribar.trials import TrialRequest, TrialRow

Shrunk = Callable[..., Params]
P = ParamSpec("P")
T = TypeVar("T")


def square(number: int) -> int:
    return number * number


def process() -> int:
    return os.getpid()


def seen() -> tuple[int, bool]:
    """Return the threads of what this process was forked from, and whether torch is here."""
    tasks = Path(f"/proc/{os.getppid()}/task").glob("*/comm")
    # The allocator of pyarrow is made to be forked.
    threads = [task for task in tasks if task.read_text().strip() != "jemalloc_bg_thd"]
    return len(threads), "torch" in sys.modules


def fail(text: str) -> None:
    raise ValueError(text)


def die(by: int = signal.SIGKILL) -> None:
    os.kill(os.getpid(), by)


class NeedsTwoError(Exception):
    """An error that pickle writes and cannot read."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} and {second}")


def fail_with_two() -> None:
    raise NeedsTwoError("this", "that")


class Unreadable:
    """A result that pickle writes and cannot read."""

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return fail, ("not to be read",)


def give_unreadable() -> Unreadable:
    return Unreadable()


def sleep_for_ever(mark: str) -> None:
    Path(mark).touch()
    while True:
        time.sleep(0.01)


@dataclass(frozen=True)
class DiesOn:
    """A landscape whose worker is killed in one trial, the first `times` times."""

    landscape: Landscape
    number: int
    times: int
    marks: Path

    def __call__(self, request: TrialRequest) -> TrialResult:
        deaths = len(list(self.marks.iterdir()))
        if request.number == self.number and deaths < self.times:
            (self.marks / str(deaths)).touch()
            die()
        return self.landscape(request)


def study(
    params: Params,
    folder: Path,
    run: RunTrial,
    workers: int,
    said: list[str],
) -> tuple[TrialRow, ...]:
    executor = ProcessExecutor(workers) if workers else InlineExecutor()
    with open_journal(folder, print) as journal, executor:
        pool = TrialPool(run, executor, journal, say=said.append)
        return run_study(
            params.tune, params.baseline_hyper().by_name(), params.training.max_epochs, DOWN, pool
        ).rows


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that is bound to come; the test's own limit is what ends it otherwise."""
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it did not come")


def test_results_and_errors_come_back_from_processes_that_stay() -> None:
    with ProcessExecutor(2) as executor:
        assert [f.result() for f in [executor.submit(square, n) for n in range(20)]] == [
            n * n for n in range(20)
        ]
        with pytest.raises(ValueError, match="from over there"):
            executor.submit(fail, "from over there").result()
        seen = {executor.submit(process).result() for _ in range(10)}
        assert os.getpid() not in seen
        assert len(seen) <= 2


def test_a_killed_worker_fails_its_own_call_alone() -> None:
    with ProcessExecutor(2) as executor:
        deadly = executor.submit(die)
        calls = [executor.submit(square, n) for n in range(8)]
        with pytest.raises(WorkerDiedError, match="its worker process ended by SIGKILL"):
            deadly.result()
        assert [call.result() for call in calls] == [n * n for n in range(8)]


def test_a_call_that_cannot_be_sent_is_an_error_and_no_hang() -> None:
    with ProcessExecutor(1) as executor:
        with pytest.raises(Exception, match=r"pickle|local object"):
            executor.submit(lambda: 1).result()
        with pytest.raises(Exception, match=r"cannot pickle"):
            executor.submit(open, os.devnull).result()
        assert executor.submit(square, 3).result() == 9


def test_an_answer_that_cannot_be_read_is_an_error_and_no_hang() -> None:
    with ProcessExecutor(1) as executor:
        with pytest.raises(RuntimeError, match="NeedsTwoError: this and that"):
            executor.submit(fail_with_two).result()
        with pytest.raises(ValueError, match="not to be read"):
            executor.submit(give_unreadable).result()
        with pytest.raises(WorkerDiedError, match="ended by signal 40"):
            executor.submit(die, 40).result()
        assert executor.submit(square, 3).result() == 9


def test_a_process_that_cannot_be_started_is_said_and_no_hang() -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ProcessExecutor(1) as executor:
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))
        try:
            error = executor.submit(square, 3).exception()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        assert isinstance(error, UserError)
        assert "a worker process cannot be started" in str(error)
        assert "TRIBAR_WORKERS=1" in str(error)
        assert executor.submit(square, 3).result() == 9


FORKED = """
from pathlib import Path
from tests.execution.test_processes import seen
from tribar.execution.executors import open_executor
if __name__ == "__main__":
    with open_executor(2, [], Path()) as executor:
        print(*executor.submit(seen).result())
"""


def test_workers_are_forked_from_a_process_without_threads_that_has_imported_torch(
    tmp_path: Path,
) -> None:
    script = tmp_path / "study.py"
    script.write_text(FORKED)
    paths = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "TRIBAR_WORKERS": "2"}
    found = subprocess.check_output([sys.executable, script], env=os.environ | paths, text=True)
    threads, has_torch = found.split()
    assert int(threads) == 1
    assert has_torch == "True"


def test_ctrl_c_does_not_reach_a_worker_from_its_first_moment() -> None:
    with ProcessExecutor(1) as executor:
        status = Path(f"/proc/{executor.submit(process).result()}/status").read_text()
    blocked = next(line.split()[1] for line in status.splitlines() if line.startswith("SigBlk"))
    assert int(blocked, 16) & 1 << signal.SIGINT - 1


def test_rows_that_finish_beside_an_error_are_kept(shrunk: Shrunk, tmp_path: Path) -> None:
    landscape, futures = Landscape(shrunk()), list[Future[TrialResult]]()

    class Together(Executor):
        """Finishes nothing until two calls are there, and then both, the first by an error."""

        def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
            future: Future[T] = Future()
            futures.append(future)  # type: ignore[arg-type]
            if len(futures) == 2:
                futures[0].set_exception(UserError("the disk is full"))
                future.set_result(fn(*args, **kwargs))
            return future

    with open_journal(tmp_path, print) as journal:
        pool = TrialPool(landscape, Together(), journal)
        for number in range(2):
            pool.start(TrialRequest(number, shrunk().baseline_hyper().by_name(), ()))
        with pytest.raises(UserError, match="the disk is full"):
            pool.wait_for(1)
        assert list(journal.rows) == [1]


def test_an_error_ends_the_workers_at_once(tmp_path: Path) -> None:
    mark, workers = tmp_path / "runs", []

    def leave_by_an_error() -> None:
        with ProcessExecutor(1) as executor:
            workers.append(executor.submit(process).result())
            executor.submit(sleep_for_ever, str(mark))
            until(mark.exists)
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        leave_by_an_error()
    until(lambda: not psutil.pid_exists(workers[0]))


@pytest.mark.parametrize("times", [1, 2])
def test_a_trial_whose_worker_dies_is_retried_once(
    times: int, shrunk: Shrunk, tmp_path: Path
) -> None:
    params = shrunk("tune.lag=4", "tune.n_trials=8")
    whole = study(params, tmp_path / "whole", Landscape(params), 0, [])
    (tmp_path / "marks").mkdir()
    said: list[str] = []
    dies = DiesOn(Landscape(params), 3, times, tmp_path / "marks")
    rows = study(params, tmp_path / "dies", dies, 2, said)
    assert "trial 3: its worker process ended by SIGKILL; it goes on in another" in said
    if times == 1:
        assert rows == whole
    else:
        assert rows[3].state == "FAIL"
        assert rows[3].reason == "its worker process ended by SIGKILL, 2 times"
        assert rows[:3] == whole[:3]


ORPHANS = """
import sys
from tests.execution.test_processes import sleep_for_ever
from tribar.execution.processes import ProcessExecutor
if __name__ == "__main__":
    with ProcessExecutor(2) as executor:
        for mark in sys.argv[1:]:
            executor.submit(sleep_for_ever, mark)
"""


def test_no_worker_outlives_a_killed_parent(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(ORPHANS)
    marks = [tmp_path / "one", tmp_path / "two"]
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    parent = subprocess.Popen([sys.executable, str(script), *map(str, marks)], env=environment)
    until(lambda: all(mark.exists() for mark in marks))
    workers = psutil.Process(parent.pid).children(recursive=True)
    assert len(workers) >= 2
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until(lambda: not any(one.is_running() and one.status() != "zombie" for one in workers))


@pytest.mark.parametrize("text", ["0", "two", "-1", "1.5"])
def test_a_number_of_workers_that_is_none_is_refused(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIBAR_WORKERS", text)
    with pytest.raises(UserError, match=r"TRIBAR_WORKERS: .* is no number of workers; write 1"):
        wanted_workers()


def test_one_worker_is_this_process_and_no_more_are_started_than_can_be_busy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TRIBAR_WORKERS", "8")
    with open_executor(1, [], tmp_path) as executor:
        assert executor.submit(process).result() == os.getpid()
    monkeypatch.delenv("TRIBAR_WORKERS")
    assert wanted_workers() == psutil.cpu_count(logical=False)
