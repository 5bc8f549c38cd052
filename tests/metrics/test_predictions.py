import numpy as np
import pytest

from tribar.errors import UserError
from tribar.metrics.predictions import Labels, Probability, check

SOUND = np.full((2, 3), 1 / 3)


@pytest.mark.parametrize(
    ("labels", "probability", "message"),
    [
        ([], np.zeros((0, 3)), "there is no sample"),
        ([1, 7], SOUND, r"labels: 7; allowed are -1, 0, 1"),
        ([1, 300], SOUND, r"labels: 300"),
        ([1, 0, 0], SOUND, r"shape \(2, 3\) for 3 labels; allowed is \(3, 3\)"),
        ([1, 0], [[0.5, 0.5], [0.5, 0.5]], r"shape \(2, 2\)"),
        ([1, 0], [[0.2, 0.3, 0.5], [np.nan, 0.5, 0.5]], r"1 of 2 samples \(positions 1\)"),
        ([1, 0], [[0.2, 0.3, 0.6], [-0.5, 1.0, 0.5]], r"2 of 2 samples \(positions 0, 1\)"),
    ],
)
def test_faults_are_named(labels: list[int], probability: list[list[float]], message: str) -> None:
    with pytest.raises(UserError, match=message):
        check(np.array(labels), np.array(probability))


def test_a_float32_softmax_is_valid() -> None:
    logits = np.random.default_rng(0).normal(size=(10_000, 3)).astype(np.float32)
    softmax = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    probability: Probability = softmax.astype(np.float64)
    labels: Labels = np.zeros(10_000, dtype=np.int8)
    assert check(labels, probability).tolist() == [1] * 10_000
