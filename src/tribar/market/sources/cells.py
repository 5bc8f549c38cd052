"""What a cell of text looks like: a number, a time, or words."""

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_CURRENCIES = "$€£¥"
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_NUMBER = re.compile(
    rf"[{_CURRENCIES}]?\s*[-+]?[{_CURRENCIES}]?(?:\d[\d.,'_\u00a0\u202f ]*|[.,]\d+)"
    r"(?:e[-+]?\d+)?\s*[%kmbt]?",
    re.IGNORECASE,
)
_TIME = re.compile(
    rf"(?:\d{{1,4}}[-/.\s](?:\d{{1,2}}|(?:{_MONTHS})[a-z]*)[-/.,\s]\s?\d{{1,4}}"
    rf"|(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s)?(?:{_MONTHS})[a-z]*\.?\s\d{{1,2}},?\s\d{{4}}"
    r"|\d{8}[T\s]+\d|\d{1,2}:\d\d)[^;|\t]*",
    re.IGNORECASE,
)
_SHOWN = 80
EMPTY = frozenset(
    ("", "-", "--", ".", "#n/a", "#n/a n/a", "n/a", "na", "nan", "-nan", "null", "none", "<na>")
)
"""Cells that say that there is no value, in lower case."""


def is_number(cell: str) -> bool:
    """Return whether a cell is a number in some country's way of writing.

    >>> [is_number(cell) for cell in ("1.5", "1.234,5", "$3", "1.2M", "-2e-5", "A1", "2020-01-02")]
    [True, True, True, True, True, False, False]
    """
    return _NUMBER.fullmatch(cell.strip()) is not None


def is_time(cell: str) -> bool:
    """Return whether a cell looks like a date or a time of day.

    >>> [is_time(cell) for cell in ("2020-01-02", "2.1.2020 10:00", "Jan 2, 2020", "10:00", "1.5")]
    [True, True, True, True, False]
    """
    return _TIME.fullmatch(cell.strip()) is not None


def is_empty(cell: str) -> bool:
    """Return whether a cell says that there is no value."""
    return cell.strip().lower() in EMPTY


def are_empty(texts: "pd.Series[str]") -> NDArray[np.bool_]:
    """Return which of many cells say that there is no value."""
    found: NDArray[np.bool_] = texts.str.lower().isin(EMPTY).to_numpy(bool)
    return found


def is_value(cell: str) -> bool:
    """Return whether a cell is a number or a time."""
    return is_number(cell) or is_time(cell)


def show_cell(cell: str) -> str:
    r"""Return a cell as a message shows it: in quotes, signs that do not print escaped, cut short.

    >>> print(show_cell("a\nb"), len(show_cell("x" * 1000)))
    'a\nb' 85
    """
    return repr(cell if len(cell) <= _SHOWN else f"{cell[:_SHOWN]}...")


def holds_text(kind: pa.DataType) -> bool:
    """Return whether a column's type is text."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def distinct(column: pa.ChunkedArray) -> tuple[NDArray[np.int32], "pd.Series[str]"]:
    """Return each row's position among a column's distinct texts, and those; nothing is "".

    Raises:
        pa.ArrowException: the column's type has no text.
    """
    if pa.types.is_duration(column.type):
        raise pa.ArrowTypeError("a duration is neither a number nor a time")
    text = column.cast(pa.string()).combine_chunks().fill_null("")
    encoded = text.dictionary_encode()
    codes: NDArray[np.int32] = encoded.indices.to_numpy()
    return codes, pc.utf8_trim_whitespace(encoded.dictionary).to_pandas().astype("str")
