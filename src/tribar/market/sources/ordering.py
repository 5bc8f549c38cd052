"""Rows in order of symbol and time, and what can be wrong with that order."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import union_categoricals

from tribar.market.row_index import RowIndex, Times
from tribar.market.sources.columns import symbols
from tribar.market.sources.raw_table import RawTables, refuse
from tribar.market.sources.times import show_time, times

_DAY = np.timedelta64(1, "D")
_HOLE_IN_INTERVALS = 3.0


@dataclass(frozen=True)
class Ordering:
    """The rows of a source in order of symbol, then time.

    Attributes:
        raw: the source.
        rows: (rows,), the row of the source at each place; None where nothing has to move.
        index: symbol and time at each place.
        sorted_rows: rows that stood behind a later row of their symbol.
        timezone: of times that the source writes without an offset.
        date_formats: the way in which each file writes times.
    """

    raw: RawTables
    rows: NDArray[np.intp] | None
    index: RowIndex
    sorted_rows: int
    timezone: str
    date_formats: tuple[str, ...]

    @property
    def local_time(self) -> Times:
        """Return the time at each place, (rows,), as a clock in the time zone shows it."""
        return self.local(self.index.time)

    def local(self, time: Times) -> Times:
        """Return times in UTC as a clock in the time zone shows them."""
        if self.timezone == "UTC":
            return time
        aware = pd.DatetimeIndex(time).tz_localize("UTC").tz_convert(self.timezone)
        local: Times = aware.tz_localize(None).to_numpy()
        return local

    def where(self, place: int) -> str:
        """Return in which line of which file the row at a place stands."""
        return self.raw.place(place if self.rows is None else int(self.rows[place]))

    def refuse(
        self, bad: NDArray[np.bool_], show: Callable[[int], str], fault: str, remedy: str
    ) -> None:
        """Raise where any place of `bad`, (rows,), is set; `show` says where it is, and what.

        Raises:
            UserError: the fault, the first places, the number of the others, and the remedy.
        """
        refuse(self.raw.path, bad, show, fault, remedy)

    def apply(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a frame of the source's rows in this order."""
        return frame if self.rows is None else frame.take(self.rows).reset_index(drop=True)

    def name(self, place: int) -> str:
        """Return the symbol and the time at a place, for a message."""
        symbol = self.index.symbols[self.index.codes[place]]
        return f"{symbol} {show_time(self.local_time[place])}"


def order_rows(raw: RawTables, timezone: str) -> Ordering:
    """Return the order of a source's rows by symbol and time.

    Raises:
        UserError: an unusable symbol or time.
    """
    named = symbols(raw)
    united = union_categoricals(named, sort_categories=True)
    names, codes = tuple(map(str, united.categories)), united.codes.astype(np.int32)
    read = times(raw, "timestamp", timezone, named)
    time = np.concatenate([one.time for one in read])
    rows, sorted_rows = _sort(codes, time)
    if rows is not None:
        codes, time = codes[rows], time[rows]
    index, formats = RowIndex.from_codes(names, codes, time), tuple(one.format for one in read)
    return Ordering(raw, rows, index, sorted_rows, timezone, formats)


def _sort(codes: NDArray[np.int32], time: Times) -> tuple[NDArray[np.intp] | None, int]:
    """Return the rows in order, None where they are, and how many stood behind a later one."""
    step = np.diff(codes)
    if np.all((step > 0) | ((step == 0) & (np.diff(time) >= np.timedelta64(0)))):
        return None, 0
    latest = pd.Series(time).groupby(codes).cummax().to_numpy()
    return np.lexsort((time, codes)), int(np.sum(time < latest))


def refuse_holes(ordering: Ordering, max_gap_days: float) -> float:
    """Return the longest time between two bars of a symbol, in days.

    Raises:
        UserError: a hole longer than `max_gap_days` and than three of the symbol's median
            intervals, as no weekend, holiday or slow bar is.
    """
    codes, time = ordering.index.codes, ordering.index.time
    same = np.diff(codes) == 0
    days = np.where(same, np.diff(time) / _DAY, np.nan)
    long = days > max_gap_days
    if long.any():
        usual = pd.Series(days).groupby(codes[:-1]).transform("median").to_numpy()
        ordering.refuse(
            long & (days > _HOLE_IN_INTERVALS * usual),
            lambda i: (
                f"{ordering.name(i)} to {show_time(ordering.local_time[i + 1])} ({days[i]:g} days)"
            ),
            "no bars for long",
            "fill the hole, leave out the bars on one side of it, or raise "
            f"prepare.max_gap_days ({max_gap_days:g})",
        )
    return float(np.nanmax(days)) if same.any() else 0.0


def refuse_constant(ordering: Ordering, close: NDArray[np.float64]) -> None:
    """Refuse symbols of two bars or more with one and the same close.

    Raises:
        UserError: the symbols.
    """
    symbols, starts = ordering.index.symbols, ordering.index.starts
    still = np.minimum.reduceat(close, starts[:-1]) == np.maximum.reduceat(close, starts[:-1])
    several = np.diff(starts) > 1
    ordering.refuse(
        still & several,
        lambda i: f"{symbols[i]} ({close[starts[i]]:g})",
        "close never changes",
        "leave these symbols out",
    )
