"""From a prepared split to trained networks: scaling, several seeds, folds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.market.prepared import PreparedSplit
from tribar.market.scaling import Scaler
from tribar.market.splits import purged_kfold
from tribar.model.epochs import predict
from tribar.model.recurrent import RecurrentClassifier
from tribar.model.training import Trained, train
from tribar.model.windows import Windows, resident
from tribar.params import Hyperparameters, TrainingParams
from tribar.runtime import derive_seed


@dataclass(frozen=True)
class Fold:
    """Windows to fit and to check on, scaled by the rows of the former."""

    fit: Windows
    check: Windows
    scaler: Scaler


@dataclass(frozen=True)
class Ensemble:
    """Networks of one configuration whose probabilities are averaged.

    Attributes:
        networks: one a seed.
        scaler: of the rows that they were trained on.
        hyper: their configuration.
        features: names of the rows' columns.
        window: rows in a window.
    """

    networks: tuple[RecurrentClassifier, ...]
    scaler: Scaler
    hyper: Hyperparameters
    features: tuple[str, ...]
    window: int

    def predict(
        self, rows: NDArray[np.float32], samples: pd.DataFrame, device: str = "cpu"
    ) -> NDArray[np.float64]:
        """Return the mean probabilities, (samples, classes), for windows of unscaled `rows`."""
        windows = Windows.of(resident(self.scaler.apply(rows), device), samples, self.window)
        each = np.stack([predict(network, windows) for network in self.networks])
        mean: NDArray[np.float64] = each.mean(axis=0)
        return mean


def make_fold(split: PreparedSplit, fit: pd.DataFrame, check: pd.DataFrame, device: str) -> Fold:
    """Return the windows of two sets of samples, scaled by the rows of `fit` alone."""
    window = split.schema.window
    scaler = Scaler.fit(split.rows, fit["last"].to_numpy(), window)
    rows = resident(scaler.apply(split.rows), device)
    return Fold(Windows.of(rows, fit, window), Windows.of(rows, check, window), scaler)


def fit_seeds(
    fold: Fold, hyper: Hyperparameters, training: TrainingParams, seed: int
) -> tuple[Trained, ...]:
    """Return `training.seeds` networks of one configuration."""
    return tuple(
        train(fold.fit, fold.check, hyper, training, derive_seed(seed, "train", n))
        for n in range(training.seeds)
    )


def ensemble(
    trained: Sequence[Trained], fold: Fold, hyper: Hyperparameters, split: PreparedSplit
) -> Ensemble:
    """Return the networks as one model that carries its scaler."""
    networks = tuple(one.network for one in trained)
    return Ensemble(networks, fold.scaler, hyper, split.schema.features, split.schema.window)


def folds_of(split: PreparedSplit, device: str) -> Iterator[Fold]:
    """Yield the purged folds over the development samples, each scaled by its training rows."""
    for part in purged_kfold(split.samples, split.schema.folds, split.schema.embargo):
        fit, check = split.samples.iloc[part.train], split.samples.iloc[part.evaluated]
        yield make_fold(split, fit, check, device)


def purged_kfold_losses(
    split: PreparedSplit,
    hyper: Hyperparameters,
    training: TrainingParams,
    seed: int,
    device: str,
) -> tuple[float, ...]:
    """Return the best validation log-loss of each purged fold over the development samples."""
    return tuple(
        train(fold.fit, fold.check, hyper, training, derive_seed(seed, "fold", number)).best_loss
        for number, fold in enumerate(folds_of(split, device))
    )
