"""The search space in Optuna's terms."""

import math
from collections.abc import Mapping

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from tribar.params import (
    AnyDimension,
    CategoricalDimension,
    FixedDimension,
    FloatDimension,
    IntDimension,
    Space,
)
from tribar.params.space import Choice


def distribution(dimension: AnyDimension) -> BaseDistribution:
    """Return Optuna's distribution of a dimension; a fixed one has a single choice."""
    match dimension:
        case FloatDimension():
            return FloatDistribution(
                dimension.low, dimension.high, log=dimension.log, step=dimension.step
            )
        case IntDimension():
            return IntDistribution(
                dimension.low, dimension.high, log=dimension.log, step=dimension.step
            )
        case CategoricalDimension():
            return CategoricalDistribution(dimension.choices)
        case FixedDimension():
            return CategoricalDistribution((dimension.value,))


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """Return the distribution of every dimension."""
    return {name: distribution(dimension) for name, dimension in space.items()}


def inside(space: Space, values: Mapping[str, Choice]) -> dict[str, Choice]:
    """Return those of `values` that lie in the space, on its grids.

    >>> step = IntDimension(type="int", low=32, high=128, step=16)
    >>> inside({"hidden_dim": step}, {"hidden_dim": 48})
    {'hidden_dim': 48}
    >>> inside({"hidden_dim": step}, {"hidden_dim": 40})
    {}
    """
    return {
        name: values[name]
        for name, dimension in space.items()
        if name in values and _contains(dimension, values[name])
    }


def _contains(dimension: AnyDimension, value: Choice) -> bool:
    if isinstance(dimension, CategoricalDimension):
        return value in dimension.choices
    if isinstance(dimension, FixedDimension):
        return value == dimension.value
    if isinstance(value, str | bool) or not dimension.low <= value <= dimension.high:
        return False
    steps = (value - dimension.low) / dimension.step if dimension.step else 0.0
    return math.isclose(steps, round(steps), abs_tol=1e-9)
