"""Columns as they stand in the files of a source, under the names that tribar knows."""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet
from numpy.typing import NDArray

from tribar.errors import UserError, listing
from tribar.market.sources.files import Content, checksum, find_files, read_content
from tribar.market.sources.headers import Columns, names_to_read

_TEXT = ("symbol", "timestamp", "label_end")
_NO_ROWS = "the file names its columns but holds no rows"
_BLANK_LINES = (b"\n\n", b"\n\r\n", b"\r\r")


@dataclass(frozen=True)
class RawTable:
    """One file's columns as they stand in it, none of them checked.

    Attributes:
        path: the file.
        stem: its name without the ending.
        data: known columns under their known names, others under their own.
        unknown: the file's columns of unknown names, read or not.
        lines: the line of each row as an editor shows it; None for Parquet.
    """

    path: Path
    stem: str
    data: pa.Table
    unknown: tuple[str, ...]
    lines: NDArray[np.int32] | None

    def place(self, row: int) -> str:
        """Return where a row stands in the file."""
        return f"row {row + 1}" if self.lines is None else f"line {self.lines[row]}"

    def refuse(
        self, bad: NDArray[np.bool_], show: Callable[[int], object], fault: str, remedy: str
    ) -> None:
        """Raise where any row of `bad`, (rows,), is set; `show` gives what stands there.

        Raises:
            UserError: the fault, the first rows, the number of the others, and the remedy.
        """
        refuse(self.path, bad, lambda row: f"{self.place(row)} ({show(row)})", fault, remedy)


@dataclass(frozen=True)
class RawTables:
    """The files of a source, one table each, in order of their names."""

    path: Path
    tables: tuple[RawTable, ...]
    ignored_files: tuple[str, ...]
    sha256: str

    def place(self, row: int) -> str:
        """Return where a row stands, counted over all files."""
        ends = np.cumsum([table.data.num_rows for table in self.tables])
        position = int(np.searchsorted(ends, row, side="right"))
        table = self.tables[position]
        place = table.place(row - int(ends[position]) + table.data.num_rows)
        return place if len(self.tables) == 1 else f"{table.path.name} {place}"

    @property
    def unknown(self) -> tuple[str, ...]:
        """Columns of unknown names, over all files."""
        return tuple(sorted({name for table in self.tables for name in table.unknown}))


def refuse(
    path: Path, bad: NDArray[np.bool_], show: Callable[[int], str], fault: str, remedy: str
) -> None:
    """Raise where any row of `bad`, (rows,), is set; `show` says where one is, and what.

    Raises:
        UserError: the fault, the first rows, the number of the others, and the remedy.
    """
    rows = np.flatnonzero(bad).tolist()
    if rows:
        places = listing([*map(show, rows[:5]), *rows[5:]])
        raise UserError(f"{path}: {fault}: {places}; {remedy}")


def read_tables(path: Path, columns: Columns) -> RawTables:
    """Read a CSV, gzipped CSV or Parquet file, or a folder of them.

    Raises:
        UserError: nothing to read, or a file that is damaged, empty, lacks a required column,
            has one twice, or has other known columns than the first.
    """
    source = find_files(path)
    tables: list[RawTable] = []
    digests: dict[str, str] = {}
    for file in source.files:
        content = read_content(file)
        digests[file.name] = content.sha256
        tables.append(_read(content, columns))
        _refuse_other_columns(tables[0], tables[-1], columns)
    sha256 = checksum(digests, source.is_folder)
    return RawTables(path, tuple(tables), source.ignored, sha256)


def _refuse_other_columns(first: RawTable, table: RawTable, columns: Columns) -> None:
    """Raise where two files of a folder differ in the known columns they have."""
    for name in columns.spellings:
        has = [name in raw.data.column_names for raw in (first, table)]
        if name != "symbol" and has[0] != has[1]:
            without, other = (first, table) if has[1] else (table, first)
            raise UserError(
                f"{without.path}: no column {name}, which {other.path.name} has; "
                "give every file of the folder the same columns"
            )


def _read(content: Content, columns: Columns) -> RawTable:
    table = _read_parquet(content, columns) if content.is_parquet else _read_csv(content, columns)
    if not table.data.num_rows:
        raise UserError(f"{content.path}: {_NO_ROWS}")
    return table


def _read_parquet(content: Content, columns: Columns) -> RawTable:
    try:
        file = pa_parquet.ParquetFile(pa.BufferReader(content.data))
        header = file.schema_arrow.names
        names = names_to_read(content.path, header, columns)
        data = file.read(columns=list(names)).select(list(names))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"{content.path}: damaged Parquet ({str(error).splitlines()[0]}); "
            "download or write it again"
        ) from None
    data = data.rename_columns(list(names.values()))
    return RawTable(content.path, content.stem, data, columns.unknown(header), lines=None)


def _read_csv(content: Content, columns: Columns) -> RawTable:
    _refuse_broken_encoding(content)
    header = _header(content)
    names = names_to_read(content.path, header, columns)
    malformed: list[pa_csv.InvalidRow] = []

    def skip(row: pa_csv.InvalidRow) -> str:
        malformed.append(row)
        return "skip"

    # Columns are numbered, since those that are not read may share a name.
    numbers = {str(header.index(name)): known for name, known in names.items()}
    text = {number: pa.string() for number, known in numbers.items() if known in _TEXT}
    every = [str(number) for number in range(len(header))]
    try:
        data = pa_csv.read_csv(
            pa.BufferReader(content.data),
            # Malformed rows are numbered only when one thread reads them.
            pa_csv.ReadOptions(use_threads=False, skip_rows=1, column_names=every),
            pa_csv.ParseOptions(invalid_row_handler=skip),
            pa_csv.ConvertOptions(include_columns=list(numbers), column_types=text),
        )
    except pa.ArrowException as error:
        raise UserError(f"{content.path}: damaged CSV ({error})") from None
    lines = _line_numbers(content.data, data.num_rows + len(malformed))
    if malformed:
        places = [f"line {lines[row.number - 2]} ({row.actual_columns})" for row in malformed]
        raise UserError(
            f"{content.path}: not {len(header)} columns as in the header: {listing(places)}; "
            "mend these lines"
        )
    data = data.rename_columns(list(numbers.values()))
    return RawTable(content.path, content.stem, data, columns.unknown(header), lines)


def _refuse_broken_encoding(content: Content) -> None:
    try:
        content.data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = len(content.data[: error.start + 1].splitlines())
        raise UserError(
            f"{content.path}: line {line} is not UTF-8 text; save the file in UTF-8"
        ) from None


def _header(content: Content) -> list[str]:
    first = re.match(rb"[^\r\n]*", content.data)
    assert first is not None
    if not re.compile(rb"\S").search(content.data, first.end()):
        raise UserError(f"{content.path}: {_NO_ROWS}")
    return next(csv.reader([first.group().decode("utf-8-sig")]), [""])


def _line_numbers(data: bytes, rows: int) -> NDArray[np.int32]:
    """Return the line of each row below the header; an empty line is no row."""
    if not any(blank in data for blank in _BLANK_LINES):
        return np.arange(2, rows + 2, dtype=np.int32)
    filled = np.flatnonzero([bool(line) for line in data.splitlines()])
    return (filled[1:] + 1).astype(np.int32)
