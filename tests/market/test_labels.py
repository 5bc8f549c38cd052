import itertools
import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tribar.config.schema import Params
from tribar.dataset.config import LabelParams
from tribar.market.bar_columns import BarColumns
from tribar.market.labels import ewm_volatility, triple_barrier, volatility_bars
from tribar.market.row_index import RowIndex
from tribar.market.uniqueness import average_uniqueness

Array = np.ndarray
NONE = np.empty(0)


def params(touch: str, barriers: str, horizon: int, upper: float = 0.7) -> LabelParams:
    return LabelParams.model_validate(
        {
            "horizon": horizon, "barriers": barriers, "upper": upper, "lower": 0.8 * upper,
            "volatility_span": 4, "touch": touch,
        }
    )  # fmt: skip


def columns(
    close: Array, high: Array = NONE, low: Array = NONE, opened: Array = NONE
) -> BarColumns:
    return BarColumns(NONE.astype("M8[ns]"), opened, high, low, close, NONE)


def index(starts: Array) -> RowIndex:
    return RowIndex(tuple(map(str, range(len(starts) - 1))), starts, NONE.astype("M8[ns]"))


def one_event(
    bars: BarColumns, width: float, t: int, p: LabelParams
) -> tuple[int, int, float, bool]:
    """Label one bar in plain Python: the oracle."""
    close = bars.close
    on_close = p.touch == "close"
    upper, lower = close[t] * (1 + p.upper * width), close[t] * (1 - p.lower * width)
    for row in range(t + 1, t + p.horizon + 1):
        high, low = (close, close) if on_close else (bars.high, bars.low)
        above, below = high[row] >= upper, low[row] <= lower
        if not on_close and len(bars.open):
            gapped = bars.open[row] / close[t] - 1
            if bars.open[row] >= upper:
                return 1, row, gapped, False
            if bars.open[row] <= lower:
                return -1, row, gapped, False
        if above or below:
            label = -1 if below else 1
            exit_return = close[row] / close[t] - 1
            if not on_close:
                exit_return = (p.upper if label == 1 else -p.lower) * width
            return label, row, exit_return, bool(above and below)
    last = t + p.horizon
    return 0, last, close[last] / close[t] - 1, False


def oracle_width(close: Array, first: int, t: int, p: LabelParams) -> float:
    if p.barriers == "fixed":
        return 1.0
    known = oracle_volatility(close, first, t, p)
    return 0.0 if np.isnan(known) else float(known * np.sqrt(p.horizon))


def oracle_volatility(close: Array, first: int, t: int, p: LabelParams) -> float:
    return float(ewm_volatility(close[first : t + 1], p.volatility_span)[-1])


@settings(max_examples=40, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    horizon=st.integers(1, 12),
    touch=st.sampled_from(["close", "high_low"]),
    barriers=st.sampled_from(["volatility", "fixed"]),
    has_open=st.booleans(),
    seed=st.integers(0, 2**16),
)
def test_every_bar_is_labelled_as_the_oracle_says(
    lengths: list[int], horizon: int, touch: str, barriers: str, has_open: bool, seed: int
) -> None:
    p = params(touch, barriers, horizon, upper=0.7 if barriers == "volatility" else 0.02)
    rng = np.random.default_rng(seed)
    n = sum(lengths)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, n)))
    opened = close * np.exp(rng.normal(0, 0.02, n)) if has_open else close
    spread = np.exp(rng.uniform(0, 0.03, n))
    high, low = np.maximum(opened, close) * spread, np.minimum(opened, close) / spread
    starts = np.cumsum([0, *lengths])
    bars = columns(close, high, low, opened if has_open else np.empty(0))
    found = triple_barrier(bars, index(starts), p)
    for first, end in itertools.pairwise(starts):
        for t in range(first, end):
            full = t + horizon < end
            width = oracle_width(close, first, t, p)
            known = oracle_volatility(close, first, t, p)
            assert found.volatility[t] == pytest.approx(known, abs=1e-15, nan_ok=True)
            assert found.no_horizon[t] == (not full)
            assert found.no_volatility[t] == (full and width == 0)
            assert found.valid[t] == (full and width > 0)
            if found.valid[t]:
                label, row, exit_return, both = one_event(bars, width, t, p)
                assert (found.label[t], found.end[t], found.both_touched[t]) == (label, row, both)
                assert found.exit_return[t] == pytest.approx(exit_return, abs=1e-12)


@pytest.mark.parametrize(
    ("opened", "label", "exit_return", "both"),
    [(100, -1, -0.016, True), (102.5, 1, 0.025, False), (97.5, -1, -0.025, False)],
)
def test_a_bar_that_touches_both_has_the_label_it_opened_at_else_the_lower(
    opened: float, label: int, exit_return: float, both: bool
) -> None:
    close = np.array([100.0, 100.0, 100.0])
    high, low = np.array([100.0, 103.0, 100.0]), np.array([100.0, 97.0, 100.0])
    bars = columns(close, high, low, np.array([100, opened, 100]))
    found = triple_barrier(bars, index(np.array([0, 3])), params("high_low", "fixed", 2, 0.02))
    assert (found.label[0], found.end[0], found.both_touched[0]) == (label, 1, both)
    assert found.exit_return[0] == pytest.approx(exit_return)


def test_an_early_touch_without_a_full_horizon_is_no_label() -> None:
    bars = columns(np.array([100.0, 150.0, 150.0]))
    found = triple_barrier(bars, index(np.array([0, 3])), params("close", "fixed", 3, 0.02))
    assert not found.valid.any()
    assert found.no_horizon.all()


def test_labels_do_not_cross_symbols() -> None:
    bars = columns(np.array([100.0, 100.0, 200.0, 200.0]))
    found = triple_barrier(bars, index(np.array([0, 2, 4])), params("close", "fixed", 1, 0.02))
    assert found.label[[0, 2]].tolist() == [0, 0]
    assert found.valid.tolist() == [True, False, True, False]


def test_the_volatility_is_that_of_pandas_on_its_bars_alone() -> None:
    close = 100 * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.02, 80)))
    bars = volatility_bars(4)
    found = ewm_volatility(close, 4)
    assert np.isnan(found[: bars - 1]).all()
    for t in (bars - 1, 40, 79):
        returns = pd.Series(close[t - bars + 1 : t + 1]).map(math.log).diff()
        assert found[t] == pytest.approx(returns.ewm(span=4).std().iloc[-1], rel=1e-12)


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
    found = triple_barrier(columns(close), index(starts), shrunk().prepare.labels)
    assert found.valid.sum() == 100 * (10_000 - 10 - 153)
