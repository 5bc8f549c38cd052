"""Rows of one symbol and time: equal ones are one row, unequal ones an error."""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.market.sources.cells import distinct
from tribar.market.sources.ordering import Ordering
from tribar.market.sources.raw_table import RawTable, RawTables
from tribar.market.sources.refusal import read_block
from tribar.market.sources.tables import read_tables

_SECOND, _DAY = np.timedelta64(1, "s"), np.timedelta64(1, "D")
_MOST_SYMBOLS = 0.5
"""A column that tells symbols apart has different cells for at most this share of its rows."""


def drop_repeated(ordering: Ordering, values: pd.DataFrame) -> tuple[Ordering, pd.DataFrame, int]:
    """Return rows and their values, both in order, without repetitions, and how many there were.

    Raises:
        UserError: two rows of one symbol and time differ; names them and the columns.
    """
    codes, time = ordering.index.codes, ordering.index.time
    again = np.append(False, (np.diff(codes) == 0) & (np.diff(time) == np.timedelta64(0)))
    if not again.any():
        return ordering, values, 0
    second = np.flatnonzero(again)
    one, other = (values.iloc[rows].reset_index(drop=True) for rows in (second - 1, second))
    differs = (one != other) & ~(one.isna() & other.isna())
    unequal = np.zeros(len(again), bool)
    unequal[second] = differs.any(axis=1).to_numpy(bool)
    columns = [str(name) for name in values if differs[name].any()]
    ordering.refuse(
        unequal[1:],
        lambda i: f"{ordering.name(i)} ({ordering.where(i)} and {ordering.where(i + 1)})",
        f"one symbol and time in two rows, which differ in {', '.join(columns)}",
        _advice(ordering, unequal),
    )
    rows = np.arange(len(again)) if ordering.rows is None else ordering.rows
    kept = replace(ordering, rows=rows[~again], index=ordering.index.select(~again))
    return kept, values[~again].reset_index(drop=True), len(second)


def _advice(ordering: Ordering, unequal: NDArray[np.bool_]) -> str:
    """Return what to do with rows of one symbol and time that differ."""
    likely = _likely_symbol(ordering.raw)
    if likely:
        block = read_block({"columns": {"symbol": likely}})
        return f"column {likely!r} tells them apart; if it names the symbols, write\n{block}"
    time = ordering.index.time[unequal]
    if len(ordering.raw.tables) > 1 and len(ordering.index.symbols) < len(ordering.raw.tables):
        return (
            "keep one of them, or say by prepare.read.symbol_from which part of a file's name is "
            "the symbol"
        )
    if np.any((time - time.astype("M8[m]")) != np.timedelta64(0)):
        return (
            "several bars within a second need times with a fraction; write these, or join the "
            "bars of a second"
        )
    if np.any(time.astype("M8[D]") != time):
        return "keep one of them; if clocks were put back then, set prepare.timezone"
    return "keep one of them"


def _likely_symbol(raw: RawTables) -> str:
    """Return the name of the unread column by which no symbol and time stands twice, or ""."""
    is_in_memory = not raw.sha256  # and cannot be read again
    if not raw.unknown or is_in_memory or "symbol" in raw.tables[0].data.column_names:
        return ""
    whole = read_tables(raw.path, replace(raw.columns, keep_others=True), raw.read)
    for name in whole.unknown:
        if name and all(_parts(table, name) for table in whole.tables):
            return name
    return ""


def _parts(table: RawTable, name: str) -> bool:
    """Return whether a column has few different cells, and each once a time."""
    if name not in table.data.column_names:
        return False
    codes, texts = distinct(table.data[name])
    if not 1 < len(texts) <= _MOST_SYMBOLS * len(codes):
        return False
    keys = {
        key: distinct(table.data[key])[0]
        for key in ("timestamp", "time")
        if key in table.data.column_names
    }
    return not pd.DataFrame(keys | {"symbol": codes}).duplicated().any()
