"""Calibration: what is done to averaged probabilities so that they may be believed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tribar.dataset.schema import CLASSES
from tribar.metrics.predictions import EPSILON, Probability

TEMPERATURES = (0.05, 20.0)
"""Temperatures between which the best is looked for."""


@dataclass(frozen=True)
class Calibration:
    """A temperature, then a weight against the class prior.

    Attributes:
        temperature: `at_temperature`; 1 changes nothing.
        weight: of the model in `shrunk`; 1 changes nothing, 0 leaves the prior alone.
        prior: class shares of the training samples, in the order of `CLASSES`.
    """

    temperature: float = 1.0
    weight: float = 1.0
    prior: tuple[float, ...] = ()

    def apply(self, probability: Probability) -> Probability:
        """Return calibrated probabilities, (samples, classes).

        >>> Calibration(weight=0.0, prior=(0.5, 0.2, 0.3)).apply(np.array([[0.1, 0.1, 0.8]]))
        array([[0.5, 0.2, 0.3]])
        """
        return shrunk(
            at_temperature(probability, self.temperature), np.array(self.prior), self.weight
        )


UNCALIBRATED = Calibration()


def class_shares(target: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share of each class, (classes,), among positions of classes.

    >>> class_shares(np.array([0, 2, 2, 2]))
    array([0.25, 0.  , 0.75])
    """
    return np.bincount(target, minlength=len(CLASSES)) / len(target)


def shrunk(probability: Probability, prior: NDArray[np.float64], weight: float) -> Probability:
    """Return the logarithmic pool of a model and a prior: model^w prior^(1 - w), of sum 1.

    Weighted geometric means are the logarithmic opinion pool (Genest and Zidek, 1986). Factors
    below `EPSILON` count as `EPSILON`, as in every loss.

    >>> shrunk(np.array([[0.1, 0.2, 0.7]]), np.array([0.4, 0.2, 0.4]), 0.5).round(3)
    array([[0.215, 0.215, 0.569]])

    Args:
        probability: of the model, (samples, classes).
        prior: (classes,), or (samples, classes) for one a sample.
        weight: w, from 0 to 1.
    """
    if weight == 1:
        return probability
    if weight == 0:
        return np.broadcast_to(prior, probability.shape).copy()
    return np.exp(_log_pool(_log(probability), _log(prior), weight))


def fit_weight(probability: Probability, prior: Probability, target: NDArray[np.int64]) -> float:
    """Return the weight in `shrunk` of the least mean log-loss, from 0 to 1.

    The loss is convex in the weight, so that there is one minimum.

    Args:
        probability: of the model on samples that it was not trained on, (samples, classes).
        prior: class shares of what it was trained on, (samples, classes).
        target: (samples,), position of the right class.
    """
    # Here, for a worker that starts has no use for it.
    from scipy.optimize import minimize_scalar

    model, base, right = _log(probability), _log(prior), (np.arange(len(target)), target)

    def loss(weight: float) -> float:
        return float(-_log_pool(model, base, weight)[right].mean())

    inside = float(minimize_scalar(loss, bounds=(0.0, 1.0), method="bounded").x)
    return min((0.0, 1.0, inside), key=loss)  # the bounded search never tries its ends


def fit_temperature(probability: Probability, target: NDArray[np.int64]) -> float:
    """Return the temperature of the least log-loss (Guo et al., 2017).

    Args:
        probability: (samples, classes).
        target: (samples,), position of the right class.
    """
    from scipy.optimize import minimize_scalar

    def loss(log_temperature: float) -> float:
        scaled = at_temperature(probability, float(np.exp(log_temperature)))
        return float(-np.log(scaled[np.arange(len(target)), target]).mean())

    bounds = tuple(np.log(TEMPERATURES))
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x))


def at_temperature(probability: Probability, temperature: float) -> Probability:
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
    sharp: Probability = scaled / scaled.sum(axis=1, keepdims=True)
    return sharp


def _log(probability: Probability) -> NDArray[np.float64]:
    return np.log(np.maximum(probability, EPSILON))


def _log_pool(
    model: NDArray[np.float64], prior: NDArray[np.float64], weight: float
) -> NDArray[np.float64]:
    """Return the pool's logarithm, from those of its parts."""
    mixed = weight * model + (1 - weight) * prior
    mixed -= mixed.max(axis=1, keepdims=True)
    mixed -= np.log(np.exp(mixed).sum(axis=1, keepdims=True))
    return mixed
