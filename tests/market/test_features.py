import math
import re
from collections.abc import Callable
from dataclasses import fields, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
import talib

from tests.market.factories import make_bars
from tribar.errors import UserError
from tribar.market.bar_columns import BarColumns
from tribar.market.feature_names import parse_features
from tribar.market.features import FAMILIES

NAMES = [
    "return_3", "volatility_5", "parkinson_5", "garman_klass_5", "close_location", "gap",
    "volume_zscore_5", "rsi_4", "macd_3_6_2", "bollinger_5", "atr_4", "day_of_week_sin",
    "day_of_week_cos", "month_sin", "month_cos", "time_of_day_sin", "time_of_day_cos",
]  # fmt: skip


def symbol(length: int = 120, seed: int = 0) -> BarColumns:
    bars = make_bars([length], seed)
    columns = {str(name): column.to_numpy() for name, column in bars.table.items()}
    return BarColumns(bars.index.time, **columns)


def value(name: str, bars: BarColumns) -> np.ndarray:
    return parse_features([name])[0](bars)


class Prices(NamedTuple):
    open: pd.Series
    high: pd.Series
    low: pd.Series
    close: pd.Series
    volume: pd.Series


def wilder(values: pd.Series, span: int) -> pd.Series:
    """Average as Wilder does, over what happened in the last six spans alone."""
    return values.rolling(6 * span).apply(
        lambda seen: seen.ewm(alpha=1 / span, adjust=True).mean().iloc[-1]
    )


def log(values: pd.Series) -> pd.Series:
    return values.map(math.log)


def bollinger(bars: Prices) -> pd.Series:
    rolling = bars.close.rolling(5)
    return (bars.close - rolling.mean()) / (2 * rolling.std(ddof=0))


def volume_zscore(bars: Prices) -> pd.Series:
    logs = log(bars.volume)
    return (logs - logs.rolling(5).mean()) / logs.rolling(5).std(ddof=0)


def garman_klass(bars: Prices) -> pd.Series:
    moves = (2 * math.log(2) - 1) * log(bars.close / bars.open) ** 2
    daily = log(bars.high / bars.low) ** 2 / 2 - moves
    return daily.rolling(5).mean().clip(lower=0) ** 0.5


def parkinson(bars: Prices) -> pd.Series:
    squares = log(bars.high / bars.low) ** 2
    return (squares.rolling(5).mean() / (4 * math.log(2))) ** 0.5


def rsi(bars: Prices) -> pd.Series:
    moves = bars.close.diff()
    gain, loss = wilder(moves.clip(lower=0), 4), wilder(-moves.clip(upper=0), 4)
    return gain / (gain + loss)


def atr(bars: Prices) -> pd.Series:
    before = bars.close.shift(1)
    high, low = bars.high, bars.low
    ranges = pd.concat([high - low, (high - before).abs(), (low - before).abs()], axis=1)
    return wilder(ranges.max(axis=1).where(before.notna()), 4) / bars.close


def macd(bars: Prices) -> pd.Series:
    def histogram(close: pd.Series) -> float:
        fast, slow = (close.ewm(span=span, adjust=False).mean() for span in (3, 6))
        line = fast - slow
        return float((line - line.ewm(span=2, adjust=False).mean()).iloc[-1])

    return bars.close.rolling(24).apply(histogram) / bars.close


BY_PANDAS: dict[str, Callable[[Prices], pd.Series]] = {
    "return_3": lambda bars: log(bars.close / bars.close.shift(3)),
    "volatility_5": lambda bars: log(bars.close).diff().rolling(5).std(ddof=0),
    "parkinson_5": parkinson,
    "garman_klass_5": garman_klass,
    "close_location": lambda bars: (bars.close - bars.low) / (bars.high - bars.low),
    "gap": lambda bars: log(bars.open / bars.close.shift(1)),
    "volume_zscore_5": volume_zscore,
    "rsi_4": rsi,
    "macd_3_6_2": macd,
    "bollinger_5": bollinger,
    "atr_4": atr,
}
"""The textbook definitions on a value's bars alone, written with pandas."""


@pytest.mark.parametrize("name", BY_PANDAS)
def test_values_are_those_of_the_definition(name: str) -> None:
    bars = symbol()
    columns = ("open", "high", "low", "close", "volume")
    prices = Prices(*(pd.Series(getattr(bars, column)) for column in columns))
    expected = BY_PANDAS[name](prices).to_numpy(copy=True)
    expected[: parse_features([name])[0].bars - 1] = np.nan
    np.testing.assert_allclose(value(name, bars), expected, rtol=1e-9, atol=1e-12)


