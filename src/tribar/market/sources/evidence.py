"""Which columns are times, prices and volume, told by their values alone."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.market.sources.cells import is_empty, is_number, is_time
from tribar.market.sources.number_format import Ambiguity, bare, factors, find_format
from tribar.market.sources.time_format import parse_times

_EPOCH = re.compile(r"\d{9,19}(?:\.\d*)?")
_DATE = re.compile(r"(?:1[89]|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?:\d{4}|\d{6})?")
_TIME_OF_DAY = re.compile(r"\d{1,2}:\d\d.*|(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?|0")
_PLAINLY, _LEAST_BARS = 0.8, 20
_USUAL_RANGE = 1.5
"""The high of most bars is less than so many times the low: else they are prices of two markets."""


def holds_times(cells: Sequence[str]) -> bool:
    """Return whether cells are dates or epochs, with or without a time of day.

    >>> holds_times(["20200102"]), holds_times(["1577923200"]), holds_times(["1.5"])
    (True, True, False)
    """
    filled = [cell for cell in cells if not is_empty(cell)]
    return bool(filled) and 2 * sum(map(_is_date, filled)) > len(filled)


def _is_date(cell: str) -> bool:
    written = is_time(cell) and not re.match(r"\d{1,2}:", cell)
    return written or bool(_EPOCH.fullmatch(cell) or _DATE.fullmatch(cell))


def holds_times_of_day(cells: Sequence[str]) -> bool:
    """Return whether cells are times of day alone: 15:30, 15:30:00 or 153000."""
    filled = [cell for cell in cells if not is_empty(cell)]
    return bool(filled) and all(map(_TIME_OF_DAY.fullmatch, filled))


def has_time_of_day(cells: Sequence[str]) -> bool:
    """Return whether cells with dates have a time of day too, or are epochs."""
    return any(re.search(r"\d[T ].*\d:\d|\d{9,}|\d{8} +\d{4}|[ap]m", cell, re.I) for cell in cells)


def find_bars(columns: Sequence[Sequence[str]]) -> dict[str, int]:
    """Return the positions of time, prices and volume, as far as the columns' values tell.

    Of four columns of prices beside each other the one that is never below another is the high, the
    one that is never above is the low, and of the two others the first is the open, unless bars
    plainly begin where the other's ended before. A column that never leaves [low, high], as a mean
    price, is no volume.

    >>> find_bars([["20200102", "20200103"], ["8", "9"], ["9", "10"], ["7", "8"], ["8.5", "9.5"]])
    {'timestamp': 0, 'open': 1, 'high': 2, 'low': 3, 'close': 4}
    """
    found: dict[str, int] = {}
    numbers: dict[int, NDArray[np.float64]] = {}
    for position, cells in enumerate(columns):
        if "timestamp" not in found and holds_times(cells):
            found["timestamp"] = position
        elif _is_time_beside(found, position, cells, columns):
            found["time"] = position
        elif any(not is_empty(cell) for cell in cells) and all(
            is_number(cell) or is_empty(cell) for cell in cells
        ):
            numbers[position] = _values(cells)
    falls = "timestamp" in found and _falls(columns[found["timestamp"]])
    return found | _prices(numbers, falls)


def _falls(cells: Sequence[str]) -> bool:
    """Return whether the newest time stands first."""
    time = parse_times(pd.Series(list(cells), dtype="str"), "auto")[0].time
    return bool(time[0] > time[-1])


def _is_time_beside(
    found: Mapping[str, int],
    position: int,
    cells: Sequence[str],
    columns: Sequence[Sequence[str]],
) -> bool:
    return (
        found.get("timestamp") == position - 1
        and holds_times_of_day(cells)
        and not has_time_of_day(columns[position - 1])
    )


def _prices(numbers: Mapping[int, NDArray[np.float64]], falls: bool) -> dict[str, int]:
    positions = list(numbers)
    for first in range(len(positions) - 3):
        chosen = positions[first : first + 4]
        places = _high_and_low(np.array([numbers[position] for position in chosen]))
        if places:
            high, low = (chosen[place] for place in places)
            opened, close = (one for one in chosen if one not in (high, low))
            if _is_other_way(numbers[opened], numbers[close], falls):
                opened, close = close, opened
            found = {"open": opened, "high": high, "low": low, "close": close}
            return found | _volume(numbers, found, positions[first + 4 :])
    return {"close": positions[0]} if len(positions) == 1 else {}


def _is_other_way(opened: NDArray[np.float64], close: NDArray[np.float64], falls: bool) -> bool:
    """Return whether what seems the close is plainly the open."""
    enough = len(opened) >= _LEAST_BARS
    return enough and _gap(close, opened, falls) < _PLAINLY * _gap(opened, close, falls)


def _gap(opened: NDArray[np.float64], close: NDArray[np.float64], falls: bool) -> float:
    """Return how far bars usually begin from where the bar before ended."""
    step = -1 if falls else 1
    return float(np.nanmedian(np.abs(opened[::step][1:] - close[::step][:-1])))


def _high_and_low(prices: NDArray[np.float64]) -> tuple[int, int] | None:
    """Return which of four prices, (4, bars), is the high and which the low."""
    lowest, highest = prices.min(axis=0), prices.max(axis=0)
    sound = np.isfinite(prices).all(axis=0) & (lowest > 0)
    near = sound & (highest < _USUAL_RANGE * np.where(sound, lowest, 1))
    if 2 * near.sum() <= len(near):
        return None
    highs = [place for place in (1, 2, 3, 0) if np.all((prices[place] >= highest)[sound])]
    lows = [place for place in (2, 3, 0, 1) if np.all((prices[place] <= lowest)[sound])]
    pairs = [(high, low) for high in highs for low in lows if high != low]
    return pairs[0] if pairs else None


def _volume(
    numbers: Mapping[int, NDArray[np.float64]], found: Mapping[str, int], later: Sequence[int]
) -> dict[str, int]:
    low, high = (numbers[found[name]] for name in ("low", "high"))
    for position in later:
        values = numbers[position]
        within = np.all((values >= low) & (values <= high))
        if not within and not holds_times([f"{value:.0f}" for value in values]):
            return {"volume": position}
    return {}


def _values(cells: Sequence[str]) -> NDArray[np.float64]:
    texts, times = factors(bare(pd.Series(list(cells), dtype="str")))
    form = find_format(texts, "auto", "auto")
    if isinstance(form, Ambiguity):
        form = form.formats[0]
    values: NDArray[np.float64] = form.read(texts) * times
    return values
