"""Who proposes: a sampler built anew for every trial, with that trial's own seed."""

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from optuna.exceptions import ExperimentalWarning
from optuna.samplers import (
    BaseSampler,
    BruteForceSampler,
    GPSampler,
    GridSampler,
    RandomSampler,
)
from optuna.search_space import IntersectionSearchSpace

from tribar.block import Choice
from tribar.runtime import derive_seed
from tribar.search.conditions import missing, restrict
from tribar.search.config import SamplerName, SamplerParams
from tribar.search.dimensions import Space
from tribar.search.grid import count_points, grid
from tribar.search.tpe import SharedSpaceTPESampler
from tribar.search.unconditional import UnconditionalCmaEsSampler, UnconditionalQMCSampler


@dataclass(frozen=True)
class Method:
    """One of Optuna's samplers, and what it needs of a study.

    Attributes:
        sampler: its class.
        is_sequence: keeps the study's seed, for a new one starts the sequence again.
        has_state: in the study: a resumed study asks it for its first trials again.
        learns: models the value of whatever trial it is shown, an earlier study's too.
        unconditional: takes the dimensions without a condition alone.
        independent: leaves dimensions that it does not model to a random sampler.
    """

    sampler: Callable[..., BaseSampler]
    is_sequence: bool = False
    has_state: bool = False
    learns: bool = False
    unconditional: bool = False
    independent: bool = False


METHODS: dict[SamplerName, Method] = {
    "tpe": Method(SharedSpaceTPESampler, learns=True),
    "random": Method(RandomSampler),
    "qmc": Method(
        UnconditionalQMCSampler,
        is_sequence=True,
        has_state=True,
        unconditional=True,
        independent=True,
    ),
    "cmaes": Method(
        UnconditionalCmaEsSampler, has_state=True, unconditional=True, independent=True
    ),
    "gp": Method(GPSampler, learns=True, independent=True),
    "grid": Method(GridSampler, is_sequence=True, has_state=True),
    "brute_force": Method(BruteForceSampler),
}


def sampler_for(
    params: SamplerParams,
    space: Space,
    seed: int,
    number: int,
    shared: IntersectionSearchSpace | None = None,
) -> BaseSampler:
    """Return the sampler of one trial.

    A sampler's random state is not part of a study: one that lives through a study draws other
    values after a resume. A fresh one, seeded by the trial's number, cannot.

    Args:
        params: name and options.
        space: the search space.
        seed: of the study.
        number: of the trial.
        shared: what TPE infers the study's shared dimensions with, one for the whole study.
    """
    method = METHODS[params.name]
    own = seed if method.is_sequence else derive_seed(seed, "sampler", number)
    options = params.chosen()
    if params.name == "tpe":
        options |= {"shared": shared or IntersectionSearchSpace(include_pruned=True)}
    if params.name == "grid":
        options = {"search_space": grid(space, params.grid.points)}
    if method.unconditional:
        options |= {"unconditional": [name for name, one in space.items() if not one.when]}
    if method.independent:
        # Categorical dimensions are drawn independently, as they are meant to be.
        options |= {"warn_independent_sampling": False}
        options |= {"independent_sampler": RandomSampler(seed=derive_seed(seed, "draw", number))}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        return method.sampler(seed=own, **options)


def search_size(
    params: SamplerParams, space: Space, enqueued: Sequence[Mapping[str, Choice]], most: int
) -> float:
    """Return after how many trials the sampler has tried everything; infinity for most samplers.

    Args:
        params: name and options.
        space: the search space.
        enqueued: points that are tried first, the baseline's among them.
        most: trials; whatever comes after them may be any number.
    """
    if params.name == "grid":
        # The grid counts its own trials alone.
        points = math.prod(len(values) for values in grid(space, params.grid.points).values())
        return points + len(enqueued)
    if params.name == "brute_force":
        # A point that is enqueued whole is one of the space's; one in part may be met again.
        whole = [point for one in enqueued if not missing(space, point := restrict(space, one))]
        points = count_points(space, most + len(enqueued))
        return points + len(enqueued) - len({tuple(sorted(p.items())) for p in whole})
    return math.inf
