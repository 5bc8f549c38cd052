"""Predictions: labels and the probabilities of their classes, checked before they are scored."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tribar.dataset.prepared import class_index
from tribar.dataset.schema import CLASSES
from tribar.errors import UserError, listing

Labels = NDArray[np.integer[Any]]
"""Labels, (n,), each one of `CLASSES`."""

Probability = NDArray[np.float64]
"""Probabilities, (n, 3), columns in the order of `CLASSES`, every row with the sum 1."""

CLASS_NAMES = ("down", "flat", "up")
"""The words for `CLASSES`, in their order."""

EPSILON = float(np.finfo(np.float32).eps)
"""The least probability that a loss sees, for every model and reference alike.

It is the step of a float32 near 1: a network that says 0 for a class may mean anything below it.
No sample's log-loss exceeds -ln(EPSILON), 15.9.
"""

SUM_TOLERANCE = 1e-4
"""How far from 1 a row's sum may be: an average of float32 probabilities is not exact."""


def label_index(labels: Labels) -> NDArray[np.int64]:
    """Return each label's position in `CLASSES`, (n,).

    Raises:
        UserError: there is no label, or one that is not in `CLASSES`.
    """
    if len(labels) == 0:
        raise UserError("labels: there is no sample; give the split more bars")
    wrong = np.unique(labels[~np.isin(labels, CLASSES)])
    if len(wrong):
        raise UserError(f"labels: {listing(wrong.tolist())}; allowed are {listing(CLASSES)}")
    return class_index(labels.astype(np.int8))


def check(labels: Labels, probability: Probability) -> NDArray[np.int64]:
    """Return each label's column in `probability`, both found valid.

    Raises:
        UserError: `label_index` refuses the labels, or `probability` is not (n, 3) or has a row
            that is no distribution.
    """
    actual = label_index(labels)
    if probability.shape != (len(labels), len(CLASSES)):
        raise UserError(
            f"probabilities: shape {probability.shape} for {len(labels)} labels; "
            f"allowed is {(len(labels), len(CLASSES))}, columns in the order {listing(CLASSES)}"
        )
    # Written so that a NaN fails it.
    valid = (probability >= 0).all(axis=1) & (np.abs(probability.sum(axis=1) - 1) <= SUM_TOLERANCE)
    faulty = np.flatnonzero(~valid).tolist()
    if faulty:
        raise UserError(
            f"probabilities: no distribution for {len(faulty)} of {len(labels)} samples "
            f"(positions {listing(faulty)}); allowed are numbers from 0 to 1 with the sum 1; "
            "a network that diverged gives others: train it again at a lower learning rate"
        )
    return actual


def predicted_index(probability: Probability) -> NDArray[np.int64]:
    """Return the column of each row's largest probability; the first of equals.

    >>> predicted_index(np.array([[0.2, 0.4, 0.4], [0.1, 0.2, 0.7]]))
    array([1, 2])
    """
    largest: NDArray[np.int64] = probability.argmax(axis=1)
    return largest


def prior(train_labels: Labels, n: int) -> Probability:
    """Return the class shares of the training labels, (n, 3), the same row n times.

    Raises:
        UserError: the labels are empty or not in `CLASSES`.

    >>> prior(np.array([-1, 1, 1, 1]), 1)
    array([[0.25, 0.  , 0.75]])
    """
    counts = np.bincount(label_index(train_labels), minlength=len(CLASSES))
    return np.tile(counts / counts.sum(), (n, 1))
