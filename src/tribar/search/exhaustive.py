"""What the samplers that try every combination, grid and brute_force, cannot walk."""

import math
from collections.abc import Iterator
from typing import TypeGuard

from tribar.block import Fault
from tribar.search.conditions import is_continuous
from tribar.search.config import SamplerParams
from tribar.search.dimensions import (
    AnyDimension,
    CategoricalDimension,
    FixedDimension,
    FloatDimension,
    IntDimension,
    Space,
)
from tribar.search.sampled_points import steps

MOST = 1_000_000
"""Values of a dimension, or points of a grid, that Optuna lists in a moment."""


def walking_faults(sampler: SamplerParams, space: Space) -> Iterator[Fault]:
    """Yield what of a space the chosen sampler cannot walk.

    Args:
        sampler: name and options.
        space: of dimensions that have no fault by themselves.
    """
    if sampler.name == "brute_force":
        yield from _brute_force_faults(space)
    if sampler.name == "grid":
        yield from _grid_faults(space, sampler.grid.points)


def _brute_force_faults(space: Space) -> Iterator[Fault]:
    endless = [name for name, one in space.items() if is_continuous(one)]
    if endless:
        yield Fault(
            "sampler.name", f"brute_force needs a step in {', '.join(endless)}; add it, or use grid"
        )
    for name, one in space.items():
        if not is_continuous(one) and (values := _count(one)) > MOST:
            yield Fault(
                f"space.{name}",
                f"{values:,} values, and brute_force takes at most {MOST:,}; "
                "give it a larger step, or use another sampler.name",
            )


def _grid_faults(space: Space, points: int) -> Iterator[Fault]:
    if any(one.when for one in space.values()):
        yield Fault(
            "sampler.name", "grid knows no conditions; drop `when`, or set it to brute_force"
        )
    counts = {name: points if is_wide(one) else _count(one) for name, one in space.items()}
    if (total := math.prod(counts.values())) > MOST:
        most = max(counts, key=lambda name: counts[name])
        yield Fault(
            "sampler.name",
            f"a grid of {total:,} points, and it takes at most {MOST:,}; give a "
            f"larger step to {most} with its {counts[most]:,} values, or use another sampler.name",
        )


def is_wide(dimension: AnyDimension) -> TypeGuard[FloatDimension | IntDimension]:
    """Return whether a grid thins a dimension out: continuous, or whole numbers by magnitude."""
    return is_continuous(dimension) or (isinstance(dimension, IntDimension) and dimension.log)


def _count(dimension: AnyDimension) -> int:
    match dimension:
        case CategoricalDimension():
            return len(dimension.choices)
        case FixedDimension():
            return 1
    return steps(dimension) + 1
