"""Suggestions: one in-memory Optuna study, asked and told in the order of trial numbers."""

from collections.abc import Mapping, Sequence

import optuna
from optuna.samplers import RandomSampler
from optuna.trial import Trial, TrialState

from tribar.errors import UserError
from tribar.params import TuneParams
from tribar.params.space import Choice
from tribar.tuning.history import STUDY_NAME
from tribar.tuning.samplers import STATEFUL, sampler_for
from tribar.tuning.space import distributions, inside
from tribar.tuning.trial import Direction, Told, TrialRow


class Suggestions:
    """Proposes parameters trial by trial; what it proposes depends on the rows told alone.

    Args:
        params: sampler, seed and space.
        first: values to try in trial 0, as far as they lie in the space.
        directions: of the metrics.
    """

    def __init__(
        self, params: TuneParams, first: Mapping[str, Choice], directions: Sequence[Direction]
    ) -> None:
        self._params = params
        self._laws = distributions(params.space)
        self._first = inside(params.space, first)
        # Told by a sampler that takes no notice: some would stop a loop that is not theirs.
        self._indifferent = RandomSampler(seed=0)
        self._study = optuna.create_study(study_name=STUDY_NAME, directions=directions)
        self._running: dict[int, Trial] = {}
        self._asked = 0

    def ask(self) -> dict[str, Choice]:
        """Return the parameters of the next trial."""
        if self._asked == 0 and self._first:
            self._study.enqueue_trial(self._first)
        params = self._params
        self._study.sampler = sampler_for(params.sampler, params.space, params.seed, self._asked)
        return self._start()

    def adopt(self, row: TrialRow) -> None:
        """Start the next trial with the parameters that an earlier run already asked for.

        Raises:
            UserError: a sampler that has to be asked again proposes others.
        """
        if self._params.sampler.name not in STATEFUL:
            self._study.enqueue_trial(dict(row.params))
            self._study.sampler = self._indifferent
            self._start()
        elif self.ask() != dict(row.params):
            raise UserError(
                f"tune: the journal's trial {row.number} has parameters that its sampler does not "
                "propose; delete the study's folder in .tribar/studies to start it anew"
            )

    def tell(self, told: Told) -> None:
        """Take in how a trial that was asked or adopted ended."""
        trial = self._running.pop(told.number)
        if not told.values:  # Optuna keeps no curves where there are several metrics
            for step, value in enumerate(told.reported):
                trial.report(value, step)
        self._study.sampler = self._indifferent
        values = told.values or told.value
        self._study.tell(trial, values, state=TrialState[told.state])

    def _start(self) -> dict[str, Choice]:
        trial = self._study.ask(fixed_distributions=self._laws)
        self._running[trial.number] = trial
        self._asked += 1
        return trial.params
