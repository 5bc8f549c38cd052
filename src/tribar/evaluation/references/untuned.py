"""What needs no tuning: the forecast that knows nothing, and the average of several."""

from collections.abc import Sequence

import numpy as np

from tribar.dataset.schema import CLASSES
from tribar.metrics.predictions import Probability


def uniform(n: int) -> Probability:
    """Return a third for every class, (n, 3): its log-loss is ln 3.

    Its accuracy is the share of label -1, the first class among equals.
    """
    return np.full((n, len(CLASSES)), 1 / len(CLASSES))


def pool(probabilities: Sequence[Probability]) -> Probability:
    """Return the linear opinion pool with equal weights, (n, 3) (Stone, "The opinion pool", 1961).

    Its log-loss is never above the mean of its members', for the logarithm is concave.

    >>> pool([np.array([[0.5, 0.5, 0.0]]), np.array([[0.0, 0.5, 0.5]])])
    array([[0.25, 0.5 , 0.25]])
    """
    average: Probability = np.mean(probabilities, axis=0)
    return average
