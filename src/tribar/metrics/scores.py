"""Scores: how good the probabilities of one model are on labelled samples."""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import matthews_corrcoef, precision_recall_fscore_support

from tribar.dataset.schema import CLASSES
from tribar.metrics.predictions import (
    EPSILON,
    Labels,
    Probability,
    check,
    predicted_index,
    prior,
)
from tribar.metrics.reliability import expected_calibration_error


@dataclass(frozen=True)
class Scores:
    """The scores of one model.

    Where a score is undefined it has a value nonetheless, so that the same keys are always there:
    precision is 0 for a class never predicted, recall and F1 are 0 for a class that no sample
    has, balanced accuracy leaves such a class out, MCC is 0 where labels or predictions are all of
    one class, and skill is 0 where the prior's loss is 0. The predicted class is the most
    probable, the first in the order of `CLASSES` among equals.

    Attributes:
        log_loss: mean of `losses`, in nats.
        brier: squared distance of the probabilities from the label's indicator, summed over the
            classes, averaged over the samples: from 0 to 2 (Brier, 1950).
        accuracy: share of samples whose predicted class is the label.
        balanced_accuracy: mean recall of the classes that occur.
        macro_f1: mean F1 of the three classes.
        mcc: Matthews correlation coefficient for several classes (Gorodkin, 2004).
        ece: `expected_calibration_error`.
        skill: 1 - log_loss / the class prior's log-loss; above 0 is better than the prior.
        precision_down: share of the predictions of -1 that are right; likewise flat (0), up (1).
        precision_flat: see precision_down.
        precision_up: see precision_down.
        recall_down: share of the samples labelled -1 that are found; likewise flat (0), up (1).
        recall_flat: see recall_down.
        recall_up: see recall_down.
    """

    log_loss: float
    brier: float
    accuracy: float
    balanced_accuracy: float
    macro_f1: float
    mcc: float
    ece: float
    skill: float
    precision_down: float
    precision_flat: float
    precision_up: float
    recall_down: float
    recall_flat: float
    recall_up: float

    def metrics(self) -> dict[str, float]:
        """Return the scores by name."""
        return asdict(self)


def losses(labels: Labels, probability: Probability) -> NDArray[np.float64]:
    """Return each sample's log-loss in nats, (n,): -ln of its label's probability.

    Probabilities below `EPSILON` count as `EPSILON`.

    Raises:
        UserError: labels or probabilities are not valid.

    >>> losses(np.array([1, 0]), np.array([[0.25, 0.25, 0.5], [0.5, 0.5, 0.0]])).round(4)
    array([0.6931, 0.6931])
    """
    actual = check(labels, probability)
    return -np.log(np.clip(probability[np.arange(len(actual)), actual], EPSILON, 1))


def brier_scores(labels: Labels, probability: Probability) -> NDArray[np.float64]:
    """Return each sample's squared distance from its label's indicator, (n,), from 0 to 2.

    Raises:
        UserError: labels or probabilities are not valid.

    >>> brier_scores(np.array([1]), np.array([[0.5, 0.0, 0.5]]))
    array([0.5])
    """
    # scikit-learn's own warns of rows that sum to 1 only as float32 does.
    indicator = np.eye(len(CLASSES))[check(labels, probability)]
    distance: NDArray[np.float64] = ((probability - indicator) ** 2).sum(axis=1)
    return distance


def score(labels: Labels, probability: Probability, prior_log_loss: float, bins: int) -> Scores:
    """Return the scores of one model's probabilities.

    >>> labels = np.array([-1, 0, 1, 1])
    >>> probability = np.array([[0.6, 0.2, 0.2], [0.3, 0.4, 0.3], [0.5, 0.2, 0.3], [0.1, 0.1, 0.8]])
    >>> found = score(labels, probability, prior_log_loss=1.04, bins=10)
    >>> f"{found.log_loss:.4f} {found.skill:.4f} {found.accuracy:.2f}"
    '0.7136 0.3139 0.75'

    Args:
        labels: (n,), each -1, 0 or 1.
        probability: (n, 3), in the order of `CLASSES`.
        prior_log_loss: log-loss of the class prior on the same samples.
        bins: equal-width bins of the calibration error.

    Raises:
        UserError: labels or probabilities are not valid.
    """
    actual, predicted = check(labels, probability), predicted_index(probability)
    log_loss = float(losses(labels, probability).mean())
    precision, recall, f1, support = precision_recall_fscore_support(
        actual, predicted, labels=range(len(CLASSES)), zero_division=0.0
    )
    return Scores(
        log_loss=log_loss,
        brier=float(brier_scores(labels, probability).mean()),
        accuracy=float((actual == predicted).mean()),
        balanced_accuracy=float(recall[support > 0].mean()),
        macro_f1=float(f1.mean()),
        mcc=_mcc(actual, predicted),
        ece=expected_calibration_error(labels, probability, bins),
        skill=1 - log_loss / prior_log_loss if prior_log_loss > 0 else 0.0,
        precision_down=float(precision[0]),
        precision_flat=float(precision[1]),
        precision_up=float(precision[2]),
        recall_down=float(recall[0]),
        recall_flat=float(recall[1]),
        recall_up=float(recall[2]),
    )


def named_scores(
    names: tuple[str, ...],
    bins: int,
    train_labels: Labels,
    labels: Labels,
    probability: Probability,
) -> tuple[float, ...]:
    """Return the scores of these names, with skill against the training labels' class prior.

    Raises:
        UserError: labels or probabilities are not valid.
    """
    reference = float(losses(labels, prior(train_labels, len(labels))).mean())
    found = score(labels, probability, reference, bins).metrics()
    return tuple(found[name] for name in names)


def _mcc(actual: NDArray[np.int64], predicted: NDArray[np.int64]) -> float:
    if np.ptp(actual) == 0 or np.ptp(predicted) == 0:
        return 0.0
    return float(matthews_corrcoef(actual, predicted))
