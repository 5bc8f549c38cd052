"""Tables that lie in no file: a data frame, or a text such as CSV."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa

from tribar.errors import UserError, one_line
from tribar.market.config import ReadParams
from tribar.market.sources.files import Content
from tribar.market.sources.raw_table import RawTable, RawTables
from tribar.market.sources.roles import Columns
from tribar.market.sources.tables import checked, of_arrow, of_text

_PLACE = Path("bars")
"""What messages call them."""


def read_frame(frame: pd.DataFrame, name: str, columns: Columns, read: ReadParams) -> RawTables:
    """Return the columns of a data frame, whose index is a column where it has a name or times.

    Args:
        frame: the rows.
        name: of the symbol, where no column tells it.
        columns: those to look for.
        read: which is which, where their names do not tell.

    Raises:
        UserError: it has no rows, lacks a required column, or has one twice.
    """
    is_column = frame.index.name is not None or isinstance(frame.index, pd.DatetimeIndex)
    try:
        whole = pa.Table.from_pandas(frame.reset_index(drop=not is_column), preserve_index=False)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise UserError(f"{_PLACE}: no table ({one_line(error)}); give numbers and times") from None
    return _alone(of_arrow(_PLACE, whole, columns, read), name, columns, read)


def read_csv(data: bytes, name: str, columns: Columns, read: ReadParams) -> RawTables:
    """Return the columns of a text; else as `read_frame`.

    Raises:
        UserError: it is no table, has no rows, lacks a required column, or has one twice.
    """
    content = Content(_PLACE, name, data, "text", "")
    return _alone(of_text(content, columns, read), name, columns, read)


def _alone(table: RawTable, name: str, columns: Columns, read: ReadParams) -> RawTables:
    named = checked(replace(table, stem=name), columns)
    return RawTables(_PLACE, (named,), (), "", columns, read)
