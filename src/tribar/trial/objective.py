"""The objective: one trial from its parameters to its row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count

import numpy as np
from numpy.typing import NDArray

from tribar.dataset.prepared import CLASSES
from tribar.model.folds import Fold
from tribar.model.training.trainer import Trainer
from tribar.model.windows import Windows
from tribar.runtime import derive_seed
from tribar.trial.deadline import NEVER, Deadline
from tribar.trial.objective_spec import ObjectiveSpec
from tribar.trial.pruning.past_trials import PastTrialsCache
from tribar.trial.pruning.pruner import TrialPruner
from tribar.trial.recipe import Recipe
from tribar.trial.replicas import Replicas
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

    def __call__(self, request: TrialRequest, deadline: Deadline = NEVER) -> TrialRow:
        """Return the row of a trial; one that raises or diverges is a failed trial.

        Raises:
            OutOfTimeError: the deadline has passed.
        """
        recipe = self.recipe
        past = self.past_trials.of(request.finished)
        pruner = TrialPruner(recipe.pruner, past, request.number, recipe.spec)
        checkpoints = CheckpointFolder(recipe.folder, request.number)
        steps = self._steps(request, checkpoints, deadline)
        return run_steps(request, steps, pruner, recipe.spec, checkpoints.write_status)

    def _steps(
        self, request: TrialRequest, checkpoints: CheckpointFolder, deadline: Deadline
    ) -> Iterator[Metrics]:
        """Yield the mean metrics after each epoch, or the best of each fold, one after another."""
        trainers, spec = self.trainers(request), self.recipe.spec
        if not spec.sequential_folds:
            yield from _epochs(trainers, checkpoints, spec, 0, deadline)
            return
        seeds = self.recipe.objective.seeds
        for first in range(0, len(trainers), seeds):
            fold = trainers[first : first + seeds]
            yield best_metrics(list(_epochs(fold, checkpoints, spec, first, deadline)), spec)

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


def _epochs(
    trainers: Sequence[Trainer],
    checkpoints: CheckpointFolder,
    spec: ObjectiveSpec,
    first: int,
    deadline: Deadline,
) -> Iterator[Metrics]:
    replicas = Replicas(trainers, checkpoints, spec, first)
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
