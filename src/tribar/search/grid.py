"""The points of a search space that grid and brute force walk."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import numpy as np

from tribar.block import Choice
from tribar.search.conditions import holds, in_order
from tribar.search.dimensions import (
    AnyDimension,
    CategoricalDimension,
    FixedDimension,
    FloatDimension,
    IntDimension,
    Space,
)
from tribar.search.exhaustive import is_wide
from tribar.search.sampled_points import at, steps


def grid(space: Space, points: int) -> dict[str, list[Choice]]:
    """Return the values of each dimension: its steps or choices, else `points` from end to end.

    >>> grid({"learning_rate": FloatDimension(type="float", low=1e-4, high=1e-2, log=True)}, 3)
    {'learning_rate': [0.0001, 0.001, 0.01]}
    """
    return {
        name: _spread(dimension, points) if is_wide(dimension) else _values(dimension)
        for name, dimension in space.items()
    }


def count_points(space: Space, most: int) -> int:
    """Return how many points a finite space has, where conditions leave some dimensions out.

    Args:
        space: without a continuous dimension.
        most: as far as they are counted.

    >>> optimizer = CategoricalDimension(type="categorical", choices=("adam", "adamw"))
    >>> layers = IntDimension(type="int", low=1, high=3, when={"optimizer": ("adamw",)})
    >>> count_points({"optimizer": optimizer, "num_layers": layers}, most=100)
    4
    """
    return sum(1 for _ in islice(_points(tuple(in_order(space).items()), {}), most))


def _points(
    dimensions: Sequence[tuple[str, AnyDimension]], point: Mapping[str, Choice]
) -> Iterator[Mapping[str, Choice]]:
    if not dimensions:
        yield point
        return
    (name, dimension), *others = dimensions
    if holds(dimension, point):
        for value in _values(dimension):
            yield from _points(others, {**point, name: value})
    else:
        yield from _points(others, point)


def _values(dimension: AnyDimension) -> list[Choice]:
    """Return every value of a finite dimension."""
    match dimension:
        case CategoricalDimension():
            return list(dimension.choices)
        case FixedDimension():
            return [dimension.value]
    assert dimension.step is not None, "a continuous dimension"
    return [at(dimension, number) for number in range(steps(dimension) + 1)]


def _spread(dimension: FloatDimension | IntDimension, points: int) -> list[Choice]:
    spread = np.geomspace if dimension.log else np.linspace
    ends = spread(dimension.low, dimension.high, points).tolist()
    values = [min(max(float(f"{end:.12g}"), dimension.low), dimension.high) for end in ends]
    if isinstance(dimension, IntDimension):
        return list(dict.fromkeys(round(value) for value in values))
    return list(values)
