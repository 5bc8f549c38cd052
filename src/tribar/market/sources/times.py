"""Columns of times in UTC; a cell that is none is refused with its place."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from tribar.errors import UserError
from tribar.market.findings.finding import Case, Evidence
from tribar.market.row_index import Times
from tribar.market.sources.cells import distinct, show_cell
from tribar.market.sources.raw_table import RawTable, RawTables
from tribar.market.sources.refusal import read_block
from tribar.market.sources.time_format import (
    EPOCH,
    ParsedTimes,
    epoch_units,
    is_date_format,
    join_clock,
    parse_times,
)

_ALLOWED_TIMES = (
    "write ISO 8601 (2020-12-31, 2020-12-31T15:30:00 or 2020-12-31T15:30:00+01:00) or whole "
    "seconds, milli-, micro- or nanoseconds since 1970, or set prepare.read.date_format"
)


class TimeColumn:
    """The texts of one file's column of times, and the ways to read them."""

    def __init__(self, table: RawTable, name: str, date_format: str) -> None:
        self.table, self.name = table, name
        self.exact = _exact_times(table.data[name])
        self.codes, self.texts = self._texts() if self.exact is None else _NOTHING
        self.readings = parse_times(self.texts, date_format) if self.exact is None else []

    def _texts(self) -> tuple[NDArray[np.int32], "pd.Series[str]"]:
        table = self.table
        try:
            codes, texts = distinct(table.data[self.name])
        except pa.ArrowException:
            raise UserError(
                f"{table.path}: column {self.name} holds {table.data[self.name].type}; write times"
            ) from None
        if self.name != "timestamp" or "time" not in table.data.column_names:
            return codes, texts
        clock_codes, clocks = distinct(table.data["time"])
        dates = texts.take(codes).reset_index(drop=True)
        both = join_clock(dates, clocks.take(clock_codes).reset_index(drop=True))
        found, joined = pd.factorize(both)
        return found.astype(np.int32), pd.Series(joined, dtype="str")

    @property
    def formats(self) -> list[str]:
        """Return the formats that fit the texts best."""
        return [one.format for one in self.readings]

    def refuse(self, bad: NDArray[np.bool_], fault: str, remedy: str) -> None:
        """Raise where any of the texts, (texts,), is bad."""
        self.table.refuse(
            bad[self.codes],
            lambda row: show_cell(self.texts[self.codes[row]]),
            f"{self.name} {fault}",
            remedy,
        )


_NOTHING = (np.empty(0, np.int32), pd.Series([], dtype="str"))


@dataclass(frozen=True)
class ReadTimes:
    """A column of times of one file.

    Attributes:
        time: (rows,), in UTC.
        format: the file's way of writing them; "" for a column of times.
        zone: the time zone that they are local in, "" if in none.
    """

    time: Times
    format: str
    zone: str


def times(
    raw: RawTables,
    name: str,
    timezone: str,
    symbols: Sequence["pd.Categorical[str]"],
    may_be_empty: bool = False,
) -> list[ReadTimes]:
    """Return a column of each file as times in UTC.

    Epochs and times with an offset are absolute; times without one are local in `timezone`, and a
    bare date is that day's local midnight. Which way of writing dates a file has is told by all of
    its cells, or else by the source's other files.

    Raises:
        UserError: a cell is no time, is empty, lies outside 1678 to 2261, only some cells have an
            offset, a day may be a month, or a local time is none or two for a change of the clocks.
    """
    form = raw.read.date_format
    if form != "auto" and not is_date_format(form):
        raise UserError(
            f"prepare.read.date_format: {form!r} does not tell year, month and day; write auto, s, "
            "ms, us, ns, or a format such as %d.%m.%Y %H:%M"
        )
    columns = [TimeColumn(table, name, form) for table in raw.tables]
    decided = {column.formats[0] for column in columns if len(column.readings) == 1}
    found = []
    for column, own in zip(columns, symbols, strict=True):
        read = _times(column, decided, timezone, may_be_empty)
        time = _from_local(column, read.time, read.zone, own) if read.zone else read.time
        found.append(replace(read, time=time))
    return found


def _times(column: TimeColumn, decided: set[str], timezone: str, may_be_empty: bool) -> ReadTimes:
    """Return a column's times, still local where they have no zone."""
    table, exact = column.table, column.exact
    if exact is not None:
        if not may_be_empty:
            table.refuse(np.isnat(exact), lambda _: "''", f"{column.name} is no time", "fill it")
        is_absolute = getattr(table.data[column.name].type, "tz", None)
        return ReadTimes(exact, "", "" if is_absolute else timezone)
    parsed = _decide(column, decided)
    empty = (column.texts == "").to_numpy()
    column.refuse(
        np.isnat(parsed.time) & ~(empty & may_be_empty), "is no time", _advice(column, parsed)
    )
    _refuse_mixed(column, parsed.absolute, empty)
    values: Times = parsed.time[column.codes]
    zone = "" if parsed.absolute.any() else parsed.zone or timezone
    return ReadTimes(values, parsed.format, zone)


