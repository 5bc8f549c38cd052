"""What the samplers that try every combination, grid and brute_force, have too many points for."""

import math
from collections.abc import Iterator

from tribar.block import Fault
from tribar.search.config import SamplerParams
from tribar.search.dimensions import Dimension, IntDimension, Space

MAX_VALUES = 1_000_000
"""Values of a dimension, or points of a grid, that Optuna lists in a moment."""


def grid_faults(sampler: SamplerParams, space: Space) -> Iterator[Fault]:
    """Yield what of a space the chosen sampler cannot try exhaustively.

    Args:
        sampler: name and options.
        space: of dimensions that have no fault by themselves.
    """
    if sampler.name == "brute_force":
        yield from _brute_force_faults(space)
    if sampler.name == "grid":
        yield from _grid_faults(space, sampler.grid.points)


def _brute_force_faults(space: Space) -> Iterator[Fault]:
    continuous = [name for name, one in space.items() if one.is_continuous]
    if continuous:
        names = ", ".join(continuous)
        yield Fault("sampler.name", f"brute_force needs a step in {names}; add it, or use grid")
    for name, one in space.items():
        if not one.is_continuous and (values := one.count()) > MAX_VALUES:
            yield Fault(
                f"space.{name}",
                f"{values:,} values, and brute_force takes at most {MAX_VALUES:,}; "
                "give it a larger step, or use another sampler.name",
            )


def _grid_faults(space: Space, points: int) -> Iterator[Fault]:
    if any(one.when for one in space.values()):
        yield Fault(
            "sampler.name", "grid knows no conditions; drop `when`, or set it to brute_force"
        )
    counts = {name: points if is_thinned(one) else one.count() for name, one in space.items()}
    if (total := math.prod(counts.values())) > MAX_VALUES:
        most = max(counts, key=lambda name: counts[name])
        yield Fault(
            "sampler.name",
            f"a grid of {total:,} points, and it takes at most {MAX_VALUES:,}; give a "
            f"larger step to {most} with its {counts[most]:,} values, or use another sampler.name",
        )


def is_thinned(dimension: Dimension) -> bool:
    """Return whether a grid takes some values only: of real numbers, or integers by magnitude."""
    return dimension.is_continuous or (isinstance(dimension, IntDimension) and dimension.log)
