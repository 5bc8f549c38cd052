"""What the study's engine costs a trial, beside plain Optuna on the same objective."""

import itertools
import math
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import optuna
from optuna.pruners import MedianPruner
from optuna.samplers import RandomSampler, TPESampler
from optuna.trial import TrialState, create_trial

from benchmarks.objectives import Simulated, bowl
from benchmarks.records import Record, beside, write
from benchmarks.sample import read
from tribar.config.schema import Params
from tribar.execution.executors import InlineExecutor
from tribar.search.distributions import distributions
from tribar.search.suggestions import Suggestions
from tribar.study.journal import open_journal
from tribar.study.loop import run_study
from tribar.study.pool import TrialPool
from tribar.trial.objective_spec import ObjectiveSpec
from tribar.trial.result import TrialResult
from tribar.trials import Direction, TrialRequest, TrialRow, TrialSummary, summary

EPOCHS, MEASURED = 10, 30
OVERHEAD = {100: 12.0, 1000: 20.0}
"""Milliseconds a trial that are allowed after so many trials."""
LONG_STUDY, LONG_STUDY_RATIO = 5000, 1.2
"""After so many trials, a trial may cost at most this many times one of Optuna's in memory."""
RESUME_TRIALS, RESUME_SECONDS = 1000, 3.0
LINE_EPOCHS, LINE_BYTES = 20, 4096
UTILISATION = 0.9


def params() -> Params:
    """Return the committed parameters with a lag of 1 and trials of ten epochs."""
    return read("tune.lag=1", f"training.max_epochs={EPOCHS}")


def finished(trials: int, space: Params) -> Iterator[TrialRow]:
    """Yield random trials, two in five pruned half way."""
    study = optuna.create_study(sampler=RandomSampler(seed=1))
    searched = distributions(space.tune.space)
    for number in range(trials):
        chosen = study.ask(fixed_distributions=searched).params
        value = bowl(chosen)
        pruned = number % 5 > 2
        steps = EPOCHS // 2 if pruned else EPOCHS
        curve = tuple(value + 0.1 / (1 + epoch) for epoch in range(steps))
        yield TrialRow(number, "PRUNED" if pruned else "COMPLETE", (curve[-1],), chosen, curve)


def ours(rows: list[TrialRow], settings: Params, folder: Path) -> Iterator[float]:
    """Yield the milliseconds of each of some further trials: ask, run, journal, tell."""
    tune = settings.tune
    suggestions = Suggestions(tune.sampler, tune.space, tune.seed, [], (Direction.MINIMIZE,))
    told: list[TrialSummary] = []
    for row in rows:
        suggestions.adopt(row)
        told.append(summary(row, EPOCHS, Direction.MINIMIZE))
        suggestions.tell(told[-1])
    run = Simulated(bowl, settings.tune.pruner, EPOCHS)
    run.past_trials.of(told)
    with open_journal(folder, print) as journal:
        for number in range(len(rows), len(rows) + MEASURED):
            began = time.perf_counter()
            row = run(TrialRequest(number, suggestions.ask(), tuple(told))).row
            journal.append(row)
            told.append(summary(row, EPOCHS, Direction.MINIMIZE))
            suggestions.tell(told[-1])
            yield 1e3 * (time.perf_counter() - began)


def plain(rows: list[TrialRow], settings: Params, storage: str | None) -> Iterator[float]:
    """Yield the same of Optuna's ask, report, should_prune and tell, in memory or on SQLite."""
    options = settings.tune.pruner.median.model_dump()
    study = optuna.create_study(
        storage=storage,
        sampler=TPESampler(seed=42, **settings.tune.sampler.tpe.model_dump()),
        pruner=MedianPruner(**options),
    )
    searched = distributions(settings.tune.space)
    study.add_trials(
        [
            create_trial(
                state=TrialState[row.state],
                value=row.value,
                params=dict(row.params),
                distributions=searched,
                intermediate_values=dict(enumerate(row.curve)),
            )
            for row in rows
        ]
    )
    for _ in range(MEASURED):
        began = time.perf_counter()
        trial = study.ask(fixed_distributions=searched)
        value = bowl(trial.params)
        state = TrialState.COMPLETE
        for epoch in range(EPOCHS):
            trial.report(value + 0.1 / (1 + epoch), epoch)
            if trial.should_prune():
                state = TrialState.PRUNED
                break
        study.tell(trial, value if state == TrialState.COMPLETE else None, state=state)
        yield 1e3 * (time.perf_counter() - began)


