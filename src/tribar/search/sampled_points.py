"""Points that a search space can draw, to be checked before anything is trained."""

import random
from collections.abc import Iterator, Mapping

from tribar.block import Choice
from tribar.search.conditions import in_order, requirements
from tribar.search.dimensions import Space

DRAWS = 200
Point = Mapping[str, Choice]


def sample_points(space: Space) -> Iterator[Point]:
    """Yield 200 random points of a space, its lowest and highest, and one for every end and choice.

    Always the same ones, and each value where its conditions hold.
    """
    rng, ends = random.Random(0), {name: one.ends() for name, one in space.items()}
    yield from (_point(space, {}, rng) for _ in range(DRAWS))
    for end in (0, -1):
        yield _point(space, {name: values[end] for name, values in ends.items()}, rng)
    for name, values in ends.items():
        conditions = {one: allowed[0] for one, allowed in requirements(space, name).items()}
        yield from (_point(space, {**conditions, name: value}, rng) for value in values)


def format_point(point: Point) -> str:
    """Return a point for a message.

    >>> format_point({"learning_rate": 0.00123456789, "cell": "gru"})
    'learning_rate 0.00123457, cell gru'
    """
    values = {name: f"{x:g}" if isinstance(x, float) else x for name, x in point.items()}
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _point(space: Space, wanted: Point, rng: random.Random) -> Point:
    point: dict[str, Choice] = {}
    for name, dimension in in_order(space).items():
        if dimension.is_active(point):
            point[name] = wanted[name] if name in wanted else dimension.draw(rng)
    return point
