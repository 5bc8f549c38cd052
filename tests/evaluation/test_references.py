import warnings

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize

from tribar.errors import UserError
from tribar.evaluation.references import logistic, uniform
from tribar.metrics.predictions import Labels, prior
from tribar.metrics.scores import losses

WEIGHTS = np.array([[1.5, 0.0, -1.5], [0.0, -1.0, 1.0], [0.0, 0.0, 0.0]])


def _drawn(n: int, seed: int) -> tuple[NDArray[np.float32], Labels, NDArray[np.float64]]:
    """Rows, labels drawn from a softmax of them, and that softmax."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, 3)).astype(np.float32)
    odds = np.exp(rows @ WEIGHTS)
    truth = odds / odds.sum(axis=1, keepdims=True)
    labels: Labels = (rng.random((n, 1)) > truth.cumsum(axis=1)).sum(axis=1) - 1
    return rows, labels, truth


def test_prior_is_the_best_constant() -> None:
    labels = np.array([-1] * 5 + [0] * 2 + [1] * 3)
    found = prior(labels, len(labels))
    assert found.tolist() == [[0.5, 0.2, 0.3]] * 10
    for other in np.random.default_rng(0).dirichlet([5, 2, 3], size=50):
        constant = np.tile(other, (10, 1))
        assert losses(labels, found).mean() <= losses(labels, constant).mean()


def test_uniform_loses_ln_3() -> None:
    assert losses(np.array([-1, 0, 1]), uniform(3)) == pytest.approx([np.log(3)] * 3)


def test_logistic_is_the_penalised_optimum() -> None:
    rows, labels, _ = _drawn(300, seed=0)
    z = ((rows - rows.mean(axis=0)) / rows.std(axis=0)).astype(np.float64)

    def forecast(flat: NDArray[np.float64]) -> NDArray[np.float64]:
        odds = np.exp(z @ flat[:9].reshape(3, 3) + flat[9:])
        probability: NDArray[np.float64] = odds / odds.sum(axis=1, keepdims=True)
        return probability

    def objective(flat: NDArray[np.float64]) -> float:
        return float(losses(labels, forecast(flat)).sum() + (flat[:9] ** 2).sum() / 2)

    optimum = minimize(objective, np.zeros(12)).x
    assert logistic(rows, labels, rows) == pytest.approx(forecast(optimum), abs=1e-4)


def test_logistic_finds_the_truth() -> None:
    rows, labels, _ = _drawn(20_000, seed=0)
    unseen, _, truth = _drawn(1000, seed=1)
    assert np.abs(logistic(rows, labels, unseen) - truth).max() < 0.05


def test_logistic_ignores_units() -> None:
    rows, labels, _ = _drawn(500, seed=0)
    units = np.array([1024, 1, 0.125], dtype=np.float32)
    origin = np.array([0, 3, 0], dtype=np.float32)
    other = logistic(rows * units + origin, labels, rows * units + origin)
    assert other == pytest.approx(logistic(rows, labels, rows), abs=1e-5)


def test_logistic_is_bit_identical_again() -> None:
    rows, labels, _ = _drawn(500, seed=0)
    assert np.array_equal(logistic(rows, labels, rows), logistic(rows, labels, rows))


def test_a_class_missing_in_training_has_probability_0_in_its_own_column() -> None:
    rows, labels, _ = _drawn(500, seed=0)
    rows, labels = rows[labels != 0], labels[labels != 0]
    found = logistic(rows, labels, rows)
    assert (found[:, 1] == 0).all()
    assert found.sum(axis=1) == pytest.approx(1)
    assert losses(labels, found).mean() < losses(labels, prior(labels, len(labels))).mean()


def test_a_single_class_in_training_is_certain() -> None:
    rows = np.zeros((4, 2), dtype=np.float32)
    assert logistic(rows, np.ones(4, dtype=np.int8), rows[:1]).tolist() == [[0, 0, 1]]


def test_hard_training_rows_give_no_warning() -> None:
    """A constant feature, a copied one, and classes that a plane separates."""
    line = np.linspace(-1, 1, 90, dtype=np.float32)
    rows = np.stack([line, line, np.ones_like(line)], axis=1)
    labels = np.repeat([-1, 0, 1], 30)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = logistic(rows, labels, rows)
    assert np.isfinite(found).all()


def test_no_training_label_is_an_error() -> None:
    with pytest.raises(UserError, match="there is no sample"):
        prior(np.array([], dtype=np.int8), 3)