def overhead() -> Iterator[Record]:
    """Yield the median cost of a trial after 100 and 1,000 trials, beside Optuna's."""
    settings = params()
    for trials, target in OVERHEAD.items():
        with tempfile.TemporaryDirectory() as name:
            rows, folder = list(finished(trials, settings)), Path(name)
            mine = statistics.median(ours(rows, settings, folder))
            storages = {"in memory": None, "SQLite": f"sqlite:///{folder}/optuna.db"}
            work = trial_after(trials)
            yield Record(work, mine, None, None, "ms", None, target, mine <= target)
            for kind, storage in storages.items():
                peer = statistics.median(plain(rows, settings, storage))
                yield beside(work, mine, peer, f"Optuna, {kind}", "ms")


def overhead_of_a_long_study() -> Record:
    """Return the same after so many trials that SQLite would take minutes to fill with them."""
    settings = params()
    rows = list(finished(LONG_STUDY, settings))
    with tempfile.TemporaryDirectory() as name:
        mine = statistics.median(ours(rows, settings, Path(name)))
    peer = statistics.median(plain(rows, settings, None))
    return beside(trial_after(LONG_STUDY), mine, peer, "Optuna, in memory", "ms", LONG_STUDY_RATIO)


def trial_after(trials: int) -> str:
    """Return what is measured after so many trials."""
    return f"one trial of {EPOCHS} reports and prune checks after {trials:,} trials"


def resume() -> Record:
    """Return how long a study of 1,000 trials takes to its first new trial."""
    settings = read("tune.lag=4", f"tune.n_trials={RESUME_TRIALS}")
    longer = read("tune.lag=4", f"tune.n_trials={RESUME_TRIALS + 1}")
    run = Simulated(bowl, settings.tune.pruner, settings.training.max_epochs)
    began = math.nan

    def first_new(request: TrialRequest) -> TrialResult:
        nonlocal began
        began = time.perf_counter() - began
        return run(request)

    with tempfile.TemporaryDirectory() as name:
        epochs, first = settings.training.max_epochs, settings.baseline_hyper().by_name()
        with open_journal(Path(name), print) as journal:
            pool = TrialPool(run, InlineExecutor(), journal)
            run_study(settings.tune, first, epochs, ObjectiveSpec(), pool)
        began = time.perf_counter()
        with open_journal(Path(name), print) as journal:
            pool = TrialPool(first_new, InlineExecutor(), journal)
            run_study(longer.tune, first, epochs, ObjectiveSpec(), pool)
    work = f"resuming a study of {RESUME_TRIALS:,} trials, to its first new trial"
    return Record(work, began, None, None, "s", None, RESUME_SECONDS, began <= RESUME_SECONDS)


def line() -> Record:
    """Return the bytes that a trial of twenty epochs takes in the journal."""
    settings = read("tune.lag=1", f"training.max_epochs={LINE_EPOCHS}", "tune.n_trials=8")
    run = Simulated(bowl, settings.tune.pruner, LINE_EPOCHS)
    with tempfile.TemporaryDirectory() as name:
        with open_journal(Path(name), print) as journal:
            first = settings.baseline_hyper().by_name()
            pool = TrialPool(run, InlineExecutor(), journal)
            run_study(settings.tune, first, LINE_EPOCHS, ObjectiveSpec(), pool)
        lines = (Path(name) / "journal.jsonl").read_bytes().splitlines(keepends=True)
    size = max(map(len, lines))
    work = f"journal of a trial of {LINE_EPOCHS} epochs"
    return Record(work, size, None, None, "bytes", None, LINE_BYTES, size < LINE_BYTES)


def busy(workers: int, lag: int, trials: int = 5000) -> float:
    """Return the share of the workers' time that simulated trials of a rolling study take.

    Durations are log-normal with a spread of 0.5, and two in five trials end after a random part
    of theirs. A trial starts when a worker is free and the trial `lag` before it is told; trials
    are told in the order of their numbers.
    """
    rng = np.random.default_rng(0)
    duration = rng.lognormal(0, 0.5, trials)
    duration *= np.where(rng.random(trials) < 0.4, rng.random(trials), 1.0)
    free = [0.0] * workers
    told = np.zeros(trials)
    for number in range(trials):
        worker = free.index(min(free))
        ready = told[number - lag] if number >= lag else 0.0
        free[worker] = max(free[worker], ready) + duration[number]
        told[number] = max(free[worker], told[number - 1] if number else 0.0)
    return float(duration.sum() / (workers * max(free)))


def utilisation() -> Iterator[Record]:
    """Yield the simulated utilisation of 2, 4 and 8 workers at lags of 2 and 4 times as many."""
    for workers, times in itertools.product((2, 4, 8), (2, 4)):
        share = busy(workers, times * workers)
        work = f"simulated trials on {workers} workers, lag {times * workers}"
        yield Record(work, share, None, None, "busy", None, UTILISATION, share >= UTILISATION)


def measure() -> list[Record]:
    """Return all figures of the study's engine."""
    return [*overhead(), overhead_of_a_long_study(), resume(), line(), *utilisation()]


if __name__ == "__main__":
    write("study", measure())
