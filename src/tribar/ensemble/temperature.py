"""Temperature scaling: one number that makes probabilities as sure as they may be."""

import numpy as np
from numpy.typing import NDArray

BOUNDS = (0.05, 20.0)
"""Temperatures between which the best is looked for."""


def fit_temperature(probability: NDArray[np.float64], target: NDArray[np.int64]) -> float:
    """Return the temperature of the least log-loss (Guo et al., 2017).

    Args:
        probability: (samples, classes).
        target: (samples,), position of the right class.
    """
    # Here, for a worker that starts has no use for it.
    from scipy.optimize import minimize_scalar

    def loss(log_temperature: float) -> float:
        scaled = at_temperature(probability, float(np.exp(log_temperature)))
        return float(-np.log(scaled[np.arange(len(target)), target]).mean())

    bounds = tuple(np.log(BOUNDS))
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x))


def at_temperature(probability: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Return probabilities raised to 1 / temperature and brought to a sum of 1.

    >>> at_temperature(np.array([[0.2, 0.8]]), 1.0)
    array([[0.2, 0.8]])
    >>> at_temperature(np.array([[0.2, 0.8]]), 2.0).round(3)
    array([[0.333, 0.667]])
    """
    if temperature == 1:
        return probability
    scaled = np.log(np.maximum(probability, np.finfo(np.float64).tiny)) / temperature
    scaled = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    sharp: NDArray[np.float64] = scaled / scaled.sum(axis=1, keepdims=True)
    return sharp
