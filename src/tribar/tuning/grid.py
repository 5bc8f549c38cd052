"""The points of a search space that grid and brute force walk."""

import numpy as np

from tribar.params import (
    AnyDimension,
    CategoricalDimension,
    FixedDimension,
    FloatDimension,
    IntDimension,
    Space,
)
from tribar.params.space import Choice


def grid(space: Space, points: int) -> dict[str, list[Choice]]:
    """Return the values of each dimension: its steps or choices, else `points` from end to end.

    >>> grid({"learning_rate": FloatDimension(type="float", low=1e-4, high=1e-2, log=True)}, 3)
    {'learning_rate': [0.0001, 0.001, 0.01]}
    """
    return {name: _values(dimension, points) for name, dimension in space.items()}


def is_finite(dimension: AnyDimension) -> bool:
    """Return whether a dimension has a step or choices, so that all of it can be tried."""
    return not (isinstance(dimension, FloatDimension) and dimension.step is None)


def _values(dimension: AnyDimension, points: int) -> list[Choice]:
    match dimension:
        case CategoricalDimension():
            return list(dimension.choices)
        case FixedDimension():
            return [dimension.value]
        case IntDimension() if not dimension.log:
            return list(range(dimension.low, dimension.high + 1, dimension.step))
        case FloatDimension() if dimension.step:
            steps = int((dimension.high - dimension.low) / dimension.step + 1e-9)
            return [dimension.low + n * dimension.step for n in range(steps + 1)]
    return _spread(dimension, points)


def _spread(dimension: FloatDimension | IntDimension, points: int) -> list[Choice]:
    spread = np.geomspace if dimension.log else np.linspace
    ends = spread(dimension.low, dimension.high, points).tolist()
    values = [min(max(float(f"{end:.12g}"), dimension.low), dimension.high) for end in ends]
    if isinstance(dimension, IntDimension):
        return list(dict.fromkeys(round(value) for value in values))
    return list(values)
