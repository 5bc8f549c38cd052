"""Shrinking to the class prior on simulated markets: what it saves, and what it costs.

A market is one symbol's 22,000 daily closes. The first 2,000 decisions or so are development: of
eight configurations drawn from the search space the best on validation wins, is trained again and
calibrated as train-best does it. The rest, of the same process, judges it.
"""

import argparse
import random
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.records import Record, alone, write
from benchmarks.sample import read
from tribar.config.schema import Params
from tribar.dataset.prepared import PreparedSplit, write_split
from tribar.ensemble.calibration import UNCALIBRATED
from tribar.ensemble.ensemble import Ensemble
from tribar.ensemble.fold_training import epochs_of, run_fold, runs_by_fold
from tribar.ensemble.trained_model import assemble
from tribar.ensemble.training import Configuration, ensemble_seeds, run_training
from tribar.execution.executors import MODULES, run_all
from tribar.execution.processes import ProcessExecutor
from tribar.market.pipeline import Prepared, prepare_source
from tribar.market.sources.bars import read_bars
from tribar.metrics.predictions import Probability, prior
from tribar.metrics.scores import losses
from tribar.model.config import Hyperparameters
from tribar.runtime import derive_seed, open_device

BARS, CANDIDATES, MARKETS = 22_000, 8, 40
VOLATILITY, MOMENTUM = 0.01, 0.3
"""Of a bar's return: its deviation, and the drift in deviations that follows the last five bars."""
TOLERANCE = 0.001
SMALL = (
    "prepare.window=20",
    "prepare.features=[return_1, return_5, return_20, volatility_10, rsi_14]",
    "prepare.feature_groups={returns: [return_1, return_5, return_20]}",
    "prepare.labels.barriers=fixed",  # of a volatility that never changes: no estimate tells more
    "prepare.labels.upper=0.022",
    "prepare.labels.lower=0.022",
    "prepare.splits.train=0.075",
    "prepare.splits.validation=0.016",
    "training.max_epochs=6",
    "training.seeds=2",
    "tune.space.hidden_dim={type: int, low: 8, high: 24, step: 8}",
    "tune.space.num_layers={type: int, low: 1, high: 2}",
)


@dataclass(frozen=True)
class Outcome:
    """Log-losses of one market's fresh test, and the weight that shrinking found."""

    prior: float
    plain: float
    shrunk: float
    weight: float


def simulate(seed: int, momentum: float) -> pd.DataFrame:
    """Return daily closes, whose drift follows the sign of the return of the last five bars."""
    shocks = np.random.default_rng(seed).normal(0, VOLATILITY, BARS)
    log_price = np.zeros(BARS)
    for bar in range(1, BARS):
        recent = log_price[bar - 1] - log_price[max(bar - 6, 0)]
        log_price[bar] = log_price[bar - 1] + momentum * VOLATILITY * np.sign(recent) + shocks[bar]
    time = pd.date_range("1960-01-01", periods=BARS, freq="D", tz="UTC")
    return pd.DataFrame({"timestamp": time, "close": 100 * np.exp(log_price)})


def market(momentum: float, seed: int) -> Outcome:
    """Simulate a market, prepare it, choose, train and judge a model on it."""
    open_device("cpu")
    params = read(*SMALL)
    with tempfile.TemporaryDirectory() as name:
        prepared = _prepare(params, Path(name), seed, momentum)
        hyper = _choose(params, Path(name), seed)
        model = _train(_configuration(params, hyper, Path(name), "best"), seed)
    return _judge(prepared, model)


def _prepare(params: Params, folder: Path, seed: int, momentum: float) -> Prepared:
    simulate(seed, momentum).to_parquet(folder / "bars.parquet", index=False)
    bars = read_bars(folder / "bars.parquet", params.prepare.max_gap_days)
    prepared = prepare_source(bars, params.prepare)
    (folder / "development").mkdir()
    write_split(prepared.development, folder / "development")
    return prepared


def _choose(params: Params, folder: Path, seed: int) -> Hyperparameters:
    """Return the best on validation of random configurations, trained as a study's trials are."""
    rng = random.Random(seed)
    found = []
    for number in range(CANDIDATES):
        point = {name: one.draw(rng) for name, one in params.tune.space.items()}
        hyper = params.training.complete(params.model, **point)
        configuration = _configuration(params, hyper, folder, str(number))
        trained = run_training(configuration, derive_seed(seed, "trial", number))
        found.append((trained.best_loss, number, hyper))
    return min(found)[2]


def _configuration(
    params: Params, hyper: Hyperparameters, folder: Path, name: str
) -> Configuration:
    return Configuration(folder / "development", hyper, params.training, "cpu", folder / name)


def _train(configuration: Configuration, seed: int) -> Ensemble:
    """Return the model that train-best would ship."""
    seeds = ensemble_seeds(seed, configuration.training.seeds)
    trained = [run_training(configuration, one) for one in seeds]
    runs = runs_by_fold(seed, configuration.fold(0).train.schema.folds, epochs_of(trained))
    return assemble(configuration, trained, [run_fold(configuration, run) for run in runs]).model


def _judge(prepared: Prepared, model: Ensemble) -> Outcome:
    test, plain = prepared.test, replace(model, calibration=UNCALIBRATED)
    probability = plain.predict(test.rows, test.last)
    base = prior(prepared.development.part("train")["label"].to_numpy(), len(test.samples))
    return Outcome(
        _loss(test, base),
        _loss(test, probability),
        _loss(test, model.calibration.apply(probability)),
        model.calibration.weight,
    )


def _loss(test: PreparedSplit, probability: Probability) -> float:
    return float(losses(test.samples["label"].to_numpy(), probability).mean())


def markets(momentum: float, seeds: Sequence[int], workers: int = 2) -> list[Outcome]:
    """Return the outcome of a market a seed, several at once."""
    with ProcessExecutor(workers, MODULES["train-best"]) as executor:
        return run_all(executor, partial(market, momentum), seeds)


def records(name: str, held: str, found: Sequence[Outcome]) -> list[Record]:
    """Return mean losses and the median weight; what is `held` against the tolerance comes first.

    Args:
        name: of the process.
        held: one of the differences of losses.
        found: the markets' outcomes.
    """
    where = f"{name}, {len(found)} markets"
    differences = {
        "without shrinking, minus the prior": [one.plain - one.prior for one in found],
        "shrunk, minus the prior": [one.shrunk - one.prior for one in found],
        "shrunk, minus without": [one.shrunk - one.plain for one in found],
    }
    means = {what: statistics.mean(values) for what, values in differences.items()}
    error = statistics.stdev(differences[held]) / len(found) ** 0.5
    work = f"{where}: log-loss {held} (standard error {error:.4f})"
    met = means[held] <= TOLERANCE
    weight = statistics.median(one.weight for one in found)
    return [
        Record(work, means[held], None, None, "nats", None, TOLERANCE, met),
        *(alone(f"{where}: log-loss {what}", mean, "nats") for what, mean in means.items()),
        alone(f"{where}: median weight", weight, ""),
    ]


def measure(count: int = MARKETS) -> list[Record]:
    """Return the figures of markets without and with a planted signal."""
    seeds = [derive_seed(0, "market", number) for number in range(count)]
    silent, telling = markets(0.0, seeds), markets(MOMENTUM, seeds)
    return [
        *records("no signal", "shrunk, minus the prior", silent),
        *records("momentum", "shrunk, minus without", telling),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--markets", type=int, default=MARKETS)
    write("shrinkage", measure(parser.parse_args().markets))
