"""Decisions: labelled windows over shared rows, and what of a window a reference looks at."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.dataset.prepared import PreparedSplit
from tribar.metrics.predictions import Labels

PART = 2**22
"""Inputs that are gathered at once, over all decisions of a part: 32 MB."""


@dataclass(frozen=True)
class Decisions:
    """Decisions at the close of a bar, each seeing the window of bars that ends there.

    Attributes:
        rows: float32, (rows, features); those of a window follow one another.
        last: (n,), position of each decision's newest row.
        labels: (n,).
        window: rows that a decision sees, its newest included.
    """

    rows: NDArray[np.float32]
    last: NDArray[np.int64]
    labels: Labels
    window: int

    @classmethod
    def of(cls, split: PreparedSplit, samples: pd.DataFrame) -> Self:
        """Return the decisions on a prepared split's rows that these of its samples are."""
        last, labels = samples["last"].to_numpy(), samples["label"].to_numpy()
        return cls(split.rows, last, labels, split.schema.window)

    def __len__(self) -> int:
        """Return the number of decisions."""
        return len(self.last)

    def gather(self, lags: Sequence[int]) -> NDArray[np.float64]:
        """Return the features of the rows that lie `lags` before the newest, (n, lags x features).

        >>> rows = np.arange(8, dtype=np.float32).reshape(4, 2)
        >>> Decisions(rows, np.array([2, 3]), np.array([0, 1]), window=3).gather([0, 2])
        array([[4., 5., 0., 1.],
               [6., 7., 2., 3.]])
        """
        assert max(lags) < self.window, "a lag outside the window"
        features = self.rows.shape[1]
        found = np.empty((len(self), len(lags), features))
        for position, lag in enumerate(lags):
            found[:, position] = self.rows[self.last - lag]
        return found.reshape(len(self), len(lags) * features)

    def evenly_spaced(self, most: int) -> Self:
        """Return at most `most` of the decisions, evenly spaced in their order.

        >>> decisions = Decisions(np.zeros((9, 1), np.float32), np.arange(9), np.zeros(9, int), 1)
        >>> decisions.evenly_spaced(4).last
        array([0, 2, 4, 6])
        """
        if len(self) <= most:
            return self
        chosen = np.arange(most) * len(self) // most
        return replace(self, last=self.last[chosen], labels=self.labels[chosen])

    def parts(self, lags: Sequence[int]) -> Iterator[Self]:
        """Yield the decisions in their order, in parts small enough to gather; at least one."""
        step = max(1, PART // (len(lags) * self.rows.shape[1]))
        for start in range(0, max(1, len(self)), step):
            part = slice(start, start + step)
            yield replace(self, last=self.last[part], labels=self.labels[part])
