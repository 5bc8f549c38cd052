"""Features of a bar, each from bars at or before it: small functions, registered by name."""

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import talib
from numpy.typing import NDArray

from tribar.errors import UserError
from tribar.market.indicators import (
    Series,
    deviation,
    lagged,
    log_return,
    mean,
    zscore,
)

_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class SymbolBars:
    """One symbol's bars in order of time; columns that the source lacks are empty arrays."""

    time: NDArray[np.datetime64]
    open: Series
    high: Series
    low: Series
    close: Series
    volume: Series


def volatility(bars: SymbolBars, span: int) -> Series:
    """Return the realised volatility: the deviation of one-bar log returns."""
    return deviation(log_return(bars.close, 1), span)


def parkinson(bars: SymbolBars, span: int) -> Series:
    """Return the volatility from high and low (Parkinson, 1980)."""
    squares = np.log(bars.high / bars.low) ** 2 / (4 * np.log(2))
    return np.sqrt(np.maximum(mean(squares, span), 0))


def garman_klass(bars: SymbolBars, span: int) -> Series:
    """Return the volatility from all four prices (Garman and Klass, 1980)."""
    ranges = np.log(bars.high / bars.low) ** 2 / 2
    moves = (2 * np.log(2) - 1) * np.log(bars.close / bars.open) ** 2
    return np.sqrt(np.maximum(mean(ranges - moves, span), 0))


def close_location(bars: SymbolBars) -> Series:
    """Return where in [low, high] the close lies, 0 to 1; one half where they are equal."""
    width = bars.high - bars.low
    share = (bars.close - bars.low) / np.where(width == 0, 1, width)
    return np.where(width == 0, 0.5, share)


def gap(bars: SymbolBars) -> Series:
    """Return the log of the open over the previous close."""
    return np.log(bars.open / lagged(bars.close, 1))


def volume_zscore(bars: SymbolBars, span: int) -> Series:
    """Return the z-score of the log volume; a bar without volume takes the last reported one."""
    reported = np.where(bars.volume > 0, np.arange(len(bars.volume)), -1)
    last = np.maximum.accumulate(reported)
    known = np.where(last >= 0, bars.volume[last], np.nan)
    return zscore(np.log(known), span)


def rsi(bars: SymbolBars, span: int) -> Series:
    """Return Wilder's relative strength index (1978), 0 to 1; one half before any move."""
    values = np.asarray(talib.RSI(bars.close, span)) / 100
    moved = np.cumsum(np.abs(np.diff(bars.close, prepend=bars.close[:1]))) > 0
    return np.where(moved | np.isnan(values), values, 0.5)


def macd(bars: SymbolBars, fast: int, slow: int, signal: int) -> Series:
    """Return the MACD histogram (Appel, 1979) as a share of the close."""
    return np.asarray(talib.MACD(bars.close, fast, slow, signal)[2]) / bars.close


def bollinger(bars: SymbolBars, span: int) -> Series:
    """Return the position in the Bollinger bands: -1 lower, 0 middle, 1 upper band."""
    return zscore(bars.close / bars.close[0], span) / 2


def atr(bars: SymbolBars, span: int) -> Series:
    """Return Wilder's average true range (1978) as a share of the close."""
    return np.asarray(talib.ATR(bars.high, bars.low, bars.close, span)) / bars.close


def _cycle(phase: Callable[[NDArray[np.datetime64]], Series], sine: bool) -> "Compute":
    """Return a feature that places a time on a circle, `phase` from 0 to 1 around it."""
    wave = np.sin if sine else np.cos

    def place(bars: SymbolBars) -> Series:
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
        needs: the columns that it needs beside close.
        spans: names of its spans, as messages have them.
        least: bars of a span.
    """

    compute: Compute
    needs: tuple[str, ...] = ()
    spans: tuple[str, ...] = ()
    least: int = 2


_RANGE, _SPAN = ("high", "low"), ("N",)
FAMILIES = {
    "return": Family(lambda bars, span: log_return(bars.close, span), spans=_SPAN, least=1),
    "volatility": Family(volatility, spans=_SPAN),
    "parkinson": Family(parkinson, _RANGE, _SPAN),
    "garman_klass": Family(garman_klass, ("open", *_RANGE), _SPAN),
    "close_location": Family(close_location, _RANGE),
    "gap": Family(gap, ("open",)),
    "volume_zscore": Family(volume_zscore, ("volume",), _SPAN),
    "rsi": Family(rsi, spans=_SPAN),
    "macd": Family(macd, spans=("F", "S", "G")),
    "bollinger": Family(bollinger, spans=_SPAN),
    "atr": Family(atr, _RANGE, _SPAN),
    "day_of_week_sin": Family(_cycle(_day_of_week, sine=True)),
    "day_of_week_cos": Family(_cycle(_day_of_week, sine=False)),
    "month_sin": Family(_cycle(_month, sine=True)),
    "month_cos": Family(_cycle(_month, sine=False)),
    "time_of_day_sin": Family(_cycle(_time_of_day, sine=True)),
    "time_of_day_cos": Family(_cycle(_time_of_day, sine=False)),
}


@dataclass(frozen=True)
class Feature:
    """A feature as params.yaml names it."""

    name: str
    family: Family
    spans: tuple[int, ...]

    def __call__(self, bars: SymbolBars) -> Series:
        """Return its value at every bar of one symbol."""
        return self.family.compute(bars, *self.spans)


def parse_features(names: Sequence[str], where: str = "prepare.features") -> tuple[Feature, ...]:
    """Return the features of these names, which stand `where` in params.yaml.

    >>> [feature.spans for feature in parse_features(["macd_12_26_9", "gap"])]
    [(12, 26, 9), ()]

    Raises:
        UserError: names that are unknown, repeated or have other spans than their family.
    """
    faults = [fault for name in names if (fault := _fault(name))]
    faults += [f"{name}: stands twice" for name in sorted({n for n in names if names.count(n) > 1})]
    if faults:
        lines = "\n".join(f"  {fault}" for fault in faults)
        raise UserError(
            f"{where}: {len(faults)} name(s) to mend:\n{lines}\n"
            f"known: {', '.join(_shape(name) for name in FAMILIES)} (N, F, S, G: bars)"
        )
    return tuple(Feature(name, FAMILIES[_family(name)], _spans(name)) for name in names)


def _family(name: str) -> str:
    return re.sub(r"(_\d+)+$", "", name)


def _spans(name: str) -> tuple[int, ...]:
    return tuple(int(span) for span in name.removeprefix(_family(name)).split("_") if span)


def _shape(family: str) -> str:
    return "_".join([family, *FAMILIES[family].spans])


def _fault(name: str) -> str:
    family = _family(name)
    if family not in FAMILIES:
        near = difflib.get_close_matches(family, FAMILIES, n=1)
        return f"{name}: unknown" + (f"; did you mean {_shape(near[0])}?" if near else "")
    spans, least = _spans(name), FAMILIES[family].least
    if len(spans) != len(FAMILIES[family].spans) or min(spans, default=least) < least:
        return f"{name}: write {_shape(family)}, spans of at least {least} bars"
    return ""
