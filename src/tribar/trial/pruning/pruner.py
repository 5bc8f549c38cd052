"""Decides after each step of one trial whether it goes on, and says why."""

from tribar.trial.objective_spec import ObjectiveSpec
from tribar.trial.pruning.config import PrunerParams
from tribar.trial.pruning.factories import make_pruner
from tribar.trial.pruning.past_trials import PastTrials, PrunerStudy
from tribar.trial.pruning.thresholds import threshold_of
from tribar.trials import PruneCheck


class TrialPruner:
    """The pruner of one running trial.

    Args:
        params: the pruner's name and options.
        past: the trials that had finished before this one was asked.
        number: of this trial.
        spec: the metrics, and whether a step is an epoch or a fold.
    """

    def __init__(
        self, params: PrunerParams, past: PastTrials, number: int, spec: ObjectiveSpec
    ) -> None:
        # A patient pruner asks whether the values themselves have become worse.
        self._compares_values = spec.sequential_folds or params.name == "patient"
        self._params = params
        self._values: list[float] = []
        self._direction = spec.direction
        self._rule = " ".join(params.names())
        self._pruner = make_pruner(params)
        self._past = past
        self._storage = PrunerStudy(past, number, spec.direction)
        self._study = self._storage.as_optuna()

    @property
    def rungs(self) -> dict[str, float]:
        """Return the rungs of successive halving that the trial has reached."""
        return dict(self._storage.running.system_attrs)

    def check(self, step: int, value: float) -> PruneCheck:
        """Return the decision after a step, given the value there.

        The pruner sees the trial's best value so far; a patient one, and one of folds, the value.
        """
        self._values.append(value)
        seen = value if self._compares_values else self._direction.best(self._values)
        running = self._storage.running
        running.intermediate_values[step] = seen
        pruned = bool(self._pruner.prune(self._study, running))
        completed = self._past.completed_at(step)
        threshold = threshold_of(self._params, seen, completed, self._direction)
        return PruneCheck(step, seen, threshold.value, threshold.compared, self._rule, pruned)
