"""The columns of bars, as features and labels read them."""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tribar.market.indicators import Series


@dataclass(frozen=True)
class BarColumns:
    """Bars of one symbol in order of time, or of several behind one another.

    A column that the source lacks is an empty array.

    Attributes:
        time: local, as the source stamps its bars.
    """

    time: NDArray[np.datetime64]
    open: Series
    high: Series
    low: Series
    close: Series
    volume: Series

    def select(self, rows: slice) -> Self:
        """Return some of the bars."""
        return type(self)(*(getattr(self, field.name)[rows] for field in fields(self)))
