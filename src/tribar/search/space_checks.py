"""Configurations that a search space can draw and that are none."""

from collections.abc import Callable, Iterator, Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tribar.block import ConflictError, Fault
from tribar.model.config import LAYERS, ModelParams
from tribar.search.conditions import in_order
from tribar.search.dimensions import Space
from tribar.search.sampled_points import Point, drawn, shown


def space_faults(space: Space, complete: Callable[..., object]) -> Iterator[Fault]:
    """Yield the first fault of each hyperparameter.

    Args:
        space: of which dimensions that are at fault by themselves are left out.
        complete: makes the whole configuration of a point, given by name.
    """
    told = set[str]()
    for point in drawn(sound(space)):
        for fault in _faults(point, complete):
            place = _place(fault.key, point)
            if place not in told:
                told.add(place)
                yield Fault(place, fault.text)


def block_of(name: str) -> str:
    """Return the block that holds the value of a hyperparameter that is not searched."""
    return "model" if name in ModelParams.model_fields else "training"


def sound(space: Space) -> Space:
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
            yield Fault(one.key, f"{one.text} (it can draw {shown(point)})")


def _by_name(faults: Sequence[ErrorDetails], point: Point) -> dict[str, ErrorDetails]:
    """Return a fault of each hyperparameter; of a union, that of the type which it has."""
    found: dict[str, ErrorDetails] = {}
    told = {fault["loc"][0] for fault in faults if not fault["type"].endswith("_type")}
    for fault in faults:
        name, last = str(fault["loc"][0]), fault["loc"][-1]
        layer = f"{name}_{last + 1}" if isinstance(last, int) else name
        if name not in told or not fault["type"].endswith("_type"):
            found.setdefault(layer if layer in point else name, fault)
    return found


def _place(key: str, point: Point) -> str:
    """Return where the value of a hyperparameter stands: in the space, where the point has it."""
    names = [name for name in (key, *(LAYERS if key == "dropout" else ())) if name in point]
    return f"tune.space.{names[0]}" if names else f"{block_of(key)}.{key}"
