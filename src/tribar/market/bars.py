"""Price bars as the pipeline has them, wherever they came from."""

from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.market.bar_columns import BarColumns
from tribar.market.findings.finding import Evidence
from tribar.market.row_index import RowIndex, Times
from tribar.market.sources.understanding import Understanding

NONE = np.empty(0)
"""A column that the source lacks."""


@dataclass(frozen=True)
class BarsReport:
    """What reading the bars met.

    Attributes:
        bars: all bars.
        symbols: their symbols.
        sorted_rows: bars that stood behind a later bar of their symbol, and were sorted.
        repeated_rows: rows that said the same as another, and were dropped.
        empty_rows: rows without any price, which are no bars.
        open_outside: opens outside [low, high], kept as they are.
        close_outside: closes outside [low, high], kept as they are.
        zero_volume: bars whose volume is zero or empty, 0 without a volume column.
        without_volume: symbols that report no volume.
        longest_gap_days: longest time between two bars of one symbol.
        ignored_columns: columns of the source that no bar has.
        ignored_files: files of a source folder that are not read.
        ignored_lines: lines above and below a table, with their files.
    """

    bars: int
    symbols: int
    sorted_rows: int = 0
    repeated_rows: int = 0
    empty_rows: int = 0
    open_outside: int = 0
    close_outside: int = 0
    zero_volume: int = 0
    longest_gap_days: float = 0.0
    without_volume: tuple[str, ...] = ()
    ignored_columns: tuple[str, ...] = ()
    ignored_files: tuple[str, ...] = ()
    ignored_lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bars:
    """Bars of one or several symbols.

    Attributes:
        index: symbol and time of each bar's end.
        table: a line a bar. Columns: close, and those of open, high, low and volume that the
            source has (float64, none missing); prices are adjusted by adj_close / close. A
            volume that no symbol reports is none.
        source_sha256: sha256 over the source's files.
        report: what reading them met.
        local_time: (rows,), what the source stamps each bar with, as a local clock shows it.
        evidence: what is doubtful in them.
        understanding: how the source was read.
    """

    index: RowIndex
    table: pd.DataFrame
    source_sha256: str
    report: BarsReport
    local_time: Times
    evidence: tuple[Evidence, ...] = ()
    understanding: Understanding | None = None

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> Self:
        """Return the bars that `frame` gave."""
        names, codes = np.unique(frame["symbol"].to_numpy(str), return_inverse=True)
        time = frame["time"].dt.tz_convert(None).to_numpy(np.dtype("M8[ns]"))
        index = RowIndex.from_codes(tuple(names.tolist()), codes.astype(np.int32), time)
        table = frame.drop(columns=["symbol", "time", "local_time"])
        local = frame["local_time"].to_numpy(np.dtype("M8[ns]"))
        return cls(index, table, "", BarsReport(len(frame), len(names)), local)

    @property
    def columns(self) -> BarColumns:
        """Return the columns, as features and labels read them."""
        names = [field.name for field in fields(BarColumns) if field.name != "time"]
        found = {one: self.table[one].to_numpy() if one in self.table else NONE for one in names}
        return BarColumns(self.local_time, **found)

    def select(self, chosen: NDArray[np.bool_]) -> Self:
        """Return the bars that are chosen, (rows,)."""
        table, local = self.table[chosen].reset_index(drop=True), self.local_time[chosen]
        return replace(self, index=self.index.select(chosen), table=table, local_time=local)

    def newest(self, count: int) -> Self:
        """Return the newest `count` bars of each symbol."""
        ends = np.repeat(self.index.starts[1:], np.diff(self.index.starts))
        return self.select(np.arange(len(self.index)) >= ends - count)

    def frame(self) -> pd.DataFrame:
        """Return symbol, time (of each bar's end, UTC), local_time, and the columns of `table`."""
        symbol = np.array(self.index.symbols, dtype=object)[self.index.codes]
        time = pd.DatetimeIndex(self.index.time).tz_localize("UTC")
        stamps = pd.DataFrame({"symbol": symbol, "time": time, "local_time": self.local_time})
        return stamps.join(self.table)
