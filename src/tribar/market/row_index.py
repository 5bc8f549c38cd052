"""Which symbol and which time each row of a table belongs to."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.datetime64]
"""Nanoseconds in UTC, without a zone."""
CHUNK = 8192
"""Rows that are worked on at once: a processor's cache holds some of their columns."""


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

    @property
    def opened(self) -> Times:
        """Return when each bar opened, (rows,), if `time` is its end.

        It is the symbol's usual interval before that, but not before the last bar's end.
        """
        last = np.roll(self.time, 1)
        opened = self.time - self.intervals[self.codes]
        later = np.maximum(opened, last)
        later[self.starts[:-1]] = opened[self.starts[:-1]]
        return later

    @property
    def is_last(self) -> NDArray[np.bool_]:
        """Return which rows, (rows,), are the last of their symbol."""
        found = np.zeros(len(self), dtype=np.bool_)
        found[self.starts[1:] - 1] = True
        return found

    def rows(self, symbol: int) -> slice:
        """Return the rows of the symbol at a position in `symbols`."""
        return slice(int(self.starts[symbol]), int(self.starts[symbol + 1]))

    def ends(self) -> Self:
        """Return the index with the end of each bar, if `time` is when it opened.

        It is the symbol's usual interval after that, but not after the next bar's opening.
        """
        following = np.roll(self.time, -1)
        end = self.time + self.intervals[self.codes]
        earlier = np.minimum(end, following)
        earlier[self.starts[1:] - 1] = end[self.starts[1:] - 1]
        return type(self)(self.symbols, self.starts, earlier)

    @cached_property
    def intervals(self) -> NDArray[np.timedelta64]:
        """Return the median time between two bars of each symbol, 0 for a lone bar."""
        steps = [np.diff(self.time[a:b]) for a, b in itertools.pairwise(self.starts)]
        usual = [np.median(one) if len(one) else np.timedelta64(0, "ns") for one in steps]
        return np.array(usual, dtype="m8[ns]")

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.time)

    def select(self, chosen: NDArray[np.bool_]) -> Self:
        """Return the index of the rows that are chosen, (rows,)."""
        starts = np.append(0, np.cumsum(chosen))[self.starts]
        return type(self)(self.symbols, starts, self.time[chosen])

    def chunks(self, before: int) -> Iterator[tuple[slice, slice]]:
        """Yield rows of one symbol in order, and the same with up to `before` rows before them.

        >>> index = RowIndex.from_codes(("A", "B"), np.array([0, 0, 1]), np.zeros(3, "M8[ns]"))
        >>> list(index.chunks(before=1))
        [(slice(0, 2, None), slice(0, 2, None)), (slice(2, 3, None), slice(2, 3, None))]
        """
        for start, end in itertools.pairwise(self.starts.tolist()):
            for first in range(start, end, CHUNK):
                last = min(first + CHUNK, end)
                yield slice(first, last), slice(max(first - before, start), last)
