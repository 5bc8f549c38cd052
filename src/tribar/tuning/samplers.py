"""Who proposes: a sampler built anew for every trial, with that trial's own seed."""

import math
import warnings
from collections.abc import Callable, Mapping

from optuna.exceptions import ExperimentalWarning
from optuna.samplers import (
    BaseSampler,
    BruteForceSampler,
    CmaEsSampler,
    GPSampler,
    GridSampler,
    QMCSampler,
    RandomSampler,
)

from tribar.params import SamplerName, SamplerParams, Space
from tribar.runtime import derive_seed
from tribar.tuning.grid import count_points, grid
from tribar.tuning.tpe import KnowingTPESampler, Known

CLASSES: Mapping[SamplerName, Callable[..., BaseSampler]] = {
    "tpe": KnowingTPESampler,
    "random": RandomSampler,
    "qmc": QMCSampler,
    "cmaes": CmaEsSampler,
    "gp": GPSampler,
    "grid": GridSampler,
    "brute_force": BruteForceSampler,
}

SEQUENTIAL = ("qmc", "grid")
"""Samplers that walk one sequence: they keep the study's seed, for a new one starts it again."""

STATEFUL = ("qmc", "grid", "cmaes")
"""Samplers that leave notes in the study: a resumed study asks them for its first trials again."""

LEARNING = ("tpe", "gp")
"""Samplers that model the value of whatever trial they are shown, an earlier study's too."""


def sampler_for(
    params: SamplerParams, space: Space, seed: int, number: int, known: Known | None = None
) -> BaseSampler:
    """Return the sampler of one trial.

    A sampler's random state is not part of a study: one that lives through a study draws other
    values after a resume. A fresh one, seeded by the trial's number, cannot.

    Args:
        params: name and options.
        space: the search space.
        seed: of the study.
        number: of the trial.
        known: what TPE has worked out about the study's trials so far.
    """
    own = seed if params.name in SEQUENTIAL else derive_seed(seed, "sampler", number)
    options = params.chosen()
    if params.name == "tpe":
        options |= {"known": Known() if known is None else known}
    if params.name == "grid":
        options = {"search_space": grid(space, params.grid.points)}
    if params.name == "qmc":
        options |= {"warn_asynchronous_seeding": False}
    if params.name in ("qmc", "cmaes", "gp"):
        # Categorical dimensions are drawn independently, as they are meant to be.
        options |= {"warn_independent_sampling": False}
        options |= {"independent_sampler": RandomSampler(seed=derive_seed(seed, "draw", number))}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        return CLASSES[params.name](seed=own, **options)


def exhausted_after(params: SamplerParams, space: Space) -> float:
    """Return after how many trials the sampler has tried everything; infinity for most."""
    if params.name == "grid":
        # Trial 0 is the baseline, not a point of the grid.
        return 1 + math.prod(len(values) for values in grid(space, params.grid.points).values())
    if params.name == "brute_force":
        return count_points(space)
    return math.inf
