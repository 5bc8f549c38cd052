"""The trials told before another, as Optuna's pruners want to see them."""

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
from optuna.trial import FrozenTrial, TrialState

from tribar.trials import STUDY_NAME, Direction, Told

_NO_TIME = datetime(2000, 1, 1)


optuna.logging.set_verbosity(optuna.logging.WARNING)  # it would announce each of our studies


@dataclass(frozen=True)
class Past:
    """The trials told before another.

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


class History:
    """Told trials, turned into Optuna's form once however many trials are held against them."""

    def __init__(self) -> None:
        self._trials: list[FrozenTrial] = []
        self._columns: dict[int, tuple[list[int], list[float]]] = {}
        self._lock = threading.Lock()

    def upto(self, told: Sequence[Told]) -> Past:
        """Return the trials of `told`, a study's first rows in the order of their numbers."""
        with self._lock:
            for one in told[len(self._trials) :]:
                self._trials.append(_frozen(one))
                if one.state == "COMPLETE":
                    self._note(one)
        return Past(self._trials[: len(told)], self._columns)

    def _note(self, told: Told) -> None:
        for step, value in enumerate(told.reported):
            numbers, values = self._columns.setdefault(step, ([], []))
            values.append(value)
            numbers.append(told.number)


class Snapshot(InMemoryStorage):
    """A storage that shows a running trial and the trials told before it, and copies neither."""

    def __init__(self, past: Past, number: int) -> None:
        super().__init__()
        self.past = past
        self._told = past.trials
        self._complete = [one for one in past.trials if one.state == TrialState.COMPLETE]
        self.running = _trial(number, TrialState.RUNNING, None, {}, {})

    def get_all_trials(
        self,
        study_id: int,
        deepcopy: bool = True,
        states: Container[TrialState] | None = None,
    ) -> list[FrozenTrial]:
        """Return the told trials and the running one, in the order of their numbers."""
        if states == (TrialState.COMPLETE,):
            return self._complete
        everyone = [*self._told, self.running]
        return [one for one in everyone if states is None or one.state in states]

    def get_best_trial(self, study_id: int) -> FrozenTrial:
        """Return the completed trial of the best value, the earliest among equals."""
        if not self._complete:
            raise ValueError("no trial completed")
        better = min if self.get_study_directions(study_id)[0].name == "MINIMIZE" else max
        values = [trial.value or 0.0 for trial in self._complete]
        return self._complete[values.index(better(values))]

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:
        """Keep what a pruner notes about the running trial, in a new copy of it.

        Successive halving lists the trials, notes its rung and adds its own value to the list: one
        that changed under its hands would be counted twice.
        """
        self.running = copy.copy(self.running)
        self.running.system_attrs = {**self.running.system_attrs, key: value}


def study_of(storage: Snapshot, direction: Direction) -> optuna.Study:
    """Return Optuna's study over a snapshot."""
    return optuna.create_study(study_name=STUDY_NAME, storage=storage, direction=direction)


def _frozen(told: Told) -> FrozenTrial:
    reported = dict(enumerate(told.reported))
    return _trial(told.number, TrialState[told.state], told.value, reported, dict(told.rungs))


def _trial(
    number: int,
    state: TrialState,
    value: float | None,
    reported: dict[int, float],
    notes: dict[str, Any],
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
        system_attrs=notes,
        intermediate_values=reported,
    )
