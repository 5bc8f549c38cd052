"""Windows to fit and to check on, scaled by what is fitted on: of one split, or of purged folds."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tribar.dataset.prepared import PreparedSplit
from tribar.dataset.scaling import Scaler
from tribar.dataset.splits import purged_kfold
from tribar.model.shared_rows import shared_rows
from tribar.model.windows import Windows, resident


@dataclass(frozen=True)
class Fold:
    """Windows to fit and to check on, scaled by the rows of the former."""

    fit: Windows
    check: Windows
    scaler: Scaler


def make_fold(
    split: PreparedSplit,
    fit: pd.DataFrame,
    check: pd.DataFrame,
    device: str,
    folder: Path | None = None,
) -> Fold:
    """Return the windows of two sets of samples, scaled by the rows of `fit` alone.

    Args:
        split: the rows.
        fit: the training samples.
        check: the validation samples.
        device: "cpu" or "cuda".
        folder: where processes share the scaled rows; None keeps them in this one's memory.
    """
    schema = split.schema
    scaler = Scaler.fit(split.rows, fit["last"].to_numpy(), schema.window)
    scaled = shared_rows(scaler, split.rows, folder) if folder else scaler.apply(split.rows)
    rows = resident(scaled, device)
    return Fold(Windows.of(rows, fit, schema), Windows.of(rows, check, schema), scaler)


def folds_of(split: PreparedSplit, device: str, folder: Path | None = None) -> Iterator[Fold]:
    """Yield the purged folds over the development samples, each scaled by its training rows."""
    for part in purged_kfold(split.samples, split.schema.folds, split.schema.embargo):
        fit, check = split.samples.iloc[part.train], split.samples.iloc[part.evaluated]
        yield make_fold(split, fit, check, device, folder)
