"""Multinomial logistic regression under a ridge penalty: the optimum for each of its strengths.

Neighbouring bars are nearly the same inputs, so that general solvers need hundreds of steps on a
window; here they are preconditioned, and a dozen steps do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from tribar.dataset.schema import CLASSES
from tribar.metrics.predictions import Probability

Array = NDArray[np.float64]

TOLERANCE = 1e-7
"""Largest derivative of the mean loss that an optimum may have, in coordinates of unit curvature.

Probabilities are then right to about a millionth.
"""


@dataclass(frozen=True)
class Multinomial:
    """Log-odds that are linear in the inputs.

    Attributes:
        weight: (inputs, 3).
        bias: (3,); minus infinity for a class that training lacks, whose probability is 0.
    """

    weight: Array
    bias: Array

    def probability(self, inputs: Array) -> Probability:
        """Return the probabilities, (n, 3), of inputs, (n, inputs)."""
        probability: Probability = np.exp(_log_softmax(inputs @ self.weight + self.bias))
        return probability


def class_prior(target: NDArray[np.int64], inputs: int) -> Multinomial:
    """Return the model that says the class shares whatever the inputs.

    >>> class_prior(np.array([0, 2, 2, 2]), inputs=1).probability(np.ones((1, 1))).round(4)
    array([[0.25, 0.  , 0.75]])
    """
    shares = np.bincount(target, minlength=len(CLASSES)) / len(target)
    with np.errstate(divide="ignore"):  # the logarithm of an absent class's share
        return Multinomial(np.zeros((inputs, len(CLASSES))), np.log(shares))


def fit_path(
    inputs: Array, target: NDArray[np.int64], inverse_penalties: Sequence[float]
) -> Iterator[Multinomial]:
    """Yield the optimum for each C, the one before being where the search for the next begins.

    It is the least of C x summed log-loss + half the squared weights; the bias has no penalty, and
    0 leaves the class prior.

    Args:
        inputs: (n, inputs), each of mean 0.
        target: (n,), position of each label in `CLASSES`.
        inverse_penalties: C, ascending.
    """
    found = class_prior(target, inputs.shape[1])
    problem, shift = _Problem.of(inputs, target, found.bias), np.zeros(len(CLASSES))
    for inverse_penalty in inverse_penalties:
        if inverse_penalty > 0:
            weight, shift = problem.solve(inverse_penalty, found.weight, shift)
            found = Multinomial(weight, problem.log_prior + shift)
        yield found


@dataclass(frozen=True)
class _Problem:
    """The mean log-loss, minimised in coordinates along the inputs' principal axes.

    Its Hessian is the Kronecker product of the inputs' second moments and, at most, (I - J) / 2,
    where J is a third everywhere (Böhning, "Multinomial logistic regression algorithm", 1992); it
    is (I - J) / 3 where all classes are as likely. Labels of prices are hard to tell apart, so that
    the latter is never far: scaled by its inverse root, penalty included, the problem is nearly
    round and L-BFGS quick.

    Attributes:
        inputs: (n, inputs), of mean 0.
        target: (n,).
        log_prior: (3,), from which the bias is counted.
        moments: (inputs,), mean square of the inputs along each axis.
        axes: (inputs, inputs), a column each.
    """

    inputs: Array
    target: NDArray[np.int64]
    log_prior: Array
    moments: Array
    axes: Array

    @classmethod
    def of(cls, inputs: Array, target: NDArray[np.int64], log_prior: Array) -> "_Problem":
        moments, axes = np.linalg.eigh(inputs.T @ inputs / len(inputs))
        return cls(inputs, target, log_prior, np.maximum(moments, 0), axes)

    def solve(self, inverse_penalty: float, weight: Array, shift: Array) -> tuple[Array, Array]:
        """Return the optimal weight, and bias less `log_prior`, beginning at these."""
        classes = len(CLASSES)
        penalty = 1 / (inverse_penalty * len(self.inputs))
        scale = 1 / np.sqrt(self.moments / classes + penalty)[:, None]
        bias_scale = np.sqrt(classes)

        def unscaled(point: Array) -> tuple[Array, Array]:
            own = point.reshape(-1, classes)
            return self.axes @ (scale * own[:-1]), bias_scale * own[-1]

        def objective(point: Array) -> tuple[float, Array]:
            weight, shift = unscaled(point)
            loss, weight_gradient, shift_gradient = self._loss(weight, shift)
            gradient = scale * (self.axes.T @ (weight_gradient + penalty * weight))
            loss += penalty * np.square(weight).sum() / 2
            return loss, np.concatenate([gradient.ravel(), bias_scale * shift_gradient])

        start = np.concatenate([(self.axes.T @ weight / scale).ravel(), shift / bias_scale])
        options = {"gtol": TOLERANCE, "ftol": 0}
        return unscaled(minimize(objective, start, jac=True, method="L-BFGS-B", options=options).x)

    def _loss(self, weight: Array, shift: Array) -> tuple[float, Array, Array]:
        """Return the mean log-loss and its gradients by weight and shift."""
        n = np.arange(len(self.target))
        log_probability = _log_softmax(self.inputs @ weight + (self.log_prior + shift))
        residual = np.exp(log_probability) / len(n)
        residual[n, self.target] -= 1 / len(n)
        loss = -log_probability[n, self.target].mean()
        return float(loss), self.inputs.T @ residual, residual.sum(axis=0)


def _log_softmax(logits: Array) -> Array:
    below = logits - logits.max(axis=1, keepdims=True)
    found: Array = below - np.log(np.exp(below).sum(axis=1, keepdims=True))
    return found
