"""Which symbol and which time each row of a table belongs to."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.datetime64]
"""Nanoseconds in UTC, without a zone."""


@dataclass(frozen=True)
class RowIndex:
    """The symbol and the time of each row, ordered by symbol, then time.

    Attributes:
        symbols: names, in string order.
        starts: int64, first row of each symbol, and the number of rows.
        time: (rows,).
    """

    symbols: tuple[str, ...]
    starts: NDArray[np.int64]
    time: Times

    @classmethod
    def from_codes(cls, symbols: tuple[str, ...], codes: NDArray[np.int32], time: Times) -> Self:
        """Return the index of rows whose symbols stand in `codes`, (rows,), in rising order.

        >>> RowIndex.from_codes(("A", "B"), np.array([0, 0, 1]), np.zeros(3, "M8[ns]")).starts
        array([0, 2, 3])
        """
        return cls(symbols, np.append(np.flatnonzero(np.diff(codes, prepend=-1)), len(codes)), time)

    @property
    def codes(self) -> NDArray[np.int32]:
        """Return the position in `symbols` of each row's symbol."""
        return np.repeat(np.arange(len(self.symbols), dtype=np.int32), np.diff(self.starts))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.time)

    def select(self, chosen: NDArray[np.bool_]) -> Self:
        """Return the index of the rows that are chosen, (rows,)."""
        starts = np.append(0, np.cumsum(chosen))[self.starts]
        return type(self)(self.symbols, starts, self.time[chosen])
