"""The study: a rolling loop of ask and tell whose result no interruption and no worker changes."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from tribar.block import Choice
from tribar.errors import StudyError, listing
from tribar.search.conditions import restrict
from tribar.search.samplers import search_size
from tribar.search.suggestions import Suggestions
from tribar.search.warm_start import KnownTrial
from tribar.study.config import TuneParams
from tribar.study.journal import Journal
from tribar.study.pool import Run, Running
from tribar.study.ranking import ranked
from tribar.trial.deadline import OutOfTimeError, StoppedBy, seconds_left, time_limit
from tribar.trial.objective_spec import Aim
from tribar.trials import Job, Told, TrialRow, summary


@dataclass(frozen=True)
class Watch:
    """Who is told what happens in a study.

    Attributes:
        trial: takes every row in the order of numbers.
        say: takes a line on what went otherwise than planned.
        stopped: takes the reason why the study has no further trial.
    """

    trial: Callable[[TrialRow], None] = lambda row: None
    say: Callable[[str], None] = lambda line: None
    stopped: Callable[[StoppedBy], None] = lambda reason: None


def run_study(
    params: TuneParams,
    first: Mapping[str, Choice],
    max_steps: int,
    aim: Aim,
    run: Run,
    executor: Executor,
    journal: Journal,
    watch: Watch = Watch(),
    known: Sequence[KnownTrial] = (),
) -> tuple[TrialRow, ...]:
    """Return the first `params.n_trials` trials, running those that the journal lacks.

    Trial n is asked after trials 0 ... n - lag have been told, in the order of their numbers,
    and is pruned against exactly those: who finishes first decides nothing.

    Args:
        params: trials, lag, sampler and space.
        first: parameters of trial 0, as far as they lie in the space.
        max_steps: the most steps that a trial may report.
        aim: the metrics.
        run: runs one trial; has to be deterministic in its job.
        executor: where trials run.
        journal: finished trials come from here and go here.
        watch: who is told what happens.
        known: trials of earlier studies, for the sampler alone.

    Raises:
        StudyError: no trial completed; names the reasons.
    """
    baseline = restrict(params.space, first)
    enqueued = [*([baseline] if baseline else []), *params.enqueue]
    suggestions = Suggestions(
        params.sampler, params.space, params.seed, enqueued, aim.directions, known
    )
    loop = _Loop(params, max_steps, aim, suggestions, Running(run, executor, journal, watch.say))
    end, reason = _last_trial(params, enqueued)
    try:
        with time_limit(_seconds(params)):
            loop.run(end, journal, watch)
    except OutOfTimeError:
        reason = "time"
        loop.tell_finished(journal, watch)
    loop.running.abandon()
    watch.stopped("plateau" if loop.is_flat() else reason)
    _require_success(loop.rows)
    return tuple(loop.rows)


class _Loop:
    """Asks a trial as soon as the lag allows, and tells the next one as soon as it is there."""

    def __init__(
        self,
        params: TuneParams,
        max_steps: int,
        aim: Aim,
        suggestions: Suggestions,
        running: Running,
    ) -> None:
        self._params, self._max_steps, self._aim = params, max_steps, aim
        self._suggestions = suggestions
        self.running = running
        self.rows: list[TrialRow] = []
        self._told: list[Told] = []

    def run(self, end: int, journal: Journal, watch: Watch) -> None:
        """Run trials until `end` of them are told, or they bring nothing better any more."""
        for number in range(end):
            self._tell(number - self._params.lag + 1, watch)
            if self.is_flat():
                return
            if number in journal.rows:
                self._suggestions.adopt(journal.rows[number])
            else:
                asked = self._suggestions.ask()
                self.running.start(Job(number, asked, tuple(self._told), seconds_left()))
        self._tell(end, watch)

    def is_flat(self) -> bool:
        """Return whether as many trials as the budget allows have brought nothing better."""
        if self._params.budget.plateau is None:
            return False
        best = next(iter(ranked(self.rows, self._aim.directions[:1])), None)
        return best is not None and len(self.rows) - 1 - best.number >= self._params.budget.plateau

    def tell_finished(self, journal: Journal, watch: Watch) -> None:
        """Tell the trials whose turn comes next and that have finished already."""
        while len(self.rows) in journal.rows and not self.is_flat():
            self._tell(len(self.rows) + 1, watch)

    def _tell(self, wanted: int, watch: Watch) -> None:
        """Tell trials until `wanted` are told."""
        while len(self.rows) < wanted and not self.is_flat():
            row = self.running.row(len(self.rows))
            self.rows.append(row)
            direction, in_turn = self._aim.direction, self._aim.in_turn
            self._told.append(summary(row, self._max_steps, direction, in_turn))
            self._suggestions.tell(self._told[-1])
            watch.trial(row)


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