def _decide(column: TimeColumn, decided: set[str]) -> ParsedTimes:
    """Return the only reading of a file's texts, or that which the source's other files have."""
    readings = column.readings
    if len(readings) > 1:
        readings = [one for one in readings if one.format in decided] or readings
    if len(readings) == 1:
        return readings[0]
    known = ~np.isnat(readings[0].time) & ~np.isnat(readings[1].time)
    unlike = np.flatnonzero(known & (readings[0].time != readings[1].time))
    if not len(unlike):
        return readings[0]
    differing = unlike[0]
    shown = " or ".join(
        f"{np.datetime_as_string(one.time[differing], unit='D')} ({one.format})" for one in readings
    )
    raise UserError(
        f"{column.table.path}: {column.name} {column.texts[differing]!r} may be {shown}, and no "
        "other row tells which; set one of them:\n"
        + read_block({"date_format": readings[0].format})
    )


def _advice(column: TimeColumn, parsed: ParsedTimes) -> str:
    """Return what to do with cells that are no times, where others are."""
    if parsed.found and 2 * parsed.found > len(column.texts):
        return f"the others are {parsed.format}; {_ALLOWED_TIMES}"
    return _ALLOWED_TIMES


def _refuse_mixed(
    column: TimeColumn, absolute: NDArray[np.bool_], empty: NDArray[np.bool_]
) -> None:
    """Refuse times with a zone beside times without; the fewer are named."""
    zoned, local = absolute & ~empty, ~absolute & ~empty
    if zoned.any() and local.any():
        few = int(zoned.sum()) <= int(local.sum())
        fault = "has a time zone, as other rows have not" if few else "has no time zone, as others"
        remedy = (
            "write it as the other rows are; a last row with a time may be a bar that is not "
            "finished: leave it out"
        )
        column.refuse(zoned if few else local, fault, remedy if few else "add it")


def unit_changes(raw: RawTables, formats: Sequence[str]) -> Evidence:
    """Return where the unit of epochs changes within a file, of files with times in `formats`."""
    found = []
    for table, form in zip(raw.tables, formats, strict=True):
        if form != EPOCH:
            continue
        codes, texts = distinct(table.data["timestamp"])
        units = epoch_units(texts).to_numpy()[codes]
        changes = np.flatnonzero(units[1:] != units[:-1]) + 1
        found += [
            Case(f"{table.path.name} {table.place(row)}: from {units[row - 1]} to {units[row]}")
            for row in changes[:1].tolist()
        ]
    return Evidence("TD013", found)


def _from_local(
    column: TimeColumn, local: Times, timezone: str, symbols: "pd.Categorical[str]"
) -> Times:
    """Return local times in UTC.

    Of an hour that the clocks repeat, the first time that a time of a symbol stands in the file is
    in summer time, or the last if the file begins with the newest; where it stands there once,
    nothing tells which it is.
    """
    if timezone == "UTC":
        return local
    index = pd.DatetimeIndex(local)
    zoned = index.tz_localize(timezone, ambiguous="NaT", nonexistent="NaT")
    unknown = np.asarray(zoned.isna(), bool)
    if (unknown & ~np.isnat(local)).any():
        keys = pd.DataFrame({"symbol": symbols.codes, "time": local})
        rises = np.sum(np.diff(local) >= np.timedelta64(0)) * 2 >= len(local) - 1
        first = ~keys.duplicated(keep="first" if rises else "last").to_numpy()
        twice = keys.duplicated(keep=False).to_numpy()
        told = index.tz_localize(timezone, ambiguous=first, nonexistent="NaT")
        zoned = zoned.where(~(unknown & twice), told)
    column.table.refuse(
        np.asarray(zoned.isna(), bool) & ~np.isnat(local),
        lambda row: show_time(local[row]),
        f"{column.name} is no time or two in {timezone}, where the clocks change",
        "write these times with their offset",
    )
    values: Times = zoned.tz_convert(None).to_numpy()
    return values


def show_time(time: np.datetime64) -> str:
    """Return a time as text, a date where it is midnight.

    >>> show_time(np.datetime64("2020-01-02T00:00", "ns"))
    '2020-01-02'
    """
    return pd.Timestamp(time).isoformat().removesuffix("T00:00:00")


def _exact_times(column: pa.ChunkedArray) -> Times | None:
    """Return a column of Arrow's times, None where it is none or does not fit nanoseconds."""
    is_time = pa.types.is_timestamp(column.type)
    if not is_time and not pa.types.is_date(column.type):
        return None
    try:
        cast = column.cast(pa.timestamp("ns", column.type.tz if is_time else None))
    except pa.ArrowInvalid:
        return None
    values: Times = cast.to_numpy()
    return values
