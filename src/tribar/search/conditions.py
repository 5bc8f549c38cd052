"""Conditional dimensions: which of a space's dimensions a point has."""

import math
from collections.abc import Iterator, Mapping, Sequence

from tribar.block import Choice, Fault
from tribar.search.dimensions import (
    AnyDimension,
    CategoricalDimension,
    FixedDimension,
    FloatDimension,
    IntDimension,
    Space,
)


def contains(dimension: AnyDimension, value: Choice) -> bool:
    """Return whether a value lies in a dimension, on its grid."""
    if isinstance(dimension, CategoricalDimension):
        return any(type(one) is type(value) and one == value for one in dimension.choices)
    if isinstance(dimension, FixedDimension):
        is_bool = isinstance(value, bool)
        return value == dimension.value and is_bool == isinstance(dimension.value, bool)
    if isinstance(value, str | bool) or not dimension.low <= value <= dimension.high:
        return False
    if isinstance(dimension, IntDimension) and not isinstance(value, int):
        return False
    steps = (value - dimension.low) / dimension.step if dimension.step else 0.0
    return math.isclose(steps, round(steps), abs_tol=1e-9)


def holds(dimension: AnyDimension, point: Mapping[str, Choice]) -> bool:
    """Return whether a point has a dimension: all that it depends on is there, as it asks.

    >>> decay = FixedDimension(type="fixed", value=0.1, when={"optimizer": ("adamw",)})
    >>> holds(decay, {"optimizer": "adamw"}), holds(decay, {"optimizer": "adam"}), holds(decay, {})
    (True, False, False)
    """
    return all(
        name in point and _is_among(point[name], allowed)
        for name, allowed in dimension.when.items()
    )


def in_order(space: Space) -> Space:
    """Return the space with every dimension after those that it depends on.

    A space without conditions keeps its order.

    Raises:
        ValueError: dimensions that depend on each other.
    """
    ordered: Space = {}
    waiting = dict(space)
    while waiting:
        ready = [name for name, one in waiting.items() if not set(one.when) & set(waiting)]
        if not ready:
            waiting = _in_cycles(waiting)
            depend = "depend on each other" if len(waiting) > 1 else "depends on itself"
            raise ValueError(f"{' and '.join(waiting)} {depend}: drop one condition")
        ordered |= {name: waiting.pop(name) for name in ready}
    return ordered


def _in_cycles(waiting: Space) -> Space:
    """Leave out the dimensions that no other waits for."""
    needed = {parent for one in waiting.values() for parent in one.when}
    kept = {name: one for name, one in waiting.items() if name in needed}
    return waiting if kept == waiting else _in_cycles(kept)


def inside(space: Space, values: Mapping[str, Choice]) -> dict[str, Choice]:
    """Return those of `values` that lie in the space, on its grids, and whose conditions hold."""
    point: dict[str, Choice] = {}
    for name, dimension in in_order(space).items():
        if name in values and holds(dimension, point) and contains(dimension, values[name]):
            point[name] = values[name]
    return point


def left_open(space: Space, point: Mapping[str, Choice]) -> list[str]:
    """Return the dimensions that a point has no value of, though their conditions hold."""
    return [name for name, one in space.items() if name not in point and holds(one, point)]


def _is_among(value: Choice, allowed: Sequence[Choice]) -> bool:
    """Return whether a value is one of those allowed; a float of a grid is one but for rounding."""
    if isinstance(value, float):
        numbers = (one for one in allowed if not isinstance(one, str))
        return any(math.isclose(value, one, abs_tol=1e-12) for one in numbers)
    return value in allowed


def condition_faults(space: Space) -> Iterator[Fault]:
    """Yield what is wrong with the conditions of a space."""
    for name, dimension in space.items():
        for parent, allowed in dimension.when.items():
            if parent not in space:
                yield Fault(
                    f"space.{name}.when.{parent}", "no dimension of the space; add it, or drop this"
                )
                continue
            if is_continuous(space[parent]):
                yield Fault(
                    f"space.{name}.when.{parent}", "it is continuous; give it a step, or drop this"
                )
                continue
            if not allowed:
                yield Fault(
                    f"space.{name}.when.{parent}", f"no value; give those of {parent}, or drop this"
                )
            for value in allowed:
                if not contains(space[parent], value):
                    yield Fault(f"space.{name}.when.{parent}", f"{value!r} is no value of {parent}")
    try:
        in_order(space)
    except ValueError as error:
        yield Fault("space", f"{error}")


def point_faults(space: Space, point: Mapping[str, Choice], where: str) -> Iterator[Fault]:
    """Yield what is wrong with a point, in part or whole, that a user wants to be tried."""
    for name, value in point.items():
        if name not in space:
            yield Fault(
                f"{where}.{name}", f"no dimension of tune.space; those are {', '.join(space)}"
            )
        elif not contains(space[name], value):
            yield Fault(f"{where}.{name}", f"{value!r} is outside {describe(space[name])}")
        elif not holds(space[name], point):
            condition = {parent: list(allowed) for parent, allowed in space[name].when.items()}
            yield Fault(
                f"{where}.{name}", f"its condition does not hold; give the point {condition} too"
            )


def is_continuous(dimension: AnyDimension) -> bool:
    """Return whether a dimension has no finite number of values."""
    return isinstance(dimension, FloatDimension) and not dimension.step


def describe(dimension: AnyDimension) -> str:
    """Return the values that a dimension allows, for a message."""
    if isinstance(dimension, CategoricalDimension):
        return f"{list(dimension.choices)}"
    if isinstance(dimension, FixedDimension):
        return f"[{dimension.value!r}]"
    step = f" in steps of {dimension.step:g}" if dimension.step else ""
    return f"{dimension.low:g} to {dimension.high:g}{step}"
