"""What is doubtful in bars: prices, volume, the calendar."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.market.findings.finding import Case, Evidence
from tribar.market.row_index import Times
from tribar.market.sources.ordering import Ordering
from tribar.market.sources.times import show_time

Floats = NDArray[np.float64]
_DAY = np.timedelta64(1, "D")

_OUTSIDE, _ROUNDING = 0.02, 1e-3
"""More closes than this share lie outside [low, high] by more than rounding: two price scales."""
_FACTORS = (2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 50, 100, 1.5, 4 / 3, 5 / 4)
_NEAR, _DEVIATIONS, _AROUND = 0.03, 12.0, 5
"""A split's factor is met within this share, by so many deviations, and by the bars around it."""
_STALE_BARS, _STALE_ODDS = 5, 1e-6
_GAPS, _SAME, _COMMON = 3.0, 0.999, 50
_HOLIDAY = 1.6
"""A weekend that a holiday makes longer by a day is a weekend."""
_OFF_GRID = 0.02


@dataclass(frozen=True)
class Series:
    """The bars of one symbol.

    Attributes:
        symbol: its name.
        first: place of its first bar in the ordering.
        interval: usual time between two bars.
        time: (bars,), in UTC.
        local_time: (bars,), as a clock in the time zone shows it.
        close: (bars,).
        adjusted: (bars,), the close that splits and dividends are taken out of, where it is known.
        volume: (bars,), empty where there is no such column.
    """

    symbol: str
    first: int
    interval: np.timedelta64
    time: Times
    local_time: Times
    close: Floats
    adjusted: Floats
    volume: Floats

    @property
    def deviation(self) -> float:
        """Return the robust deviation of log returns."""
        moves = np.abs(np.diff(np.log(self.adjusted)))
        return float(1.4826 * np.median(moves[moves > 0])) if np.any(moves > 0) else 0.0


def judge_bars(ordering: Ordering, prices: pd.DataFrame) -> Iterator[Evidence]:
    """Yield what is doubtful in bars, in the order of the rules' codes.

    Args:
        ordering: of the bars.
        prices: a line a bar, as `read_bars` has them before they are adjusted.
    """
    series = list(_series(ordering, prices))
    yield Evidence("TD001", list(_two_scales(ordering, prices)))
    yield Evidence("TD002", [case for one in series for case in _splits(ordering, one)])
    yield Evidence("TD003", [case for one in series for case in _stale(ordering, one)])
    yield Evidence("TD004", _without_volume(series))
    yield Evidence("TD007", [case for one in series for case in _holes(ordering, one)])
    yield Evidence("TD008", [case for one in series for case in _off_grid(ordering, one)])
    yield Evidence("TD009", list(_twins(series)))
    yield Evidence("TD010", [case for one in series for case in _seams(ordering, one)])


def _series(ordering: Ordering, prices: pd.DataFrame) -> Iterator[Series]:
    index, local_time, close = ordering.index, ordering.local_time, prices["close"].to_numpy()
    adjusted = prices["adj_close"].to_numpy() if "adj_close" in prices else close
    volume = prices["volume"].to_numpy() if "volume" in prices else np.empty(0)
    for number, symbol in enumerate(index.symbols):
        rows = index.rows(number)
        yield Series(
            symbol,
            rows.start,
            index.intervals[number],
            index.time[rows],
            local_time[rows],
            close[rows],
            adjusted[rows],
            volume[rows],
        )


def _two_scales(ordering: Ordering, prices: pd.DataFrame) -> Iterator[Case]:
    if not {"low", "high"} <= set(prices):
        return
    close, low, high = (prices[name].to_numpy() for name in ("close", "low", "high"))
    outside = (close < low * (1 - _ROUNDING)) | (close > high * (1 + _ROUNDING))
    if outside.sum() > max(_OUTSIDE * len(outside), 1):
        first = int(np.flatnonzero(outside)[0])
        span = f"[{low[first]:g}, {high[first]:g}]"
        yield Case(
            f"{outside.sum()} of {len(outside)} lie outside, the first {ordering.name(first)} "
            f"({ordering.where(first)}: {close[first]:g} outside {span})",
            first,
        )


def _splits(ordering: Ordering, one: Series) -> Iterator[Case]:
    moves = np.diff(np.log(one.adjusted))
    least = max(np.log(min(_FACTORS)) - _NEAR, _DEVIATIONS * one.deviation)
    for before in np.flatnonzero(np.abs(moves) > least).tolist():
        factor = _round_factor(abs(moves[before]))
        left = one.adjusted[max(before + 1 - _AROUND, 0) : before + 1]
        right = one.adjusted[before + 1 : before + 1 + _AROUND]
        stays = abs(np.log(np.median(right) / np.median(left)) - moves[before])
        if factor and stays < max(4 * one.deviation, _NEAR):
            place, way = one.first + before + 1, "falls" if moves[before] < 0 else "rises"
            yield Case(
                f"{ordering.name(place)} ({ordering.where(place)}: the close {way} "
                f"by a factor of {factor:g})",
                place,
            )


