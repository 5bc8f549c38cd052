"""Suggestions: one in-memory Optuna study, asked and told in the order of trial numbers."""

from collections.abc import Mapping

import optuna
from optuna.samplers import RandomSampler
from optuna.trial import Trial, TrialState

from tribar.params import TuneParams
from tribar.params.space import Choice
from tribar.tuning.pruners import STUDY_NAME, reported
from tribar.tuning.samplers import sampler_for
from tribar.tuning.space import distributions, inside
from tribar.tuning.trial import TrialRow


class Suggestions:
    """Proposes parameters trial by trial; what it proposes depends on the rows told alone.

    Args:
        params: sampler, seed and space.
        first: values to try in trial 0, as far as they lie in the space.
        max_epochs: the most that a trial may run.
    """

    def __init__(self, params: TuneParams, first: Mapping[str, Choice], max_epochs: int) -> None:
        self._params = params
        self._laws = distributions(params.space)
        self._first = inside(params.space, first)
        self._max_epochs = max_epochs
        self._study = optuna.create_study(study_name=STUDY_NAME, direction="minimize")
        self._running: dict[int, Trial] = {}

    def ask(self) -> dict[str, Choice]:
        """Return the parameters of the next trial."""
        number = len(self._study.get_trials(deepcopy=False))
        if number == 0 and self._first:
            self._study.enqueue_trial(self._first)
        self._study.sampler = sampler_for(self._params.sampler, self._params.seed, number)
        return self._start()

    def adopt(self, row: TrialRow) -> None:
        """Start the next trial with the parameters that an earlier run already asked for."""
        self._study.enqueue_trial(dict(row.params))
        self._study.sampler = RandomSampler()  # fixed parameters need no model of the others
        self._start()

    def tell(self, row: TrialRow) -> None:
        """Take in how a trial that was asked or adopted ended."""
        trial = self._running.pop(row.number)
        for epoch, loss in reported(row, self._max_epochs).items():
            trial.report(loss, epoch)
        value = row.value if row.state == "COMPLETE" else None
        self._study.tell(trial, value, state=TrialState[row.state])

    def _start(self) -> dict[str, Choice]:
        trial = self._study.ask(fixed_distributions=self._laws)
        self._running[trial.number] = trial
        return trial.params
