import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from tribar.metrics.predictions import EPSILON, Probability
from tribar.metrics.scores import losses, score

KEYS = {
    "log_loss",
    "brier",
    "accuracy",
    "balanced_accuracy",
    "macro_f1",
    "mcc",
    "ece",
    "skill",
    "precision_down",
    "precision_flat",
    "precision_up",
    "recall_down",
    "recall_flat",
    "recall_up",
}


def _one_hot(columns: list[int]) -> Probability:
    return np.eye(3)[columns]


@given(st.integers(0, 2**32 - 1), st.integers(1, 60))
def test_scores_are_those_of_scikit_learn(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.integers(-1, 2, size=n)
    probability = rng.dirichlet([1, 1, 1], size=n)
    predicted = probability.argmax(axis=1) - 1
    classes = [-1, 0, 1]
    found = score(labels, probability, prior_log_loss=1.1, bins=10).metrics()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = {
            "log_loss": metrics.log_loss(labels, probability, labels=classes),
            "brier": metrics.brier_score_loss(
                labels, probability, labels=classes, scale_by_half=False
            ),
            "accuracy": metrics.accuracy_score(labels, predicted),
            "balanced_accuracy": metrics.balanced_accuracy_score(labels, predicted),
            "macro_f1": metrics.f1_score(labels, predicted, labels=classes, average="macro"),
            "mcc": metrics.matthews_corrcoef(labels, predicted),
        }
        precision = metrics.precision_score(labels, predicted, labels=classes, average=None)
        recall = metrics.recall_score(labels, predicted, labels=classes, average=None)
    for column, name in enumerate(("down", "flat", "up")):
        expected[f"precision_{name}"] = precision[column]
        expected[f"recall_{name}"] = recall[column]
    expected["skill"] = 1 - expected["log_loss"] / 1.1
    assert {key: found[key] for key in expected} == pytest.approx(expected, abs=1e-6)
    assert set(found) == KEYS


def test_scores_by_hand() -> None:
    labels = np.array([-1, 0, 1, 1])
    probability = np.array(
        [[0.5, 0.25, 0.25], [0.5, 0.25, 0.25], [0.0, 0.25, 0.75], [0.25, 0.25, 0.5]]
    )
    scores = score(labels, probability, prior_log_loss=float(np.log(4)), bins=4)
    assert scores.log_loss == pytest.approx(np.log(2 * 4 * 4 / 3 * 2) / 4)
    # Squared distances, in sixteenths: 4+1+1, 4+9+1, 0+1+1, 1+1+4.
    assert scores.brier == pytest.approx((6 + 14 + 2 + 6) / 16 / 4)
    assert scores.accuracy == 0.75
    assert (scores.recall_down, scores.recall_flat, scores.recall_up) == (1, 0, 1)
    assert (scores.precision_down, scores.precision_flat, scores.precision_up) == (0.5, 0, 1)
    assert scores.balanced_accuracy == pytest.approx(2 / 3)
    assert scores.macro_f1 == pytest.approx((2 / 3 + 0 + 1) / 3)
    # Bin (0.25, 0.5]: three of confidence 0.5, two right; bin (0.5, 0.75]: one, right.
    assert scores.ece == pytest.approx(3 / 4 * (2 / 3 - 0.5) + 1 / 4 * 0.25)
    assert scores.skill == pytest.approx(1 - scores.log_loss / np.log(4))


def test_an_impossible_label_costs_the_same_whoever_says_so() -> None:
    expected = pytest.approx([-np.log(EPSILON), 0])
    assert losses(np.array([0, 0]), _one_hot([0, 1])) == expected
    nearly = np.array([[1 - 1e-12, 1e-12, 0.0], [0.0, 1.0, 0.0]])
    assert losses(np.array([0, 0]), nearly) == expected


@pytest.mark.parametrize(
    ("labels", "columns", "expected"),
    [
        # A class never predicted, and never there.
        ([-1, 1], [0, 0], {"precision_up": 0, "recall_flat": 0, "balanced_accuracy": 0.5}),
        ([0, 0], [1, 1], {"mcc": 0, "accuracy": 1, "balanced_accuracy": 1, "macro_f1": 1 / 3}),
        ([1, 1], [0, 2], {"mcc": 0, "balanced_accuracy": 0.5, "precision_down": 0}),
    ],
)
def test_undefined_scores_have_documented_values_and_no_warning(
    labels: list[int], columns: list[int], expected: dict[str, float]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = score(np.array(labels), _one_hot(columns), 1.0, bins=10).metrics()
    assert {key: found[key] for key in expected} == pytest.approx(expected)
    assert np.isfinite(list(found.values())).all()


def test_no_skill_is_claimed_over_a_perfect_prior() -> None:
    assert score(np.array([1]), _one_hot([2]), prior_log_loss=0.0, bins=10).skill == 0
