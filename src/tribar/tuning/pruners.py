"""Who stops a trial early: Optuna's pruners over the trials told before it, and why they did."""

from collections.abc import Sequence

import numpy as np
import optuna
from optuna.pruners import BasePruner, MedianPruner, NopPruner
from optuna.trial import TrialState, create_trial

from tribar.params import PrunerParams
from tribar.tuning.trial import PruneCheck, TrialRow, running_best

STUDY_NAME = "tribar"
"""Fixed, because some pruners hash it together with a trial's number."""


def make_pruner(params: PrunerParams) -> BasePruner:
    """Return Optuna's pruner of this name."""
    if params.name == "none":
        return NopPruner()
    return MedianPruner(
        n_startup_trials=params.n_startup_trials,
        n_warmup_steps=params.n_warmup_epochs,
        interval_steps=1,
        n_min_trials=params.n_min_trials,
    )


def reported(row: TrialRow, max_epochs: int) -> dict[int, float]:
    """Return what pruners and samplers see of a trial: its best loss so far, by epoch.

    A completed trial that stopped early keeps its best to the last epoch: left out there, it
    would leave the judgement of later epochs to the few trials that ran long.

    >>> reported(TrialRow(0, "COMPLETE", 1.0, {}, (1.0, 1.1)), max_epochs=3)
    {0: 1.0, 1: 1.0, 2: 1.0}
    """
    best = list(running_best(row.curve))
    if row.state == "COMPLETE":
        best += [best[-1]] * (max_epochs - len(best))
    return dict(enumerate(best))


class Referee:
    """Decides after each epoch of one trial whether it goes on.

    Args:
        params: the pruner's name and options.
        told: the trials told before this one was asked, by number.
        number: of this trial.
        max_epochs: the most that a trial may run.
    """

    def __init__(
        self, params: PrunerParams, told: Sequence[TrialRow], number: int, max_epochs: int
    ) -> None:
        self._rule = params.name
        self._pruner = make_pruner(params)
        self._curves = [reported(row, max_epochs) for row in told if row.state == "COMPLETE"]
        self._study = optuna.create_study(study_name=STUDY_NAME, direction="minimize")
        for row in told:
            self._study.add_trial(_finished(row, max_epochs))
        for _ in range(number - len(told)):
            self._study.add_trial(create_trial(state=TrialState.FAIL))
        self._trial = self._study.ask()

    def check(self, epoch: int, best: float) -> PruneCheck:
        """Return the decision after `epoch`, given the trial's best loss so far."""
        self._trial.report(best, epoch)
        running = self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))[0]
        compared = [curve[epoch] for curve in self._curves]
        return PruneCheck(
            epoch=epoch,
            value=best,
            threshold=float(np.median(compared)) if compared else None,
            compared=len(compared),
            rule=self._rule,
            pruned=bool(self._pruner.prune(self._study, running)),
        )


def _finished(row: TrialRow, max_epochs: int) -> optuna.trial.FrozenTrial:
    return create_trial(
        state=TrialState[row.state],
        value=row.value if row.state == "COMPLETE" else None,
        intermediate_values=reported(row, max_epochs),
    )
