"""Tables that lie in no file: a data frame, or a text such as CSV."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa

from tribar.errors import UserError, one_line
from tribar.market.config import ReadParams
from tribar.market.sources.files import Content
from tribar.market.sources.raw_table import RawTables
from tribar.market.sources.roles import Columns
from tribar.market.sources.tables import checked, of_arrow, of_text

_PLACE = Path("bars")
"""What messages call them."""
_NO_TABLE = (pa.ArrowException, TypeError, ValueError, OverflowError)


def read_memory(
    table: pd.DataFrame | bytes, name: str, columns: Columns, read: ReadParams
) -> RawTables:
    """Return the columns of a data frame, or of a text such as CSV.

    Args:
        table: its index is a column where it has a name or times.
        name: of the symbol, where no column tells it.
        columns: those to look for.
        read: which is which, where their names do not tell.

    Raises:
        UserError: it is no table, has no rows, lacks a required column, or has one twice.
    """
    if isinstance(table, bytes):
        raw = of_text(Content(_PLACE, name, table, "text", ""), columns, read)
    else:
        raw = of_arrow(_PLACE, _to_arrow(table), columns, read)
    named = checked(replace(raw, stem=name), columns)
    return RawTables(_PLACE, (named,), (), "", columns, read)


def _to_arrow(frame: pd.DataFrame) -> pa.Table:
    is_column = frame.index.name is not None or isinstance(frame.index, pd.DatetimeIndex)
    whole = frame.reset_index(drop=not is_column)
    try:
        return pa.Table.from_pandas(whole, preserve_index=False)
    except _NO_TABLE:
        # Cells of several kinds in a column: as texts they are refused where they stand.
        texts = whole.map(_as_text)
    try:
        return pa.Table.from_pandas(texts, preserve_index=False)
    except _NO_TABLE as error:
        raise UserError(f"{_PLACE}: no table ({one_line(error)}); give numbers and times") from None


def _as_text(cell: object) -> str:
    return str(cell).encode(errors="backslashreplace").decode()
