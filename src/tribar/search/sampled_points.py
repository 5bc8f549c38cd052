"""Points that a search space can draw, to be looked at before anything is trained."""

import math
import random
from collections.abc import Iterator, Mapping

from tribar.block import Choice
from tribar.search.conditions import holds, in_order
from tribar.search.dimensions import (
    AnyDimension,
    CategoricalDimension,
    FixedDimension,
    FloatDimension,
    IntDimension,
    Searchable,
    Space,
)

DRAWS = 200
CROSSINGS = 20
Point = Mapping[str, Choice]


def drawn(space: Space) -> Iterator[Point]:
    """Yield 200 random points of a space, its lowest and highest, and one for every end and choice.

    Always the same ones, and each value where its conditions hold.
    """
    rng = random.Random(0)
    found = [_point(space, {}, rng) for _ in range(DRAWS)]
    found += [
        _point(space, {name: ends(one)[end] for name, one in space.items()}, rng) for end in (0, -1)
    ]
    yield from found
    for name, dimension in space.items():
        having = next((point for point in found if name in point), _needed(space, name))
        for value in ends(dimension):
            yield _point(space, {**having, name: value}, rng)


def shown(point: Point) -> str:
    """Return a point for a message.

    >>> shown({"learning_rate": 0.00123456789, "cell": "gru"})
    'learning_rate 0.00123457, cell gru'
    """
    values = {name: f"{x:g}" if isinstance(x, float) else x for name, x in point.items()}
    return ", ".join(f"{name} {value}" for name, value in values.items())


def ends(dimension: AnyDimension) -> tuple[Choice, ...]:
    """Return the two ends of a range, the upper one as far as its steps reach; or all choices.

    >>> ends(IntDimension(type="int", low=8, high=100, step=16))
    (8, 88)
    """
    match dimension:
        case CategoricalDimension():
            return _sorted(dimension.choices)
        case FixedDimension():
            return (dimension.value,)
        case FloatDimension(low=low, high=high, step=None):
            return (low, high)
    return tuple(at(dimension, number) for number in (0, steps(dimension)))


def crossed(space: Space, name: Searchable, other: Searchable) -> Iterator[Point]:
    """Yield points made to have a dimension, with each end or choice of another one.

    Args:
        space: the search space.
        name: the dimension to have, as far as its conditions allow it.
        other: of the space or not.
    """
    rng, needed = random.Random(0), _needed(space, name)
    wanted: list[Point] = [needed]
    if other in space:
        each: list[Point] = [{other: value} for value in ends(space[other])]
        wanted += [{**needed, **one} for one in each]
        wanted += [{**_needed(space, other), **needed, **one} for one in each]
    for point in wanted:
        yield from (_point(space, point, rng) for _ in range(CROSSINGS))


def _needed(space: Space, name: Searchable) -> Point:
    """Return values with which a dimension exists, for one that random draws are too rare to meet.

    >>> deep = IntDimension(type="int", low=1, high=3, when={"hidden_dim": (3017,)})
    >>> _needed({"hidden_dim": IntDimension(type="int", low=1, high=4000), "heads": deep}, "heads")
    {'hidden_dim': 3017}
    """
    needed: dict[str, Choice] = {}
    for parent, allowed in space[name].when.items():
        if parent in space and allowed:  # else the condition is at fault itself
            needed |= {parent: allowed[0], **_needed(space, parent)}
    return needed


def _point(space: Space, wanted: Point, rng: random.Random) -> Point:
    point: dict[str, Choice] = {}
    for name, dimension in in_order(space).items():
        if holds(dimension, point):
            point[name] = wanted[name] if name in wanted else _value(dimension, rng)
    return point


def _sorted(choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """Return numbers from the lowest to the highest, and names as they stand."""
    numbers = [one for one in choices if not isinstance(one, str)]
    return tuple(sorted(numbers)) if len(numbers) == len(choices) else choices


def _value(dimension: AnyDimension, rng: random.Random) -> Choice:
    match dimension:
        case CategoricalDimension():
            return rng.choice(dimension.choices)
        case FixedDimension():
            return dimension.value
        case IntDimension(low=low, high=high, log=True):
            return round(_real(low, high, True, rng))
        case FloatDimension(low=low, high=high, log=log, step=None):
            return _real(low, high, log, rng)
    return at(dimension, rng.randint(0, steps(dimension)))


def _real(low: float, high: float, log: bool, rng: random.Random) -> float:
    if log:
        return min(high, max(low, math.exp(rng.uniform(math.log(low), math.log(high)))))
    return rng.uniform(low, high)


def at(dimension: IntDimension | FloatDimension, number: int) -> int | float:
    """Return the value that so many steps lead to; never above the highest, as rounding might."""
    return min(dimension.low + number * (dimension.step or 1), dimension.high)


def steps(dimension: IntDimension | FloatDimension) -> int:
    """Return how many steps lead from the lowest value to the highest."""
    return math.floor((dimension.high - dimension.low) / (dimension.step or 1) + 1e-9)
