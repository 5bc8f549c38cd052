"""A table in JSON as a data frame: a list of rows, columns, or names beside rows."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from tribar.errors import UserError
from tribar.market.sources.dialect import MOST_COLUMNS

FORMS = (
    'a list of bars such as {"timestamp": "2024-05-31", "close": 5.1}, or columns such as '
    '{"timestamp": ["2024-05-31"], "close": [5.1]}, or '
    '{"columns": ["timestamp", "close"], "data": [["2024-05-31", 5.1]]}'
)


def frame_of(table: object, where: str) -> pd.DataFrame:
    """Return a table of JSON as a data frame.

    >>> frame_of([{"close": 1.0}, {"close": 2.0}], "bars")["close"].tolist()
    [1.0, 2.0]
    >>> frame_of({"columns": ["close"], "data": [[1.0], [2.0]]}, "bars")["close"].tolist()
    [1.0, 2.0]

    Args:
        table: rows, columns, or names beside rows.
        where: it stands in the body.

    Raises:
        UserError: it is none of these, is empty, or its rows or columns are of unequal length.
    """
    try:
        frame = _frame(table, where)
    except UnicodeEncodeError:
        raise UserError(f"{where}: a column's name is no text; rename it") from None
    if frame.shape[1] > MOST_COLUMNS:
        raise UserError(f"{where}: {frame.shape[1]} columns; at most {MOST_COLUMNS} are read")
    return frame


def _frame(table: object, where: str) -> pd.DataFrame:
    if isinstance(table, list):
        return _of_rows(table, where)
    if not isinstance(table, dict):
        raise UserError(f"{where}: no table; give {FORMS}")
    if "columns" in table and isinstance(table.get("data"), list):
        return _of_names_and_rows(table["columns"], table["data"], where)
    return _of_columns(table, where)


def _of_rows(rows: Sequence[object], where: str) -> pd.DataFrame:
    _refuse(rows, [not isinstance(row, dict) for row in rows], where, "no bar with named values")
    return pd.DataFrame(rows, dtype=object)


def _of_names_and_rows(names: object, rows: Sequence[Any], where: str) -> pd.DataFrame:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise UserError(f"{where}.columns: no list of names; give {FORMS}")
    unlike = [not isinstance(row, list) or len(row) != len(names) for row in rows]
    _refuse(rows, unlike, f"{where}.data", f"no list of {len(names)} values, one a column")
    return pd.DataFrame(rows, columns=names, dtype=object)


def _of_columns(columns: Mapping[str, Any], where: str) -> pd.DataFrame:
    if not columns or not all(isinstance(cells, list) for cells in columns.values()):
        raise UserError(f"{where}: no table; give {FORMS}")
    counts = {len(cells) for cells in columns.values()}
    if len(counts) > 1:
        raise UserError(
            f"{where}: columns of {min(counts)} to {max(counts)} values; give each as many"
        )
    return pd.DataFrame(columns, dtype=object)


def _refuse(rows: Sequence[object], unlike: Sequence[bool], where: str, fault: str) -> None:
    if not rows:
        raise UserError(f"{where}: no rows; give {FORMS}")
    if any(unlike):
        raise UserError(f"{where}: row {unlike.index(True) + 1} is {fault}; give {FORMS}")
