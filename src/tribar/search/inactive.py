"""Dimensions of a search space that decide nothing, whatever else is drawn."""

from collections.abc import Iterator, Mapping

from tribar.block import Choice, Fault
from tribar.search.conditions import requirements
from tribar.search.dimensions import FixedDimension, Space

Use = tuple[str, tuple[str, ...] | int]
"""A hyperparameter, and its values with which another one matters: those, or so many and more."""


def inactive_faults(
    space: Space, uses: Mapping[str, Use], unsearched: Mapping[str, Choice]
) -> Iterator[Fault]:
    """Yield each searched dimension that no trial has a use for.

    Args:
        space: of dimensions that have no fault by themselves.
        uses: of the hyperparameters that do not always matter.
        unsearched: the value of each hyperparameter where no dimension decides it.
    """
    for name, dimension in space.items():
        if name not in uses or isinstance(dimension, FixedDimension):
            continue
        by, wanted = uses[name]
        if not any(_fits(value, wanted) for value in _attainable(space, name, by, unsearched)):
            words = f"{wanted} or more" if isinstance(wanted, int) else " or ".join(wanted)
            yield Fault(
                f"tune.space.{name}",
                f"no trial that has it can have {by} {words}; allow that, or drop this",
            )


def _attainable(
    space: Space, name: str, by: str, unsearched: Mapping[str, Choice]
) -> Iterator[Choice]:
    """Yield the values, of a range its ends, that `by` can have in trials that have `name`."""
    required = requirements(space, name)
    if by in required:
        yield from required[by]
        return
    if by in space:
        yield from space[by].ends()
    if by not in space or space[by].when:
        yield unsearched[by]


def _fits(value: Choice, wanted: tuple[str, ...] | int) -> bool:
    if isinstance(wanted, int):
        return not isinstance(value, str) and value >= wanted
    return value in wanted
