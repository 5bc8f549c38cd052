import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.study.landscape import DOWN, Landscape
from tribar.config.schema import Params
from tribar.errors import StudyError
from tribar.execution.executors import InlineExecutor
from tribar.study.journal import open_journal
from tribar.study.loop import Watch, run_study
from tribar.trial.deadline import OutOfTimeError, check_time, seconds_left, time_limit
from tribar.trials import Job, TrialRow

Shrunk = Callable[..., Params]
RANDOM = ("tune.sampler.name=random", "tune.pruner.name=none", "tune.n_trials=40")


def study(
    params: Params, folder: Path, run: Callable[[Job], TrialRow], executor: Executor | None = None
) -> tuple[tuple[TrialRow, ...], list[str]]:
    reasons: list[str] = []
    with open_journal(folder, print) as journal:
        rows = run_study(
            params.tune,
            params.baseline_hyper().by_name(),
            params.training.max_epochs,
            DOWN,
            run,
            executor or InlineExecutor(),
            journal,
            Watch(stopped=reasons.append),
        )
    return rows, reasons


@dataclass(frozen=True)
class SlowFrom:
    """A landscape whose trials from a number on take longer than any limit: until it is noticed."""

    landscape: Landscape
    number: int

    def __call__(self, job: Job) -> TrialRow:
        with time_limit(job.seconds):
            while job.number >= self.number:
                check_time()
                time.sleep(0.001)
        return self.landscape(job)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_clock_cuts_the_study_and_replay_gives_the_same_without_it(
    workers: int, shrunk: Shrunk, tmp_path: Path
) -> None:
    timed = shrunk(*RANDOM, "tune.lag=2", "tune.budget.minutes=0.05")
    run = SlowFrom(Landscape(timed), 5)
    with ThreadPoolExecutor(2) as pool:
        rows, reasons = study(timed, tmp_path / "timed", run, pool if workers else None)
    assert [row.number for row in rows] == list(range(len(rows)))
    assert 3 <= len(rows) <= 5
    replayed = shrunk(*RANDOM, "tune.lag=2", f"tune.replay={len(rows)}")
    assert study(replayed, tmp_path / "replayed", Landscape(replayed)) == (rows, reasons)
    assert reasons == ["time"]


def test_a_plateau_ends_the_study_whatever_the_workers(shrunk: Shrunk, tmp_path: Path) -> None:
    params = shrunk(*RANDOM, "tune.lag=4", "tune.budget.plateau=6")
    alone, reasons = study(params, tmp_path / "alone", Landscape(params))
    values = [row.value for row in alone if row.value is not None]
    assert values.index(min(values)) == len(alone) - 1 - 6
    assert reasons == ["plateau"]
    with ThreadPoolExecutor(4) as pool:
        slow = Landscape(params, delay=0.0005)
        assert study(params, tmp_path / "many", slow, pool) == (alone, reasons)


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
    rows, reasons = study(longer, tmp_path, SlowFrom(Landscape(longer), 3))
    assert (rows, reasons) == (before, ["time"])


def test_without_a_budget_every_trial_runs(shrunk: Shrunk, tmp_path: Path) -> None:
    params = shrunk(*RANDOM)
    rows, reasons = study(params, tmp_path, Landscape(params))
    assert (len(rows), reasons) == (40, ["trials"])


def test_the_time_left_is_none_outside_a_limit_and_an_error_when_it_is_over() -> None:
    assert seconds_left() is None
    check_time()
    with time_limit(60):
        assert 0 < (seconds_left() or 0) <= 60
        check_time()
    with time_limit(0), pytest.raises(OutOfTimeError):
        check_time()
    assert seconds_left() is None
