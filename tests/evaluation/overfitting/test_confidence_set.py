import numpy as np
import pytest

from tests.evaluation.overfitting.noise import HORIZON, TIMES, noise
from tribar.evaluation.overfitting import confidence_set as module
from tribar.evaluation.overfitting.confidence_set import ConfidenceSet, confidence_set
from tribar.evaluation.overfitting.resampling import block_length

BLOCK = block_length(TIMES, HORIZON)


def test_noise_keeps_nearly_all() -> None:
    sizes = [confidence_set(noise(seed).T, BLOCK, seed).size for seed in range(8)]
    assert np.mean(sizes) > 0.9 * 30


@pytest.mark.parametrize("seed", range(3))
def test_few_are_like_the_one_that_is_better(seed: int) -> None:
    assert confidence_set(noise(seed, lead=0.06).T, BLOCK, seed).size <= 3


def test_two_groups_are_told_apart() -> None:
    """Ten trials of thirty are better by the same."""
    losses = noise(5)
    losses[::3] -= 0.1
    assert 8 <= confidence_set(losses.T, BLOCK, 0).size <= 10


def test_of_many_the_best_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_TRIALS", 10)
    losses = noise(6, lead=0.1)
    found = confidence_set(losses.T, BLOCK, 0)
    best = losses[np.argsort(losses.mean(axis=1))[:10]]
    assert found == ConfidenceSet(confidence_set(best.T, BLOCK, 0).size, compared=10, trials=30)
    assert found.sentence().startswith(f"{found.size} of the 10 best of 30 trials cannot be told")
