"""Decides after each step of one trial whether it goes on, and says why."""

from collections.abc import Sequence

from optuna.trial import FrozenTrial

from tribar.params import PrunerParams
from tribar.tuning.history import Snapshot, study_of
from tribar.tuning.pruners import make_judge, make_pruner
from tribar.tuning.thresholds import threshold_of
from tribar.tuning.trial import Direction, PruneCheck


class Referee:
    """The pruner of one running trial.

    Args:
        params: the pruner's name and options.
        told: the trials told before this one was asked.
        number: of this trial.
        direction: of the objective.
    """

    def __init__(
        self,
        params: PrunerParams,
        told: Sequence[FrozenTrial],
        number: int,
        direction: Direction,
    ) -> None:
        self._rule = " ".join(params.names())
        self._pruner = make_pruner(params)
        self._judge = make_judge(params)
        self._storage = Snapshot(list(told), number)
        self._study = study_of(self._storage, direction)

    @property
    def rungs(self) -> dict[str, float]:
        """Return the rungs of successive halving that the trial has reached."""
        return dict(self._storage.running.system_attrs)

    def check(self, step: int, value: float) -> PruneCheck:
        """Return the decision after a step, given the trial's best value so far (or the fold's)."""
        running = self._storage.running
        running.intermediate_values[step] = value
        reached = set(running.system_attrs)
        pruned = bool(self._pruner.prune(self._study, running))
        new = [key for key in running.system_attrs if key not in reached]
        held = threshold_of(self._judge, self._study, step, new)
        return PruneCheck(step, value, held.threshold, held.compared, self._rule, pruned)
