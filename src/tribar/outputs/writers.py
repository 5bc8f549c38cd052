"""Writes outputs whole: a reader sees the old file or the new one, never a part."""

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from tribar.files import whole_file


def write_json(path: Path, content: Mapping[str, object]) -> None:
    """Write sorted keys, shortest round-trip floats and a final newline."""
    write_text(path, json.dumps(content, indent=2, sort_keys=True, allow_nan=False) + "\n")


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Write a table with its columns in their order and no index."""
    write_text(path, table.to_csv(index=False, lineterminator="\n"))


def write_parquet(path: Path, table: pd.DataFrame) -> None:
    """Write a table as Parquet, whole."""
    with whole_file(path) as part:
        table.to_parquet(part, index=False)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole."""
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")
