"""The networks of one trial: a fold or a seed each, trained in lockstep."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tribar.model.training.saved_state import load_progress, save_progress
from tribar.model.training.trainer import Trainer
from tribar.trial.objective_spec import ObjectiveSpec
from tribar.trial.running_trials import CheckpointFolder
from tribar.trial.steps import best_metrics


class Replicas:
    """Trains every network for an epoch before any goes on, and saves each after its epoch.

    A replica that an earlier run had trained further than is asked for now is not trained again.

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
                save_progress(trainer.progress(), file)
        each = [self._metrics(trainer, epoch) for trainer in self._trainers]
        mean: NDArray[np.float64] = np.mean(each, axis=0)
        return tuple(mean.tolist())

    def _metrics(self, trainer: Trainer, epoch: int) -> tuple[float, ...]:
        plain = self._spec.uses_training_loss
        found = [(loss,) for loss in trainer.curve] if plain else trainer.scores
        return found[epoch] if epoch < len(found) else best_metrics(found, self._spec)
