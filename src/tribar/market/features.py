"""Features of a bar, each from exactly its last bars: small functions, registered by name."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tribar.market.bar_columns import BarColumns
from tribar.market.indicators import (
    TIME_CONSTANTS,
    Series,
    deviation,
    lagged,
    log_return,
    mean,
    weighted_sum,
    zscore,
)

_DAY = np.timedelta64(1, "D")


def volatility(bars: BarColumns, span: int) -> Series:
    """Return the realised volatility: the deviation of one-bar log returns."""
    return deviation(log_return(bars.close, 1), span)


def parkinson(bars: BarColumns, span: int) -> Series:
    """Return the volatility from high and low (Parkinson, 1980)."""
    squares = np.log(bars.high / bars.low) ** 2 / (4 * np.log(2))
    return np.sqrt(mean(squares, span))


def garman_klass(bars: BarColumns, span: int) -> Series:
    """Return the volatility from all four prices (Garman and Klass, 1980)."""
    ranges = np.log(bars.high / bars.low) ** 2 / 2
    moves = (2 * np.log(2) - 1) * np.log(bars.close / bars.open) ** 2
    return np.sqrt(np.maximum(mean(ranges - moves, span), 0))


def close_location(bars: BarColumns) -> Series:
    """Return where in [low, high] the close lies, 0 to 1; one half where they are equal."""
    width = bars.high - bars.low
    share = (bars.close - bars.low) / np.where(width == 0, 1, width)
    return np.where(width == 0, 0.5, share)


def gap(bars: BarColumns) -> Series:
    """Return the log of the open over the previous close."""
    return np.log(bars.open / lagged(bars.close, 1))


def volume_zscore(bars: BarColumns, span: int) -> Series:
    """Return the z-score of the log volume; 0, its mean, where too little is reported.

    A bar without volume takes the last reported one of the `span` bars before it.
    """
    place = np.arange(len(bars.volume))
    last = np.maximum.accumulate(np.where(bars.volume > 0, place, -1))
    known = (last >= 0) & (place - last <= span)
    volume = np.where(known, bars.volume[last], np.nan)
    return np.nan_to_num(zscore(np.log(volume), span))


def rsi(bars: BarColumns, span: int) -> Series:
    """Return Wilder's relative strength index (1978), 0 to 1; one half where nothing moves."""
    move = bars.close - lagged(bars.close, 1)
    length, decay = TIME_CONSTANTS * span, 1 - 1 / span
    gain, loss = (mean(np.maximum(one, 0), length, decay) for one in (move, -move))
    still = gain + loss == 0
    return np.where(still, 0.5, gain / np.where(still, 1, gain + loss))


def macd(bars: BarColumns, fast: int, slow: int, signal: int) -> Series:
    """Return the MACD histogram (Appel, 1979) as a share of the close.

    Its averages begin at the first of its bars, as pandas' `ewm(adjust=False)` does.
    """
    weights = _macd_weights(fast, slow, signal, _macd_bars(fast, slow, signal))
    return weighted_sum(bars.close, weights) / bars.close


def _macd_bars(fast: int, slow: int, signal: int) -> int:
    return TIME_CONSTANTS * (max(fast, slow) + signal) // 2


def _macd_weights(fast: int, slow: int, signal: int, bars: int) -> list[float]:
    """Return what each close adds to the histogram, the newest first."""
    averages = [0.0, 0.0, 0.0]
    weights = []
    for close in [1.0, *[0.0] * (bars - 1)]:
        for number, span in enumerate((fast, slow, signal)):
            seen = close if number < 2 else averages[0] - averages[1]
            averages[number] += 2 / (span + 1) * (seen - averages[number])
        weights.append(averages[0] - averages[1] - averages[2])
    # The first close stands for all before it: a close that never changes has no histogram.
    weights[-1] -= math.fsum(weights)
    return weights


def bollinger(bars: BarColumns, span: int) -> Series:
    """Return the position in the Bollinger bands: -1 lower, 0 middle, 1 upper band."""
    return zscore(bars.close, span, relative=True) / 2


def atr(bars: BarColumns, span: int) -> Series:
    """Return Wilder's average true range (1978) as a share of the close."""
    before = lagged(bars.close, 1)
    true_range = np.maximum(bars.high, before) - np.minimum(bars.low, before)
    return mean(true_range, TIME_CONSTANTS * span, 1 - 1 / span) / bars.close


def _cycle(phase: Callable[[NDArray[np.datetime64]], Series], sine: bool) -> "Compute":
    """Return a feature that places a time on a circle, `phase` from 0 to 1 around it."""
    wave = np.sin if sine else np.cos

    def place(bars: BarColumns) -> Series:
        around: Series = wave(2 * np.pi * phase(bars.time))
        return around

    return place


def _day_of_week(time: NDArray[np.datetime64]) -> Series:
    since_monday = time.astype("datetime64[D]").astype(np.int64) + 3  # day 0 was a Thursday
    return since_monday % 7 / 7


def _month(time: NDArray[np.datetime64]) -> Series:
    return time.astype("datetime64[M]").astype(np.int64) % 12 / 12


def _time_of_day(time: NDArray[np.datetime64]) -> Series:
    share: Series = (time - time.astype("datetime64[D]")) / _DAY
    return share


Compute = Callable[..., Series]


@dataclass(frozen=True)
class Family:
    """A kind of feature.

    Attributes:
        compute: its function.
        bars: how many a value is made of, by the spans; the last of them is the value's own.
        needs: the columns that it needs beside close.
        spans: names of its spans, as messages have them.
        least: bars of a span.
    """

    compute: Compute
    bars: Callable[..., int]
    needs: tuple[str, ...] = ()
    spans: tuple[str, ...] = ()
    least: int = 2


def _span(span: int) -> int:
    return span


def _span_of_returns(span: int) -> int:
    return span + 1


def _wilder(span: int) -> int:
    return TIME_CONSTANTS * span + 1


def _one() -> int:
    return 1


_RANGE, _SPAN = ("high", "low"), ("N",)
FAMILIES = {
    "return": Family(
        lambda bars, span: log_return(bars.close, span), _span_of_returns, spans=_SPAN, least=1
    ),
    "volatility": Family(volatility, _span_of_returns, spans=_SPAN),
    "parkinson": Family(parkinson, _span, _RANGE, _SPAN),
    "garman_klass": Family(garman_klass, _span, ("open", *_RANGE), _SPAN),
    "close_location": Family(close_location, _one, _RANGE),
    "gap": Family(gap, lambda: 2, ("open",)),
    "volume_zscore": Family(volume_zscore, lambda span: 2 * span, ("volume",), _SPAN),
    "rsi": Family(rsi, _wilder, spans=_SPAN),
    "macd": Family(macd, _macd_bars, spans=("F", "S", "G")),
    "bollinger": Family(bollinger, _span, spans=_SPAN),
    "atr": Family(atr, _wilder, _RANGE, _SPAN),
    "day_of_week_sin": Family(_cycle(_day_of_week, sine=True), _one),
    "day_of_week_cos": Family(_cycle(_day_of_week, sine=False), _one),
    "month_sin": Family(_cycle(_month, sine=True), _one),
    "month_cos": Family(_cycle(_month, sine=False), _one),
    "time_of_day_sin": Family(_cycle(_time_of_day, sine=True), _one),
    "time_of_day_cos": Family(_cycle(_time_of_day, sine=False), _one),
}
