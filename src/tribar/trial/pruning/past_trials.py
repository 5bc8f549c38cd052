"""The trials that finished before another, as Optuna's pruners want to see them."""

import bisect
import copy
import threading
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import optuna
from numpy.typing import NDArray
from optuna.storages import InMemoryStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from tribar.trials import STUDY_NAME, Direction, TrialSummary

_NO_TIME = datetime(2000, 1, 1)


optuna.logging.set_verbosity(optuna.logging.WARNING)  # it would announce each of our studies


@dataclass(frozen=True)
class PastTrials:
    """The trials that finished before another.

    Attributes:
        trials: in Optuna's form, by number.
        columns: by step, numbers and values of completed trials, later ones included.
    """

    trials: list[FrozenTrial]
    columns: Mapping[int, tuple[list[int], list[float]]]

    def completed_at(self, step: int) -> NDArray[np.float64]:
        """Return what completed trials had reported at a step."""
        numbers, values = self.columns.get(step, ([], []))
        return np.array(values[: bisect.bisect_left(numbers, len(self.trials))])


class PastTrialsCache:
    """Finished trials, turned into Optuna's form once for all that are compared with them."""

    def __init__(self) -> None:
        self._trials: list[FrozenTrial] = []
        self._columns: dict[int, tuple[list[int], list[float]]] = {}
        self._lock = threading.Lock()

    def of(self, finished: Sequence[TrialSummary]) -> PastTrials:
        """Return the finished trials, a study's first ones in the order of their numbers."""
        with self._lock:
            for one in finished[len(self._trials) :]:
                self._trials.append(_frozen(one))
                if one.state == "COMPLETE":
                    self._add_to_columns(one)
        return PastTrials(self._trials[: len(finished)], self._columns)

    def _add_to_columns(self, trial: TrialSummary) -> None:
        for step, value in enumerate(trial.reported):
            numbers, values = self._columns.setdefault(step, ([], []))
            values.append(value)
            numbers.append(trial.number)


class PrunerStudy(InMemoryStorage):
    """The storage of a running trial and those that finished before it, which copies neither.

    Attributes:
        running: the trial.
    """

    def __init__(self, past: PastTrials, number: int, direction: Direction) -> None:
        super().__init__()
        self._past, self._direction = past.trials, direction
        self._complete = [one for one in past.trials if one.state == TrialState.COMPLETE]
        self.running = _trial(number, TrialState.RUNNING, None, {}, {})

    def as_optuna(self) -> optuna.Study:
        """Return Optuna's study over the trials."""
        return optuna.create_study(
            study_name=STUDY_NAME, storage=self, direction=StudyDirection[self._direction.name]
        )

    def get_all_trials(
        self,
        study_id: int,
        deepcopy: bool = True,
        states: Container[TrialState] | None = None,
    ) -> list[FrozenTrial]:
        """Return the finished trials and the running one, in the order of their numbers."""
        if states == (TrialState.COMPLETE,):
            return self._complete
        everyone = [*self._past, self.running]
        return [one for one in everyone if states is None or one.state in states]

    def get_best_trial(self, study_id: int) -> FrozenTrial:
        """Return the completed trial of the best value, the earliest among equals."""
        if not self._complete:
            raise ValueError("no trial completed")
        values = [trial.value or 0.0 for trial in self._complete]
        return self._complete[values.index(self._direction.best(values))]

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:
        """Keep what a pruner notes about the running trial, in a new copy of it.

        Successive halving lists the trials, notes its rung and adds its own value to the list: one
        that changed under its hands would be counted twice.
        """
        self.running = copy.copy(self.running)
        self.running.system_attrs = {**self.running.system_attrs, key: value}


def _frozen(trial: TrialSummary) -> FrozenTrial:
    reported, value = dict(enumerate(trial.reported)), next(iter(trial.values), None)
    return _trial(trial.number, TrialState[trial.state], value, reported, dict(trial.rungs))


def _trial(
    number: int,
    state: TrialState,
    value: float | None,
    reported: dict[int, float],
    attrs: dict[str, Any],
) -> FrozenTrial:
    return FrozenTrial(
        number=number,
        trial_id=number,
        state=state,
        value=value,
        datetime_start=_NO_TIME,
        datetime_complete=None if state == TrialState.RUNNING else _NO_TIME,
        params={},
        distributions={},
        user_attrs={},
        system_attrs=attrs,
        intermediate_values=reported,
    )
