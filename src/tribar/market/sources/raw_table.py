"""Columns as they stand in a source's files, and where each of their rows stands."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tribar.errors import UserError, listing
from tribar.market.config import ReadParams
from tribar.market.sources.number_format import PLAIN, NumberFormat
from tribar.market.sources.roles import Columns


@dataclass(frozen=True)
class Reading:
    """How a file was read.

    Attributes:
        columns: the file's name, or position counted from 1, of each known column.
        unknown: names of the other columns.
        wide: whether each symbol has columns of its own.
        encoding: of a text file, else "".
        separator: of a text file, else "".
        header: lines of a text file that have the names.
        outside: lines above and below the table that are no part of it.
        empty_rows: rows without any price, which are no bars.
        numbers: how numbers are written.
    """

    columns: dict[str, str | int]
    unknown: tuple[str, ...] = ()
    wide: bool = False
    encoding: str = ""
    separator: str = ""
    header: tuple[int, ...] = ()
    outside: tuple[str, ...] = ()
    empty_rows: int = 0
    numbers: NumberFormat = PLAIN


@dataclass(frozen=True)
class RawTable:
    """One file's columns as they stand in it, none of them checked.

    Attributes:
        path: the file.
        stem: its name without the ending.
        data: known columns under their known names, others under their own.
        lines: the line of each row as an editor shows it; None where the file is no text.
        reading: how it was read.
    """

    path: Path
    stem: str
    data: pa.Table
    lines: NDArray[np.int32] | None
    reading: Reading

    @property
    def unknown(self) -> tuple[str, ...]:
        """Return the names of the columns that are not known, read or not."""
        return self.reading.unknown

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

    def without(self, rows: NDArray[np.bool_]) -> Self:
        """Return the table without some of its rows."""
        lines = None if self.lines is None else self.lines[~rows]
        return replace(self, data=self.data.filter(pa.array(~rows)), lines=lines)


@dataclass(frozen=True)
class RawTables:
    """The files of a source, one table each, in order of their names.

    A table that lies in no file has no `sha256`.
    """

    path: Path
    tables: tuple[RawTable, ...]
    ignored_files: tuple[str, ...]
    sha256: str
    columns: Columns
    read: ReadParams

    @cached_property
    def _ends(self) -> NDArray[np.int64]:
        return np.cumsum([table.data.num_rows for table in self.tables])

    def file(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the position of the file that each row stands in, rows counted over all files."""
        return np.searchsorted(self._ends, rows, side="right")

    def place(self, row: int) -> str:
        """Return where a row stands, counted over all files."""
        position = int(self.file(np.array(row)))
        table = self.tables[position]
        place = table.place(row - int(self._ends[position]) + table.data.num_rows)
        return place if len(self.tables) == 1 else f"{table.path.name} {place}"

    @property
    def unknown(self) -> tuple[str, ...]:
        """Columns of unknown names, over all files."""
        return tuple(sorted({name for table in self.tables for name in table.unknown}))

    @property
    def outside(self) -> tuple[str, ...]:
        """Return the lines above and below the tables, with their files where there are several."""
        names = [f"{table.path.name}: " if len(self.tables) > 1 else "" for table in self.tables]
        return tuple(
            f"{name}{line[:200]}"
            for name, table in zip(names, self.tables, strict=True)
            for line in table.reading.outside
        )


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
