"""Configurations that a search space can draw and that are none."""

import re
from collections.abc import Callable, Iterator, Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tribar.block import ConflictError, Fault
from tribar.search.conditions import in_order
from tribar.search.dimensions import Space
from tribar.search.sampled_points import Point, format_point, sample_points


def space_faults(
    space: Space, complete: Callable[..., object], block_of: Callable[[str], str]
) -> Iterator[Fault]:
    """Yield the first fault of each hyperparameter.

    Args:
        space: of dimensions that have no fault by themselves.
        complete: makes the whole configuration of a point, given by name.
        block_of: names the block with the value of a hyperparameter that is not searched.
    """
    faults: dict[str, Fault] = {}
    for point in sample_points(space):
        for fault in _faults(point, complete):
            searched = _searched(fault.key, point)
            place = f"tune.space.{searched}" if searched else f"{block_of(fault.key)}.{fault.key}"
            faults.setdefault(place, Fault(place, fault.text))
    yield from faults.values()


def valid_dimensions(space: Space) -> Space:
    """Return the dimensions that are not at fault by themselves."""
    found = {name: one for name, one in space.items() if not any(one.conflicts())}
    try:
        in_order(found)
    except ValueError:  # dimensions that depend on each other
        return {}
    return found


def _faults(point: Point, complete: Callable[..., object]) -> Iterator[Fault]:
    try:
        complete(**point)
    except ValidationError as error:
        for name, fault in _by_name(error.errors(), point).items():
            message = fault["msg"]
            text = f"{message[0].lower()}{message[1:]} (it can be {point.get(name)!r})"
            yield Fault(name, text)
    except ConflictError as error:
        for one in error.faults:
            yield Fault(one.key, f"{one.text} (it can draw {format_point(point)})")


def _by_name(faults: Sequence[ErrorDetails], point: Point) -> dict[str, ErrorDetails]:
    """Return a fault of each hyperparameter; of a union, that of the type which it has."""
    found: dict[str, ErrorDetails] = {}
    of_right_type = {fault["loc"][0] for fault in faults if not fault["type"].endswith("_type")}
    for fault in faults:
        name, last = str(fault["loc"][0]), fault["loc"][-1]
        layer = f"{name}_{last + 1}" if isinstance(last, int) else name
        if name not in of_right_type or not fault["type"].endswith("_type"):
            found.setdefault(layer if layer in point else name, fault)
    return found


def _searched(key: str, point: Point) -> str | None:
    """Return the dimension that gives a hyperparameter its value, whole or of a layer: key_1."""
    return next((name for name in point if re.fullmatch(rf"{key}(_\d+)?", name)), None)
