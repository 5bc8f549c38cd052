"""The results as the page takes them: each number knows the file and the place that it is from."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.errors import UserError
from tribar.outputs.workspace import RESULTS, Workspace


@dataclass(frozen=True)
class Number:
    """A number of a result.

    Attributes:
        value: NaN where there is none.
        source: its file, `#`, and its key, or its line and column: `a.json#b.c`, `a.csv#3.low`.
    """

    value: float
    source: str


@dataclass(frozen=True)
class Record:
    """A JSON file, or a part of one."""

    content: Any
    source: str

    def part(self, *keys: str) -> "Record":
        """Return what lies under keys.

        Raises:
            UserError: there is no such key.
        """
        found, source = self.content, self.source
        for key in keys:
            if not isinstance(found, dict) or key not in found:
                raise _lacks(source, key)
            found, source = found[key], f"{source}{'.' if '#' in source else '#'}{key}"
        return Record(found, source)

    def number(self, *keys: str) -> Number:
        """Return a number under keys, NaN for null."""
        one = self.part(*keys)
        return Number(np.nan if one.content is None else float(one.content), one.source)

    def text(self, *keys: str) -> str:
        """Return a text under keys."""
        return str(self.part(*keys).content)

    def items(self) -> Iterator[tuple[str, "Record"]]:
        """Yield the name and the value of each key."""
        return ((key, self.part(key)) for key in self.content)

    def listed(self) -> list["Record"]:
        """Return the entries of a list."""
        mark = "." if "#" in self.source else "#"
        return [Record(one, f"{self.source}{mark}{n}") for n, one in enumerate(self.content)]


@dataclass(frozen=True)
class Row:
    """A line of a CSV file."""

    cells: Any
    source: str

    def number(self, column: str) -> Number:
        """Return a number, NaN for an empty cell."""
        text = self.text(column)
        return Number(float(text) if text else np.nan, f"{self.source}.{column}")

    def text(self, column: str) -> str:
        """Return a cell as it is written."""
        if column not in self.cells:
            raise _lacks(self.source, column)
        return str(self.cells[column])


@dataclass(frozen=True)
class Lines:
    """Lines of a CSV file, as many as a page may show."""

    rows: tuple[Row, ...]
    path: str

    def where(self, **wanted: str) -> "Lines":
        """Return the lines whose cells are these."""
        chosen = (row for row in self.rows if all(row.text(k) == one for k, one in wanted.items()))
        return Lines(tuple(chosen), self.path)

    def first(self, most: int) -> "Lines":
        """Return the first lines, at most so many."""
        return Lines(self.rows[:most], self.path)

    def texts(self, column: str) -> list[str]:
        """Return a column as texts."""
        return [row.text(column) for row in self.rows]

    def values(self, column: str) -> NDArray[np.float64]:
        """Return a column as numbers, (lines,), to six significant digits: enough to draw."""
        found = (row.number(column).value for row in self.rows)
        return np.array([float(f"{one:.6g}") for one in found], np.float64)


@dataclass(frozen=True)
class Results:
    """The folder of results, by the names of its files: `evaluate/metrics.json`."""

    workspace: Workspace

    def record(self, name: str) -> Record:
        """Return a JSON file."""
        return Record(self._read(name, lambda path: json.loads(path.read_text("utf-8"))), name)

    def lines(self, name: str) -> Lines:
        """Return the lines of a small CSV file."""
        read = self._read(name, _csv_rows)
        rows = (Row(cells, f"{name}#{n}") for n, cells in enumerate(read, start=1))
        return Lines(tuple(rows), name)

    def frame(self, name: str, columns: list[str]) -> pd.DataFrame:
        """Return columns of a CSV file that may have as many lines as there are decisions."""
        found: pd.DataFrame = self._read(name, lambda path: pd.read_csv(path, usecols=columns))
        return found

    def _read(self, name: str, read: Callable[[Path], Any]) -> Any:
        path = self.workspace.source(RESULTS / name)
        try:
            return read(path)
        except (OSError, ValueError, csv.Error):
            raise UserError(
                f"{path}: not there, or not whole; the report is made of every stage's results: "
                "run `dvc repro`"
            ) from None


def _csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _lacks(source: str, key: str) -> UserError:
    return UserError(f"results/{source}: it has no {key!r}; run `dvc repro` with this tribar")
