"""A configuration trained again on all samples: as many epochs as validation has chosen before."""

from dataclasses import dataclass

import numpy as np

from tribar.ensemble.training import Configuration, Trained, finish_training
from tribar.model.training.trainer import Trainer
from tribar.runtime import open_device


@dataclass(frozen=True)
class Refit:
    """One training on all samples, in the place of one that validation has stopped.

    Attributes:
        seed: of the weights, the order of samples and dropout; that of the one before.
        curve: validation log-loss of the one before, after each of its epochs.
    """

    seed: int
    curve: tuple[float, ...]

    @property
    def epochs(self) -> int:
        """Return the epochs up to the best.

        >>> Refit(1, (1.2, 1.1, 1.3)).epochs
        2
        """
        return int(np.argmin(self.curve)) + 1


class RefitTrainer(Trainer):
    """A trainer that holds nothing out, and takes another's validation losses for its own.

    So the plateau schedule lowers the learning rate where it did, and the last epoch is the best.
    """

    def __init__(self, configuration: Configuration, run: Refit) -> None:
        fold = configuration.whole()
        super().__init__(fold, configuration.hyper, configuration.training, run.seed)
        self._run = run

    @property
    def done(self) -> bool:
        """Return whether it has had its epochs."""
        return len(self.curve) >= self._run.epochs

    def _validate(self) -> float:
        return self._run.curve[len(self.curve)]


def run_refit(configuration: Configuration, run: Refit) -> Trained:
    """Train on all samples; a training that was interrupted goes on after its last whole epoch.

    Raises:
        DivergedError: a loss is NaN or infinite; says where.
        OutOfMemoryError: a batch does not fit; says which.
        UserError: progress cannot be written, or whoever asked has gone.
    """
    open_device(configuration.device)
    return finish_training(RefitTrainer(configuration, run), configuration, f"refit-{run.seed}")
