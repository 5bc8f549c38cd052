"""The value that a trial has to beat at a step, for people to read: of the rules that have one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tribar.trial.pruning.config import PrunerParams, ThresholdOptions
from tribar.trials import Direction


@dataclass(frozen=True)
class Threshold:
    """The value to beat.

    Attributes:
        value: a trial that is worse may be pruned; None where there is nothing to compare with, or
            the rule compares with no single value.
        compared: number of trials behind it.
    """

    value: float | None = None
    compared: int = 0


def threshold_of(
    params: PrunerParams, value: float, completed: NDArray[np.float64], direction: Direction
) -> Threshold:
    """Return what a running trial is compared with at a step.

    Args:
        params: the pruner; of a patient one, the pruner that it wraps decides.
        value: that the pruner sees at the step.
        completed: (trials,), what completed trials reported at the step.
        direction: of the objective.
    """
    match params.names()[-1]:
        case "median":
            return _percentile(50.0, completed, direction)
        case "percentile":
            return _percentile(params.percentile.percentile, completed, direction)
        case "threshold":
            return _nearest_bound(params.threshold, value)
    return Threshold()


def _percentile(
    percentile: float, completed: NDArray[np.float64], direction: Direction
) -> Threshold:
    if not len(completed):
        return Threshold()
    from_below = percentile if direction == "minimize" else 100 - percentile
    return Threshold(float(np.percentile(completed, from_below)), len(completed))


def _nearest_bound(options: ThresholdOptions, value: float) -> Threshold:
    """Return the bound that the value broke, else the one that it is nearest to."""
    bounds = [bound for bound in (options.upper, options.lower) if bound is not None]
    return Threshold(min(bounds, key=lambda bound: abs(bound - value)))
