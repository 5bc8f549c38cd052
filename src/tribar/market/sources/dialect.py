"""How a text file writes its table: separator, lines above it, names, rows."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tribar.errors import UserError, listing
from tribar.market.config import ReadParams
from tribar.market.sources.cells import is_empty, is_value, show_cell
from tribar.market.sources.evidence import holds_times
from tribar.market.sources.spellings import TIMESTAMP, plain
from tribar.market.sources.text import Text

_SEPARATORS = (",", ";", "\t", "|", " ")
_SAMPLE_LINES, _SAMPLE_BYTES, LONGEST_LINE = 200, 2**20, 2**19
MOST_COLUMNS, _MOST_HEADER_ROWS = 10_000, 3
_MOSTLY = 0.8
NO_ROWS = "the file names its columns but holds no rows"


@dataclass(frozen=True)
class Dialect:
    """How a text file writes its table.

    Attributes:
        separator: between cells.
        header: the names above each column, from top to bottom; none where no line has names.
        header_lines: the lines that the names stand in, counted from 1.
        above: the lines above the table that are no part of it.
        width: the number of columns.
        first: the first line with values, counted from 1.
        sample: some of the rows with values.
    """

    separator: str
    header: tuple[tuple[str, ...], ...]
    header_lines: tuple[int, ...]
    above: tuple[str, ...]
    width: int
    first: int
    sample: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class _Line:
    number: int
    text: str


def detect(text: Text, read: ReadParams) -> Dialect:
    """Return the dialect of a text, as its parameters say and its first lines show.

    Raises:
        UserError: there is no table, it has no rows, or the parameters do not fit.
    """
    lines = list(_sample(text))
    skipped = read.skip if isinstance(read.skip, int) else 0
    lines = [line for line in lines if line.number > skipped]
    if not lines:
        fault = "prepare.read.skip: no line is left; lower it" if skipped else "the file is empty"
        raise UserError(f"{text.content.path}: {fault}")
    separator = _separator(text, lines, read)
    rows = [_cells(line.text, separator) for line in lines]
    width = _width(rows)
    typed = _typed(rows, width)
    start = _start(rows, width, typed)
    if not any(is_value(cell) for row in rows for cell in row):
        raise UserError(f"{text.content.path}: {NO_ROWS}; it begins {_beginning(lines)}")
    header = _header(text, rows, lines, start, typed, read)
    below = range(max([start - 1, *header]) + 1, len(rows))
    if not below:
        raise UserError(f"{text.content.path}: {NO_ROWS}")
    if width > MOST_COLUMNS:
        raise UserError(f"{text.content.path}: {width} columns; at most {MOST_COLUMNS} are read")
    names = tuple(_named(rows[i], width) for i in header)
    return Dialect(
        separator=separator,
        header=names,
        header_lines=tuple(lines[i].number for i in header),
        above=tuple(lines[i].text for i in range(below[0]) if i not in header),
        width=width,
        first=lines[below[0]].number,
        sample=tuple(tuple(rows[i]) for i in below if len(rows[i]) == width),
    )


def _sample(text: Text) -> Iterator[_Line]:
    """Yield the first lines that are not blank."""
    data = text.data[:_SAMPLE_BYTES]
    whole = len(data) == len(text.data)
    lines = re.split(r"\r\n|\n|\r", data.decode(errors="ignore"))
    if not whole and len(lines[-1]) <= LONGEST_LINE:
        lines.pop()
    found = 0
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST_LINE:
            raise UserError(
                f"{text.content.path}: line {number} has more than {LONGEST_LINE} characters; "
                "it is no table of bars"
            )
        if line.strip():
            found += 1
            yield _Line(number, line)
        if found == _SAMPLE_LINES:
            return


def _cells(line: str, separator: str) -> list[str]:
    if separator == " ":
        return [cell for cell in line.strip().split(" ") if cell]
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=separator), [""])]
    except csv.Error:
        return [line]


def _separator(text: Text, lines: Sequence[_Line], read: ReadParams) -> str:
    """Return the separator that parts the lower lines into most columns of numbers and times.

    Of several that do, it is the one by which most lines have as many cells.
    """
    if read.separator != "auto":
        return {"tab": "\t", "space": " "}.get(read.separator, read.separator)

    def columns(separator: str) -> tuple[int, int]:
        rows = [_cells(line.text, separator) for line in lines]
        width = _width(rows)
        return sum(_typed(rows, width)), sum(len(row) == width > 1 for row in rows)

    best = max(_SEPARATORS, key=columns)
    found, fitting = columns(best)
    if found < 2 and not fitting:
        raise UserError(
            f"{text.content.path}: no table: no line has a time and a price beside each other; "
            f"the file begins {_beginning(lines)}. Look into it, or set prepare.read.separator "
            "and skip"
        )
    return best


def _beginning(lines: Sequence[_Line]) -> str:
    return listing([show_cell(line.text) for line in lines], most=2)


def _width(rows: Sequence[Sequence[str]]) -> int:
    """Return how many cells most rows have."""
    return Counter(map(len, rows)).most_common(1)[0][0]


def _start(rows: list[list[str]], width: int, typed: Sequence[bool]) -> int:
    """Return the first row of the table; names that are one too few get an empty one.

    It belongs first, over an index, or last, over what a trailing separator begins.
    """
    start = next(i for i, row in enumerate(rows) if len(row) == width)
    one_less = start > 0 and width > 2 and len(rows[start - 1]) == width - 1
    if not one_less or _has_names(rows[start], typed, first=True):
        return start
    trails = all(is_empty(row[-1]) for row in rows[start:] if len(row) == width)
    names = rows[start - 1]
    padded = [*names, ""] if trails else ["", *names]
    if not _has_names(padded, typed, first=True) or (not trails and _shifts_times(rows, start)):
        return start
    rows[start - 1] = padded
    return start - 1


def _shifts_times(rows: Sequence[Sequence[str]], start: int) -> bool:
    """Return whether an index put before the names takes the first from over its times.

    So it is where commas that begin decimals part the cells.
    """
    first, cells = rows[start - 1][0], [row[1] for row in rows[start:] if len(row) > 1]
    return plain(first) in map(plain, TIMESTAMP) and not holds_times(cells)


def _typed(rows: Sequence[Sequence[str]], width: int) -> list[bool]:
    """Return which columns hold numbers or times, (width,), in the lower half of the rows."""
    whole = [row for row in rows if len(row) == width]
    fitting = [row for row in whole if not all(map(is_empty, row))] or whole
    columns = zip(*fitting[len(fitting) // 2 :], strict=True)
    return [
        sum(map(is_value, column)) >= _MOSTLY * max(sum(not is_empty(c) for c in column), 1)
        for column in columns
    ]


def _header(
    text: Text,
    rows: Sequence[Sequence[str]],
    lines: Sequence[_Line],
    start: int,
    typed: Sequence[bool],
    read: ReadParams,
) -> list[int]:
    """Return which of the rows have names."""
    if read.header == "none":
        return []
    if read.header != "auto":
        wanted = (read.header,) if isinstance(read.header, int) else read.header
        found = [i for i, line in enumerate(lines) if line.number in wanted]
        if len(found) != len(wanted):
            raise UserError(
                f"{text.content.path}: prepare.read.header: {listing(wanted)}: there is no such "
                "line, or it is blank"
            )
        return found
    header = []
    for i in range(start, min(start + _MOST_HEADER_ROWS, len(rows))):
        whole = len(rows[i]) == len(typed)
        if not whole or not _has_names(rows[i], typed, first=i == start):
            break
        header.append(i)
    return header


def _has_names(row: Sequence[str], typed: Sequence[bool], first: bool) -> bool:
    """Return whether a row names columns: words where numbers or times stand below.

    Rows after the first must hold nothing but words, so that a damaged row is no header.
    """
    words = [not is_value(cell) and not is_empty(cell) for cell in row]
    if first:
        return any(word and kind for word, kind in zip(words, typed, strict=True))
    return any(words) and not any(map(is_value, row))


def _named(row: Sequence[str], width: int) -> tuple[str, ...]:
    return (*row, *[""] * (width - len(row)))[:width]
