"""What a trial is held against: the figure behind a pruner's decision, for people to read."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import optuna
from numpy.typing import NDArray
from optuna.pruners import (
    BasePruner,
    HyperbandPruner,
    PatientPruner,
    PercentilePruner,
    SuccessiveHalvingPruner,
    ThresholdPruner,
    WilcoxonPruner,
)
from optuna.study import StudyDirection

from tribar.trial.pruning.past_trials import Past


@dataclass(frozen=True)
class Held:
    """The value to beat, None where nothing was there to compare with, and who set it.

    Attributes:
        threshold: a trial that is worse may be pruned.
        compared: number of trials behind it.
    """

    threshold: float | None
    compared: int


NOTHING = Held(None, 0)


def threshold_of(
    pruner: BasePruner,
    study: optuna.Study,
    past: Past,
    step: int,
    value: float,
    new_rungs: Sequence[str],
) -> Held:
    """Return what a running trial was held against at a step.

    Args:
        pruner: that decided; of a patient one it is the pruner that it wraps.
        study: over the told trials and the running one.
        past: the told trials.
        step: the running trial's newest.
        value: that the pruner saw there.
        new_rungs: keys of the rungs of successive halving that it reached just now.
    """
    judge = pruner._wrapped_pruner if isinstance(pruner, PatientPruner) else pruner
    match judge:
        case PercentilePruner():
            return _percentile(judge, past.completed_at(step), study.direction)
        case SuccessiveHalvingPruner() | HyperbandPruner():
            return _rung(judge, study, new_rungs)
        case ThresholdPruner():
            return _bound(judge, value)
        case WilcoxonPruner() if len(past.completed_at(step)):
            return Held(study.best_trial.intermediate_values[step], 1)
    return NOTHING


def _percentile(
    judge: PercentilePruner, values: NDArray[np.float64], direction: StudyDirection
) -> Held:
    if not len(values):
        return NOTHING
    share = judge._percentile if direction == StudyDirection.MINIMIZE else 100 - judge._percentile
    return Held(float(np.percentile(values, share)), len(values))


def _rung(
    judge: SuccessiveHalvingPruner | HyperbandPruner, study: optuna.Study, new_rungs: Sequence[str]
) -> Held:
    if not new_rungs:
        return NOTHING
    everyone = study.get_trials(deepcopy=False)
    running = everyone[-1]
    if isinstance(judge, HyperbandPruner):
        bracket = judge._get_bracket_id(study, running)
        everyone = [t for t in everyone if judge._get_bracket_id(study, t) == bracket]
    key = new_rungs[-1]
    values = sorted(t.system_attrs[key] for t in everyone if key in t.system_attrs)
    if study.direction == StudyDirection.MAXIMIZE:
        values.reverse()
    compared = len(values) - 1
    if len(values) <= judge._bootstrap_count:  # stopped whatever its value, to set the mark
        return Held(None, compared)
    promoted = max(len(values) // judge._reduction_factor, 1)
    return Held(values[promoted - 1], compared)


def _bound(judge: ThresholdPruner, value: float) -> Held:
    """Return the bound that the value broke, else the one that it is nearest to."""
    bounds = [bound for bound in (judge._upper, judge._lower) if math.isfinite(bound)]
    return Held(min(bounds, key=lambda bound: abs(bound - value)), 0)
