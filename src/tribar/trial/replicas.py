"""The networks of one trial: a fold or a seed each, trained in lockstep."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tribar.model.training.saved_state import load_progress, save_progress
from tribar.model.training.trainer import Trainer
from tribar.trial.objective_spec import Aim, better
from tribar.trial.running_trials import Scratch


class Members:
    """Trains every network for an epoch before any goes on, and saves each after its epoch.

    A member that an earlier run had trained further than is asked for now is not trained again.

    Args:
        trainers: of the trial's networks, untrained.
        scratch: where their progress is kept.
        aim: the metrics.
        first: number of the first network's file.
    """

    def __init__(
        self, trainers: Sequence[Trainer], scratch: Scratch, aim: Aim, first: int = 0
    ) -> None:
        self._trainers, self._aim = trainers, aim
        self._paths = [scratch.member(first + number) for number in range(len(trainers))]
        for trainer, path in zip(trainers, self._paths, strict=True):
            if progress := load_progress(path):
                trainer.go_on_from(progress)

    def done(self, epochs: int) -> bool:
        """Return whether no network has anything to add after this many epochs."""
        return all(one.done and len(one.curve) <= epochs for one in self._trainers)

    def metrics_after(self, epoch: int) -> tuple[float, ...]:
        """Return the mean metrics of the networks after an epoch.

        A network that has stopped keeps those of its best epoch by the first metric.
        """
        for trainer, path in zip(self._trainers, self._paths, strict=True):
            if len(trainer.curve) <= epoch and not trainer.done:
                trainer.run_epoch()
                save_progress(trainer.progress(), path)
        each = [self._metrics(trainer, epoch) for trainer in self._trainers]
        mean: NDArray[np.float64] = np.mean(each, axis=0)
        return tuple(mean.tolist())

    def _metrics(self, trainer: Trainer, epoch: int) -> tuple[float, ...]:
        found = [(loss,) for loss in trainer.curve] if self._aim.is_plain else trainer.scores
        if epoch < len(found):
            return found[epoch]
        return found[best_position([one[0] for one in found], self._aim)]


def best_position(values: Sequence[float], aim: Aim) -> int:
    """Return where the best value of the first metric stands, the first of equals."""
    return values.index(better(aim.direction)(values))
