"""Typed columns of a raw table; a cell that does not fit its type is refused with its place."""

import re

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from tribar.errors import UserError, listing
from tribar.market.sources.cells import are_empty, distinct, holds_text, show_cell
from tribar.market.sources.number_format import bare, factors
from tribar.market.sources.raw_table import RawTable, RawTables

_LONGEST = 100
_ODD = re.compile(r"^=|[<>]|(?:^|[/\\])\.\.(?:$|[/\\])")
_NAMES = (
    f"write at most {_LONGEST} signs that print, without < and >, that do not begin with = and "
    "do not climb out of a folder"
)
_DATE_PART = re.compile(r"[-._ ]*(?:19|20)\d\d(?:[-._]?\d\d){0,2}(?:[-._](?:19|20)\d{2,6}.*)?$")


def symbols(raw: RawTables) -> list["pd.Categorical[str]"]:
    """Return each row's symbol, by file: from the column that names it, else from the files' names.

    Raises:
        UserError: an empty symbol, or a name that `prepare.read.symbol_from` does not fit.
    """
    choice = raw.read.symbol_from
    if choice == "column":
        for table in raw.tables:
            if "symbol" not in table.data.column_names:
                raise UserError(
                    f"{table.path}: no column names the symbol, as prepare.read.symbol_from says; "
                    "set prepare.read.columns.symbol"
                )
    in_column = choice in ("auto", "column")
    names = _names_of_files(raw)
    for table, name in zip(raw.tables, names, strict=True):
        if not name or _is_odd(name):
            raise UserError(f"{table.path}: {show_cell(name)} is no name of a symbol; {_NAMES}")
    return [
        _symbol_column(table)
        if in_column and "symbol" in table.data.column_names
        else _one_symbol(name, table.data.num_rows)
        for table, name in zip(raw.tables, names, strict=True)
    ]


def _one_symbol(name: str, rows: int) -> "pd.Categorical[str]":
    return pd.Categorical.from_codes(np.zeros(rows, np.int8), pd.Index([name], dtype="str"))


def _is_odd(symbol: str) -> bool:
    r"""Return whether a symbol is none: markup, a formula, a path, or signs that do not print.

    >>> [_is_odd(one) for one in ("BTC/USD", "^GSPC", "ES=F", "../x", "=1+1", "<b>", "A\n")]
    [False, False, False, True, True, True, True]
    """
    return len(symbol) > _LONGEST or not symbol.isprintable() or bool(_ODD.search(symbol))


def _names_of_files(raw: RawTables) -> list[str]:
    """Return the symbol in each file's name; files whose names differ by a date alone are one's.

    >>> _DATE_PART.sub("", "BTCUSDT-1h-2024-11"), _DATE_PART.sub("", "EURUSD_M1_202401")
    ('BTCUSDT-1h', 'EURUSD_M1')
    """
    stems, choice = [table.stem for table in raw.tables], raw.read.symbol_from
    if choice in ("auto", "column"):
        cut = [_DATE_PART.sub("", stem) for stem in stems]
        several = [name and cut.count(name) > 1 for name in cut]
        return [name if one else stem for name, stem, one in zip(cut, stems, several, strict=True)]
    if choice == "file":
        return stems
    matches = [re.match(choice, table.path.name) for table in raw.tables]
    strangers = [t.path.name for t, found in zip(raw.tables, matches, strict=True) if not found]
    if strangers:
        raise UserError(
            f"prepare.read.symbol_from: {choice!r} does not fit {listing(strangers)}; widen it, or "
            "choose files by prepare.read.files"
        )
    return [found[1] for found in matches if found]


def _symbol_column(table: RawTable) -> "pd.Categorical[str]":
    codes, texts = _distinct(table, "symbol")
    empty = np.array([text == "" for text in texts])[codes]
    table.refuse(empty, lambda _: "empty", "no symbol", "name each row's symbol")
    odd = np.array([_is_odd(text) for text in texts])[codes]
    table.refuse(odd, lambda row: show_cell(texts[codes[row]]), "no name of a symbol", _NAMES)
    trimmed, categories = pd.factorize(texts)
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
    codes, texts = _distinct(table, name)
    written, times = factors(bare(texts)) if name == "volume" else (bare(texts), 1.0)
    parsed = table.reading.numbers.read(written) * times
    bad = (np.isnan(parsed) & ~are_empty(texts))[codes]
    table.refuse(bad, lambda row: show_cell(texts[codes[row]]), f"{name} is no number", remedy)
    return parsed[codes]


def holds_numbers(table: RawTable, name: str) -> bool:
    """Return whether a column holds numbers, or mostly numbers and some text by mistake."""
    kind = table.data[name].type
    if not holds_text(kind):
        return _is_numeric(kind)
    codes, texts = _distinct(table, name)
    parsed = np.isfinite(table.reading.numbers.read(bare(texts)))[codes]
    filled = (texts != "").to_numpy()[codes]
    return int(parsed.sum()) * 2 > int(filled.sum())


def _is_numeric(kind: pa.DataType) -> bool:
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean)
    return any(test(kind) for test in tests)


def _distinct(table: RawTable, name: str) -> tuple[NDArray[np.int32], "pd.Series[str]"]:
    column: pa.ChunkedArray = table.data[name]
    try:
        return distinct(column)
    except pa.ArrowException:
        raise UserError(
            f"{table.path}: column {name} holds {column.type}; write numbers or text"
        ) from None
