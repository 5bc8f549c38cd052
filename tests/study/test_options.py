import inspect
from collections.abc import Callable, Mapping
from typing import Any, get_args

import pytest

from tribar.block import Block
from tribar.config.schema import Params
from tribar.errors import UserError
from tribar.search import samplers
from tribar.search.config import SamplerName, SamplerParams
from tribar.trial.pruning import factories as pruners
from tribar.trial.pruning.config import PrunerName, PrunerParams

Shrunk = Callable[..., Params]

OURS = {"seed", "independent_sampler", "warn_independent_sampling", "warn_asynchronous_seeding"}
"""What the study itself decides for every sampler."""
LEFT_OUT: Mapping[str, set[str]] = {
    # deprecated in Optuna 5, or functions, which params.yaml cannot hold
    "tpe": {
        "consider_prior", "prior_weight", "consider_magic_clip", "consider_endpoints", "gamma",
        "weights", "constraints_func",
    },
    "gp": {"constraints_func"},
    "cmaes": {"x0", "sigma0", "restart_strategy", "inc_popsize", "source_trials"},
    "grid": {"search_space"},  # made of the study's space
}  # fmt: skip
NOT_OPTUNAS = {"grid": {"points"}}
"""Options that make an argument of Optuna's instead of being one."""


def arguments(made: Callable[..., Any]) -> set[str]:
    """Return the names that a constructor takes."""
    names = set(inspect.signature(made).parameters)
    return names - {"self", "args", "kwargs"}


def options(params: type[Block], name: str) -> set[str]:
    field = params.model_fields.get(name)
    return set(field.annotation.model_fields) if field and field.annotation else set()


def test_every_name_has_its_class() -> None:
    assert set(samplers.METHODS) == set(get_args(SamplerName))
    assert set(pruners.CLASSES) == set(get_args(PrunerName))


@pytest.mark.parametrize("name", samplers.METHODS)
def test_a_samplers_options_are_its_constructors(name: str) -> None:
    real = samplers.METHODS[name].sampler  # type: ignore[index]
    optunas = next(one for one in real.__mro__ if one.__module__.startswith("optuna"))  # type: ignore[attr-defined]
    taken = arguments(optunas)
    ours = options(SamplerParams, name) - NOT_OPTUNAS.get(name, set())
    assert ours == taken - OURS - LEFT_OUT.get(name, set())


@pytest.mark.parametrize("name", pruners.CLASSES)
def test_a_pruners_options_are_its_constructors(name: str) -> None:
    taken = arguments(pruners.CLASSES[name])  # type: ignore[index]
    assert options(PrunerParams, name) == taken


EDGES = {
    "tune.sampler.tpe.n_startup_trials": (0, -1),
    "tune.sampler.tpe.n_ei_candidates": (1, 0),
    "tune.sampler.cmaes.popsize": (2, 1),
    "tune.pruner.percentile.percentile": (100.0, 100.5),
    "tune.pruner.percentile.n_min_trials": (1, 0),
    "tune.pruner.median.interval_steps": (1, 0),
    "tune.pruner.median.n_warmup_steps": (0, -1),
    "tune.pruner.successive_halving.reduction_factor": (2, 1),
    "tune.pruner.successive_halving.min_resource": (1, 0),
    "tune.pruner.successive_halving.bootstrap_count": (0, -1),
    "tune.pruner.hyperband.reduction_factor": (2, 1),
    "tune.pruner.hyperband.min_resource": (1, 0),
    "tune.pruner.patient.patience": (0, -1),
    "tune.pruner.patient.min_delta": (0.0, -0.1),
    "tune.pruner.threshold.interval_steps": (1, 0),
    "tune.pruner.wilcoxon.p_threshold": (1.0, 1.1),
    "tune.pruner.wilcoxon.n_startup_steps": (0, -1),
}


@pytest.mark.parametrize("key", EDGES)
def test_what_the_library_takes_is_taken_and_the_next_value_refused(
    key: str, shrunk: Shrunk
) -> None:
    at, beyond = EDGES[key]
    _, kind, name, _ = key.split(".")
    over = ("tune.objective.over=folds_in_turn",) if name == "wilcoxon" else ()
    chosen = f"tune.{kind}.name={name}"
    params = shrunk(chosen, *over, f"{key}={at}").tune
    if kind == "sampler":
        samplers.sampler_for(params.sampler, params.space, seed=1, number=0)
    else:
        pruners.make_pruner(params.pruner)
    with pytest.raises(UserError, match=key):
        shrunk(chosen, f"{key}={beyond}")


REFUSED = {
    "tune.sampler.tpe.gamma=3": "tune.sampler.tpe.gamma: unknown parameter",
    "tune.pruner.median.n_warmup=3": "did you mean tune.pruner.median.n_warmup_steps?",
    "tune.pruner.median.n_warmup_steps=two": "tune.pruner.median.n_warmup_steps: input should be",
}


@pytest.mark.parametrize("override", REFUSED)
def test_an_option_that_is_none_is_refused(override: str, shrunk: Shrunk) -> None:
    with pytest.raises(UserError) as error:
        shrunk(override)
    assert REFUSED[override] in str(error.value)


CLASHES = {
    ("tune.sampler.name=cmaes", "tune.sampler.cmaes.lr_adapt=true",
     "tune.sampler.cmaes.with_margin=true"): "lr_adapt",
    ("tune.sampler.name=cmaes", "tune.sampler.cmaes.use_separable_cma=true",
     "tune.sampler.cmaes.with_margin=true"): "with_margin",
    ("tune.sampler.name=tpe", "tune.sampler.tpe.group=true",
     "tune.sampler.tpe.multivariate=false"): "multivariate",
    ("tune.pruner.name=threshold", "tune.pruner.threshold.upper=null"): "a lower or an upper",
    ("tune.pruner.name=threshold", "tune.pruner.threshold.lower=9.0"): "lower",
    ("tune.pruner.name=hyperband", "tune.pruner.hyperband.bootstrap_count=1"): "bootstrap_count",
    ("tune.pruner.name=hyperband", "tune.pruner.hyperband.max_resource=2",
     "tune.pruner.hyperband.min_resource=3"): "max_resource: 2 is below min_resource 3",
    ("tune.pruner.name=successive_halving", "tune.pruner.successive_halving.bootstrap_count=1",
     "tune.pruner.successive_halving.min_resource=auto"): "bootstrap_count",
}  # fmt: skip


@pytest.mark.parametrize("overrides", CLASHES)
def test_options_that_exclude_each_other_are_refused_when_they_are_read(
    overrides: tuple[str, ...], shrunk: Shrunk
) -> None:
    with pytest.raises(UserError, match=CLASHES[overrides]):
        shrunk(*overrides)
