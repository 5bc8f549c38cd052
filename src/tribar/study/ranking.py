"""Several objectives: the trials that no other beats in all of them, and the one that is chosen."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tribar.trials import Direction, TrialRow


def pareto_front(rows: Sequence[TrialRow], directions: Sequence[Direction]) -> list[TrialRow]:
    """Return the completed trials that no other completed trial dominates, by number.

    One dominates another when it is no worse in any metric and better in one.
    """
    completed = [row for row in rows if row.state == "COMPLETE"]
    if not completed:
        return []
    losses = _losses(completed, directions)
    no_worse = (losses[:, None] <= losses[None]).all(axis=2)
    dominated = (no_worse & (losses[:, None] < losses[None]).any(axis=2)).any(axis=0)
    return [completed[position] for position in np.flatnonzero(~np.asarray(dominated))]


def ranked(rows: Sequence[TrialRow], directions: Sequence[Direction]) -> list[TrialRow]:
    """Return the completed trials, the chosen one first.

    With one metric: by value. With several: the Pareto front by distance to its ideal point, each
    metric scaled to the front's range, so that none counts more for its unit (Zeleny's compromise,
    1973), then the others by value of the first metric. The earliest of equals is first.
    """
    completed = [row for row in rows if row.state == "COMPLETE"]
    if not completed:
        return []
    losses = _losses(completed, directions)
    first = {row.number: loss for row, loss in zip(completed, losses[:, 0], strict=True)}
    if len(directions) == 1:
        return sorted(completed, key=lambda row: (first[row.number], row.number))
    front = pareto_front(rows, directions)
    at_front = _losses(front, directions)
    span = np.ptp(at_front, axis=0)
    scaled = (at_front - at_front.min(axis=0)) / np.where(span > 0, span, 1)
    distance = {row.number: d for row, d in zip(front, np.linalg.norm(scaled, axis=1), strict=True)}
    return sorted(
        completed,
        key=lambda row: (
            row.number not in distance,
            distance.get(row.number, first[row.number]),
            row.number,
        ),
    )


def _losses(rows: Sequence[TrialRow], directions: Sequence[Direction]) -> NDArray[np.float64]:
    """Return the metrics' values, (trials, metrics), with the sign that makes less better."""
    sign = np.array([1 if direction == "minimize" else -1 for direction in directions])
    values = np.array([row.values or (row.value,) for row in rows], dtype=np.float64)
    signed: NDArray[np.float64] = values * sign
    return signed
