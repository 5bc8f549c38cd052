from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

from tests.market.factories import make_bars
from tribar.errors import UserError
from tribar.market.features import FAMILIES, SymbolBars, parse_features

NAMES = [
    "return_3", "volatility_5", "parkinson_5", "garman_klass_5", "close_location", "gap",
    "volume_zscore_5", "rsi_4", "macd_3_6_2", "bollinger_5", "atr_4", "day_of_week_sin",
    "day_of_week_cos", "month_sin", "month_cos", "time_of_day_sin", "time_of_day_cos",
]  # fmt: skip


def symbol(length: int = 120, seed: int = 0) -> SymbolBars:
    table = make_bars([length], seed).table
    time = table["timestamp"].dt.tz_convert(None).to_numpy()
    return SymbolBars(
        time, *(table[c].to_numpy() for c in ("open", "high", "low", "close", "volume"))
    )


def value(name: str, bars: SymbolBars) -> np.ndarray:
    return parse_features([name])[0](bars)


def wilder(values: pd.Series, span: int) -> pd.Series:
    """Average as Wilder does: a plain mean of the first `span`, then 1 / span of each new one."""
    smooth = values.copy()
    smooth.iloc[:span] = np.nan
    smooth.iloc[span] = values.iloc[1 : span + 1].mean()
    for row in range(span + 1, len(values)):
        smooth.iloc[row] = (smooth.iloc[row - 1] * (span - 1) + values.iloc[row]) / span
    return smooth


def by_pandas(name: str, bars: SymbolBars) -> pd.Series:
    """Return the textbook definition, written with pandas."""
    close, open_, high, low = (
        pd.Series(getattr(bars, c)) for c in ("close", "open", "high", "low")
    )
    returns = np.log(close).diff()
    match name:
        case "return_3":
            return np.log(close / close.shift(3))
        case "volatility_5":
            return returns.rolling(5).std(ddof=0)
        case "parkinson_5":
            return np.sqrt((np.log(high / low) ** 2).rolling(5).mean() / (4 * np.log(2)))
        case "garman_klass_5":
            daily = np.log(high / low) ** 2 / 2 - (2 * np.log(2) - 1) * np.log(close / open_) ** 2
            return np.sqrt(daily.rolling(5).mean().clip(lower=0))
        case "close_location":
            return (close - low) / (high - low)
        case "gap":
            return np.log(open_ / close.shift(1))
        case "volume_zscore_5":
            logs = np.log(pd.Series(bars.volume))
            return (logs - logs.rolling(5).mean()) / logs.rolling(5).std(ddof=0)
        case "rsi_4":
            up, down = close.diff().clip(lower=0), -close.diff().clip(upper=0)
            gain, loss = wilder(up, 4), wilder(down, 4)
            return gain / (gain + loss)
        case "bollinger_5":
            return (close - close.rolling(5).mean()) / (2 * close.rolling(5).std(ddof=0))
        case "atr_4":
            before = close.shift(1)
            ranges = pd.concat([high - low, (high - before).abs(), (low - before).abs()], axis=1)
            return wilder(ranges.max(axis=1, skipna=False), 4) / close
    raise AssertionError(name)


@pytest.mark.parametrize("name", NAMES[:8] + ["bollinger_5", "atr_4"])
def test_values_are_those_of_the_definition(name: str) -> None:
    bars = symbol()
    np.testing.assert_allclose(value(name, bars), by_pandas(name, bars), rtol=1e-6, atol=1e-9)


def test_macd_is_the_definition_once_its_start_is_forgotten() -> None:
    bars = symbol(400)
    close = pd.Series(bars.close)
    line = close.ewm(span=3, adjust=False).mean() - close.ewm(span=6, adjust=False).mean()
    expected = (line - line.ewm(span=2, adjust=False).mean()) / close
    np.testing.assert_allclose(value("macd_3_6_2", bars)[200:], expected[200:], atol=1e-12)


def test_every_family_is_tested_and_named() -> None:
    assert {feature.family for feature in (parse_features([n])[0] for n in NAMES)} == set(
        FAMILIES.values()
    )


@pytest.mark.parametrize("name", NAMES)
def test_nothing_after_a_bar_changes_its_value(name: str) -> None:
    bars = symbol()
    whole = value(name, bars)
    for length in (40, 77, 119):
        cut = SymbolBars(*(getattr(bars, field.name)[:length] for field in fields(bars)))
        np.testing.assert_array_equal(value(name, cut), whole[:length])


@pytest.mark.parametrize("name", NAMES)
def test_bars_that_never_move_give_finite_values(name: str) -> None:
    still = np.full(60, 1234.567)
    time = symbol(60).time
    values = value(name, SymbolBars(time, still, still, still, still, np.full(60, 99.0)))
    assert np.isfinite(values[20:]).all()


def test_what_a_constant_stretch_means() -> None:
    still = np.full(30, 50.0)
    bars = SymbolBars(symbol(30).time, still, still, still, still, still)
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


def test_the_calendar_by_hand() -> None:
    time = np.array(["2024-01-01T06:00", "2024-07-03T18:00"], dtype="datetime64[ns]")  # Mon, Wed
    bars = SymbolBars(time, *(np.ones(2) for _ in range(5)))
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
