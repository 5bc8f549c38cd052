"""The study: a rolling loop of ask and tell whose result no interruption and no worker changes."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future

from tribar.errors import StudyError, listing
from tribar.params import TuneParams
from tribar.params.space import Choice
from tribar.tuning.journal import Journal
from tribar.tuning.suggestions import Suggestions
from tribar.tuning.trial import Job, TrialRow, best_of

Watch = Callable[[TrialRow], None]


def run_study(
    params: TuneParams,
    first: Mapping[str, Choice],
    max_epochs: int,
    objective: Callable[[Job], TrialRow],
    executor: Executor,
    journal: Journal,
    watch: Watch = lambda row: None,
) -> tuple[TrialRow, ...]:
    """Return the first `params.n_trials` trials, running those that the journal lacks.

    Trial n is asked after trials 0 ... n - lag have been told, in the order of their numbers,
    and is pruned against exactly those: who finishes first decides nothing.

    Args:
        params: trials, lag, sampler and space.
        first: parameters of trial 0, as far as they lie in the space.
        max_epochs: the most that a trial may run.
        objective: runs one trial; has to be deterministic in its job.
        executor: where trials run.
        journal: finished trials come from here and go here.
        watch: called with every row in the order of numbers.

    Raises:
        StudyError: no trial completed; names the reasons.
    """
    suggestions = Suggestions(params, first, max_epochs)
    pending: dict[int, Future[TrialRow]] = {}
    told: list[TrialRow] = []

    def tell_next() -> None:
        row = _collect(len(told), pending, journal)
        suggestions.tell(row)
        told.append(row)
        watch(row)

    for number in range(params.n_trials):
        while len(told) <= number - params.lag:
            tell_next()
        if number in journal.rows:
            suggestions.adopt(journal.rows[number])
        else:
            job = Job(number, suggestions.ask(), tuple(told))
            pending[number] = executor.submit(objective, job)
    while len(told) < params.n_trials:
        tell_next()
    _require_success(told)
    return tuple(told)


def _collect(number: int, pending: dict[int, Future[TrialRow]], journal: Journal) -> TrialRow:
    """Return a trial's row, from the journal or, once it is there too, from its future."""
    if number not in journal.rows:
        journal.append(pending.pop(number).result())
    return journal.rows[number]


def _require_success(rows: list[TrialRow]) -> None:
    if best_of(rows) is None:
        reasons = sorted({row.reason for row in rows})
        raise StudyError(
            f"tune: none of {len(rows)} trials completed: {listing(reasons)}; "
            "mend tune.space or training, then run again"
        )
