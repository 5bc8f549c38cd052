"""The objective: one trial from its parameters to its row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tribar.dataset.prepared import CLASSES
from tribar.errors import UserError
from tribar.model.config import ModelParams, TrainingParams
from tribar.model.folds import Fold
from tribar.model.training.trainer import Trainer
from tribar.model.windows import Windows
from tribar.runtime import derive_seed
from tribar.trial.deadline import check_time
from tribar.trial.objective_spec import Aim, Measure
from tribar.trial.pruning.config import PrunerParams
from tribar.trial.pruning.past_trials import History
from tribar.trial.pruning.pruner import Referee
from tribar.trial.replicas import Members, best_position
from tribar.trial.running_trials import Scratch
from tribar.trials import Job, PruneCheck, State, TrialRow


@dataclass(frozen=True)
class Objective:
    """The metrics of a trial on validation, averaged over folds and seeds.

    Attributes:
        folds: training and validation windows.
        network: values of the network's parameters that are not searched.
        training: the loop, and its parameters that are not searched.
        pruner: who may stop a trial.
        seed: root of the trials' seeds.
        seeds: networks trained on each fold.
        folder: where running trials keep what they have done so far.
        aim: the metrics, and what a step is.
        measure: returns the metrics; None where the log-loss is all that is asked for.
        history: the told trials, kept from one trial to the next.
    """

    folds: tuple[Fold, ...]
    network: ModelParams
    training: TrainingParams
    pruner: PrunerParams
    seed: int
    seeds: int
    folder: Path
    aim: Aim = field(default_factory=Aim)
    measure: Measure | None = None
    history: History = field(default_factory=History)

    def __call__(self, job: Job) -> TrialRow:
        """Return the row of a trial; one that raises or diverges is a failed trial."""
        run = _Run(job, self)
        try:
            run.to_its_end()
        except UserError:  # a full disk is nothing that the configuration did
            raise
        except Exception as error:  # one bad configuration must not end a study
            return run.row("FAIL", (), f"{type(error).__name__}: {error}")
        if run.checks[-1].pruned:
            return run.row("PRUNED", run.best(), _why(run.checks[-1]))
        return run.row("COMPLETE", run.best(), "")

    def trainers(self, job: Job) -> list[Trainer]:
        """Return the trial's untrained networks, fold by fold."""
        hyper = self.training.complete(self.network, **job.params)
        each = [fold for fold in self.folds for _ in range(self.seeds)]
        return [
            Trainer(
                fold.train,
                fold.validation,
                hyper,
                self.training,
                derive_seed(self.seed, "trial", job.number, *([number] if number else [])),
                self.measure
                and partial(self.measure, _labels(fold.train), _labels(fold.validation)),
            )
            for number, fold in enumerate(each)
        ]


class _Run:
    """The metrics and the pruner's looks of a trial while it runs."""

    def __init__(self, job: Job, objective: Objective) -> None:
        self._job, self._objective, self._aim = job, objective, objective.aim
        told = objective.history.upto(job.told)
        self._referee = Referee(
            objective.pruner, told, job.number, self._aim.direction, self._aim.in_turn
        )
        self._scratch = Scratch(objective.folder, job.number)
        self._metrics: list[tuple[float, ...]] = []
        self.checks: list[PruneCheck] = []

    @property
    def curve(self) -> tuple[float, ...]:
        return tuple(metrics[0] for metrics in self._metrics)

    def to_its_end(self) -> None:
        """Take step after step until nothing is left or the pruner stops the trial."""
        for metrics in self._folds() if self._aim.in_turn else self._epochs():
            self._metrics.append(metrics)
            self.checks.append(self._referee.check(len(self._metrics) - 1, metrics[0]))
            self._scratch.note(metrics[0], self.checks[-1])
            if self.checks[-1].pruned:
                return

    def best(self) -> tuple[float, ...]:
        """Return the metrics of the best epoch, or the mean over the folds."""
        if self._aim.in_turn:
            return tuple(np.mean(self._metrics, axis=0).tolist())
        return self._metrics[best_position(self.curve, self._aim)]

    def row(self, state: State, metrics: tuple[float, ...], reason: str) -> TrialRow:
        return TrialRow(
            self._job.number,
            state,
            metrics[0] if metrics else None,
            self._job.params,
            self.curve,
            tuple(self.checks),
            self._referee.rungs,
            reason,
            metrics if len(metrics) > 1 else (),
        )

    def _epochs(self) -> Iterator[tuple[float, ...]]:
        yield from self._train(self._objective.trainers(self._job), 0)

    def _folds(self) -> Iterator[tuple[float, ...]]:
        trainers, seeds = self._objective.trainers(self._job), self._objective.seeds
        for first in range(0, len(trainers), seeds):
            epochs = list(self._train(trainers[first : first + seeds], first))
            yield epochs[best_position([one[0] for one in epochs], self._aim)]

    def _train(self, trainers: Sequence[Trainer], first: int) -> Iterator[tuple[float, ...]]:
        members = Members(trainers, self._scratch, self._aim, first)
        for epoch in count():
            if members.done(epoch):
                return
            check_time()
            yield members.metrics_after(epoch)


def _labels(windows: Windows) -> NDArray[np.int64]:
    labels: NDArray[np.int64] = np.array(CLASSES)[windows.target.cpu().numpy()]
    return labels


def _why(last: PruneCheck) -> str:
    others = f" from {last.compared} trials" if last.compared else ""
    held = "" if last.threshold is None else f", held against {last.threshold:.6g}{others}"
    return f"{last.rule}: {last.value:.6g} after step {last.step}{held}"
