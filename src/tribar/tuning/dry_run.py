"""A look at what a space can draw, before anything is trained."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import optuna
from optuna.samplers import RandomSampler
from pydantic import ValidationError

from tribar.errors import UserError
from tribar.params import FloatDimension, IntDimension, Space
from tribar.params.space import Choice
from tribar.tuning.space import suggest

DRAWS = 200


def check_space(space: Space, complete: Callable[[Mapping[str, Choice]], object]) -> None:
    """Refuse a space that can draw a configuration which is none.

    Args:
        space: the search space.
        complete: makes the whole configuration of a point, or raises ValueError (pydantic's too).

    Raises:
        UserError: a point of 200 random ones is no configuration; says which and why.
    """
    study = optuna.create_study(sampler=RandomSampler(seed=0))
    drawn = [suggest(study.ask(), space) for _ in range(DRAWS)]
    for point in [*drawn, *_at_the_ends(space, drawn)]:
        try:
            complete(point)
        except ValueError as error:
            faults = _faults(error)
            shown = ", ".join(f"{name} {value}" for name, value in point.items())
            raise UserError(
                f"tune.space: it can draw a configuration that is none ({shown}): {faults}; "
                "narrow that dimension"
            ) from None


def _faults(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    return "; ".join(
        ": ".join([*map(str, fault["loc"]), fault["msg"].removeprefix("Value error, ")])
        for fault in error.errors()
    )


def _at_the_ends(
    space: Space, drawn: Sequence[Mapping[str, Choice]]
) -> Iterator[Mapping[str, Choice]]:
    """Yield points with a number at either end of its range, which few draws would meet."""
    for name, dimension in space.items():
        if isinstance(dimension, FloatDimension | IntDimension):
            having = next((point for point in drawn if name in point), None)
            for end in (dimension.low, dimension.high) if having else ():
                yield {**(having or {}), name: end}
