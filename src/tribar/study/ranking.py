"""Which trial is best: by one metric, or as the compromise of several."""

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

    Args:
        rows: of the study.
        directions: of the metrics that count, from the first; the values of others do not.
    """
    completed = [row for row in rows if row.state == "COMPLETE"]
    if not completed:
        return []
    first = _losses(completed, directions)[:, 0]
    distance = _distances(rows, directions) if len(directions) > 1 else {}
    keys = {
        row.number: (row.number not in distance, distance.get(row.number, loss), row.number)
        for row, loss in zip(completed, first, strict=True)
    }
    return sorted(completed, key=lambda row: keys[row.number])


def best_of(rows: Sequence[TrialRow], direction: Direction) -> TrialRow | None:
    """Return the completed trial whose first metric is best, the earliest among equals."""
    return next(iter(ranked(rows, [direction])), None)


def _distances(rows: Sequence[TrialRow], directions: Sequence[Direction]) -> dict[int, float]:
    """Return how far each trial of the front is from its ideal point, by number."""
    front = pareto_front(rows, directions)
    losses = _losses(front, directions)
    span = np.ptp(losses, axis=0)
    scaled = (losses - losses.min(axis=0)) / np.where(span > 0, span, 1)
    norms = np.linalg.norm(scaled, axis=1)
    return {row.number: norm for row, norm in zip(front, norms, strict=True)}


def _losses(rows: Sequence[TrialRow], directions: Sequence[Direction]) -> NDArray[np.float64]:
    """Return the metrics' values, (trials, metrics), with the sign that makes less better."""
    values = np.array([row.values[: len(directions)] for row in rows], dtype=np.float64)
    signed: NDArray[np.float64] = values * [direction.sign for direction in directions]
    return signed
