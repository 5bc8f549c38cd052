from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from tests.model.synthetic import synthetic_split
from tribar.config.schema import Params
from tribar.dataset.prepared import last_rows
from tribar.dataset.schema import CLASSES
from tribar.ensemble.calibration import (
    UNCALIBRATED,
    Calibration,
    at_temperature,
    fit_temperature,
    fit_weight,
    shrunk,
)
from tribar.ensemble.ensemble import ensemble
from tribar.ensemble.fold_training import FoldPrediction
from tribar.ensemble.trained_model import calibrate, out_of_fold_weight
from tribar.metrics.predictions import EPSILON, Probability
from tribar.metrics.scores import losses
from tribar.model.folds import make_fold
from tribar.model.training.trainer import train

SPLIT = synthetic_split()
PRIOR = np.array([0.5, 0.2, 0.3])


def softmax(logits: np.ndarray) -> Probability:
    odds = np.exp(logits)
    probability: Probability = odds / odds.sum(axis=1, keepdims=True)
    return probability


def drawn(probability: Probability, rng: np.random.Generator) -> np.ndarray:
    """Return a class for each row, drawn with its probabilities."""
    return np.array([rng.choice(3, p=one) for one in probability])


def log_loss(probability: Probability, target: np.ndarray) -> float:
    return float(losses(np.array(CLASSES)[target], probability).mean())


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**16), scale=st.floats(0.1, 3), impossible=st.booleans())
def test_the_weight_is_the_best_of_a_grid(seed: int, scale: float, impossible: bool) -> None:
    """Written out as a power of either part, whatever the model knows."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(150, 3))
    target = drawn(softmax(logits * rng.uniform(0, 1)), rng)
    model, prior = softmax(logits * scale), rng.dirichlet([5, 5, 5], size=150)
    if impossible:
        model[:20] = np.eye(3)[rng.integers(0, 3, 20)]
        prior[50:80] = [0.5, 0.5, 0.0]
    right = np.arange(150), target

    def loss(weight: float) -> float:
        pool = np.maximum(model, EPSILON) ** weight * np.maximum(prior, EPSILON) ** (1 - weight)
        return float(-np.log(pool[right] / pool.sum(axis=1)).mean())

    found = fit_weight(model, prior, target)
    assert 0 <= found <= 1
    grid = min(np.linspace(0, 1, 1001), key=loss)
    assert loss(found) <= loss(grid) + 1e-9
    assert found == pytest.approx(grid, abs=0.002)
    assert found == fit_weight(model, prior, target)


def test_the_ends_are_the_prior_and_the_model_to_the_bit() -> None:
    model = softmax(np.random.default_rng(0).normal(size=(50, 3)))
    model[0] = [1.0, 0.0, 0.0]
    with_zero = np.array([0.4, 0.6, 0.0])
    assert (shrunk(model, PRIOR, 1.0) == model).all()
    assert (shrunk(model, with_zero, 0.0) == with_zero).all()
    assert (UNCALIBRATED.apply(model) == model).all()
    between = shrunk(model, with_zero, 0.5)
    np.testing.assert_allclose(between.sum(axis=1), 1)
    assert (between > 0).all()


def test_a_half_by_hand() -> None:
    """sqrt(0.32 * 0.5), sqrt(0.2 * 0.2), sqrt(0.48 * 0.3): 0.4, 0.2, 0.3795 over their sum."""
    found = shrunk(np.array([[0.32, 0.2, 0.48]]), PRIOR, 0.5)
    np.testing.assert_allclose(found, [[0.40838, 0.20419, 0.38743]], atol=1e-5)


def test_a_temperature_comes_before_the_weight() -> None:
    model = np.array([[0.7, 0.2, 0.1]])
    calibration = Calibration(2.0, 0.5, (0.5, 0.2, 0.3))
    expected = model**0.25 * PRIOR**0.5
    np.testing.assert_allclose(calibration.apply(model), expected / expected.sum())


@pytest.mark.parametrize("seed", range(3))
def test_noise_is_shrunk_away_and_truth_is_kept(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = softmax(rng.normal(size=(4000, 3)) + np.log(PRIOR))
    prior = np.tile(PRIOR, (4000, 1))
    noise = softmax(rng.normal(size=(4000, 3)) + np.log(PRIOR))
    assert fit_weight(noise, prior, drawn(prior, rng)) < 0.06
    assert fit_weight(truth, prior, drawn(truth, rng)) > 0.93


def test_each_fold_is_shrunk_to_its_own_prior() -> None:
    rng = np.random.default_rng(1)
    folds = []
    for prior in (np.array([0.8, 0.1, 0.1]), np.array([0.1, 0.1, 0.8])):
        truth = softmax(rng.normal(size=(2000, 3)) + np.log(prior))
        model = softmax(3 * np.log(truth) - 2 * np.log(prior))  # weight 1/3 brings the truth back
        folds.append(FoldPrediction(np.zeros_like(model), model, prior, drawn(truth, rng)))
    assert out_of_fold_weight(folds) == pytest.approx(1 / 3, abs=0.03)
    swapped = [replace(one, prior=one.prior[::-1]) for one in folds]
    assert abs(out_of_fold_weight(swapped) - 1 / 3) > 0.1


def test_the_temperature_is_the_one_of_least_loss() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(400, 3)) * 3
    probability = softmax(logits)
    target = drawn(at_temperature(probability, 2.5), rng)
    found = fit_temperature(probability, target)

    def loss(x: np.ndarray) -> float:
        return log_loss(softmax(logits / x[0]), target)

    best = minimize(loss, x0=np.array([1.0]), method="Nelder-Mead").x[0]
    assert found == pytest.approx(best, rel=1e-3)
    assert 2 < found < 3.2


def test_each_kind_of_calibration_is_what_it_says(shrunk: Callable[..., Params]) -> None:
    params = shrunk("model.hidden_dim=6", "training.max_epochs=6")
    hyper = params.training.complete(params.model)
    fold = make_fold(SPLIT, SPLIT.part("train"), SPLIT.part("validation"), "cpu")
    trained = [train(fold, hyper, params.training, seed=1)]
    samples, target = SPLIT.part("validation"), fold.validation.target.numpy()
    plain = ensemble(trained, fold, hyper).predict(SPLIT.rows, last_rows(samples))
    oracle = FoldPrediction(plain, at_temperature(plain, 0.1), PRIOR, target)
    kinds = {
        kind: calibrate(kind, [trained[0].network], fold, [oracle])
        for kind in ("none", "shrink", "temperature")
    }
    shares = SPLIT.part("train")["label"].value_counts(normalize=True)[[-1, 0, 1]]
    assert all(one.prior == pytest.approx(tuple(shares)) for one in kinds.values())
    weight, temperature = kinds["shrink"].weight, kinds["temperature"].temperature
    assert 0 < weight < 1
    assert (kinds["shrink"].temperature, kinds["temperature"].weight) == (1, 1)
    assert (kinds["none"].temperature, kinds["none"].weight) == (1, 1)
    calm = ensemble(trained, fold, hyper, kinds["temperature"]).predict(
        SPLIT.rows, last_rows(samples)
    )
    assert temperature != 1
    np.testing.assert_array_equal(calm.argmax(axis=1), plain.argmax(axis=1))
    assert log_loss(calm, target) <= log_loss(plain, target)
