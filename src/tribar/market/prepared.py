"""A prepared split: what every stage after prepare sees, whatever the source was."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.errors import UserError

CLASSES = (-1, 0, 1)
"""The labels, in the order of every probability's columns."""

SAMPLE_COLUMNS = (
    "symbol",
    "start",
    "decision",
    "last",
    "label",
    "label_end",
    "barrier",
    "exit_return",
    "weight",
    "split",
)
"""Columns of samples.parquet; a sample's interval is [start, label_end]."""


@dataclass(frozen=True)
class Schema:
    """What rows and samples mean."""

    features: tuple[str, ...]
    window: int
    folds: int
    embargo: int
    source_sha256: str
    classes: tuple[int, ...] = CLASSES


@dataclass(frozen=True)
class PreparedSplit:
    """Rows and the decisions made on them.

    Attributes:
        rows: float32, (rows, features), not scaled, ordered by symbol, then time.
        samples: one line a decision, columns `SAMPLE_COLUMNS`, ordered by symbol, then time;
            its window is `rows[last - window + 1 : last + 1]`.
        schema: names and sizes.
    """

    rows: NDArray[np.float32]
    samples: pd.DataFrame
    schema: Schema

    def part(self, name: str) -> pd.DataFrame:
        """Return the samples of one split: train, validation or test."""
        return self.samples[self.samples["split"] == name]


def write_split(split: PreparedSplit, folder: Path) -> None:
    """Write rows.npy, samples.parquet and schema.json into an existing folder."""
    np.save(folder / "rows.npy", split.rows, allow_pickle=False)
    split.samples.to_parquet(folder / "samples.parquet", index=False)
    schema = json.dumps(asdict(split.schema), indent=2, sort_keys=True)
    (folder / "schema.json").write_text(schema + "\n", encoding="utf-8")


def read_split(folder: Path) -> PreparedSplit:
    """Return the split in `folder`, its rows mapped from disk.

    Raises:
        UserError: the folder is missing or incomplete.
    """
    try:
        rows = np.load(folder / "rows.npy", mmap_mode="r", allow_pickle=False)
        samples = pd.read_parquet(folder / "samples.parquet")
        content = json.loads((folder / "schema.json").read_text(encoding="utf-8"))
    except OSError:
        raise UserError(
            f"{folder}: no prepared split; run `tribar prepare` or `dvc repro`"
        ) from None
    return PreparedSplit(rows, samples, _schema(content))


def _schema(content: dict[str, Sequence[object]]) -> Schema:
    tuples = {"features", "classes"}
    return Schema(**{key: tuple(v) if key in tuples else v for key, v in content.items()})  # type: ignore[arg-type]


def class_index(labels: Sequence[int] | NDArray[np.int8]) -> NDArray[np.int64]:
    """Return each label's position in `CLASSES`.

    >>> class_index([-1, 1, 0])
    array([0, 2, 1])
    """
    return np.searchsorted(CLASSES, np.asarray(labels)).astype(np.int64)
