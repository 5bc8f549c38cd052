"""Training and validation windows, of one split or of purged folds."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tribar.dataset.prepared import PreparedSplit
from tribar.dataset.scaling import Scaler
from tribar.dataset.splits import nested_kfold, purged_kfold
from tribar.model.shared_rows import shared_rows
from tribar.model.windows import Windows, to_device


@dataclass(frozen=True)
class Fold:
    """Windows to train, to validate and to evaluate on, scaled by the rows of the first.

    Attributes:
        train: what is learnt from.
        validation: what the epoch is chosen on.
        evaluated: what the network is judged on: held out from both, else the validation windows.
        scaler: of the training rows.
    """

    train: Windows
    validation: Windows
    evaluated: Windows
    scaler: Scaler


def make_fold(
    split: PreparedSplit,
    train: pd.DataFrame,
    validation: pd.DataFrame,
    device: str,
    folder: Path | None = None,
    evaluated: pd.DataFrame | None = None,
) -> Fold:
    """Return the windows of sets of samples, scaled by the rows of `train` alone.

    Args:
        split: the rows.
        train: the training samples.
        validation: the validation samples.
        device: "cpu" or "cuda".
        folder: where processes share the scaled rows; None keeps them in this one's memory.
        evaluated: samples held out from both; None for the validation samples.
    """
    schema = split.schema
    scaler = Scaler.fit(split.rows, train["last"].to_numpy(), schema.window)
    scaled = shared_rows(scaler, split.rows, folder) if folder else scaler.apply(split.rows)
    rows = to_device(scaled, device)
    checked = Windows.of(rows, validation, schema)
    judged = checked if evaluated is None else Windows.of(rows, evaluated, schema)
    return Fold(Windows.of(rows, train, schema), checked, judged, scaler)


def folds_of(split: PreparedSplit, device: str, folder: Path | None = None) -> Iterator[Fold]:
    """Yield the purged folds over the development samples, each validated on the fold itself."""
    for part in purged_kfold(split.samples, split.schema.folds, split.schema.embargo):
        train, evaluated = split.samples.iloc[part.train], split.samples.iloc[part.evaluated]
        yield make_fold(split, train, evaluated, device, folder)


def nested_folds_of(
    split: PreparedSplit, device: str, folder: Path | None = None
) -> Iterator[Fold]:
    """Yield the purged folds, each validated on an inner part of its own training samples."""
    for part in nested_kfold(split.samples, split.schema.folds, split.schema.embargo):
        train, validation, evaluated = (
            split.samples.iloc[one] for one in (part.train, part.validation, part.evaluated)
        )
        yield make_fold(split, train, validation, device, folder, evaluated)
