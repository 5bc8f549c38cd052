"""Price bars from a user's files: checked, adjusted, ordered."""

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.market.bars import Bars, BarsReport
from tribar.market.config import ReadParams
from tribar.market.findings.bars import judge_bars
from tribar.market.row_index import RowIndex
from tribar.market.sources.columns import numbers
from tribar.market.sources.duplicates import drop_repeated
from tribar.market.sources.ordering import Ordering, order_rows, refuse_constant, refuse_holes
from tribar.market.sources.raw_table import RawTable, RawTables
from tribar.market.sources.roles import BAR_COLUMNS
from tribar.market.sources.tables import read_tables
from tribar.market.sources.times import unit_changes
from tribar.market.sources.understanding import understand

_REMEDY = "correct these bars or leave them out"
_AUTO = ReadParams()
_PRICES = ("open", "high", "low", "close")


def read_bars(
    source: Path,
    max_gap_days: float,
    timezone: str = "UTC",
    stamps: Literal["end", "start"] = "end",
    read: ReadParams = _AUTO,
) -> Bars:
    """Read the bars of a file, of a folder or of a glob of files.

    >>> bars = read_bars(Path("data/raw/us_indices.csv.gz"), max_gap_days=30)
    >>> len(bars.table), bars.index.symbols
    (10062, ('NASDAQ', 'SP500'))
    >>> bars.report.sorted_rows, bars.report.longest_gap_days
    (0, 7.0)

    Args:
        source: the file or folder; a file without a symbol column is one symbol, its stem.
        max_gap_days: the longest time between two bars of a symbol, unless it is within three
            of the symbol's median intervals.
        timezone: of timestamps without an offset, and of the calendar.
        stamps: which end of a bar its timestamp marks.
        read: how the files are to be read.

    Raises:
        UserError: the source cannot be read, or its bars are not to be trusted.
    """
    return bars_of(read_tables(source, BAR_COLUMNS, read), max_gap_days, timezone, stamps)


def bars_of(
    raw: RawTables, max_gap_days: float, timezone: str, stamps: Literal["end", "start"]
) -> Bars:
    """Return the bars of columns as they stand, as `read_bars` does.

    Raises:
        UserError: they are not to be trusted.
    """
    ordering = order_rows(raw, timezone)
    prices = ordering.apply(_join([_read_values(table) for table in raw.tables]))
    ordering, prices, repeated = drop_repeated(ordering, prices)
    prices = _require_volume(ordering, prices)
    evidence = (*judge_bars(ordering, prices), unit_changes(raw, ordering.date_formats))
    report = BarsReport(
        bars=len(prices),
        symbols=len(ordering.index.symbols),
        sorted_rows=ordering.sorted_rows,
        repeated_rows=repeated,
        empty_rows=sum(table.reading.empty_rows for table in raw.tables),
        open_outside=_count_outside(prices, "open"),
        close_outside=_count_outside(prices, "close"),
        zero_volume=int((prices["volume"].to_numpy() == 0).sum()) if "volume" in prices else 0,
        longest_gap_days=refuse_holes(ordering, max_gap_days),
        without_volume=_without_volume(ordering.index, prices),
        ignored_columns=raw.unknown,
        ignored_files=raw.ignored_files,
        ignored_lines=raw.outside,
    )
    if len(report.without_volume) == report.symbols:
        prices = prices.drop(columns="volume")
    prices = _adjust(prices)
    refuse_constant(ordering, prices["close"].to_numpy())
    index = ordering.index if stamps == "end" else ordering.index.ends()
    understood = understand(raw, ordering)
    return Bars(index, prices, raw.sha256, report, ordering.local_time, evidence, understood)


def _join(frames: list[pd.DataFrame]) -> pd.DataFrame:
    return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)


def _read_values(table: RawTable) -> pd.DataFrame:
    """Return the prices and the volume of one file, checked bar by bar."""
    has = [name for name in (*_PRICES, "adj_close", "volume") if name in table.data.column_names]
    read = {name: _read_volume if name == "volume" else _read_price for name in has}
    values = pd.DataFrame({name: read[name](table, name) for name in has})
    if {"high", "low"} <= set(has):
        high, low = values["high"].to_numpy(), values["low"].to_numpy()
        table.refuse(
            high < low,
            lambda row: f"{high[row]} below {low[row]}",
            "high is below low",
            _REMEDY,
        )
    return values


def _read_price(table: RawTable, name: str) -> NDArray[np.float64]:
    price = numbers(table, name, _REMEDY)
    bad = ~(np.isfinite(price) & (price > 0))
    table.refuse(bad, lambda row: price[row], f"{name} is no positive number", _REMEDY)
    return price


def _read_volume(table: RawTable, name: str) -> NDArray[np.float64]:
    volume = np.nan_to_num(numbers(table, name, _REMEDY), posinf=np.inf, neginf=-np.inf)
    table.refuse(np.isinf(volume), lambda row: volume[row], f"{name} is not finite", _REMEDY)
    return volume


def _require_volume(ordering: Ordering, prices: pd.DataFrame) -> pd.DataFrame:
    """Return bars with a volume of 0 for symbols that report none: all zero, or all -1.

    Raises:
        UserError: a negative volume of a symbol that reports some.
    """
    if "volume" not in prices:
        return prices
    volume, index = prices["volume"].to_numpy(), ordering.index
    reports = _report_volume(index, prices)[index.codes]
    ordering.refuse(
        reports & (volume < 0),
        lambda i: f"{ordering.where(i)} ({volume[i]})",
        "volume is neither zero nor positive",
        _REMEDY,
    )
    prices["volume"] = np.where(reports, volume, 0.0)
    return prices


def _count_outside(prices: pd.DataFrame, name: str) -> int:
    """Return how many prices of a column lie outside [low, high]."""
    if not {name, "low", "high"} <= set(prices):
        return 0
    price, low, high = (prices[one].to_numpy() for one in (name, "low", "high"))
    return int(np.sum((price < low) | (price > high)))


def _without_volume(index: RowIndex, prices: pd.DataFrame) -> tuple[str, ...]:
    if "volume" not in prices:
        return ()
    return tuple(np.array(index.symbols)[~_report_volume(index, prices)].tolist())


def _report_volume(index: RowIndex, prices: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which symbols have a bar with volume."""
    found: NDArray[np.bool_] = (
        np.maximum.reduceat(prices["volume"].to_numpy(), index.starts[:-1]) > 0
    )
    return found


def _adjust(prices: pd.DataFrame) -> pd.DataFrame:
    """Scale every price by adj_close / close, where the source has adj_close."""
    if "adj_close" not in prices:
        return prices
    columns = {name: prices[name].to_numpy() for name in prices}
    factor = columns.pop("adj_close") / columns["close"]
    scaled = {name: columns[name] * factor for name in _PRICES if name in columns}
    return pd.DataFrame(columns | scaled)
