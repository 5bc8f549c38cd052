"""Optuna's pruners by name, with the options that params.yaml gives them."""

import warnings
from collections.abc import Callable, Mapping

from optuna.exceptions import ExperimentalWarning
from optuna.pruners import (
    BasePruner,
    HyperbandPruner,
    MedianPruner,
    NopPruner,
    PatientPruner,
    PercentilePruner,
    SuccessiveHalvingPruner,
    ThresholdPruner,
    WilcoxonPruner,
)

from tribar.trial.pruning.config import PrunerName, PrunerParams

CLASSES: Mapping[PrunerName, Callable[..., BasePruner]] = {
    "none": NopPruner,
    "median": MedianPruner,
    "percentile": PercentilePruner,
    "successive_halving": SuccessiveHalvingPruner,
    "hyperband": HyperbandPruner,
    "patient": PatientPruner,
    "threshold": ThresholdPruner,
    "wilcoxon": WilcoxonPruner,
}


def make_pruner(params: PrunerParams) -> BasePruner:
    """Return the chosen pruner; a patient one holds the pruner that it wraps."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        if params.name != "patient":
            return _make(params.name, params)
        options = params.patient.model_dump(exclude={"wrapped_pruner"})
        wrapped = params.patient.wrapped_pruner
        # Optuna's own word for patience that asks nobody: one around NopPruner never prunes.
        return PatientPruner(None if wrapped == "none" else _make(wrapped, params), **options)


def _make(name: PrunerName, params: PrunerParams) -> BasePruner:
    block = getattr(params, name, None)
    return CLASSES[name](**(block.model_dump() if block else {}))
