"""Logistic regressions on more or less of the window, their penalty chosen on validation."""

import numpy as np
from numpy.typing import NDArray

from tribar.evaluation.references.decisions import Decisions
from tribar.evaluation.references.multinomial import Multinomial, fit_path
from tribar.evaluation.references.tuned import Settings, Tuned, tuned
from tribar.metrics.predictions import Labels, Probability, label_index

INVERSE_PENALTIES = (0.0, *(10.0 ** (exponent / 2) for exponent in range(-14, 3)))
"""C from nothing, which leaves the class prior, to next to no penalty, in half decades."""

PATIENCE = 2
"""Values of C in a row that may be worse than the best before no further one is tried.

The weakest penalties take longest to fit, and are the last.
"""


def tune_linear(train: Decisions, validation: Decisions, lags: tuple[int, ...]) -> Tuned:
    """Return the regression whose C has the least validation loss, the smallest among equals.

    Inputs are brought to mean 0 and deviation 1 over the training decisions first, so that the
    penalty knows no units.

    Raises:
        UserError: labels are empty or not in `CLASSES`.
    """
    target, inputs = label_index(train.labels), train.gather(lags)
    mean, deviation = _standardise(inputs)
    path: list[Tuned] = []
    for inverse_penalty, scaled in zip(
        INVERSE_PENALTIES, fit_path(inputs, target, INVERSE_PENALTIES), strict=True
    ):
        settings = Settings(len(lags), inverse_penalty=inverse_penalty)
        path.append(tuned(_on_unscaled(scaled, mean, deviation), lags, settings, validation))
        best = min(range(len(path)), key=lambda position: path[position].loss)
        if len(path) > best + PATIENCE:
            break
    return path[best]


def _standardise(inputs: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bring each input to mean 0 and deviation 1, in place; return both as they were.

    An input that never varies counts as one of infinite deviation: it says nothing, whatever value
    it takes later.
    """
    mean = inputs.mean(axis=0)
    inputs -= mean
    deviation = np.sqrt(np.einsum("ij,ij->j", inputs, inputs) / len(inputs))
    deviation[deviation == 0] = np.inf
    inputs /= deviation
    return mean, deviation


def _on_unscaled(
    model: Multinomial, mean: NDArray[np.float64], deviation: NDArray[np.float64]
) -> Multinomial:
    """Return the model that says of inputs what `model` says of them standardised."""
    weight = model.weight / deviation[:, None]
    return Multinomial(weight, model.bias - mean @ weight)


def predict_linear(
    train_rows: NDArray[np.float32],
    train_labels: Labels,
    rows: NDArray[np.float32],
    inverse_penalty: float,
) -> Probability:
    """Return the probabilities of rows, (n, 3), by the regression of one C on training rows.

    Args:
        train_rows: (m, features).
        train_labels: (m,).
        rows: (n, features).
        inverse_penalty: C.
    """
    inputs = train_rows.astype(np.float64)
    mean, deviation = _standardise(inputs)
    [model] = fit_path(inputs, label_index(train_labels), (inverse_penalty,))
    return _on_unscaled(model, mean, deviation).probability(rows.astype(np.float64))
