"""What the lag costs: the best value of a study whose sampler and pruner know fewer trials."""

import statistics
import tempfile
from collections.abc import Iterator
from concurrent.futures import Executor
from functools import partial
from pathlib import Path

from benchmarks.objectives import Function, Simulated, bowl, hartmann
from benchmarks.records import Record, alone, beside, write
from benchmarks.sample import prepare_sample, read, recipe_of
from tribar.config.schema import Params
from tribar.execution.executors import InlineExecutor, open_executor
from tribar.study.journal import open_journal
from tribar.study.loop import run_study
from tribar.study.pool import RunTrial, TrialPool
from tribar.study.ranking import best_of
from tribar.trial.objective_spec import ObjectiveSpec
from tribar.trial.worker import run_trial
from tribar.trials import Direction

LAGS = (1, 2, 4, 8, 16)
TRIALS, SEEDS = 40, 30
SAMPLE_TRIALS, SAMPLE_SEEDS = 20, 3
UNIT = "{type: float, low: 0.0, high: 1.0}"
SIX = ("learning_rate", "dropout", "weight_decay", "clip_norm", "hidden_dim", "batch_size")
SPACES: dict[str, tuple[Function, str]] = {
    "a bowl over the sample's space": (bowl, ""),
    "Hartmann's function of six dimensions": (
        hartmann,
        "tune.space={" + ", ".join(f"{name}: {UNIT}" for name in SIX) + "}",
    ),
}
SMALL = (
    "training.max_epochs=3",
    "baseline.hidden_dim=16",
    "baseline.num_layers=1",
    "baseline.batch_size=128",
    "tune.space.hidden_dim={type: int, low: 8, high: 24, step: 8}",
    "tune.space.num_layers={type: int, low: 1, high: 2}",
    "tune.space.batch_size={type: categorical, choices: [128, 256]}",
)
"""Networks that train in a second or two: fifteen studies of the sample in some minutes."""


def best_value(params: Params, run: RunTrial, executor: Executor, folder: Path) -> float:
    """Return the best value of one study."""
    with open_journal(folder, print) as journal:
        pool = TrialPool(run, executor, journal)
        rows = run_study(
            params.tune,
            params.baseline_hyper().by_name(),
            params.training.max_epochs,
            ObjectiveSpec(),
            pool,
        ).rows
    best = best_of(rows, Direction.MINIMIZE)
    assert best is not None
    assert best.value is not None
    return best.value


def simulated(function: Function, space: str, lag: int) -> Iterator[float]:
    """Yield the best value under each seed of a function that costs nothing."""
    for seed in range(SEEDS):
        params = read(space, f"tune.lag={lag}", f"tune.seed={seed}", f"tune.n_trials={TRIALS}")
        run = Simulated(function, params.tune.pruner, params.training.max_epochs)
        with tempfile.TemporaryDirectory() as folder:
            yield best_value(params, run, InlineExecutor(), Path(folder))


def sample(data: Path, lag: int) -> Iterator[float]:
    """Yield the best validation log-loss under each seed of small studies of the sample."""
    for seed in range(SAMPLE_SEEDS):
        params = read(
            *SMALL, f"tune.lag={lag}", f"tune.seed={seed}", f"tune.n_trials={SAMPLE_TRIALS}"
        )
        with (
            tempfile.TemporaryDirectory() as name,
            open_executor(lag, [data], Path(name)) as executor,
        ):
            run = partial(run_trial, recipe_of(params, data, Path(name), seed))
            yield best_value(params, run, executor, Path(name))


def records(what: str, unit: str, found: dict[int, list[float]]) -> list[Record]:
    """Return one record a lag, held against a lag of 1."""
    mean = {lag: statistics.mean(values) for lag, values in found.items()}
    work = f"{what}: best value, mean of {len(found[1])} seeds, lag"
    plain = mean.pop(1)
    return [
        alone(f"{work} 1", plain, unit),
        *(beside(f"{work} {lag}", one, plain, "lag 1", unit) for lag, one in mean.items()),
    ]


def measure() -> list[Record]:
    """Return what each lag finds on the synthetic objectives and on the sample."""
    found = []
    for name, (function, space) in SPACES.items():
        regrets = {lag: list(simulated(function, space, lag)) for lag in LAGS}
        found += records(f"{name}, {TRIALS} trials", "regret", regrets)
    with tempfile.TemporaryDirectory() as name:
        prepare_sample(Path(name))
        losses = {lag: list(sample(Path(name), lag)) for lag in LAGS}
    return found + records(f"the sample, {SAMPLE_TRIALS} small trials", "nats", losses)


if __name__ == "__main__":
    write("lag", measure())
