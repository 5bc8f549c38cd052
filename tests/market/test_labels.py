import itertools
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tribar.config.schema import Params
from tribar.market.config import LabelParams
from tribar.market.labels import ewm_volatility, triple_barrier
from tribar.market.uniqueness import average_uniqueness

Array = np.ndarray


def params(touch: str, barriers: str, horizon: int, upper: float = 0.7) -> LabelParams:
    return LabelParams.model_validate(
        {
            "horizon": horizon, "barriers": barriers, "upper": upper, "lower": 0.8 * upper,
            "volatility_span": 4, "touch": touch,
        }
    )  # fmt: skip


def one_event(
    close: Array, high: Array, low: Array, width: float, t: int, p: LabelParams
) -> tuple[int, int, float, bool]:
    """Label one bar in plain Python: the oracle."""
    upper, lower = close[t] * (1 + p.upper * width), close[t] * (1 - p.lower * width)
    for row in range(t + 1, t + p.horizon + 1):
        above, below = high[row] >= upper, low[row] <= lower
        if above or below:
            label = -1 if below else 1
            exit_return = close[row] / close[t] - 1
            if p.touch == "high_low":
                exit_return = (p.upper if label == 1 else -p.lower) * width
            return label, row, exit_return, bool(above and below)
    last = t + p.horizon
    return 0, last, close[last] / close[t] - 1, False


def oracle_width(close: Array, first: int, t: int, p: LabelParams) -> float:
    if p.barriers == "fixed":
        return 1.0
    known = ewm_volatility(close[first : t + 1], p.volatility_span)[-1]
    return 0.0 if np.isnan(known) else float(known * np.sqrt(p.horizon))


@settings(max_examples=40, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    horizon=st.integers(1, 12),
    touch=st.sampled_from(["close", "high_low"]),
    barriers=st.sampled_from(["volatility", "fixed"]),
    seed=st.integers(0, 2**16),
)
def test_every_bar_is_labelled_as_the_oracle_says(
    lengths: list[int], horizon: int, touch: str, barriers: str, seed: int
) -> None:
    p = params(touch, barriers, horizon, upper=0.7 if barriers == "volatility" else 0.02)
    rng = np.random.default_rng(seed)
    n = sum(lengths)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, n)))
    spread = np.exp(rng.uniform(0, 0.03, n))
    high, low = (close * spread, close / spread) if touch == "high_low" else (close, close)
    starts = np.cumsum([0, *lengths])
    found = triple_barrier(close, high, low, starts, p)
    for first, end in itertools.pairwise(starts):
        for t in range(first, end):
            full = t + horizon < end
            width = oracle_width(close, first, t, p)
            assert found.no_horizon[t] == (not full)
            assert found.no_volatility[t] == (full and width == 0)
            assert found.valid[t] == (full and width > 0)
            if found.valid[t]:
                label, row, exit_return, both = one_event(close, high, low, width, t, p)
                assert (found.label[t], found.end[t], found.both_touched[t]) == (label, row, both)
                assert found.exit_return[t] == pytest.approx(exit_return, abs=1e-12)


def test_a_bar_that_touches_both_counts_as_the_lower_barrier() -> None:
    close = np.array([100.0, 100.0, 100.0])
    high, low = np.array([100.0, 103.0, 100.0]), np.array([100.0, 97.0, 100.0])
    found = triple_barrier(close, high, low, np.array([0, 3]), params("high_low", "fixed", 2, 0.02))
    assert (found.label[0], found.end[0], found.both_touched[0]) == (-1, 1, True)
    assert found.exit_return[0] == pytest.approx(-0.016)


def test_an_early_touch_without_a_full_horizon_is_no_label() -> None:
    close = np.array([100.0, 150.0, 150.0])
    found = triple_barrier(close, close, close, np.array([0, 3]), params("close", "fixed", 3, 0.02))
    assert not found.valid.any()
    assert found.no_horizon.all()


def test_labels_do_not_cross_symbols() -> None:
    close = np.array([100.0, 100.0, 200.0, 200.0])
    found = triple_barrier(
        close, close, close, np.array([0, 2, 4]), params("close", "fixed", 1, 0.02)
    )
    assert found.label[[0, 2]].tolist() == [0, 0]
    assert found.valid.tolist() == [True, False, True, False]


def test_average_uniqueness_by_hand() -> None:
    # Alive in rows 1 ... 4: one, two, two, one label; the last label stands alone.
    weights = average_uniqueness(np.array([0, 1, 6]), np.array([3, 4, 7]), rows=8)
    np.testing.assert_allclose(weights, [(1 + 1 / 2 + 1 / 2) / 3, (1 / 2 + 1 / 2 + 1) / 3, 1])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**16))
def test_average_uniqueness_is_the_mean_over_the_labels_rows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    start = np.sort(rng.integers(0, 40, 25))
    end = start + rng.integers(1, 9, 25)
    alive = [sum(s < row <= e for s, e in zip(start, end, strict=True)) for row in range(60)]
    expected = [
        np.mean([1 / alive[row] for row in range(s + 1, e + 1)])
        for s, e in zip(start, end, strict=True)
    ]
    np.testing.assert_allclose(average_uniqueness(start, end, 60), expected)


def test_a_million_bars_are_labelled_with_little_memory(shrunk: Callable[..., Params]) -> None:
    close = 100 * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, 1_000_000)))
    starts = np.arange(0, 1_000_001, 10_000)
    found = triple_barrier(close, close, close, starts, shrunk().prepare.labels)
    assert found.valid.sum() == 100 * (10_000 - 10 - 50)
