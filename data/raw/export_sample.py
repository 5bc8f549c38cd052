"""Exports the sample bars from the arch package, always to the same text.

Run it in the repository: `.venv/bin/python data/raw/export_sample.py`.
"""

import gzip
from pathlib import Path

import pandas as pd
from arch.data import nasdaq, sp500

TARGET = Path(__file__).with_name("us_indices.csv.gz")
_COLUMNS = {
    "Open": "open",
    "High": "high",
    "Low": "low",
    "Close": "close",
    "Adj Close": "adj_close",
    "Volume": "volume",
}


def sample_text() -> str:
    """Return the bars of both indices as CSV, with the shortest floats that read back the same."""
    indices = {"SP500": sp500.load(), "NASDAQ": nasdaq.load()}
    bars = pd.concat(indices, names=["symbol", "timestamp"]).rename(columns=_COLUMNS)
    return str(bars[list(_COLUMNS.values())].to_csv(lineterminator="\n", date_format="%Y-%m-%d"))


def write_sample(target: Path) -> None:
    """Write the gzipped CSV, without the time of writing in its header."""
    target.write_bytes(gzip.compress(sample_text().encode(), compresslevel=9, mtime=0))


if __name__ == "__main__":
    write_sample(TARGET)
