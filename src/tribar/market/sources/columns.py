"""Typed columns of a raw table; a cell that does not fit its type is refused with its place."""

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from tribar.errors import UserError
from tribar.market.row_index import Times
from tribar.market.sources.tables import RawTable

_ALLOWED_TIMES = (
    "write ISO 8601 (2020-12-31, 2020-12-31T15:30:00 or 2020-12-31T15:30:00+01:00) or whole "
    "seconds, milli-, micro- or nanoseconds since 1970"
)
_ZONE = r".*[T ]\d.*(?:Z|[+-]\d\d?(?::?\d\d)?)"
# From 1973 to 2286 the number of digits tells the unit; eight digits are an ISO 8601 date.
_EPOCH = r"\d{9,10}|\d{12,13}|\d{15,16}|[0-8]?\d{18}"
_EPOCH_UNITS = {9: "s", 10: "s", 12: "ms", 13: "ms", 15: "us", 16: "us", 18: "ns", 19: "ns"}
_EARLIEST, _LATEST = (t.tz_localize("UTC") for t in (pd.Timestamp.min, pd.Timestamp.max))


def symbols(table: RawTable) -> "pd.Categorical[str]":
    """Return each row's symbol: the name of the file where no column names it.

    Raises:
        UserError: an empty symbol.
    """
    if "symbol" not in table.data.column_names:
        every = np.zeros(table.data.num_rows, np.int8)
        return pd.Categorical.from_codes(every, pd.Index([table.stem]))
    codes, distinct = _distinct(table, "symbol")
    empty = (distinct == "").to_numpy()[codes]
    table.refuse(empty, lambda _: "empty", "no symbol", "name each row's symbol")
    trimmed, categories = pd.factorize(distinct)
    return pd.Categorical.from_codes(trimmed[codes], categories)


def numbers(table: RawTable, name: str, remedy: str = "correct these cells") -> NDArray[np.float64]:
    """Return a column as numbers, NaN where a cell is empty.

    Raises:
        UserError: a cell is no number.
    """
    column = table.data[name]
    if _is_numeric(column.type) or pa.types.is_null(column.type):
        values: NDArray[np.float64] = column.cast(pa.float64(), safe=False).to_numpy()
        return values
    codes, distinct = _distinct(table, name)
    parsed = pd.to_numeric(distinct, errors="coerce").to_numpy(np.float64)
    bad = (np.isnan(parsed) & (distinct != "").to_numpy())[codes]
    table.refuse(bad, lambda row: repr(distinct[codes[row]]), f"{name} is no number", remedy)
    return parsed[codes]


def holds_numbers(table: RawTable, name: str) -> bool:
    """Return whether a column holds numbers, or mostly numbers and some text by mistake."""
    kind = table.data[name].type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return _is_numeric(kind)
    codes, distinct = _distinct(table, name)
    parsed = pd.to_numeric(distinct, errors="coerce").notna().to_numpy()[codes]
    filled = (distinct != "").to_numpy()[codes]
    return int(parsed.sum()) * 2 > int(filled.sum())


def _is_numeric(kind: pa.DataType) -> bool:
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean)
    return any(test(kind) for test in tests)


def times(table: RawTable, name: str, timezone: str, may_be_empty: bool = False) -> Times:
    """Return a column as times in UTC.

    Epochs and times with an offset are absolute; times without one are local in `timezone`, and a
    bare date is that day's local midnight.

    Raises:
        UserError: a cell is no time, is empty, lies outside 1678 to 2261, only some cells have an
            offset, or a local time is none or two for a change of the clocks.
    """
    exact = _exact_times(table.data[name])
    if exact is not None and (may_be_empty or not np.isnat(exact).any()):
        if getattr(table.data[name].type, "tz", None):
            return exact
        return _from_local(table, name, exact, timezone)
    codes, distinct = _distinct(table, name)
    empty = distinct == ""
    parsed = _parse(distinct)
    zoned = distinct.str.fullmatch(_ZONE)

    def refuse(bad: "pd.Series[bool]", fault: str, remedy: str) -> None:
        table.refuse(bad.to_numpy()[codes], lambda row: repr(distinct[codes[row]]), fault, remedy)

    refuse(parsed.isna() & ~(empty & may_be_empty), f"{name} is no time", _ALLOWED_TIMES)
    if zoned.any():
        refuse(~zoned & ~empty, f"{name} has no time zone, as other rows have", "add it")
    values: Times = parsed.dt.tz_localize(None).to_numpy()[codes]
    is_absolute = zoned.any() or distinct.str.fullmatch(_EPOCH).any()
    return values if is_absolute else _from_local(table, name, values, timezone)


def _from_local(table: RawTable, name: str, local: Times, timezone: str) -> Times:
    """Return local times in UTC."""
    if timezone == "UTC":
        return local
    zoned = pd.DatetimeIndex(local).tz_localize(timezone, ambiguous="NaT", nonexistent="NaT")
    table.refuse(
        zoned.isna() & ~np.isnat(local),
        lambda row: show_time(local[row]),
        f"{name} is no time or two in {timezone}, where the clocks change",
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


def _parse(texts: "pd.Series[str]") -> "pd.Series[pd.Timestamp]":
    """Return the times that texts mean, NaT for those that mean none."""
    parsed: pd.Series[pd.Timestamp]
    epoch = texts.str.fullmatch(_EPOCH)
    if epoch.sum() * 2 > (texts != "").sum():
        units = texts[epoch].str.len().map(_EPOCH_UNITS)
        unit = units.mode()[0]
        counts = texts[epoch][units == unit].astype("int64")
        since_1970 = counts.to_numpy().astype(f"datetime64[{unit}]")
        parsed = pd.Series(since_1970, counts.index).dt.tz_localize("UTC").reindex(texts.index)
    else:
        # pandas takes "now" and "today" for times.
        dated = texts.where(texts.str.match(r"\d"))
        parsed = pd.to_datetime(dated, format="ISO8601", utc=True, errors="coerce")
    within: pd.Series[pd.Timestamp] = parsed.where(parsed.between(_EARLIEST, _LATEST))
    return within.dt.as_unit("ns")


def _distinct(table: RawTable, name: str) -> tuple[NDArray[np.int32], "pd.Series[str]"]:
    """Return each row's position among a column's distinct texts, and those; empty is ""."""
    column = table.data[name]
    try:
        text = column.cast(pa.string())
    except pa.ArrowException:
        raise UserError(
            f"{table.path}: column {name} holds {column.type}; write numbers or text"
        ) from None
    encoded = text.combine_chunks().fill_null("").dictionary_encode()
    codes: NDArray[np.int32] = encoded.indices.to_numpy()
    return codes, encoded.dictionary.to_pandas().str.strip()
