"""Who proposes: a sampler built anew for every trial, with that trial's own seed."""

import math
import warnings
from collections.abc import Callable, Mapping, Sequence

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

CLASSES: dict[SamplerName, Callable[..., BaseSampler]] = {
    "tpe": SharedSpaceTPESampler,
    "random": RandomSampler,
    "qmc": UnconditionalQMCSampler,
    "cmaes": UnconditionalCmaEsSampler,
    "gp": GPSampler,
    "grid": GridSampler,
    "brute_force": BruteForceSampler,
}

SEQUENTIAL = ("qmc", "grid")
"""Samplers that follow one sequence: they keep the study's seed; a new one starts it again."""

STATEFUL = ("qmc", "grid", "cmaes")
"""Samplers that keep state in the study: a resumed study asks them for its first trials again."""

LEARNING = ("tpe", "gp")
"""Samplers that model the value of whatever trial they are shown, an earlier study's too."""


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
    own = seed if params.name in SEQUENTIAL else derive_seed(seed, "sampler", number)
    options = params.chosen()
    if params.name == "tpe":
        options |= {"shared": shared or IntersectionSearchSpace(include_pruned=True)}
    if params.name == "grid":
        options = {"search_space": grid(space, params.grid.points)}
    if params.name == "qmc":
        options |= {"warn_asynchronous_seeding": False}
    if params.name in ("qmc", "cmaes"):
        options |= {"unconditional": [name for name, one in space.items() if not one.when]}
    if params.name in ("qmc", "cmaes", "gp"):
        # Categorical dimensions are drawn independently, as they are meant to be.
        options |= {"warn_independent_sampling": False}
        options |= {"independent_sampler": RandomSampler(seed=derive_seed(seed, "draw", number))}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        return CLASSES[params.name](seed=own, **options)


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
