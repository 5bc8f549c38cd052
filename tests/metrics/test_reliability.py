import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tribar.metrics.reliability import (
    confusion_pairs,
    expected_calibration_error,
    reliability,
    reliability_table,
)

LABELS = np.array([-1, 0, 1, 1])
PROBABILITY = np.array([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2], [0.0, 0.25, 0.75], [1.0, 0.0, 0.0]])


def test_reliability_by_hand() -> None:
    table = reliability(LABELS, PROBABILITY, bins=4)
    assert table.to_dict("list") == {
        "bin": [1, 2, 3],
        "confidence": [0.5, 0.75, 1.0],
        "accuracy": [0.5, 1.0, 0.0],
        "count": [2, 1, 1],
    }


def test_models_stand_below_each_other() -> None:
    table = reliability_table(LABELS, {"best": PROBABILITY, "uniform": np.full((4, 3), 1 / 3)}, 4)
    assert table.columns.tolist() == ["model", "bin", "confidence", "accuracy", "count"]
    assert table["model"].tolist() == ["best", "best", "best", "uniform"]
    assert table.groupby("model")["count"].sum().to_dict() == {"best": 4, "uniform": 4}


@given(st.integers(0, 2**32 - 1), st.integers(2, 15))
def test_calibration_error_is_that_of_a_plain_loop(seed: int, bins: int) -> None:
    rng = np.random.default_rng(seed)
    probability = rng.dirichlet([1, 1, 1], size=50)
    labels = rng.integers(-1, 2, size=50)
    expected = 0.0
    for i in range(bins):
        rows = [
            (p.max(), p.argmax() - 1 == label)
            for p, label in zip(probability, labels, strict=True)
            if i / bins < p.max() <= (i + 1) / bins
        ]
        expected += abs(sum(right for _, right in rows) - sum(sure for sure, _ in rows)) / 50
    assert expected_calibration_error(labels, probability, bins) == pytest.approx(expected)


def test_a_calibrated_model_has_a_small_error_and_a_boaster_a_large_one() -> None:
    rng = np.random.default_rng(1)
    honest = rng.dirichlet([1, 1, 1], size=20_000)
    labels = (rng.random((20_000, 1)) > honest.cumsum(axis=1)).sum(axis=1) - 1
    boastful = honest**4 / (honest**4).sum(axis=1, keepdims=True)
    assert expected_calibration_error(labels, honest, 10) < 0.02
    assert expected_calibration_error(labels, boastful, 10) > 0.1


def test_confusion_pairs_are_words() -> None:
    pairs = confusion_pairs(LABELS, PROBABILITY)
    assert pairs["actual"].tolist() == ["down", "flat", "up", "up"]
    assert pairs["predicted"].tolist() == ["down", "down", "up", "down"]
