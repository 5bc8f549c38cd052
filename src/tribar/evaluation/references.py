"""References: the simple forecasts without which no score means anything.

Each is fitted on the training split and returns probabilities in the order of `CLASSES`. A class
that training lacks gets the probability 0, which a loss reads as `scores.EPSILON`.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tribar.dataset.prepared import CLASSES
from tribar.metrics.predictions import Labels, Probability, label_index

C = 1.0
"""The L2 penalty is half the squared weights, against the summed log-loss.

The same as in model.network.linear_skip on purpose, so that a network which starts as logistic
regression starts as this reference does; code that knows no tensor cannot import it from there.
"""


def uniform(n: int) -> Probability:
    """Return a third for every class, (n, 3): its log-loss is ln 3.

    Its accuracy is the share of label -1, the first class among equals.
    """
    return np.full((n, len(CLASSES)), 1 / len(CLASSES))


def logistic(
    train_rows: NDArray[np.float32], train_labels: Labels, rows: NDArray[np.float32]
) -> Probability:
    """Return the probabilities of a multinomial logistic regression on single rows.

    Features are standardised by the training rows' mean and deviation; weights carry an L2
    penalty of inverse strength `C`, intercepts none. The optimum is unique and found by
    Newton steps from zero, so nothing is random.

    Args:
        train_rows: (m, features), the last row of every training window.
        train_labels: (m,).
        rows: (n, features), the last row of every evaluated window.

    Raises:
        UserError: the labels are empty or not in `CLASSES`.
    """
    actual = label_index(train_labels)
    found = np.unique(actual)
    probability = np.zeros((len(rows), len(CLASSES)))
    if len(found) == 1:
        probability[:, found] = 1.0
        return probability
    model = make_pipeline(
        StandardScaler(),
        LogisticRegression(C=C, solver="newton-cholesky", tol=1e-8),
    )
    model.fit(train_rows.astype(np.float64), actual)
    probability[:, found] = model.predict_proba(rows.astype(np.float64))
    return probability
