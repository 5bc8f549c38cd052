"""Training and validation windows, of one split or of purged folds."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tribar.dataset.prepared import PreparedSplit
from tribar.dataset.scaling import Scaler
from tribar.dataset.splits import purged_kfold
from tribar.model.shared_rows import shared_rows
from tribar.model.windows import Windows, to_device


@dataclass(frozen=True)
class Fold:
    """Training and validation windows, scaled by the rows of the former."""

    train: Windows
    validation: Windows
    scaler: Scaler


def make_fold(
    split: PreparedSplit,
    train: pd.DataFrame,
    validation: pd.DataFrame,
    device: str,
    folder: Path | None = None,
) -> Fold:
    """Return the windows of two sets of samples, scaled by the rows of `train` alone.

    Args:
        split: the rows.
        train: the training samples.
        validation: the validation samples.
        device: "cpu" or "cuda".
        folder: where processes share the scaled rows; None keeps them in this one's memory.
    """
    schema = split.schema
    scaler = Scaler.fit(split.rows, train["last"].to_numpy(), schema.window)
    scaled = shared_rows(scaler, split.rows, folder) if folder else scaler.apply(split.rows)
    rows = to_device(scaled, device)
    return Fold(Windows.of(rows, train, schema), Windows.of(rows, validation, schema), scaler)


def folds_of(split: PreparedSplit, device: str, folder: Path | None = None) -> Iterator[Fold]:
    """Yield the purged folds over the development samples, each scaled by its training rows."""
    for part in purged_kfold(split.samples, split.schema.folds, split.schema.embargo):
        train, evaluated = split.samples.iloc[part.train], split.samples.iloc[part.evaluated]
        yield make_fold(split, train, evaluated, device, folder)
