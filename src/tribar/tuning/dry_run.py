"""A look at what a space can draw, before anything is trained."""

from collections.abc import Callable, Mapping

import optuna
from optuna.samplers import RandomSampler
from pydantic import ValidationError

from tribar.errors import UserError
from tribar.params import Space
from tribar.params.space import Choice
from tribar.tuning.space import suggest

DRAWS = 200


def check_space(space: Space, complete: Callable[[Mapping[str, Choice]], object]) -> None:
    """Refuse a space that can draw a configuration which is none.

    Args:
        space: the search space.
        complete: makes the whole configuration of a point, or raises pydantic's ValidationError.

    Raises:
        UserError: a point of 200 random ones is no configuration; says which and why.
    """
    study = optuna.create_study(sampler=RandomSampler(seed=0))
    for _ in range(DRAWS):
        point = suggest(study.ask(), space)
        try:
            complete(point)
        except ValidationError as error:
            faults = "; ".join(
                f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()
            )
            shown = ", ".join(f"{name} {value}" for name, value in point.items())
            raise UserError(
                f"tune.space: it can draw a configuration that is none ({shown}): {faults}; "
                "narrow that dimension"
            ) from None
