"""Trials under way: rows reach the journal as they finish, in whatever order."""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait

from tribar.study.journal import Journal
from tribar.trial.deadline import OutOfTimeError, seconds_left
from tribar.trials import Job, TrialRow

Run = Callable[[Job], TrialRow]
RETRIES = 1
"""How often a trial whose worker died is run again before it counts as failed."""


class Running:
    """The trials that were started and are not in the journal yet.

    Args:
        run: runs one trial; has to be deterministic in its job.
        executor: where.
        journal: takes every row as soon as its trial has finished.
        say: where to report a worker that died.
    """

    def __init__(
        self, run: Run, executor: Executor, journal: Journal, say: Callable[[str], None]
    ) -> None:
        self._run, self._executor, self._journal, self._say = run, executor, journal, say
        self._jobs: dict[Future[TrialRow], Job] = {}
        self._deaths: dict[int, int] = {}

    def start(self, job: Job) -> None:
        """Hand a trial to the executor."""
        self._jobs[self._executor.submit(self._run, job)] = job

    def row(self, number: int) -> TrialRow:
        """Return a trial's row, waiting for it; others that finish meanwhile are kept too.

        Raises:
            OutOfTimeError: the study's time is up before that.
        """
        while number not in self._journal.rows:
            done, _ = wait(self._jobs, seconds_left(), FIRST_COMPLETED)
            if not done:
                raise OutOfTimeError
            for future in sorted(done, key=self._order):
                self._finish(future)
        return self._journal.rows[number]

    def abandon(self) -> None:
        """Drop what has not begun; what runs ends by itself and is not waited for."""
        for future in self._jobs:
            future.cancel()

    def _order(self, future: Future[TrialRow]) -> tuple[bool, int]:
        """Rows come first: an error ends the study, and would lose those behind it."""
        return future.exception() is not None, self._jobs[future].number

    def _finish(self, future: Future[TrialRow]) -> None:
        job = self._jobs.pop(future)
        try:
            row = future.result()
        except BrokenExecutor as error:
            deaths = self._deaths[job.number] = self._deaths.get(job.number, 0) + 1
            if deaths <= RETRIES:
                self._say(f"trial {job.number}: {error}; it goes on in another")
                self.start(job)
                return
            reason = f"{error}, {deaths} times"
            row = TrialRow(job.number, "FAIL", None, job.params, reason=reason)
        self._journal.append(row)
