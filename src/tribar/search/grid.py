"""The points of a search space that grid and brute force try."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import numpy as np

from tribar.block import Choice
from tribar.search.conditions import in_order
from tribar.search.dimensions import Dimension, IntDimension, RangeDimension, Space
from tribar.search.grid_checks import is_thinned


def grid(space: Space, points: int) -> dict[str, list[Choice]]:
    """Return the values of each dimension: its steps or choices, else `points` from end to end.

    >>> from tribar.search.dimensions import FloatDimension
    >>> grid({"learning_rate": FloatDimension(type="float", low=1e-4, high=1e-2, log=True)}, 3)
    {'learning_rate': [0.0001, 0.001, 0.01]}
    """
    return {name: _grid_values(dimension, points) for name, dimension in space.items()}


def count_points(space: Space, most: int) -> int:
    """Return how many points a finite space has, where conditions leave some dimensions out.

    Args:
        space: without a continuous dimension.
        most: as far as they are counted.

    >>> from tribar.search.dimensions import CategoricalDimension
    >>> optimizer = CategoricalDimension(type="categorical", choices=("adam", "adamw"))
    >>> layers = IntDimension(type="int", low=1, high=3, when={"optimizer": ("adamw",)})
    >>> count_points({"optimizer": optimizer, "num_layers": layers}, most=100)
    4
    """
    return sum(1 for _ in islice(_points(tuple(in_order(space).items()), {}), most))


def _points(
    dimensions: Sequence[tuple[str, Dimension]], point: Mapping[str, Choice]
) -> Iterator[Mapping[str, Choice]]:
    if not dimensions:
        yield point
        return
    (name, dimension), *others = dimensions
    if dimension.is_active(point):
        for value in dimension.values():
            yield from _points(others, {**point, name: value})
    else:
        yield from _points(others, point)


def _grid_values(dimension: Dimension, points: int) -> list[Choice]:
    if not (isinstance(dimension, RangeDimension) and is_thinned(dimension)):
        return list(dimension.values())
    spread = np.geomspace if dimension.log else np.linspace
    ends = spread(dimension.low, dimension.high, points).tolist()
    values = [min(max(float(f"{end:.12g}"), dimension.low), dimension.high) for end in ends]
    if isinstance(dimension, IntDimension):
        return list(dict.fromkeys(round(value) for value in values))
    return list(values)
