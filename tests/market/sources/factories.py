"""Small sources: texts of bars with one cell changed, and random panels in a file."""

from pathlib import Path

import numpy as np
import pandas as pd

from tribar.market.bars import Bars
from tribar.market.sources.labelled import LabelledTable

BARS = """\
timestamp,open,high,low,close,volume
2020-01-01,10,12,9,11,100
2020-01-02,11,13,10,12,100
2020-01-03,12,14,11,13,100
2020-01-06,13,15,12,14,100
"""
LABELLED = """\
timestamp,label,label_end,momentum,spread
2020-01-01,1,2020-01-03,0.5,2
2020-01-02,-1,2020-01-03,0.1,3
2020-01-03,0,2020-01-06,0.2,4
2020-01-06,,,0.3,5
"""


def with_cell(text: str, line: int, column: str, cell: str) -> str:
    """Return a CSV text with one cell changed; `line` counts from 1, the header."""
    lines = [row.split(",") for row in text.splitlines()]
    lines[line - 1][lines[0].index(column)] = cell
    return "".join(",".join(row) + "\n" for row in lines)


def with_line(text: str, line: str) -> str:
    """Return a CSV text with a line added at its end."""
    return f"{text}{line}\n"


def without_column(text: str, column: str) -> str:
    """Return a CSV text without one of its columns."""
    lines = [row.split(",") for row in text.splitlines()]
    position = lines[0].index(column)
    return "".join(",".join(row[:position] + row[position + 1 :]) + "\n" for row in lines)


def put(path: Path, content: str | bytes) -> Path:
    """Write a file and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def as_frame(read: Bars | LabelledTable) -> pd.DataFrame:
    """Return a table with each row's symbol and time, times with their zone."""
    index, table = read.index, read.table
    if "label_end" in table:
        table = table.assign(label_end=table["label_end"].dt.tz_localize("UTC"))
    symbol = pd.array(index.symbols, dtype="str").take(index.codes)
    timestamp = pd.Series(index.time).dt.tz_localize("UTC")
    keys = pd.DataFrame({"symbol": symbol, "timestamp": timestamp})
    return pd.concat([keys, table], axis="columns")


def random_bars(symbol: str, n: int, seed: int) -> pd.DataFrame:
    """Return `n` valid daily bars with an adjusted close."""
    rng = np.random.default_rng(seed)
    close = 50 * np.exp(np.cumsum(rng.normal(0, 0.01, n)))
    opened = close * np.exp(rng.normal(0, 0.01, n))
    return pd.DataFrame(
        {
            "symbol": symbol,
            "timestamp": pd.date_range(f"20{seed % 20 + 10}-03-01", periods=n, freq="D"),
            "open": opened,
            "high": np.maximum(opened, close) * 1.01,
            "low": np.minimum(opened, close) * 0.99,
            "close": close,
            "adj_close": close * rng.uniform(0.5, 1.5),
            "volume": rng.integers(0, 1000, n),
        }
    )
