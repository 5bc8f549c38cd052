"""Random models of every kind, and the windows that they are asked about."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from tests.model.synthetic import synthetic_split
from tribar.config.schema import Params
from tribar.dataset.prepared import PreparedSplit
from tribar.dataset.scaling import Scaler
from tribar.ensemble.calibration import UNCALIBRATED, Calibration
from tribar.ensemble.ensemble import Ensemble
from tribar.model.config import Hyperparameters
from tribar.model.network.classifier import RecurrentClassifier

NEAR = 1e-5
"""How far a probability may be from torch's."""
PRIOR = (0.5, 0.2, 0.3)


def unscaled(split: PreparedSplit) -> PreparedSplit:
    """Return a split whose features differ in their scale, as real ones do."""
    rows = split.rows * np.array([0.01, 1.0, 50.0]) + np.array([0.1, -2.0, 1e3])
    return replace(split, rows=rows.astype(np.float32))


SPLIT = unscaled(synthetic_split(symbols=1, rows=60))


def small_network(shrunk: Callable[..., Params]) -> Hyperparameters:
    params = shrunk("model.hidden_dim=4", "model.heads=2")
    return params.training.complete(params.model)


def random_model(
    hyper: Hyperparameters,
    split: PreparedSplit = SPLIT,
    calibration: Calibration = UNCALIBRATED,
    networks: int = 1,
) -> Ensemble:
    """Return a model with weights so large that no gate stays near its middle."""
    torch.manual_seed(0)
    columns = split.schema.columns(hyper.features)
    each = [RecurrentClassifier(columns, split.schema.window, hyper) for _ in range(networks)]
    for weight in (weight for one in each for weight in one.parameters()):
        nn.init.normal_(weight, std=0.5)
    mean, std = split.rows.mean(axis=0, dtype=np.float64), split.rows.std(axis=0, dtype=np.float64)
    scaler = Scaler(mean, np.where(std > 0, std, 1))
    return Ensemble(tuple(one.eval() for one in each), scaler, hyper, split.schema, calibration)


def windows_of(split: PreparedSplit) -> NDArray[np.float32]:
    """Return the windows of a split's samples, (samples, window, features)."""
    steps = np.arange(1 - split.schema.window, 1)
    windows: NDArray[np.float32] = split.rows[split.samples["last"].to_numpy()[:, None] + steps]
    return windows