def _round_factor(move: float) -> float:
    """Return the round factor that a log move is near, 0 if near none."""
    near = [factor for factor in _FACTORS if abs(move - np.log(factor)) < _NEAR]
    return float(near[0]) if near else 0.0


def _stale(ordering: Ordering, one: Series) -> Iterator[Case]:
    """Yield the longest run of equal closes, where chance would hardly make one so long."""
    still = np.append(np.diff(one.close) == 0, False)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], still, [False]]).astype(np.int8)))
    starts, lengths = edges[::2], edges[1::2] - edges[::2]
    if not len(lengths) or lengths.max() < _STALE_BARS:
        return
    longest = int(lengths.argmax())
    others = max(int(still.sum()) - int(lengths[longest]), 1) / max(len(still), 1)
    if len(still) * others ** int(lengths[longest]) < _STALE_ODDS:
        place = one.first + int(starts[longest])
        yield Case(
            f"{ordering.name(place)} ({ordering.where(place)}: {lengths[longest] + 1} bars at "
            f"{one.close[starts[longest]]:g})",
            place,
        )


def _without_volume(series: list[Series]) -> list[Case]:
    return [Case(one.symbol) for one in series if len(one.volume) and not np.any(one.volume > 0)]


def _holes(ordering: Ordering, one: Series) -> Iterator[Case]:
    gaps = np.diff(one.time)
    if len(gaps) < _COMMON:
        return
    usual = np.sort(gaps)[int(0.99 * (len(gaps) - 1))]
    long = gaps > _GAPS * usual
    for before in np.flatnonzero(long & ~_weekly(one, gaps, long)).tolist():
        place = one.first + before
        yield Case(
            f"{ordering.name(place)} to {show_time(one.local_time[before + 1])} "
            f"({gaps[before] / _DAY:.3g} days)",
            place,
        )


def _weekly(
    one: Series, gaps: NDArray[np.timedelta64], long: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return which long gaps are the market's own: most weeks have one that begins on that day."""
    weeks = (one.time[-1] - one.time[0]) / (7 * _DAY)
    weekday = one.local_time[:-1].astype("M8[D]").astype(int) % 7
    own = np.zeros(len(gaps), np.bool_)
    for day in np.unique(weekday[long]):
        there = long & (weekday == day)
        if there.sum() >= weeks / 2:
            own |= there & (gaps <= _HOLIDAY * np.median(gaps[there]))
    return own


def _off_grid(ordering: Ordering, one: Series) -> Iterator[Case]:
    """Yield the few bars whose time is no whole number of intervals from the others'."""
    if len(one.time) < _COMMON or not np.timedelta64(0) < one.interval <= _DAY:
        return
    offset = one.local_time.astype("M8[ns]").astype(int) % one.interval.astype(int)
    values, counts = np.unique(offset, return_counts=True)
    off = offset != values[counts.argmax()]
    if off.any() and off.sum() <= max(_OFF_GRID * len(off), 1):
        for row in np.flatnonzero(off).tolist():
            last = ", the last: is it finished?" if row == len(off) - 1 else ""
            place = one.first + row
            yield Case(f"{ordering.name(place)} ({ordering.where(place)}{last})", place)


def _twins(series: list[Series]) -> Iterator[Case]:
    """Yield symbols whose closes are the same at nearly all of many common times."""
    series = [one for one in series if len(one.close) >= _COMMON]
    keys: dict[tuple[float, ...], list[Series]] = {}
    for one in series:
        middle = len(one.close) // 2
        keys.setdefault((len(one.close), *one.close[middle : middle + 3].tolist()), []).append(one)
    suspects = [(a, b) for group in keys.values() for a, b in itertools.combinations(group, 2)]
    if len(series) <= _COMMON:
        suspects = list(itertools.combinations(series, 2))
    for a, b in suspects:
        _, mine, theirs = np.intersect1d(a.time, b.time, assume_unique=True, return_indices=True)
        if len(mine) >= _COMMON and np.mean(a.close[mine] == b.close[theirs]) >= _SAME:
            yield Case(f"{a.symbol} and {b.symbol} ({len(mine)} common times)")


def _seams(ordering: Ordering, one: Series) -> Iterator[Case]:
    """Yield where a symbol's prices jump from the last bar of a file to the first of another."""
    if len(ordering.raw.tables) == 1:
        return
    places = np.arange(one.first, one.first + len(one.time))
    rows = places if ordering.rows is None else ordering.rows[places]
    file = ordering.raw.file(rows)
    moves = np.diff(np.log(one.adjusted))
    jumps = (np.diff(file) != 0) & (np.abs(moves) > max(_DEVIATIONS * one.deviation, 0.05))
    for before in np.flatnonzero(jumps).tolist():
        place = one.first + before + 1
        yield Case(
            f"{ordering.name(place)} ({ordering.where(place)}: from {one.close[before]:g} to "
            f"{one.close[before + 1]:g})",
            place,
        )
