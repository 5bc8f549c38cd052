import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest

from tests.study.landscape import DOWN, Landscape
from tribar.config.schema import Params
from tribar.errors import StudyError
from tribar.execution.executors import InlineExecutor
from tribar.study.journal import open_journal
from tribar.study.loop import StoppedBy, run_study
from tribar.study.pool import RunTrial, TrialPool
from tribar.trial.deadline import NEVER, Deadline, OutOfTimeError
from tribar.trial.result import TrialResult
from tribar.trials import TrialRequest, TrialRow

Shrunk = Callable[..., Params]
RANDOM = ("tune.sampler.name=random", "tune.pruner.name=none", "tune.n_trials=40")


def study(
    params: Params,
    folder: Path,
    run: RunTrial,
    executor: Executor | None = None,
) -> tuple[tuple[TrialRow, ...], StoppedBy]:
    with open_journal(folder, print) as journal:
        pool = TrialPool(run, executor or InlineExecutor(), journal)
        result = run_study(
            params.tune, params.baseline_hyper().by_name(), params.training.max_epochs, DOWN, pool
        )
    return result.rows, result.stopped_by


@dataclass(frozen=True)
class SlowFrom:
    """A landscape whose trials from a number on take longer than any limit: until it is noticed."""

    landscape: Landscape
    number: int

    def __call__(self, request: TrialRequest) -> TrialResult:
        deadline = Deadline.after(request.seconds)
        while request.number >= self.number:
            deadline.check()
            time.sleep(0.001)
        return self.landscape(request)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_clock_cuts_the_study_and_replay_gives_the_same_without_it(
    workers: int, shrunk: Shrunk, tmp_path: Path
) -> None:
    timed = shrunk(*RANDOM, "tune.lag=2", "tune.budget.minutes=0.05")
    run = SlowFrom(Landscape(timed), 5)
    with ThreadPoolExecutor(2) as pool:
        rows, reason = study(timed, tmp_path / "timed", run, pool if workers else None)
    assert [row.number for row in rows] == list(range(len(rows)))
    assert 3 <= len(rows) <= 5
    replayed = shrunk(*RANDOM, "tune.lag=2", f"tune.replay={len(rows)}")
    assert study(replayed, tmp_path / "replayed", Landscape(replayed)) == (rows, reason)
    assert reason == "time"


def test_a_plateau_ends_the_study_whatever_the_workers(shrunk: Shrunk, tmp_path: Path) -> None:
    params = shrunk(*RANDOM, "tune.lag=4", "tune.budget.plateau=6")
    alone, reason = study(params, tmp_path / "alone", Landscape(params))
    values = [row.value for row in alone if row.value is not None]
    assert values.index(min(values)) == len(alone) - 1 - 6
    assert reason == "plateau"
    with ThreadPoolExecutor(4) as pool:
        slow = Landscape(params, delay=0.0005)
        assert study(params, tmp_path / "many", slow, pool) == (alone, reason)


def test_time_that_is_up_before_a_trial_ends_is_said(shrunk: Shrunk, tmp_path: Path) -> None:
    params = shrunk(*RANDOM, "tune.budget.minutes=0.0001")
    with pytest.raises(StudyError, match=r"time was up before a trial ended; raise tune.budget"):
        study(params, tmp_path, SlowFrom(Landscape(params), 0))


def test_what_an_earlier_run_has_finished_is_not_lost_to_the_clock(
    shrunk: Shrunk, tmp_path: Path
) -> None:
    params = shrunk(*RANDOM, "tune.n_trials=3", "tune.lag=4")
    before, _ = study(params, tmp_path, Landscape(params))
    longer = shrunk(*RANDOM, "tune.n_trials=9", "tune.lag=4", "tune.budget.minutes=0.0001")
    rows, reason = study(longer, tmp_path, SlowFrom(Landscape(longer), 3))
    assert (rows, reason) == (before, "time")


def test_without_a_budget_every_trial_runs(shrunk: Shrunk, tmp_path: Path) -> None:
    params = shrunk(*RANDOM)
    rows, reason = study(params, tmp_path, Landscape(params))
    assert (len(rows), reason) == (40, "trials")


def test_the_time_left_is_none_without_a_limit_and_an_error_when_it_is_over() -> None:
    assert NEVER.seconds_left is None
    NEVER.check()
    later = Deadline.after(60)
    assert 0 < (later.seconds_left or 0) <= 60
    later.check()
    with pytest.raises(OutOfTimeError):
        Deadline.after(0).check()


def test_no_time_is_left_once_whoever_runs_the_study_has_gone() -> None:
    over = Event()
    deadline = Deadline.after(None, over)
    deadline.check()
    over.set()
    with pytest.raises(OutOfTimeError):
        deadline.check()
