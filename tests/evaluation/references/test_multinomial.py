"""The optimum of the penalised loss: by its own conditions, and as another solver finds it."""

import warnings

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from tests.evaluation.references.drawn import drawn, lagged, linear
from tribar.evaluation.references.linear import INVERSE_PENALTIES
from tribar.evaluation.references.multinomial import Multinomial, fit_path
from tribar.metrics.predictions import label_index, prior

WALK = 12


def walking(n: int = 600) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Whole windows of random walks, nearly the same inputs bar after bar, and their labels."""
    decisions, _ = drawn(lagged, n, window=WALK)
    rows = np.cumsum(decisions.rows, axis=0)
    inputs = np.concatenate([rows[decisions.last - lag] for lag in range(WALK)], axis=1)
    scaled = (inputs - inputs.mean(axis=0, dtype=float)) / inputs.std(axis=0, dtype=float)
    return scaled, label_index(decisions.labels)


INPUTS, TARGET = walking()
PATH = list(fit_path(INPUTS, TARGET, INVERSE_PENALTIES))


@pytest.mark.parametrize("position", range(1, len(INVERSE_PENALTIES)))
def test_the_minimum_is_the_minimum(position: int) -> None:
    """By Newton's decrement: what the next Newton step would still save, in any coordinates."""
    model = PATH[position]
    penalty = np.full((INPUTS.shape[1] + 1, 1), 1 / INVERSE_PENALTIES[position])
    penalty[-1] = 0  # of the bias
    probability = model.probability(INPUTS)
    inputs = np.hstack([INPUTS, np.ones((len(INPUTS), 1))])
    coefficients = np.vstack([model.weight, model.bias])
    gradient = (inputs.T @ (probability - np.eye(3)[TARGET]) + penalty * coefficients).ravel()
    spread = probability[:, :, None] * (np.eye(3) - probability[:, None, :])
    curvature = np.einsum("ni,nj,nab->iajb", inputs, inputs, spread, optimize=True)
    hessian = curvature.reshape(len(gradient), -1) + np.diag(np.repeat(penalty, 3))
    saved = gradient @ np.linalg.lstsq(hessian, gradient)[0] / 2
    assert saved < 1e-12 * len(TARGET)


@pytest.mark.parametrize("position", range(1, len(INVERSE_PENALTIES), 3))
def test_another_solver_finds_the_same(position: int) -> None:
    other = LogisticRegression(
        C=INVERSE_PENALTIES[position], solver="newton-cholesky", tol=1e-10, max_iter=1000
    ).fit(INPUTS, TARGET)
    found = PATH[position].probability(INPUTS)
    np.testing.assert_allclose(found, other.predict_proba(INPUTS), atol=1e-5)


def test_the_path_begins_at_the_prior_and_leaves_it_gradually() -> None:
    away = [np.abs(model.probability(INPUTS) - prior(TARGET - 1, 1)).max() for model in PATH]
    assert away[0] == pytest.approx(0, abs=1e-15)
    assert 0 < away[1] < 1e-4
    assert away == sorted(away)


def test_where_the_search_begins_changes_nothing() -> None:
    (cold,) = fit_path(INPUTS, TARGET, [INVERSE_PENALTIES[-1]])
    warm = PATH[-1].probability(INPUTS)
    np.testing.assert_allclose(cold.probability(INPUTS), warm, atol=1e-5)


def test_the_truth_is_found_where_there_is_enough_to_learn_from() -> None:
    decisions, truth = drawn(linear, 20_000)
    inputs = decisions.gather([0])
    (found,) = fit_path(inputs - inputs.mean(axis=0), label_index(decisions.labels), [1.0])
    assert np.abs(found.probability(inputs) - truth).max() < 0.05


def test_more_inputs_than_decisions_have_an_optimum() -> None:
    few, target = INPUTS[:20] - INPUTS[:20].mean(axis=0), TARGET[:20]
    (found,) = fit_path(few, target, [0.1])
    other = LogisticRegression(C=0.1, solver="newton-cholesky", tol=1e-10).fit(few, target)
    np.testing.assert_allclose(found.probability(few), other.predict_proba(few), atol=1e-5)


def test_an_absent_class_is_as_if_there_were_none() -> None:
    seen = TARGET != 1
    inputs = INPUTS[seen] - INPUTS[seen].mean(axis=0)
    (found,) = fit_path(inputs, TARGET[seen], [0.01])
    # Two weights of one size and opposite signs carry half the penalty of one of twice the size.
    two = LogisticRegression(C=0.02, solver="newton-cholesky", tol=1e-10).fit(inputs, TARGET[seen])
    assert (found.probability(inputs)[:, 1] == 0).all()
    np.testing.assert_allclose(
        found.probability(inputs)[:, [0, 2]], two.predict_proba(inputs), atol=1e-5
    )


def test_hard_training_rows_give_no_warning() -> None:
    """A constant input, a copied one, and classes that a plane separates."""
    line = np.linspace(-1, 1, 90)
    inputs = np.stack([line, line, np.zeros_like(line)], axis=1)
    target = np.repeat([0, 1, 2], 30)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        path = list(fit_path(inputs, target, INVERSE_PENALTIES))
    assert all(np.isfinite(model.probability(inputs)).all() for model in path)


def test_log_odds_beyond_all_measure_are_certainties() -> None:
    model = Multinomial(np.array([[1e6, 0.0, -1e6]]), np.zeros(3))
    assert model.probability(np.array([[1.0], [-1.0]])).tolist() == [[1, 0, 0], [0, 0, 1]]
