"""Decides after each step of one trial whether it goes on, and says why."""

from tribar.trial.pruning.config import PrunerParams
from tribar.trial.pruning.factories import make_pruner
from tribar.trial.pruning.past_trials import Past, Snapshot, study_of
from tribar.trial.pruning.thresholds import threshold_of
from tribar.trials import Direction, PruneCheck, running_best


class Referee:
    """The pruner of one running trial.

    Args:
        params: the pruner's name and options.
        past: the trials told before this one was asked.
        number: of this trial.
        direction: of the objective.
        in_turn: whether a step is a fold, with a value of its own, instead of an epoch.
    """

    def __init__(
        self,
        params: PrunerParams,
        past: Past,
        number: int,
        direction: Direction,
        in_turn: bool = False,
    ) -> None:
        # A patient pruner asks whether the values themselves have become worse.
        self._as_it_is = in_turn or params.name == "patient"
        self._params = params
        self._values: list[float] = []
        self._direction: Direction = direction
        self._rule = " ".join(params.names())
        self._pruner = make_pruner(params)
        self._storage = Snapshot(past, number)
        self._study = study_of(self._storage, direction)

    @property
    def rungs(self) -> dict[str, float]:
        """Return the rungs of successive halving that the trial has reached."""
        return dict(self._storage.running.system_attrs)

    def check(self, step: int, value: float) -> PruneCheck:
        """Return the decision after a step, given the value there.

        The pruner sees the trial's best value so far; a patient one, and one of folds, the value.
        """
        self._values.append(value)
        seen = value if self._as_it_is else running_best(self._values, self._direction)[-1]
        running = self._storage.running
        running.intermediate_values[step] = seen
        pruned = bool(self._pruner.prune(self._study, running))
        completed = self._storage.past.completed_at(step)
        threshold = threshold_of(self._params, seen, completed, self._direction)
        return PruneCheck(step, seen, threshold.value, threshold.compared, self._rule, pruned)
