"""Rows in order of symbol and time, and what can be wrong with that order."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import union_categoricals

from tribar.market.sources.columns import Times, symbols, times
from tribar.market.sources.tables import RawTables, refuse

_DAY = np.timedelta64(1, "D")
_HOLE_IN_INTERVALS = 3.0


@dataclass(frozen=True)
class Ordering:
    """The rows of a source in order of symbol, then time.

    Attributes:
        raw: the source.
        rows: (rows,), the row of the source at each place; None where nothing has to move.
        codes: (rows,), the position of each place's symbol in `symbols`.
        symbols: the symbols in string order.
        time: (rows,), each place's time.
        sorted_rows: rows that stood behind a later row of their symbol.
    """

    raw: RawTables
    rows: NDArray[np.intp] | None
    codes: NDArray[np.int32]
    symbols: tuple[str, ...]
    time: Times
    sorted_rows: int

    @property
    def starts(self) -> NDArray[np.intp]:
        """The first place of each symbol."""
        return np.flatnonzero(np.diff(self.codes, prepend=-1))

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

    def keys(self) -> pd.DataFrame:
        """Return the columns symbol and timestamp (UTC)."""
        symbol = pd.array(self.symbols, dtype="str").take(self.codes)
        return pd.DataFrame({"symbol": symbol, "timestamp": utc(self.time)})

    def name(self, place: int) -> str:
        """Return the symbol and the time at a place, for a message."""
        return f"{self.symbols[self.codes[place]]} {show_time(self.time[place])}"


def utc(time: Times) -> "pd.Series[pd.Timestamp]":
    """Return times as a column that knows its zone."""
    column: pd.Series[pd.Timestamp] = pd.Series(time).dt.tz_localize("UTC")
    return column


def show_time(time: np.datetime64) -> str:
    """Return a time in UTC, a date where it is midnight.

    >>> show_time(np.datetime64("2020-01-02T00:00", "ns"))
    '2020-01-02'
    """
    return pd.Timestamp(time).isoformat().removesuffix("T00:00:00")


def order_rows(raw: RawTables) -> Ordering:
    """Return the order of a source's rows by symbol and time.

    Raises:
        UserError: an unusable symbol or time, or two rows of one symbol and time.
    """
    united = union_categoricals([symbols(table) for table in raw.tables], sort_categories=True)
    codes = united.codes.astype(np.int32)
    time = np.concatenate([times(table, "timestamp") for table in raw.tables])
    ordering = _sort(raw, codes, tuple(map(str, united.categories)), time)
    same = (np.diff(ordering.codes) == 0) & (np.diff(ordering.time) == np.timedelta64(0))
    ordering.refuse(
        same,
        lambda i: f"{ordering.name(i)} ({ordering.where(i)} and {ordering.where(i + 1)})",
        "one symbol and time in two rows",
        "keep one of them",
    )
    return ordering


def _sort(
    raw: RawTables, codes: NDArray[np.int32], names: tuple[str, ...], time: Times
) -> Ordering:
    step = np.diff(codes)
    if np.all((step > 0) | ((step == 0) & (np.diff(time) >= np.timedelta64(0)))):
        return Ordering(raw, None, codes, names, time, sorted_rows=0)
    latest = pd.Series(time).groupby(codes).cummax().to_numpy()
    rows = np.lexsort((time, codes))
    return Ordering(raw, rows, codes[rows], names, time[rows], int(np.sum(time < latest)))


def refuse_holes(ordering: Ordering, max_gap_days: float) -> float:
    """Return the longest time between two bars of a symbol, in days.

    Raises:
        UserError: a hole longer than `max_gap_days` and than three of the symbol's median
            intervals, as no weekend, holiday or slow bar is.
    """
    same = np.diff(ordering.codes) == 0
    days = np.where(same, np.diff(ordering.time) / _DAY, np.nan)
    long = days > max_gap_days
    if long.any():
        usual = pd.Series(days).groupby(ordering.codes[:-1]).transform("median").to_numpy()
        ordering.refuse(
            long & (days > _HOLE_IN_INTERVALS * usual),
            lambda i: f"{ordering.name(i)} to {show_time(ordering.time[i + 1])} ({days[i]:g} days)",
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
    starts = ordering.starts
    still = np.minimum.reduceat(close, starts) == np.maximum.reduceat(close, starts)
    several = np.diff(starts, append=len(close)) > 1
    ordering.refuse(
        still & several,
        lambda i: f"{ordering.symbols[i]} ({close[starts[i]]:g})",
        "close never changes",
        "leave these symbols out",
    )
