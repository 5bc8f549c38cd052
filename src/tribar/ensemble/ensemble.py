"""Several networks of one configuration, trained and used as one model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from tribar.dataset.scaling import Scaler
from tribar.dataset.schema import Schema
from tribar.ensemble.calibration import UNCALIBRATED, Calibration
from tribar.metrics.predictions import Probability
from tribar.model.config import Hyperparameters
from tribar.model.folds import Fold
from tribar.model.network.classifier import RecurrentClassifier
from tribar.model.training.epoch import attention, predict
from tribar.model.training.trainer import TrainedNetwork
from tribar.model.windows import Inputs, to_device


@dataclass(frozen=True)
class Ensemble:
    """Networks of one configuration whose probabilities are averaged.

    From bars to the probabilities of the test split, on the embedded sample:

    >>> from pathlib import Path
    >>> from tribar.config.reading import read_params
    >>> from tribar.market.pipeline import prepare_source
    >>> from tribar.market.sources.bars import read_bars
    >>> from tribar.model.folds import make_fold
    >>> from tribar.model.training.trainer import train
    >>> overrides = ["training.max_epochs=1", "baseline.hidden_dim=4"]
    >>> params = read_params(Path("params.yaml"), overrides)
    >>> bars = read_bars(Path(params.prepare.source), params.prepare.max_gap_days)
    >>> prepared = prepare_source(bars, params.prepare)
    >>> split, hyper = prepared.development, params.baseline_hyper()
    >>> fold = make_fold(split, split.part("train"), split.part("validation"), device="cpu")
    >>> trained = [train(fold, hyper, params.training, seed) for seed in (1, 2)]
    >>> model = ensemble(trained, fold, hyper)
    >>> model.predict(prepared.test.rows, prepared.test.last).shape
    (1458, 3)

    Attributes:
        networks: one a seed.
        scaler: of the rows that they were trained on.
        hyper: their configuration.
        schema: of the rows that they were trained on.
        calibration: of the averaged probabilities.
    """

    networks: tuple[RecurrentClassifier, ...]
    scaler: Scaler
    hyper: Hyperparameters
    schema: Schema
    calibration: Calibration = UNCALIBRATED

    def predict(
        self, rows: NDArray[np.float32], last: NDArray[np.int64], device: str = "cpu"
    ) -> Probability:
        """Return calibrated probabilities, (windows, classes).

        Args:
            rows: (rows, features), not scaled.
            last: (windows,), the last row of each window.
            device: "cpu" or "cuda".
        """
        return self.calibration.apply(
            mean_prediction(self.networks, self._windows(rows, last, device))
        )

    def attention(
        self, rows: NDArray[np.float32], last: NDArray[np.int64], device: str = "cpu"
    ) -> NDArray[np.float32]:
        """Return the weight of each bar in the pooling, (windows, window), mean of the networks."""
        windows = self._windows(rows, last, device)
        total = np.zeros((len(windows), windows.window), dtype=np.float32)
        for network in self.networks:
            total += attention(network, windows)
        return total / np.float32(len(self.networks))

    def _windows(self, rows: NDArray[np.float32], last: NDArray[np.int64], device: str) -> Inputs:
        scaled = to_device(self.scaler.apply(rows), device)
        return Inputs(scaled, torch.from_numpy(last).to(device), self.schema.window)


def mean_prediction(networks: Sequence[RecurrentClassifier], windows: Inputs) -> Probability:
    """Return the mean of the networks' probabilities, (samples, classes)."""
    each = np.stack([predict(network, windows) for network in networks])
    mean: Probability = each.mean(axis=0)
    return mean


def ensemble(
    trained: Sequence[TrainedNetwork],
    fold: Fold,
    hyper: Hyperparameters,
    calibration: Calibration = UNCALIBRATED,
) -> Ensemble:
    """Return the networks as one model that carries its scaler."""
    networks = tuple(one.network for one in trained)
    return Ensemble(networks, fold.scaler, hyper, fold.train.schema, calibration)
