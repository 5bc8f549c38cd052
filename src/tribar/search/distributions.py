"""The search space in Optuna's terms."""

import warnings

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import Trial

from tribar.block import Choice
from tribar.search.conditions import holds, in_order
from tribar.search.dimensions import (
    AnyDimension,
    CategoricalDimension,
    FixedDimension,
    FloatDimension,
    IntDimension,
    Space,
)

optuna.logging.set_verbosity(optuna.logging.WARNING)  # it would announce each of our studies


def distribution(dimension: AnyDimension) -> BaseDistribution:
    """Return Optuna's distribution of a dimension; a fixed one has a single choice."""
    with warnings.catch_warnings():
        # A range may end between two steps: its highest value is the last that a step reaches.
        warnings.filterwarnings("ignore", "The distribution is specified by", UserWarning)
        return _distribution(dimension)


def _distribution(dimension: AnyDimension) -> BaseDistribution:
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


def suggest(trial: Trial, space: Space) -> dict[str, Choice]:
    """Return a trial's parameters, those alone whose conditions hold."""
    for name, dimension in in_order(space).items():
        if holds(dimension, trial.params):
            _suggest(trial, name, distribution(dimension))
    return trial.params


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """Return the distribution of every dimension."""
    return {name: distribution(dimension) for name, dimension in space.items()}


def _suggest(trial: Trial, name: str, law: BaseDistribution) -> None:
    match law:
        case FloatDistribution():
            trial.suggest_float(name, law.low, law.high, step=law.step, log=law.log)
        case IntDistribution():
            trial.suggest_int(name, law.low, law.high, step=law.step, log=law.log)
        case CategoricalDistribution():
            trial.suggest_categorical(name, law.choices)
