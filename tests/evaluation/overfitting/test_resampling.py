import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evaluation.overfitting.noise import noise
from tribar.evaluation.overfitting.resampling import (
    FEWEST_PARTS,
    PARTS,
    block_length,
    null_sums,
    part_count,
    part_sums,
)


@given(st.integers(12, 1000), st.integers(1, 50))
def test_parts_are_even_in_number_and_no_shorter_than_a_block(times: int, horizon: int) -> None:
    block = block_length(times, horizon)
    parts = part_count(times, block)
    assert parts % 2 == 0
    assert parts <= PARTS
    if parts:
        lengths = part_sums(np.ones((times, 1)), parts)
        assert lengths.min() >= block
        assert np.ptp(lengths) <= 1
    assert (parts >= FEWEST_PARTS) == (times >= FEWEST_PARTS * block)


def test_parts_lose_nothing() -> None:
    losses = noise(0, trials=3, times=101).T
    np.testing.assert_allclose(part_sums(losses, 12).sum(axis=0), losses.sum(axis=0))
    np.testing.assert_allclose(part_sums(losses, 2)[0], losses[:50].sum(axis=0))


def test_without_any_difference_it_makes_none_how_good_a_trial_is() -> None:
    losses = noise(1, trials=4, times=200).T
    better = losses + np.arange(-1.0, 3.0)
    found = null_sums(losses, 4, 30, seed=5)
    np.testing.assert_allclose(null_sums(better, 4, 30, seed=5), found, atol=1e-9)


def test_all_trials_are_drawn_together() -> None:
    losses = noise(2, trials=1, times=200).T
    found = null_sums(np.hstack([losses, 2 * losses]), 4, 30, seed=5)
    np.testing.assert_allclose(found[..., 1], 2 * found[..., 0], atol=1e-9)


def test_blocks_stay_together() -> None:
    """The variance of a resample's mean is that of a block's mean over the number of blocks."""
    series, block = noise(3, trials=1, times=720).T, 30
    around = np.vstack([series, series[: block - 1]])[:, 0] - series.mean()
    means = np.lib.stride_tricks.sliding_window_view(around, block).mean(axis=1)
    found = null_sums(series, 12, block, seed=0).sum(axis=(1, 2)) / len(series)
    assert found.mean() == pytest.approx(0, abs=4 * found.std() / len(found) ** 0.5)
    assert found.var() == pytest.approx((means**2).mean() / (720 // block), rel=0.15)
