"""The study: a rolling loop of ask and tell whose result no interruption and no worker changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tribar.block import Choice
from tribar.errors import StudyError, listing
from tribar.search.conditions import restrict
from tribar.search.samplers import search_size
from tribar.search.suggestions import Suggestions
from tribar.search.warm_start import KnownTrial
from tribar.study.config import TuneParams
from tribar.study.pool import TrialPool
from tribar.study.ranking import best_of
from tribar.trial.deadline import NEVER, Deadline, OutOfTimeError
from tribar.trial.objective_spec import ObjectiveSpec
from tribar.trials import TrialRequest, TrialRow, TrialSummary, summary

StoppedBy = Literal["trials", "space", "plateau", "time"]
"""Why a study has no further trial: all were run, all was tried, no progress, or the clock."""


@dataclass(frozen=True)
class StudyResult:
    """The trials of a study, by number, and why there is no further one."""

    rows: tuple[TrialRow, ...]
    stopped_by: StoppedBy


def run_study(
    params: TuneParams,
    first: Mapping[str, Choice],
    max_steps: int,
    spec: ObjectiveSpec,
    pool: TrialPool,
    known: Sequence[KnownTrial] = (),
) -> StudyResult:
    """Return the first `params.n_trials` trials, running those that the pool's journal lacks.

    Trial n is asked after trials 0 ... n - lag have been told, in the order of their numbers,
    and is pruned against exactly those: who finishes first decides nothing.

    Args:
        params: trials, lag, sampler and space.
        first: parameters of trial 0, as far as they lie in the space.
        max_steps: the most steps that a trial may report.
        spec: the metrics.
        pool: runs the trials.
        known: trials of earlier studies, for the sampler alone.

    Raises:
        StudyError: no trial completed; names the reasons.
    """
    baseline = restrict(params.space, first)
    enqueued = [*([baseline] if baseline else []), *params.enqueue]
    suggestions = Suggestions(
        params.sampler, params.space, params.seed, enqueued, spec.directions, known
    )
    loop = _Loop(params, max_steps, spec, suggestions, pool)
    end, reason = _last_trial(params, enqueued)
    try:
        loop.run(end, Deadline.after(_seconds(params)))
    except OutOfTimeError:
        reason = "time"
        loop.tell_finished()
    pool.abandon()
    _require_success(loop.rows)
    return StudyResult(tuple(loop.rows), "plateau" if loop.is_flat() else reason)


@dataclass(eq=False)
class _Loop:
    """Asks a trial as soon as the lag allows, and tells the next one as soon as it is there."""

    params: TuneParams
    max_steps: int
    spec: ObjectiveSpec
    suggestions: Suggestions
    pool: TrialPool
    rows: list[TrialRow] = field(default_factory=list)
    finished: list[TrialSummary] = field(default_factory=list)

    def run(self, end: int, deadline: Deadline) -> None:
        """Run trials until `end` of them are told, or they bring nothing better any more."""
        for number in range(end):
            self._tell(number - self.params.lag + 1, deadline)
            if self.is_flat():
                return
            if number in self.pool.finished:
                self.suggestions.adopt(self.pool.finished[number])
            else:
                asked, finished = self.suggestions.ask(), tuple(self.finished)
                self.pool.start(TrialRequest(number, asked, finished, deadline.seconds_left))
        self._tell(end, deadline)

    def is_flat(self) -> bool:
        """Return whether as many trials as the budget allows have brought nothing better."""
        if self.params.budget.plateau is None:
            return False
        best = best_of(self.rows, self.spec.direction)
        return best is not None and len(self.rows) - 1 - best.number >= self.params.budget.plateau

    def tell_finished(self) -> None:
        """Tell the trials whose turn comes next and that have finished already."""
        while len(self.rows) in self.pool.finished and not self.is_flat():
            self._tell(len(self.rows) + 1)

    def _tell(self, wanted: int, deadline: Deadline = NEVER) -> None:
        """Tell trials until `wanted` are told."""
        while len(self.rows) < wanted and not self.is_flat():
            row = self.pool.wait_for(len(self.rows), deadline)
            self.rows.append(row)
            direction, sequential = self.spec.direction, self.spec.sequential_folds
            self.finished.append(summary(row, self.max_steps, direction, sequential))
            self.suggestions.tell(self.finished[-1])


def _last_trial(
    params: TuneParams, enqueued: Sequence[Mapping[str, Choice]]
) -> tuple[int, StoppedBy]:
    """Return how many trials there are at most, and what it is that ends the study there."""
    if params.replay and params.replay <= params.n_trials:
        return params.replay, "time"
    size = search_size(params.sampler, params.space, enqueued, params.n_trials)
    if size < params.n_trials:
        return int(size), "space"
    return params.n_trials, "trials"


def _seconds(params: TuneParams) -> float | None:
    if params.replay or params.budget.minutes is None:
        return None
    return 60 * params.budget.minutes


def _require_success(rows: Sequence[TrialRow]) -> None:
    if not rows:
        raise StudyError("tune: time was up before a trial ended; raise tune.budget.minutes")
    if not any(row.state == "COMPLETE" for row in rows):
        reasons = sorted({row.reason for row in rows})
        raise StudyError(
            f"tune: none of {len(rows)} trials completed: {listing(reasons)}; "
            "mend tune.space or training, then run again"
        )