BY_TALIB: dict[str, Callable[[BarColumns], np.ndarray]] = {
    "rsi_14": lambda bars: talib.RSI(bars.close, 14) / 100,
    "macd_12_26_9": lambda bars: talib.MACD(bars.close, 12, 26, 9)[2] / bars.close,
    "atr_14": lambda bars: talib.ATR(bars.high, bars.low, bars.close, 14) / bars.close,
}
"""The standard indicators, which remember every bar."""


@pytest.mark.parametrize("name", BY_TALIB)
def test_what_lies_beyond_the_cut_weighs_little(name: str) -> None:
    bars = symbol(2000)
    expected = BY_TALIB[name](bars)[500:]
    apart = (value(name, bars)[500:] - expected) / expected.std()
    assert np.sqrt(np.mean(apart**2)) < 0.005
    assert np.abs(apart).max() < 0.05


def test_every_family_is_tested_and_named() -> None:
    assert {re.sub(r"(_\d+)+$", "", name) for name in NAMES} == set(FAMILIES)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_after_a_bar_changes_its_value(name: str) -> None:
    bars = symbol()
    whole = value(name, bars)
    for length in (40, 77, 119):
        cut = BarColumns(*(getattr(bars, field.name)[:length] for field in fields(bars)))
        np.testing.assert_array_equal(value(name, cut), whole[:length])


@pytest.mark.parametrize("name", NAMES)
def test_bars_that_never_move_give_finite_values(name: str) -> None:
    still = np.full(60, 1234.567)
    time = symbol(60).time
    values = value(name, BarColumns(time, still, still, still, still, np.full(60, 99.0)))
    assert np.isfinite(values[24:]).all()


def test_what_a_constant_stretch_means() -> None:
    still = np.full(30, 50.0)
    bars = BarColumns(symbol(30).time, still, still, still, still, still)
    assert value("rsi_4", bars)[-1] == 0.5
    assert value("close_location", bars)[-1] == 0.5
    assert value("bollinger_5", bars)[-1] == 0
    assert value("volume_zscore_5", bars)[-1] == 0


def test_a_bar_without_volume_takes_the_last_reported() -> None:
    bars = symbol()
    volume = bars.volume.copy()
    volume[50] = volume[49]
    filled = value("volume_zscore_5", replace(bars, volume=volume))
    volume = volume.copy()
    volume[50] = 0
    np.testing.assert_array_equal(value("volume_zscore_5", replace(bars, volume=volume)), filled)


def test_a_bar_long_after_the_last_volume_has_the_mean() -> None:
    bars = symbol()
    volume = bars.volume.copy()
    volume[50:70] = 0
    values = value("volume_zscore_5", replace(bars, volume=volume))
    assert (values[55:74] == 0).all()
    assert (values[[49, 52, 74, 75]] != 0).all()


def test_the_calendar_by_hand() -> None:
    time = np.array(["2024-01-01T06:00", "2024-07-03T18:00"], dtype="datetime64[ns]")  # Mon, Wed
    bars = BarColumns(time, *(np.ones(2) for _ in range(5)))
    np.testing.assert_allclose(
        value("day_of_week_sin", bars), [0, np.sin(4 * np.pi / 7)], atol=1e-12
    )
    np.testing.assert_allclose(value("month_cos", bars), [1, -1], atol=1e-12)
    np.testing.assert_allclose(value("time_of_day_sin", bars), [1, -1], atol=1e-12)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["retrun_5"], "retrun_5: unknown; did you mean return_N?"),
        (["return"], "return: write return_N, spans of at least 1 bars"),
        (["volatility_1"], "volatility_1: write volatility_N, spans of at least 2 bars"),
        (["macd_12_26"], "macd_12_26: write macd_F_S_G"),
        (["gap_3"], "gap_3: write gap"),
        (["gap", "rsi_14", "gap"], "gap: stands twice"),
    ],
)
def test_a_faulty_name_is_told_with_the_known_ones(names: list[str], message: str) -> None:
    with pytest.raises(UserError) as error:
        parse_features(names)
    assert message in str(error.value)
    assert "known: return_N, volatility_N" in str(error.value)
