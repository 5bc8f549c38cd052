"""The objective: one trial from its parameters to what it leaves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count

import numpy as np
from numpy.typing import NDArray

from tribar.dataset.schema import CLASSES
from tribar.model.folds import Fold
from tribar.model.training.trainer import Trainer
from tribar.model.windows import Windows
from tribar.runtime import derive_seed
from tribar.trial.deadline import NEVER, Deadline
from tribar.trial.performance import mean_performance
from tribar.trial.pruning.past_trials import PastTrialsCache
from tribar.trial.pruning.pruner import TrialPruner
from tribar.trial.recipe import Recipe
from tribar.trial.replicas import Replicas
from tribar.trial.result import Performance, TrialResult
from tribar.trial.running_trials import CheckpointFolder
from tribar.trial.steps import Metrics, best_metrics, run_steps
from tribar.trials import TrialRequest, TrialRow


@dataclass(frozen=True)
class Objective:
    """The metrics of a trial on validation, averaged over folds and seeds.

    Attributes:
        recipe: networks, training, metrics, pruner and seeds.
        folds: training and validation windows.
        past_trials: those that finished before, kept from one trial to the next.
    """

    recipe: Recipe
    folds: tuple[Fold, ...]
    past_trials: PastTrialsCache = field(default_factory=PastTrialsCache)

    def __call__(self, request: TrialRequest, deadline: Deadline = NEVER) -> TrialResult:
        """Return what a trial leaves; one that raises or diverges is a failed trial.

        Raises:
            OutOfTimeError: the deadline has passed.
        """
        recipe = self.recipe
        past = self.past_trials.of(request.finished)
        pruner = TrialPruner(recipe.pruner, past, request.number, recipe.spec)
        checkpoints = CheckpointFolder(recipe.folder, request.number)
        begun: list[Replicas] = []
        steps = self._steps(request, checkpoints, deadline, begun)
        row = run_steps(request, steps, pruner, recipe.spec, checkpoints.write_status)
        return TrialResult(row, self._performance(row, begun))

    def _steps(
        self,
        request: TrialRequest,
        checkpoints: CheckpointFolder,
        deadline: Deadline,
        begun: list[Replicas],
    ) -> Iterator[Metrics]:
        """Yield the mean metrics after each epoch, or the best of each fold, one after another.

        What is trained is added to `begun`.
        """
        trainers, spec = self.trainers(request), self.recipe.spec
        at_once = self.recipe.objective.seeds if spec.sequential_folds else len(trainers)
        for first in range(0, len(trainers), at_once):
            part = trainers[first : first + at_once]
            begun.append(Replicas(part, checkpoints, spec, first))
            epochs = _epochs(begun[-1], deadline)
            if spec.sequential_folds:
                yield best_metrics(list(epochs), spec)
            else:
                yield from epochs

    def _performance(self, row: TrialRow, begun: Sequence[Replicas]) -> Performance | None:
        if row.state == "FAIL":
            return None
        newest = row.state == "PRUNED" and not self.recipe.spec.sequential_folds
        networks = [one for replicas in begun for one in replicas.performance(newest)]
        folds = [fold.validation for fold in self.folds]
        return mean_performance(folds, networks, self.recipe.objective.seeds)

    def trainers(self, request: TrialRequest) -> list[Trainer]:
        """Return the trial's untrained networks, fold by fold."""
        recipe = self.recipe
        hyper = recipe.training.complete(recipe.network, **request.params)
        each = [fold for fold in self.folds for _ in range(recipe.objective.seeds)]
        return [
            Trainer(
                fold,
                hyper,
                recipe.training,
                _seed(recipe.seed, request.number, replica),
                recipe.measure
                and partial(recipe.measure, _labels(fold.train), _labels(fold.validation)),
            )
            for replica, fold in enumerate(each)
        ]


def _epochs(replicas: Replicas, deadline: Deadline) -> Iterator[Metrics]:
    for epoch in count():
        if replicas.done(epoch):
            return
        deadline.check()
        yield replicas.metrics_after(epoch)


def _seed(root: int, trial: int, replica: int) -> int:
    # The first replica's seed has no index: a trial of one network is seeded by its number alone,
    # and stays the same network, to the bit, where others are trained beside it.
    return derive_seed(root, "trial", trial, *([replica] if replica else []))


def _labels(windows: Windows) -> NDArray[np.int64]:
    labels: NDArray[np.int64] = np.array(CLASSES)[windows.target.cpu().numpy()]
    return labels
