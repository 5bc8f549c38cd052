"""The points of a search space that grid and brute force walk."""

from typing import TypeGuard

import numpy as np

from tribar.params import (
    AnyDimension,
    CategoricalDimension,
    FixedDimension,
    FloatDimension,
    IntDimension,
    Space,
)
from tribar.params.conditions import holds, in_order
from tribar.params.space import Choice


def grid(space: Space, points: int) -> dict[str, list[Choice]]:
    """Return the values of each dimension: its steps or choices, else `points` from end to end.

    >>> grid({"learning_rate": FloatDimension(type="float", low=1e-4, high=1e-2, log=True)}, 3)
    {'learning_rate': [0.0001, 0.001, 0.01]}
    """
    return {
        name: _spread(dimension, points) if _is_wide(dimension) else _values(dimension)
        for name, dimension in space.items()
    }


def count_points(space: Space) -> int:
    """Return how many points a finite space has, where conditions leave some dimensions out.

    >>> optimizer = CategoricalDimension(type="categorical", choices=("adam", "adamw"))
    >>> layers = IntDimension(type="int", low=1, high=3, when={"optimizer": ("adamw",)})
    >>> count_points({"optimizer": optimizer, "num_layers": layers})
    4
    """
    points: list[dict[str, Choice]] = [{}]
    for name, dimension in in_order(space).items():
        points = [
            each
            for point in points
            for each in (
                [{**point, name: value} for value in _values(dimension)]
                if holds(dimension, point)
                else [point]
            )
        ]
    return len(points)


def _values(dimension: AnyDimension) -> list[Choice]:
    """Return every value of a finite dimension."""
    match dimension:
        case CategoricalDimension():
            return list(dimension.choices)
        case FixedDimension():
            return [dimension.value]
        case IntDimension():
            return list(range(dimension.low, dimension.high + 1, dimension.step))
    assert dimension.step is not None, "a continuous dimension"
    steps = int((dimension.high - dimension.low) / dimension.step + 1e-9)
    return [dimension.low + n * dimension.step for n in range(steps + 1)]


def _is_wide(dimension: AnyDimension) -> TypeGuard[FloatDimension | IntDimension]:
    """Return whether a dimension is thinned out: continuous, or whole numbers by magnitude."""
    match dimension:
        case FloatDimension():
            return not dimension.step
        case IntDimension():
            return dimension.log
    return False


def _spread(dimension: FloatDimension | IntDimension, points: int) -> list[Choice]:
    spread = np.geomspace if dimension.log else np.linspace
    ends = spread(dimension.low, dimension.high, points).tolist()
    values = [min(max(float(f"{end:.12g}"), dimension.low), dimension.high) for end in ends]
    if isinstance(dimension, IntDimension):
        return list(dict.fromkeys(round(value) for value in values))
    return list(values)
