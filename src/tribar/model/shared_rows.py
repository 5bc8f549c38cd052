"""Scaled rows in a file that every process maps: memory grows with rows, not with workers."""

import hashlib
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tribar.dataset.scaling import BLOCK, Scaler
from tribar.errors import TRIALS_SAFE
from tribar.files import whole_file


def shared_rows(scaler: Scaler, rows: NDArray[np.float32], folder: Path) -> Tensor:
    """Return scaled rows, float32, mapped from a file that the first to ask for them writes.

    Args:
        scaler: of the rows.
        rows: (rows, features), not scaled.
        folder: of a study, whose data is always the same.

    Raises:
        UserError: the folder cannot be written, as on a full disk.
    """
    digest = hashlib.sha256(scaler.mean.tobytes() + scaler.std.tobytes()).hexdigest()[:16]
    path = folder / f"{digest}.float32"
    if not path.exists():
        _write(scaler, rows, path)
    mapped = torch.from_file(str(path), shared=False, size=rows.size, dtype=torch.float32)
    return mapped.reshape(rows.shape)


def _write(scaler: Scaler, rows: NDArray[np.float32], path: Path) -> None:
    with whole_file(path, TRIALS_SAFE, several=True) as part, part.open("wb") as file:
        for first in range(0, len(rows), BLOCK):
            file.write(scaler.apply(rows[first : first + BLOCK]).tobytes())
