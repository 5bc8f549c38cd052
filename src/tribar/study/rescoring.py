"""The winner's luck: the best trials are trained again on fresh seeds, and the best mean wins."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from tribar.errors import StudyError, listing
from tribar.study.config import RescoreParams
from tribar.study.journal import Journal
from tribar.study.loop import Watch
from tribar.study.pool import Run, Running
from tribar.study.ranking import ranked
from tribar.trial.objective_spec import Aim
from tribar.trials import Job, TrialRow

_SEEDS = 1000
"""The run of seed s of trial n has the number 1000 n + s in the journal of rescored trials."""


@dataclass(frozen=True)
class Rescored:
    """A trial's values on fresh seeds.

    Attributes:
        trial: the row that the study left.
        values: one a seed; a seed that failed is left out.
        reasons: why seeds failed.
    """

    trial: TrialRow
    values: tuple[float, ...]
    reasons: tuple[str, ...] = ()

    @property
    def mean(self) -> float:
        """Return the mean over the seeds; NaN where all failed."""
        return float(np.mean(self.values)) if self.values else float("nan")

    @property
    def std(self) -> float:
        """Return the sample standard deviation over the seeds, 0 for a single one."""
        return float(np.std(self.values, ddof=1)) if len(self.values) > 1 else 0.0


def rescore(
    rows: Sequence[TrialRow],
    params: RescoreParams,
    aim: Aim,
    run: Run,
    executor: Executor,
    journal: Journal,
    watch: Watch,
) -> tuple[Rescored, ...]:
    """Return the best trials with their values on fresh seeds, the best mean first.

    A trial with a seed that failed comes after those without; without seeds the study's own
    order stands.

    Args:
        rows: of the study.
        params: how many trials, on how many seeds.
        aim: the metrics; with several, their trade-off has chosen, and nothing is trained again.
        run: runs one trial on one seed, to its end.
        executor: where.
        journal: of rescored trials.
        watch: who is told of the rows, and of a worker that died.

    Raises:
        StudyError: no seed of any trial succeeded.
    """
    best = ranked(rows, aim.directions)[: params.top]
    if params.seeds == 0 or len(aim.metrics) > 1:
        return tuple(Rescored(row, (row.value,)) for row in best if row.value is not None)
    running = Running(run, executor, journal, watch.say)
    for row in best:
        for number in _numbers(row, params.seeds):
            if number not in journal.rows:
                running.start(Job(number, row.params, ()))
    scored = []
    for row in best:
        again = [running.row(number) for number in _numbers(row, params.seeds)]
        for one in again:
            watch.trial(one)
        scored.append(_collect(row, again))
    _require_success(scored)
    sign = 1 if aim.direction == "minimize" else -1
    return tuple(sorted(scored, key=lambda one: (len(one.reasons), sign * one.mean)))


def _numbers(row: TrialRow, seeds: int) -> range:
    return range(_SEEDS * row.number, _SEEDS * row.number + seeds)


def _require_success(scored: Sequence[Rescored]) -> None:
    if not any(one.values for one in scored):
        reasons = sorted({reason for one in scored for reason in one.reasons})
        raise StudyError(f"tune: no trial completed when it was trained again: {listing(reasons)}")


def _collect(row: TrialRow, again: Sequence[TrialRow]) -> Rescored:
    values = tuple(one.value for one in again if one.state == "COMPLETE" and one.value is not None)
    return Rescored(row, values, tuple(one.reason for one in again if one.state == "FAIL"))
