"""How busy two worker processes are with real trials of the sample."""

import tempfile
from functools import partial
from pathlib import Path

from benchmarks.lag import SMALL
from benchmarks.records import Record, write
from benchmarks.sample import prepare_sample, read, recipe_of
from tribar.config.schema import Params
from tribar.execution.processes import ProcessExecutor
from tribar.study.journal import open_journal
from tribar.study.loop import run_study
from tribar.study.pool import TrialPool
from tribar.trial.objective_spec import ObjectiveSpec
from tribar.trial.worker import run_trial

WORKERS, TRIALS, TARGET = 2, 24, 0.9


def utilisation(params: Params, data: Path, folder: Path) -> float:
    """Return the share of the workers' time that trials took, from the first to the last."""
    run = partial(run_trial, recipe_of(params, data, folder, 42))
    with open_journal(folder, print) as journal, ProcessExecutor(WORKERS) as executor:
        first = params.baseline_hyper().by_name()
        epochs = params.training.max_epochs
        pool = TrialPool(run, executor, journal)
        run_study(params.tune, first, epochs, ObjectiveSpec(), pool)
        spans = journal.spans.values()
    whole = max(end for _, end in spans) - min(began for began, _ in spans)
    return float(sum(end - began for began, end in spans) / (WORKERS * whole))


def measure() -> list[Record]:
    """Return the utilisation at lags of two and four times the workers."""
    found = []
    with tempfile.TemporaryDirectory() as data:
        prepare_sample(Path(data))
        for lag in (2 * WORKERS, 4 * WORKERS):
            params = read(*SMALL, f"tune.lag={lag}", f"tune.n_trials={TRIALS}")
            with tempfile.TemporaryDirectory() as folder:
                share = utilisation(params, Path(data), Path(folder))
            work = f"{TRIALS} real trials of the sample on {WORKERS} worker processes, lag {lag}"
            met = share >= TARGET
            found.append(Record(work, share, None, None, "busy", None, TARGET, met))
    return found


if __name__ == "__main__":
    write("utilisation", measure())
