"""A study without networks: real suggestions, real pruning, a made-up loss."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass

from tribar.block import Choice
from tribar.config.schema import Params
from tribar.trial.objective_spec import ObjectiveSpec
from tribar.trial.pruning.past_trials import PastTrialsCache
from tribar.trial.pruning.pruner import TrialPruner
from tribar.trial.result import TrialResult
from tribar.trials import PruneCheck, State, TrialRequest, TrialRow

DOWN = ObjectiveSpec()


@dataclass(frozen=True)
class Landscape:
    """A smooth, deterministic stand-in for training: the loss falls towards a known optimum.

    `delay` in seconds an epoch lets trials finish out of order; `rises` makes every fourth trial
    worse again, by so much an epoch.
    """

    params: Params
    delay: float = 0.0
    rises: float = 0.0
    fails: frozenset[int] = frozenset()

    def __call__(self, request: TrialRequest) -> TrialResult:
        if request.number in self.fails:
            reason = "RuntimeError: made up"
            return TrialResult(TrialRow(request.number, "FAIL", (), request.params, reason=reason))
        epochs = self.params.training.max_epochs
        past = PastTrialsCache().of(request.finished)
        spec = ObjectiveSpec.of(self.params.tune.objective)
        pruner = TrialPruner(self.params.tune.pruner, past, request.number, spec)
        curve: list[float] = []
        checks: list[PruneCheck] = []
        for epoch in range(epochs):
            time.sleep(self.delay * (1 + request.number * 7 % 5))
            late = self.rises * max(epoch - 2, 0) if request.number % 4 == 2 else 0.0
            curve.append(landscape(request.params) + 0.3 / (1 + epoch) ** 0.5 + late)
            checks.append(pruner.check(epoch, curve[-1]))
            if checks[-1].pruned:
                break
        state: State = "PRUNED" if checks[-1].pruned else "COMPLETE"
        row = TrialRow(
            request.number,
            state,
            (min(curve),),
            request.params,
            tuple(curve),
            tuple(checks),
            pruner.rungs,
        )
        return TrialResult(row)


def landscape(params: Mapping[str, Choice]) -> float:
    """Return a loss with its optimum at learning rate 1e-3, 64 units and dropout 0.2."""
    rate, units, dropout = (float(params[k]) for k in ("learning_rate", "hidden_dim", "dropout"))
    layers, batch = float(params["num_layers"]), float(params["batch_size"])
    off = (math.log10(rate) + 3) ** 2 + ((units - 64) / 64) ** 2 + (dropout - 0.2) ** 2
    return 1 + 0.1 * off + 0.01 * layers + 0.0001 * batch
