"""The objective: one trial from its parameters to its row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count

import numpy as np
from numpy.typing import NDArray

from tribar.dataset.prepared import CLASSES
from tribar.errors import UserError
from tribar.model.folds import Fold
from tribar.model.training.trainer import Trainer
from tribar.model.windows import Windows
from tribar.runtime import derive_seed
from tribar.trial.deadline import NEVER, Deadline
from tribar.trial.pruning.past_trials import PastTrialsCache
from tribar.trial.pruning.pruner import TrialPruner
from tribar.trial.recipe import Recipe
from tribar.trial.replicas import Replicas, best_metrics
from tribar.trial.running_trials import CheckpointFolder
from tribar.trials import PruneCheck, State, TrialRequest, TrialRow


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
        run = _Run(request, self, deadline)
        try:
            run.to_its_end()
        except UserError:  # a full disk is nothing that the configuration did
            raise
        except Exception as error:  # one bad configuration must not end a study
            return run.row("FAIL", (), f"{type(error).__name__}: {error}")
        if run.checks[-1].pruned:
            return run.row("PRUNED", run.best(), _why(run.checks[-1]))
        return run.row("COMPLETE", run.best(), "")

    def trainers(self, request: TrialRequest) -> list[Trainer]:
        """Return the trial's untrained networks, fold by fold."""
        recipe = self.recipe
        hyper = recipe.training.complete(recipe.network, **request.params)
        each = [fold for fold in self.folds for _ in range(recipe.objective.seeds)]
        return [
            Trainer(
                fold.train,
                fold.validation,
                hyper,
                recipe.training,
                _seed(recipe.seed, request.number, replica),
                recipe.measure
                and partial(recipe.measure, _labels(fold.train), _labels(fold.validation)),
            )
            for replica, fold in enumerate(each)
        ]


class _Run:
    """The metrics and the pruner's decisions of a trial while it runs."""

    def __init__(self, request: TrialRequest, objective: Objective, deadline: Deadline) -> None:
        self._request, self._objective, self._deadline = request, objective, deadline
        self._spec = objective.recipe.spec
        past = objective.past_trials.of(request.finished)
        self._pruner = TrialPruner(objective.recipe.pruner, past, request.number, self._spec)
        self._checkpoints = CheckpointFolder(objective.recipe.folder, request.number)
        self._metrics: list[tuple[float, ...]] = []
        self.checks: list[PruneCheck] = []

    def to_its_end(self) -> None:
        """Take step after step until nothing is left or the pruner stops the trial."""
        for metrics in self._folds() if self._spec.sequential_folds else self._epochs():
            self._metrics.append(metrics)
            self.checks.append(self._pruner.check(len(self._metrics) - 1, metrics[0]))
            self._checkpoints.write_status(metrics[0], self.checks[-1])
            if self.checks[-1].pruned:
                return

    def best(self) -> tuple[float, ...]:
        """Return the metrics of the best epoch, or the mean over the folds."""
        if self._spec.sequential_folds:
            return tuple(np.mean(self._metrics, axis=0).tolist())
        return best_metrics(self._metrics, self._spec)

    def row(self, state: State, values: tuple[float, ...], reason: str) -> TrialRow:
        return TrialRow(
            self._request.number,
            state,
            values,
            self._request.params,
            tuple(metrics[0] for metrics in self._metrics),
            tuple(self.checks),
            self._pruner.rungs,
            reason,
        )

    def _epochs(self) -> Iterator[tuple[float, ...]]:
        yield from self._train(self._objective.trainers(self._request), 0)

    def _folds(self) -> Iterator[tuple[float, ...]]:
        trainers = self._objective.trainers(self._request)
        seeds = self._objective.recipe.objective.seeds
        for first in range(0, len(trainers), seeds):
            epochs = list(self._train(trainers[first : first + seeds], first))
            yield best_metrics(epochs, self._spec)

    def _train(self, trainers: Sequence[Trainer], first: int) -> Iterator[tuple[float, ...]]:
        replicas = Replicas(trainers, self._checkpoints, self._spec, first)
        for epoch in count():
            if replicas.done(epoch):
                return
            self._deadline.check()
            yield replicas.metrics_after(epoch)


def _seed(root: int, trial: int, replica: int) -> int:
    # The first replica's seed has no index: a trial of one network is seeded by its number alone,
    # and stays the same network, to the bit, where others are trained beside it.
    return derive_seed(root, "trial", trial, *([replica] if replica else []))


def _labels(windows: Windows) -> NDArray[np.int64]:
    labels: NDArray[np.int64] = np.array(CLASSES)[windows.target.cpu().numpy()]
    return labels


def _why(last: PruneCheck) -> str:
    others = f" from {last.compared} trials" if last.compared else ""
    against = "" if last.threshold is None else f", held against {last.threshold:.6g}{others}"
    return f"{last.rule}: {last.value:.6g} after step {last.step}{against}"
