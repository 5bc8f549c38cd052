"""Conditional dimensions: which of a space's dimensions a point has."""

from collections.abc import Iterator, Mapping

from tribar.block import Choice, Fault
from tribar.errors import did_you_mean
from tribar.search.dimensions import Space


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


def requirements(space: Space, name: str) -> dict[str, tuple[Choice, ...]]:
    """Return the values that others must have for a dimension to exist, and for those to exist.

    >>> from tribar.search.dimensions import CategoricalDimension, IntDimension
    >>> depth = IntDimension(type="int", low=1, high=3, when={"optimizer": ("sgd",)})
    >>> heads = IntDimension(type="int", low=1, high=4, when={"num_layers": (2,)})
    >>> optimizer = CategoricalDimension(type="categorical", choices=("adam", "sgd"))
    >>> requirements({"optimizer": optimizer, "num_layers": depth, "heads": heads}, "heads")
    {'num_layers': (2,), 'optimizer': ('sgd',)}
    """
    found: dict[str, tuple[Choice, ...]] = {}
    for parent, allowed in space[name].when.items():
        if parent in space and allowed:  # else the condition is at fault itself
            found |= {parent: allowed, **requirements(space, parent)}
    return found


def restrict(space: Space, values: Mapping[str, Choice]) -> dict[str, Choice]:
    """Return those of `values` that lie in the space, on its grids, and whose conditions hold."""
    point: dict[str, Choice] = {}
    for name, one in in_order(space).items():
        if name in values and one.is_active(point) and one.contains(values[name]):
            point[name] = values[name]
    return point


def missing(space: Space, point: Mapping[str, Choice]) -> list[str]:
    """Return the dimensions that a point has no value of, though their conditions hold."""
    return [name for name, one in space.items() if name not in point and one.is_active(point)]


def condition_faults(space: Space) -> Iterator[Fault]:
    """Yield what is wrong with the conditions of a space."""
    for name, dimension in space.items():
        for parent, allowed in dimension.when.items():
            texts = _condition_faults(space, parent, allowed)
            yield from (Fault(f"space.{name}.when.{parent}", text) for text in texts)
    try:
        in_order(space)
    except ValueError as error:
        yield Fault("space", f"{error}")


def _condition_faults(space: Space, parent: str, allowed: tuple[Choice, ...]) -> Iterator[str]:
    if parent not in space:
        hint = did_you_mean(parent, list(space)) or "; add it, or drop this"
        yield f"no dimension of the space{hint}"
    elif space[parent].is_continuous:
        yield "it is continuous; give it a step, or drop this"
    elif not allowed:
        yield f"no value; give those of {parent}, or drop this"
    else:
        outside = [value for value in allowed if not space[parent].contains(value)]
        yield from (f"{value!r} is no value of {parent}" for value in outside)


def point_faults(space: Space, point: Mapping[str, Choice], where: str) -> Iterator[Fault]:
    """Yield what is wrong with a point, in part or whole, that a user wants to be tried."""
    for name, value in point.items():
        if text := _point_fault(space, point, name, value):
            yield Fault(f"{where}.{name}", text)


def _point_fault(space: Space, point: Mapping[str, Choice], name: str, value: Choice) -> str:
    if name not in space:
        return f"no dimension of tune.space; those are {', '.join(space)}"
    if not space[name].contains(value):
        return f"{value!r} is outside {space[name].describe()}"
    if not space[name].is_active(point):
        condition = {parent: list(allowed) for parent, allowed in space[name].when.items()}
        return f"its condition does not hold; give the point {condition} too"
    return ""
