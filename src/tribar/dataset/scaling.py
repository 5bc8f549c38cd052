"""Scaling: mean and deviation of the rows that a fold trains on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

BLOCK = 65_536
"""Rows that are taken at once: float64 takes twice the memory of what comes out."""


@dataclass(frozen=True)
class Scaler:
    """Brings each feature to mean 0 and deviation 1 over the rows that it was fitted on.

    Attributes:
        mean: float64, (features,).
        std: float64, (features,); 1 for a feature that never varies.
    """

    mean: NDArray[np.float64]
    std: NDArray[np.float64]

    @classmethod
    def fit(cls, rows: NDArray[np.float32], last: NDArray[np.int64], window: int) -> Self:
        """Return the scaler of the rows that windows ending at `last` cover, each counted once."""
        used = covered(last, window, len(rows))
        count = used.sum()
        mean = sum(block.sum(axis=0) for block in _blocks(rows, used)) / count
        squares = sum(np.square(block - mean).sum(axis=0) for block in _blocks(rows, used))
        std = np.sqrt(squares / count)
        return cls(mean, np.where(std > 0, std, 1.0))

    def apply(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the scaled rows."""
        scaled = np.empty(rows.shape, dtype=np.float32)
        for start in range(0, len(rows), BLOCK):
            part = slice(start, start + BLOCK)
            scaled[part] = (rows[part] - self.mean) / self.std
        return scaled

    def to_lists(self) -> tuple[list[float], list[float]]:
        """Return mean and deviation as plain lists, for JSON."""
        return self.mean.tolist(), self.std.tolist()

    @classmethod
    def from_lists(cls, mean: Sequence[float], std: Sequence[float]) -> Self:
        """Return the scaler that `to_lists` described."""
        return cls(np.array(mean, dtype=np.float64), np.array(std, dtype=np.float64))


def _blocks(rows: NDArray[np.float32], used: NDArray[np.bool_]) -> Iterator[NDArray[np.float64]]:
    for start in range(0, len(rows), BLOCK):
        part = slice(start, start + BLOCK)
        yield rows[part][used[part]].astype(np.float64)


def covered(last: NDArray[np.int64], window: int, rows: int) -> NDArray[np.bool_]:
    """Return which rows lie in a window that ends at one of `last`.

    >>> covered(np.array([2, 5]), 2, 7).astype(int)
    array([0, 1, 1, 0, 1, 1, 0])
    """
    change = np.bincount(last - window + 1, minlength=rows + 1)[: rows + 1]
    change = change - np.bincount(last + 1, minlength=rows + 1)[: rows + 1]
    return np.cumsum(change)[:rows] > 0
