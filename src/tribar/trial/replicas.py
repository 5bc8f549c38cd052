"""The networks of one trial: a fold or a seed each, trained in lockstep."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from tribar.model.training.saved_state import load_progress, save_progress
from tribar.model.training.trainer import Trainer
from tribar.trial.objective_spec import ObjectiveSpec
from tribar.trial.performance import performance_of
from tribar.trial.running_trials import CheckpointFolder
from tribar.trial.steps import Metrics, best_metrics, best_step

_NEWEST, _OWN_BEST, _BEST_OF_TRIAL = "newest", "own_best", "best_of_trial"
"""The epochs whose performance is kept."""


class Replicas:
    """Trains every network for an epoch before any goes on, and saves each after its epoch.

    A replica that an earlier run had trained further than is asked for now is not trained again.
    Of each the performance of three epochs is kept: of its newest, of its own best, and of the one
    that is the trial's best so far, which a file that is ahead of the others' must still have.

    Args:
        trainers: of the trial's networks, untrained.
        checkpoints: where their progress is kept.
        spec: the metrics.
        first: number of the first network's file.
    """

    def __init__(
        self,
        trainers: Sequence[Trainer],
        checkpoints: CheckpointFolder,
        spec: ObjectiveSpec,
        first: int = 0,
    ) -> None:
        self._trainers, self._spec = trainers, spec
        self._found: list[Metrics] = []
        self._files = [checkpoints.file(first + number) for number in range(len(trainers))]
        for trainer, file in zip(trainers, self._files, strict=True):
            if progress := load_progress(file):
                trainer.go_on_from(progress)

    def done(self, epochs: int) -> bool:
        """Return whether no network has anything to add after this many epochs."""
        return all(one.done and len(one.curve) <= epochs for one in self._trainers)

    def metrics_after(self, epoch: int) -> tuple[float, ...]:
        """Return the mean metrics of the networks after an epoch.

        A network that has stopped keeps those of its best epoch by the first metric.
        """
        for trainer, file in zip(self._trainers, self._files, strict=True):
            if len(trainer.curve) <= epoch and not trainer.done:
                trainer.run_epoch()
                self._keep_newest(trainer)
                save_progress(trainer.progress(), file)
        each = [self._metrics(trainer, epoch) for trainer in self._trainers]
        mean: NDArray[np.float64] = np.mean(each, axis=0)
        self._found.append(tuple(mean.tolist()))
        if best_step(self._found, self._spec) == epoch:
            for trainer in self._trainers:
                trainer.performance[_BEST_OF_TRIAL] = _performance_after(epoch, trainer)
        return self._found[-1]

    def performance(self, newest: bool) -> list[Tensor]:
        """Return each network's performance after the trial's best epoch, or after its newest."""
        if newest:
            return [_performance_after(len(self._found) - 1, one) for one in self._trainers]
        return [one.performance[_BEST_OF_TRIAL] for one in self._trainers]

    def _keep_newest(self, trainer: Trainer) -> None:
        newest, metrics = len(trainer.curve) - 1, self._all_metrics(trainer)
        trainer.performance[_NEWEST] = performance_of(trainer.logits, trainer.validation)
        if best_step(metrics, self._spec) == newest:
            trainer.performance[_OWN_BEST] = trainer.performance[_NEWEST]

    def _metrics(self, trainer: Trainer, epoch: int) -> Metrics:
        found = self._all_metrics(trainer)
        return found[epoch] if epoch < len(found) else best_metrics(found, self._spec)

    def _all_metrics(self, trainer: Trainer) -> Sequence[Metrics]:
        plain = self._spec.uses_training_loss
        return [(loss,) for loss in trainer.curve] if plain else trainer.scores


def _performance_after(epoch: int, trainer: Trainer) -> Tensor:
    """Return what counts after an epoch: one that lies behind the newest is the trial's best."""
    newest = len(trainer.curve) - 1
    name = _NEWEST if epoch == newest else _OWN_BEST if epoch > newest else _BEST_OF_TRIAL
    return trainer.performance[name]
