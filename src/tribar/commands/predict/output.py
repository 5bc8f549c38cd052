"""A forecast in a terminal, or in a file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tribar.errors import UserError, listing
from tribar.forecasting.forecast import Forecast
from tribar.metrics.predictions import CLASS_NAMES
from tribar.outputs.writers import write_csv, write_json, write_parquet

MOST_LINES = 50
"""Of a table in a terminal, the newest."""
_SHOWN = ("symbol", "decision", *CLASS_NAMES, "lower", "upper", "expected", "action")


def check_ending(path: Path) -> None:
    """Refuse a file of a kind that is not written.

    Raises:
        UserError: says which are.
    """
    if path.suffix.lower() not in _WRITERS:
        raise UserError(
            f"{path}: a forecast is written as {listing([*_WRITERS])}; name such a file"
        )


def write_forecast(forecast: Forecast, path: Path) -> None:
    """Write a forecast in the form that the file's ending names."""
    _WRITERS[path.suffix.lower()](path, forecast)


def show_forecast(forecast: Forecast, console: Console) -> None:
    """Print a forecast as a table, a line a decision."""
    table = Table(*_SHOWN, box=None, header_style="bold")
    newest = forecast.table.sort_values("decision", kind="stable").tail(MOST_LINES)
    for _, line in newest.iterrows():
        table.add_row(*(Text(cell) for cell in _cells(line)))
    console.print(table)


def _cells(row: "pd.Series[Any]") -> list[str]:
    time = row["decision"].strftime("%Y-%m-%d %H:%M").removesuffix(" 00:00")
    return [
        str(row["symbol"]),
        time,
        *(f"{row[name]:.3f}" for name in CLASS_NAMES),
        *(f"{row[name]:.6g}" if pd.notna(row[name]) else "-" for name in ("lower", "upper")),
        f"{100 * row['expected_return']:+.2f} %" if pd.notna(row["expected_return"]) else "-",
        str(row["action"]),
    ]


_WRITERS: dict[str, Callable[[Path, Forecast], None]] = {
    ".csv": lambda path, forecast: write_csv(path, forecast.table),
    ".parquet": lambda path, forecast: write_parquet(path, forecast.table),
    ".json": lambda path, forecast: write_json(path, forecast.record()),
}
