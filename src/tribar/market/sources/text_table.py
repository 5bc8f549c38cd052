"""The rows of a text file, in the dialect that it is written in."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from tribar.errors import UserError, listing
from tribar.market.sources.cells import is_value
from tribar.market.sources.dialect import LONGEST_LINE, Dialect
from tribar.market.sources.text import Text

_BREAK = re.compile(rb"\r\n|\n|\r")
_MOST_LINES_BELOW = 3


@dataclass(frozen=True)
class TextRows:
    """Some columns of a text file.

    Attributes:
        data: the columns, by position as text.
        lines: (rows,), the line of each row as an editor shows it.
        below: the lines below the table that are no part of it.
    """

    data: pa.Table
    lines: NDArray[np.int32]
    below: tuple[str, ...]


def read_rows(
    text: Text, dialect: Dialect, wanted: Collection[int], as_text: Collection[int]
) -> TextRows:
    """Return the columns at the positions `wanted`; those `as_text` keep their cells' text.

    Raises:
        UserError: rows with other numbers of cells than the table has.
    """
    data, separator, first = text.data, dialect.separator, _offset(text.data, dialect.first)
    if separator == " ":
        data, separator = re.sub(rb"(?m)^ +| +(?=\r?$)", b"", data[first:]), "\t"
        data, first = re.sub(rb" +", b"\t", data), 0
    malformed: list[pa_csv.InvalidRow] = []

    def skip(row: pa_csv.InvalidRow) -> str:
        malformed.append(row)
        return "skip"

    positions = sorted(wanted)
    try:
        read = pa_csv.read_csv(
            pa.BufferReader(memoryview(data)[first:]),
            # Malformed rows are numbered only when one thread reads them.
            pa_csv.ReadOptions(
                use_threads=False, column_names=list(map(str, range(dialect.width)))
            ),
            pa_csv.ParseOptions(delimiter=separator, invalid_row_handler=skip),
            pa_csv.ConvertOptions(
                include_columns=list(map(str, positions)),
                column_types={str(position): pa.string() for position in as_text},
            ),
        )
    except pa.ArrowException as error:
        raise UserError(f"{text.content.path}: {_damage(data[first:], dialect, error)}") from None
    rows = read.num_rows + len(malformed)
    if _count_lines(data, first) > rows:
        _refuse_swallowed(text, dialect, data[first:], separator)
    lines = _line_numbers(data, first, rows) + dialect.first - 1
    bad = [row.number - 1 for row in malformed]
    below = _below(malformed, rows)
    if len(malformed) > len(below):
        _refuse_malformed(text, dialect.width, malformed, lines)
    kept = np.delete(lines, bad) if bad else lines
    return TextRows(read, kept, below)


def _offset(data: bytes, line: int) -> int:
    """Return where a line begins, counted from 1."""
    end = 0
    for _, match in zip(range(line - 1), _BREAK.finditer(data), strict=False):
        end = match.end()
    return end


def _below(malformed: Sequence[pa_csv.InvalidRow], rows: int) -> tuple[str, ...]:
    """Return the lines below the table: at its end, and not beginning as its rows do."""
    last = rows
    texts: list[str] = []
    for row in reversed(malformed):
        first_cell = re.split(r"[,;\t|]", row.text)[0].strip("\" '")
        if row.number != last or is_value(first_cell) or len(texts) == _MOST_LINES_BELOW:
            break
        texts.insert(0, row.text)
        last -= 1
    return tuple(texts)


def _refuse_malformed(
    text: Text, width: int, malformed: Sequence[pa_csv.InvalidRow], lines: NDArray[np.int32]
) -> None:
    places = [f"line {lines[row.number - 1]} ({row.actual_columns})" for row in malformed]
    remedy = "mend these lines"
    is_last = malformed[0].number == len(lines)
    if is_last and not text.data.endswith((b"\n", b"\r")):
        remedy = "the file seems to be cut off there; download it again"
    raise UserError(
        f"{text.content.path}: not {width} columns as in the other lines: {listing(places)}; "
        f"{remedy}"
    )


def _damage(body: bytes, dialect: Dialect, error: Exception) -> str:
    """Return what is wrong with rows that Arrow cannot part."""
    for number, line in enumerate(body.splitlines(), start=dialect.first):
        if len(line) > LONGEST_LINE:
            return f"line {number} has more than {LONGEST_LINE} characters; mend it"
        if line.count(b'"') % 2:
            return f"line {number} has a quote that does not close; mend it"
    return f"damaged CSV ({error})"


def _refuse_swallowed(text: Text, dialect: Dialect, body: bytes, separator: str) -> None:
    """Refuse rows that stand in a cell of another, as behind a quote that does not close."""
    lines = body.splitlines()
    for i in np.flatnonzero(_within_quotes(lines)).tolist():
        quoted = lines[i].partition(b'"')[0]
        if quoted.count(separator.encode()) >= dialect.width - 1:
            raise UserError(
                f"{text.content.path}: line {dialect.first + i} stands in a quoted cell of a row "
                "above, as if it were no row; close that cell's quote, or take the quote out"
            )


def _within_quotes(lines: Sequence[bytes]) -> NDArray[np.bool_]:
    """Return which lines begin within a quoted cell."""
    quotes = np.cumsum([line.count(b'"') for line in lines])
    odd: NDArray[np.bool_] = np.append(0, quotes[:-1]) % 2 == 1
    return odd


def _count_lines(data: bytes, first: int) -> int:
    ends, returns = data.count(b"\n", first), data.count(b"\r", first)
    both = data.count(b"\r\n", first) if returns else 0
    return ends + returns - both + (not data.endswith((b"\n", b"\r")))


def _line_numbers(data: bytes, first: int, rows: int) -> NDArray[np.int32]:
    """Return the line of each row; an empty line is no row, nor is one within a quoted cell."""
    if _count_lines(data, first) > rows:
        lines = data[first:].splitlines()
        filled = np.array([bool(line) for line in lines])
        for begins in (filled, filled & ~_within_quotes(lines)):
            if begins.sum() == rows:
                return (np.flatnonzero(begins) + 1).astype(np.int32)
    return np.arange(1, rows + 1, dtype=np.int32)
