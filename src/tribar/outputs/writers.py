"""Writes outputs whole: a reader sees the old file or the new one, never a part."""

import errno
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from tribar.errors import unwritable
from tribar.files import whole_file

_USERS_FAULTS = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.EIO,
    errno.EEXIST,
    errno.ENOTDIR,
)
"""What a disk, its permissions or what lies there refuse, as against a fault of ours."""


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


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder that takes the place of `path` once the block has ended well.

    Raises:
        UserError: it cannot be written, as on a full disk.
    """
    try:
        place = path.resolve()  # a link leads to another disk, and stays
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=place.parent) as scratch:
            part = Path(scratch) / path.name
            part.mkdir()
            yield part
            if place.exists():
                shutil.rmtree(place)
            part.replace(place)
    except OSError as error:
        if error.errno not in _USERS_FAULTS:
            raise
        raise unwritable(path, error) from None
