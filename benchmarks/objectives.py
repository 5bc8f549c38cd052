"""Objectives that cost nothing to evaluate, so that a study itself can be looked at."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tribar.block import Choice
from tribar.trial.objective_spec import ObjectiveSpec
from tribar.trial.pruning.config import PrunerParams
from tribar.trial.pruning.past_trials import PastTrialsCache
from tribar.trial.pruning.pruner import TrialPruner
from tribar.trial.result import TrialResult
from tribar.trials import PruneCheck, TrialRequest, TrialRow

Function = Callable[[Mapping[str, Choice]], float]

_HARTMANN_A = np.array(
    [
        [10, 3, 17, 3.5, 1.7, 8],
        [0.05, 10, 17, 0.1, 8, 14],
        [3, 3.5, 1.7, 10, 17, 8],
        [17, 8, 0.05, 10, 0.1, 14],
    ]
)
_HARTMANN_P = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)
_HARTMANN_C = np.array([1.0, 1.2, 3.0, 3.2])


def bowl(params: Mapping[str, Choice]) -> float:
    """Return a loss with its only optimum, 0, at learning rate 1e-3, 64 units, dropout 0.2."""
    rate, units, dropout = (float(params[k]) for k in ("learning_rate", "hidden_dim", "dropout"))
    layers = float(params["num_layers"])
    off = (math.log10(rate) + 3) ** 2 + ((units - 64) / 64) ** 2 + 4 * (dropout - 0.2) ** 2
    return 0.1 * off + 0.01 * (layers - 1)


def hartmann(params: Mapping[str, Choice]) -> float:
    """Return the regret of the six-dimensional Hartmann function over the parameters' values."""
    x = np.array([float(value) for value in params.values()])
    inner = (_HARTMANN_A * (x - _HARTMANN_P) ** 2).sum(axis=1)
    return 3.32237 - float(_HARTMANN_C @ np.exp(-inner))


@dataclass(frozen=True)
class Simulated:
    """A trial whose curve falls towards a function's value, as a training's does.

    Attributes:
        function: what the last epoch would come close to.
        pruner: who may stop it.
        epochs: of every trial.
        past_trials: those that finished before, kept from one trial to the next.
    """

    function: Function
    pruner: PrunerParams
    epochs: int
    past_trials: PastTrialsCache = field(default_factory=PastTrialsCache)

    def __call__(self, request: TrialRequest) -> TrialResult:
        """Return what a trial leaves."""
        past = self.past_trials.of(request.finished)
        pruner = TrialPruner(self.pruner, past, request.number, ObjectiveSpec())
        curve: list[float] = []
        checks: list[PruneCheck] = []
        for epoch in range(self.epochs):
            curve.append(self.function(request.params) + 0.1 / (1 + epoch))
            checks.append(pruner.check(epoch, curve[-1]))
            if checks[-1].pruned:
                return TrialResult(_row(request, "PRUNED", curve, checks, pruner))
        return TrialResult(_row(request, "COMPLETE", curve, checks, pruner))


def _row(
    request: TrialRequest,
    state: str,
    curve: Sequence[float],
    checks: Sequence[PruneCheck],
    pruner: TrialPruner,
) -> TrialRow:
    return TrialRow(
        request.number,
        "PRUNED" if state == "PRUNED" else "COMPLETE",
        (min(curve),),
        request.params,
        tuple(curve),
        tuple(checks),
        pruner.rungs,
    )
