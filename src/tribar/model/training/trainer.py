"""The training loop: one network, one seed, early stopping, an epoch at a time."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tribar.errors import UserError
from tribar.model.config import Hyperparameters, TrainingParams
from tribar.model.folds import Fold
from tribar.model.network.classifier import RecurrentClassifier
from tribar.model.network.linear_skip import start_from_logistic
from tribar.model.training.averaging import Average, copied
from tribar.model.training.epoch import (
    DivergedError,
    probabilities,
    run_epoch,
    score_windows,
    validation_loss,
)
from tribar.model.training.losses import make_loss
from tribar.model.training.optimizers import (
    make_optimizer,
    optimizer_state,
    rate_at,
    restore_optimizer_state,
)
from tribar.model.training.out_of_memory import OutOfMemoryError
from tribar.model.training.rng import random_state, restore_random_state
from tribar.model.training.saved_state import TrainingState
from tribar.model.windows import Windows


@dataclass(frozen=True)
class TrainedNetwork:
    """A trained network and how it came there.

    Attributes:
        network: with the weights of its best epoch, in evaluation mode.
        curve: validation log-loss after each epoch run.
        train_curve: mean training log-loss during each epoch run.
    """

    network: RecurrentClassifier
    curve: tuple[float, ...]
    train_curve: tuple[float, ...]

    @property
    def best_loss(self) -> float:
        """Return the lowest validation log-loss."""
        return min(self.curve)


class Trainer:
    """One network in training, an epoch at a time.

    Its random state is its own: trainers whose epochs alternate, and one that goes on from a saved
    `TrainingState`, take the steps that they would take alone and unbroken.

    Args:
        fold: the training windows, and those whose log-loss is taken each epoch.
        hyper: the configuration.
        training: epochs and patience.
        seed: of the weights, the order of samples and dropout.
        measure: takes the validation probabilities, (samples, classes), after each epoch; None
            where the log-loss is all that is asked for.

    Attributes:
        validation: the windows whose log-loss is taken.
        logits: of those windows after the newest epoch that this trainer has run.
        performance: what whoever trains the network keeps of its epochs, saved with the rest.
    """

    def __init__(
        self,
        fold: Fold,
        hyper: Hyperparameters,
        training: TrainingParams,
        seed: int,
        measure: Callable[[NDArray[np.float64]], tuple[float, ...]] | None = None,
    ) -> None:
        torch.manual_seed(seed)
        self._train, self.validation = fold.train, fold.validation
        self._hyper, self._training = hyper, training
        self.network = _untrained(fold.train, hyper)
        self._optimizer = make_optimizer(self.network, hyper)
        self._loss_of = make_loss(fold.train.target, hyper)
        self._average = Average(self.network, hyper)
        self._random = random_state(fold.train.rows.device)
        self._best: dict[str, Tensor] = {}
        self._measure = measure
        self.logits = torch.empty(0)
        self.performance: dict[str, Tensor] = {}
        self.curve: list[float] = []
        self.train_curve: list[float] = []
        self.scores: list[tuple[float, ...]] = []

    @property
    def done(self) -> bool:
        """Return whether the epochs or the patience are at their end."""
        return is_over(self.curve, self._training)

    def run_epoch(self) -> float:
        """Train for an epoch; return the validation log-loss.

        Raises:
            DivergedError: a loss is NaN or infinite; says where.
            OutOfMemoryError: a batch does not fit; says which.
        """
        epoch = len(self.curve)
        restore_random_state(self._random)
        with _in_epoch(epoch):
            train_loss = run_epoch(
                self.network,
                self._optimizer,
                self._loss_of,
                self._train,
                self._hyper,
                self._training,
                self._rate,
                self._average.after_step,
            )
            self._average.after_epoch(epoch)
            with self._average.in_place():
                loss = self._validate()
                scores = self._measure(probabilities(self.logits)) if self._measure else ()
                if loss < min(self.curve, default=np.inf):
                    self._best = copied(self.network.state_dict())
        self._random = random_state(self._train.rows.device)
        self.train_curve.append(train_loss)
        self.curve.append(loss)
        if self._measure:
            self.scores.append(scores)
        return loss

    def score(self, windows: Windows) -> Tensor:
        """Return the logits of other windows, scaled like the training ones, as of now."""
        with self._average.in_place():
            return score_windows(self.network, windows)

    def progress(self) -> TrainingState:
        """Return all that a trainer of the same arguments needs to go on from here."""
        return TrainingState(
            copied(self.network.state_dict()),
            self._best,
            optimizer_state(self._optimizer),
            {**copied(self._average.weights), "count": torch.tensor(self._average.count)},
            self._random,
            copied(self.performance),
            tuple(self.curve),
            tuple(self.train_curve),
            tuple(self.scores),
        )

    def go_on_from(self, progress: TrainingState) -> None:
        """Take up where another trainer of the same arguments stopped."""
        self.network.load_state_dict(progress.weights)
        restore_optimizer_state(self._optimizer, progress.moments)
        average = dict(progress.average)
        self._average.restore(count=int(average.pop("count")), weights=average)
        self._best = dict(progress.best)
        self._random = dict(progress.random)
        self.performance = dict(progress.performance)
        self.curve, self.train_curve = list(progress.curve), list(progress.train_curve)
        self.scores = list(progress.scores)

    def finish(self) -> TrainedNetwork:
        """Return the network with the weights of its best epoch."""
        self.network.load_state_dict(self._best)
        return TrainedNetwork(self.network.eval(), tuple(self.curve), tuple(self.train_curve))

    def _validate(self) -> float:
        """Return the validation log-loss of the network as it is."""
        self.logits = score_windows(self.network, self.validation)
        return validation_loss(self.logits, self.validation)

    def _rate(self, fraction: float) -> float:
        epochs = len(self.curve) + fraction
        return rate_at(self._hyper, epochs, self._training.max_epochs, self.curve)


def is_over(curve: Sequence[float], training: TrainingParams) -> bool:
    """Return whether the epochs or the patience are at their end.

    Args:
        curve: validation log-loss after each epoch run.
        training: epochs and patience.
    """
    epochs = len(curve)
    if not epochs:
        return False
    waited = epochs - 1 - int(np.argmin(curve))
    return epochs >= training.max_epochs or waited >= training.patience


def train(
    fold: Fold, hyper: Hyperparameters, training: TrainingParams, seed: int
) -> TrainedNetwork:
    """Return a network trained until its validation loss gets no better.

    Args:
        fold: training and validation windows.
        hyper: the configuration.
        training: epochs and patience.
        seed: of the weights, the order of samples and dropout.

    Raises:
        DivergedError: a loss is NaN or infinite; says where.
    """
    trainer = Trainer(fold, hyper, training, seed)
    while not trainer.done:
        trainer.run_epoch()
    return trainer.finish()


def _untrained(windows: Windows, hyper: Hyperparameters) -> RecurrentClassifier:
    columns = windows.schema.columns(hyper.features)
    if hyper.skip_rows > windows.window:
        raise UserError(
            f"skip_rows: {hyper.skip_rows} rows, and the prepared windows have {windows.window} "
            "bars; lower it, or prepare with a longer prepare.window"
        )
    network = RecurrentClassifier(columns, windows.window, hyper).to(windows.rows.device)
    if hyper.skip_rows and hyper.skip_start == "logistic":
        start_from_logistic(network, windows, hyper)
    return network


@contextmanager
def _in_epoch(epoch: int) -> Iterator[None]:
    """Say in which epoch it was that a training failed."""
    try:
        yield
    except (DivergedError, OutOfMemoryError) as error:
        raise type(error)(f"{error}, epoch {epoch}") from None
