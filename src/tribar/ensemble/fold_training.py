"""The training of a purged fold: an inner part chooses its epoch, the fold is only predicted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tribar.ensemble.calibration import class_shares
from tribar.ensemble.training import Configuration, Trained, train_or_go_on
from tribar.metrics.predictions import Probability
from tribar.model.training.epoch import probabilities
from tribar.model.training.trainer import Trainer, is_over
from tribar.runtime import derive_seed, open_device


@dataclass(frozen=True)
class FoldRun:
    """One training of a configuration on a purged fold.

    Attributes:
        seed: of the weights, the order of samples and dropout.
        fold: its number.
        epochs: of the final networks; it is predicted after as many, too.
    """

    seed: int
    fold: int
    epochs: int


@dataclass(frozen=True)
class FoldPrediction:
    """What a network says of the samples of the fold that its training did not see.

    Attributes:
        chosen: probabilities, (samples, classes), at the epoch that the inner validation chose.
        fixed: those after as many epochs as the final networks have.
        prior: class shares of what it was trained on, (classes,).
        target: (samples,), position of the right class.
    """

    chosen: Probability
    fixed: Probability
    prior: NDArray[np.float64]
    target: NDArray[np.int64]


class FoldTrainer(Trainer):
    """A trainer that keeps what it says of the held-out fold at two of its epochs.

    The epoch is chosen, by early stopping on the inner validation, as in any other training; where
    that ends before `run.epochs`, the network is trained on until then.
    """

    def __init__(self, configuration: Configuration, run: FoldRun) -> None:
        fold, self._training = configuration.fold(run.fold), configuration.training
        super().__init__(fold, configuration.hyper, self._training, run.seed)
        self._epochs, self._held_out = run.epochs, fold.evaluated
        self.prior = class_shares(fold.train.target.cpu().numpy())

    @property
    def done(self) -> bool:
        """Return whether both predictions are kept."""
        return self._stopped and len(self.curve) >= self._epochs

    @property
    def _stopped(self) -> bool:
        """Return whether early stopping has ended, whatever the epochs after it are like."""
        epochs = range(1, len(self.curve) + 1)
        return any(is_over(self.curve[:epoch], self._training) for epoch in epochs)

    def run_epoch(self) -> float:
        """Train for an epoch; return the inner validation log-loss."""
        stopped, before = self._stopped, min(self.curve, default=np.inf)
        loss = super().run_epoch()
        kept = {
            "chosen": not stopped and loss < before,
            "fixed": len(self.curve) == self._epochs,
        }
        if any(kept.values()):
            logits = self.score(self._held_out)
            self.performance |= {name: logits.clone() for name, wanted in kept.items() if wanted}
        return loss

    def prediction(self) -> FoldPrediction:
        """Return what a finished training has kept."""
        chosen, fixed = (probabilities(self.performance[name]) for name in ("chosen", "fixed"))
        return FoldPrediction(chosen, fixed, self.prior, self._held_out.target.cpu().numpy())


def epochs_of(trained: Sequence[Trained]) -> int:
    """Return the epochs of the final networks: the median of theirs, rounded down.

    >>> curves = [(1.2, 1.1, 1.3), (1.0, 1.1), (1.3, 1.2, 1.1), (1.1, 1.2)]
    >>> epochs_of([Trained(b"", curve, curve) for curve in curves])
    1
    """
    return int(np.median([np.argmin(one.curve) + 1 for one in trained]))


def runs_by_fold(root: int, folds: int, epochs: int) -> list[FoldRun]:
    """Return one training for each purged fold."""
    return [FoldRun(derive_seed(root, "fold", number), number, epochs) for number in range(folds)]


def run_fold(configuration: Configuration, run: FoldRun) -> FoldPrediction:
    """Train on a fold; one that was interrupted goes on after its last whole epoch.

    Raises:
        DivergedError: a loss is NaN or infinite; says where.
        OutOfMemoryError: a batch does not fit; says which.
        UserError: progress cannot be written, or whoever asked has gone.
    """
    open_device(configuration.device)
    trainer = FoldTrainer(configuration, run)
    train_or_go_on(trainer, configuration, f"fold-{run.fold}-{run.seed}-{run.epochs}")
    return trainer.prediction()
