"""Average uniqueness of overlapping labels (Lopez de Prado, 2018, chapter 4)."""

import numpy as np
from numpy.typing import NDArray


def average_uniqueness(
    start: NDArray[np.int64], end: NDArray[np.int64], rows: int
) -> NDArray[np.float64]:
    """Return each label's mean of 1 / (labels alive) over its rows start + 1 ... end, in (0, 1].

    Symbols never share a row, so all may be given at once.

    >>> average_uniqueness(np.array([0, 1]), np.array([2, 3]), rows=4)
    array([0.75, 0.75])

    Args:
        start: row of each decision.
        end: row of each label's end.
        rows: number of rows.
    """
    change = np.bincount(start + 1, minlength=rows + 2) - np.bincount(end + 1, minlength=rows + 2)
    alive = np.cumsum(change)
    share = np.concatenate([[0.0], np.cumsum(1 / np.maximum(alive, 1))])
    unique: NDArray[np.float64] = (share[end + 1] - share[start + 1]) / np.maximum(end - start, 1)
    return unique
