"""Trials under way: they reach the journal as they finish, in whatever order."""

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import replace

from tribar.study.journal import Journal
from tribar.study.performance import write_performance
from tribar.trial.deadline import NEVER, Deadline, OutOfTimeError
from tribar.trial.result import Span, TrialResult
from tribar.trials import TrialRequest, TrialRow

RunTrial = Callable[[TrialRequest], TrialResult]
RETRIES = 1
"""How often a trial whose worker died is run again before it counts as failed."""


def ignore(_: object) -> None:
    """Do nothing with it."""


class TrialPool:
    """Runs the trials that a journal lacks.

    Args:
        run: runs one trial; has to be deterministic in its request.
        executor: where.
        journal: finished trials come from here, and go here as soon as they have finished, their
            performance first: a trial that is there has it.
        on_trial: takes each row that is waited for.
        say: takes a line on what went otherwise than planned.
    """

    def __init__(
        self,
        run: RunTrial,
        executor: Executor,
        journal: Journal,
        on_trial: Callable[[TrialRow], object] = ignore,
        say: Callable[[str], None] = ignore,
    ) -> None:
        self._run, self._executor, self._journal = run, executor, journal
        self._on_trial, self._say = on_trial, say
        self._requests: dict[Future[TrialResult], TrialRequest] = {}
        self._deaths: dict[int, int] = {}

    @property
    def finished(self) -> Mapping[int, TrialRow]:
        """Return the rows that are there, by number."""
        return self._journal.rows

    def start(self, request: TrialRequest) -> None:
        """Hand a trial to the executor."""
        self._requests[self._executor.submit(_run_timed, self._run, request)] = request

    def wait_for(self, number: int, deadline: Deadline = NEVER) -> TrialRow:
        """Return a trial's row, waiting for it; others that finish meanwhile are kept too.

        Raises:
            OutOfTimeError: the deadline comes before that.
        """
        while number not in self.finished:
            done, _ = wait(self._requests, deadline.seconds_left, FIRST_COMPLETED)
            if not done:
                raise OutOfTimeError
            for future in sorted(done, key=self._order):
                self._finish(future)
        self._on_trial(self.finished[number])
        return self.finished[number]

    def run_all(self, requests: Iterable[TrialRequest]) -> list[TrialRow]:
        """Return the rows of trials that do not wait for one another, in their order."""
        requests = list(requests)
        for request in requests:
            if request.number not in self.finished:
                self.start(request)
        return [self.wait_for(request.number) for request in requests]

    def abandon(self) -> None:
        """Drop what has not begun; what runs ends by itself and is not waited for."""
        for future in self._requests:
            future.cancel()

    def _order(self, future: Future[TrialResult]) -> tuple[bool, int]:
        """Rows come first: an error ends the study, and would lose those behind it."""
        return future.exception() is not None, self._requests[future].number

    def _finish(self, future: Future[TrialResult]) -> None:
        request = self._requests.pop(future)
        number = request.number
        try:
            result = future.result()
        except BrokenExecutor as error:
            deaths = self._deaths[number] = self._deaths.get(number, 0) + 1
            if deaths <= RETRIES:
                self._say(f"trial {number}: {error}; it goes on in another")
                self.start(request)
                return
            reason = f"{error}, {deaths} times"
            result = TrialResult(TrialRow(number, "FAIL", (), request.params, reason=reason))
        if result.performance:
            write_performance(self._journal.folder, number, result.performance)
        self._journal.append(result.row, result.span)


def _run_timed(run: RunTrial, request: TrialRequest) -> TrialResult:
    """Run a trial, wherever it runs, and note when."""
    began, clock = time.time(), time.monotonic()
    result = run(request)
    return replace(result, span=Span(began, began + time.monotonic() - clock))
