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
from tribar.search.conditions import in_order
from tribar.search.dimensions import Dimension, FloatDimension, IntDimension, Space

optuna.logging.set_verbosity(optuna.logging.WARNING)  # it would announce each of our studies


def distribution(dimension: Dimension) -> BaseDistribution:
    """Return Optuna's distribution of a dimension."""
    with warnings.catch_warnings():
        # A range may end between two steps: its highest value is the last that a step reaches.
        warnings.filterwarnings("ignore", "The distribution is specified by", UserWarning)
        match dimension:
            case FloatDimension(low=low, high=high, log=log, step=step):
                return FloatDistribution(low, high, log=log, step=step)
            case IntDimension(low=low, high=high, log=log, step=step):
                return IntDistribution(low, high, log=log, step=step)
        return CategoricalDistribution(dimension.values())


def suggest(trial: Trial, space: Space) -> dict[str, Choice]:
    """Return a trial's parameters, those alone whose conditions hold."""
    for name, dimension in in_order(space).items():
        if dimension.is_active(trial.params):
            _suggest(trial, name, distribution(dimension))
    return trial.params


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """Return the distribution of every dimension."""
    return {name: distribution(dimension) for name, dimension in space.items()}


def _suggest(trial: Trial, name: str, found: BaseDistribution) -> None:
    match found:
        case FloatDistribution():
            trial.suggest_float(name, found.low, found.high, step=found.step, log=found.log)
        case IntDistribution():
            trial.suggest_int(name, found.low, found.high, step=found.step, log=found.log)
        case CategoricalDistribution():
            trial.suggest_categorical(name, found.choices)
