"""Suggestions: one in-memory Optuna study, asked and told in the order of trial numbers."""

from collections.abc import Mapping, Sequence

import optuna
from optuna.samplers import RandomSampler
from optuna.search_space import IntersectionSearchSpace
from optuna.study import StudyDirection
from optuna.trial import Trial, TrialState

from tribar.block import Choice
from tribar.errors import UserError
from tribar.runtime import derive_seed
from tribar.search.config import SamplerParams
from tribar.search.dimensions import Space
from tribar.search.distributions import suggest
from tribar.search.samplers import METHODS, sampler_for
from tribar.search.warm_start import KnownTrial, completed
from tribar.trials import STUDY_NAME, Direction, TrialRow, TrialSummary


class Suggestions:
    """Proposes parameters trial by trial; they depend on the rows told alone.

    Args:
        sampler: name and options.
        space: the search space.
        seed: of the study.
        enqueued: points of the space, in part or whole, that the first trials take.
        directions: of the metrics.
        known: trials of earlier studies, all of the space, for a sampler that learns.
    """

    def __init__(
        self,
        sampler: SamplerParams,
        space: Space,
        seed: int,
        enqueued: Sequence[Mapping[str, Choice]],
        directions: Sequence[Direction],
        known: Sequence[KnownTrial] = (),
    ) -> None:
        self._sampler, self._space, self._seed = sampler, space, seed
        self._enqueued, self._method = enqueued, METHODS[sampler.name]
        self._shared = IntersectionSearchSpace(include_pruned=True)
        # While a trial is told: some samplers would stop a loop of `optimize`, and there is none.
        self._passive_sampler = RandomSampler(seed=0)
        self._study = optuna.create_study(
            study_name=STUDY_NAME, directions=[StudyDirection[one.name] for one in directions]
        )
        if self._method.learns:
            self._study.add_trials([completed(one, space) for one in known])
        # Optuna counts these too; the numbers of this study's own trials start after them.
        self._before = len(self._study.get_trials(deepcopy=False))
        self._running: dict[int, Trial] = {}
        self._asked = 0

    def ask(self) -> dict[str, Choice]:
        """Return the parameters of the next trial."""
        point = self._enqueued[self._asked] if self._asked < len(self._enqueued) else None
        if point:
            self._study.enqueue_trial(dict(point))
        if point and self._sampler.name == "grid":
            # Optuna's grid has no point of which only a part is given.
            self._study.sampler = RandomSampler(derive_seed(self._seed, "given", self._asked))
        else:
            self._study.sampler = sampler_for(
                self._sampler, self._space, self._seed, self._asked, self._shared
            )
        return self._start()

    def adopt(self, row: TrialRow) -> None:
        """Start the next trial with the parameters that an earlier run already asked for.

        Raises:
            UserError: a sampler that has to be asked again proposes others.
        """
        if not self._method.has_state:
            self._study.enqueue_trial(dict(row.params))
            self._study.sampler = self._passive_sampler
            self._start()
        elif self.ask() != dict(row.params):
            raise UserError(
                f"tune: the journal's trial {row.number} has parameters that its sampler does not "
                "propose; delete the study's folder in .tribar/studies to start it anew"
            )

    def tell(self, finished: TrialSummary) -> None:
        """Take in how a trial that was asked or adopted ended."""
        trial = self._running.pop(finished.number)
        if len(self._study.directions) == 1:  # Optuna keeps no curves of several metrics
            for step, value in enumerate(finished.reported):
                trial.report(value, step)
        self._study.sampler = self._passive_sampler
        self._study.tell(trial, finished.values or None, state=TrialState[finished.state])

    def _start(self) -> dict[str, Choice]:
        trial = self._study.ask()
        self._running[trial.number - self._before] = trial
        self._asked += 1
        params = suggest(trial, self._space)
        self._clear_relative_params(trial)
        return params

    def _clear_relative_params(self, trial: Trial) -> None:
        """Blank what a sampler notes of all that it drew, inactive dimensions included.

        It reads that of running trials, and a resumed study has none of it.
        """
        for key in trial.storage.get_trial_system_attrs(trial._trial_id):
            if "relative_params" in key:
                trial.storage.set_trial_system_attr(trial._trial_id, key, "")
