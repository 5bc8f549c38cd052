from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from arch.bootstrap import CircularBlockBootstrap
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tribar.errors import UserError
from tribar.evaluation import uncertainty
from tribar.evaluation.uncertainty import Difference, _resampled_means, paired_block_bootstrap

Floats = NDArray[np.float64]


def _times(n: int) -> pd.Series:
    return pd.Series(pd.date_range("2020-01-01", periods=n, tz="UTC"))


def _interval(
    ours: Floats,
    theirs: Floats,
    decision: pd.Series | None = None,
    block: int = 5,
    resamples: int = 200,
    confidence: float = 0.95,
    seed: int = 0,
) -> Difference:
    times = _times(len(ours)) if decision is None else decision
    rng = np.random.default_rng(seed)
    return paired_block_bootstrap(ours, theirs, times, block, resamples, confidence, rng)


def _panel(seed: int, n: int = 60) -> tuple[Floats, Floats, pd.Series]:
    """Losses of three ragged symbols."""
    rng = np.random.default_rng(seed)
    decision = pd.concat([_times(n), _times(n)[7:], _times(n)[: n // 2]], ignore_index=True)
    return rng.exponential(size=len(decision)), rng.exponential(size=len(decision)), decision


@given(st.integers(0, 2**32 - 1))
def test_no_difference_has_no_width(seed: int) -> None:
    ours, _, decision = _panel(seed)
    assert _interval(ours, ours.copy(), decision, seed=seed) == Difference(0, 0, 0)


@given(st.integers(0, 2**32 - 1))
def test_swapping_the_models_mirrors_the_interval(seed: int) -> None:
    ours, theirs, decision = _panel(seed)
    one, other = _interval(ours, theirs, decision), _interval(theirs, ours, decision)
    assert (one.mean, one.low, one.high) == pytest.approx((-other.mean, -other.high, -other.low))


@given(st.integers(0, 2**32 - 1))
def test_the_order_of_samples_changes_no_bit(seed: int) -> None:
    ours, theirs, decision = _panel(seed)
    order = np.random.default_rng(seed).permutation(len(ours))
    shuffled = _interval(ours[order], theirs[order], decision[order])
    assert shuffled == _interval(ours, theirs, decision)


def test_the_mean_is_over_samples_not_times() -> None:
    ours, theirs, decision = _panel(0)
    found = _interval(ours, theirs, decision)
    assert found.mean == pytest.approx((ours - theirs).mean())
    assert found.low < found.mean < found.high


def test_symbols_that_agree_count_once() -> None:
    """Copies of a symbol are no new evidence."""
    ours, theirs = np.random.default_rng(0).exponential(size=(2, 100))
    alone = _interval(ours, theirs)
    copied = _interval(
        np.tile(ours, 4), np.tile(theirs, 4), pd.concat([_times(100)] * 4, ignore_index=True)
    )
    assert (copied.low, copied.high) == pytest.approx((alone.low, alone.high))


def test_more_confidence_is_a_wider_interval() -> None:
    ours, theirs, decision = _panel(0)
    intervals = [_interval(ours, theirs, decision, confidence=c) for c in (0.5, 0.9, 0.99)]
    for narrow, wide in pairwise(intervals):
        assert wide.low < narrow.low < narrow.high < wide.high


@pytest.mark.parametrize(("n", "block"), [(100, 1), (100, 20), (103, 20)])
def test_the_spread_is_that_of_arch(n: int, block: int) -> None:
    series = np.random.default_rng(0).normal(size=n).cumsum()
    theirs = CircularBlockBootstrap(block, series, seed=1).apply(np.mean, 4000).ravel()
    ours = _resampled_means(series, np.ones(n), block, 4000, np.random.default_rng(2))
    assert ours.mean() == pytest.approx(theirs.mean(), abs=0.1 * theirs.std())
    assert ours.std() == pytest.approx(theirs.std(), rel=0.05)


def test_every_resample_is_as_long_as_the_series() -> None:
    counts = np.random.default_rng(0).integers(1, 4, size=43).astype(np.float64)
    means = _resampled_means(np.ones(43), counts, 20, 500, np.random.default_rng(1))
    assert means.min() >= 1 / 3
    equal = _resampled_means(np.full(43, 3.0), np.ones(43), 20, 500, np.random.default_rng(1))
    assert equal == pytest.approx(3)


def test_bounded_memory_changes_no_resample(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs, decision = _panel(0)
    at_once = _interval(ours, theirs, decision)
    monkeypatch.setattr(uncertainty, "_DRAWS_AT_ONCE", 30)
    assert _interval(ours, theirs, decision) == at_once


def _coverage(block: int, phi: float, runs: int = 300, n: int = 400) -> float:
    """The share of intervals at 90 % that hold the mean, 0, of an autoregression."""
    rng = np.random.default_rng(7)
    held = 0
    for run in range(runs):
        noise = rng.normal(size=n + 50)
        series = np.zeros(n + 50)
        for t in range(1, n + 50):
            series[t] = phi * series[t - 1] + noise[t]
        found = _interval(series[50:], np.zeros(n), None, block, 300, 0.9, seed=run)
        held += found.low <= 0 <= found.high
    return held / runs


def test_coverage_is_near_nominal_where_losses_are_autocorrelated() -> None:
    assert 0.84 <= _coverage(block=20, phi=0.5) <= 0.95
    # Blocks of one, the plain bootstrap, are sure of themselves and wrong.
    assert _coverage(block=1, phi=0.5) < 0.75


def test_coverage_is_near_nominal_where_losses_are_independent() -> None:
    assert 0.84 <= _coverage(block=5, phi=0.0) <= 0.95


@settings(max_examples=20)
@given(st.integers(1, 30), st.integers(1, 30))
def test_fewer_times_than_two_blocks_are_an_error(n: int, block: int) -> None:
    ours = np.linspace(0, 1, n)
    if n >= 2 * block:
        assert _interval(ours, np.zeros(n), block=block).low >= 0
        return
    with pytest.raises(UserError, match=f"evaluate.block.* needs at least {2 * block} .* has {n};"):
        _interval(ours, np.zeros(n), block=block)
