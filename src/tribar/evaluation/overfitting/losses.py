"""The losses of a study's trials, made fit to be compared."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_ROWS = 1000
"""Decision times beyond which means of consecutive ones are compared instead: bounds the time."""


@dataclass(frozen=True, eq=False)
class ComparableLosses:
    """The losses of distinct trials at the same times.

    Attributes:
        values: (times, trials), in nats, the trials in their order.
        has_baseline: whether the first trial is the baseline.
        horizon: rows of `values` over which one label reaches.
        notes: what was left out or put together, for a reader.
    """

    values: NDArray[np.float64]
    has_baseline: bool
    horizon: int
    notes: tuple[str, ...]


def comparable(losses: NDArray[np.float64], horizon: int) -> ComparableLosses:
    """Return the losses of the trials that have one at every time, of equal trials the first's.

    Equal trials are one choice, and their difference has no variance to divide by.

    >>> found = comparable(np.array([[1.0, 2.0], [1.0, np.nan], [1.0, 2.0], [2.0, 3.0]]), 1)
    >>> found.values.T.tolist()
    [[1.0, 2.0], [2.0, 3.0]]
    >>> found.notes[0]
    'trials without a loss at every decision time, left out: 1'

    Args:
        losses: (trials, times), the baseline's first; NaN where a trial has none.
        horizon: decision times over which one label reaches.
    """
    is_whole = np.asarray(np.isfinite(losses).all(axis=1))
    whole = losses[is_whole]
    distinct: dict[bytes, int] = {}
    for position, row in enumerate(whole):
        distinct.setdefault(row.tobytes(), position)
    kept, group = whole[list(distinct.values())].T, max(1, -(-losses.shape[1] // MOST_ROWS))
    left_out = {
        "trials without a loss at every decision time": len(losses) - len(whole),
        "trials equal to an earlier one": len(whole) - len(distinct),
    }
    notes = tuple(f"{what}, left out: {count}" for what, count in left_out.items() if count)
    if group > 1:
        notes += (f"means of {group} consecutive decision times are compared",)
    return ComparableLosses(
        _group_means(kept, group),
        bool(is_whole[:1].any()),
        -(-horizon // group),
        notes,
    )


def _group_means(values: NDArray[np.float64], group: int) -> NDArray[np.float64]:
    """Return means of `group` consecutive rows, scaled so that the mean of all stays as it is."""
    if group == 1:
        return values
    starts = np.arange(0, len(values), group)
    sums: NDArray[np.float64] = np.add.reduceat(values, starts, axis=0)
    return sums * (len(starts) / len(values))
