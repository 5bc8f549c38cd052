"""Decisions over drawn rows, whose labels follow a known distribution."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tribar.evaluation.references import Decisions
from tribar.metrics.predictions import Labels, Probability
from tribar.metrics.scores import losses

Rows = NDArray[np.float32]
LogOdds = Callable[[Rows], NDArray[np.float64]]
"""Each row's log-odds of the three classes, (rows, 3)."""


def drawn(
    log_odds: LogOdds, n: int, features: int = 3, window: int = 4, seed: int = 0
) -> tuple[Decisions, Probability]:
    """Return n decisions over normal rows, and the probabilities that their labels come from."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n + window - 1, features)).astype(np.float32)
    odds = np.exp(log_odds(rows))
    last = np.arange(window - 1, len(rows))
    truth: Probability = (odds / odds.sum(axis=1, keepdims=True))[last]
    labels: Labels = (rng.random((n, 1)) > truth.cumsum(axis=1)).sum(axis=1) - 1
    return Decisions(rows, last, labels, window), truth


def nothing(rows: Rows) -> NDArray[np.float64]:
    """Unequal classes that no feature tells apart."""
    return np.tile(np.log([0.35, 0.25, 0.4]), (len(rows), 1))


def linear(rows: Rows) -> NDArray[np.float64]:
    """A linear signal in the newest bar."""
    weights = np.zeros((rows.shape[1], 3))
    weights[:2] = [[0.8, 0.0, -0.8], [0.0, -0.5, 0.5]]
    return rows @ weights


def lagged(rows: Rows) -> NDArray[np.float64]:
    """A linear signal in the bar two before the newest."""
    return np.roll(linear(rows), 2, axis=0)


def interaction(rows: Rows) -> NDArray[np.float64]:
    """A signal in the product of two features, in neither of them alone."""
    product = rows[:, 0] * rows[:, 1]
    return np.stack([-product, 0 * product, product], axis=1)


def mean_loss(decisions: Decisions, probability: Probability) -> float:
    return float(losses(decisions.labels, probability).mean())
