"""The trainings of an ensemble: one network each, wherever it runs and whatever interrupts it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from safetensors.torch import load, save

from tribar.ensemble.checkpoint import network_of
from tribar.errors import UserError
from tribar.model.config import Hyperparameters, TrainingParams
from tribar.model.folds import Fold
from tribar.model.places import place_of
from tribar.model.shared_folds import FOLDS, VALIDATION, shared_folds
from tribar.model.training.saved_state import load_progress, save_progress
from tribar.model.training.trainer import TrainedNetwork, Trainer
from tribar.runtime import derive_seed, open_device


@dataclass(frozen=True)
class Run:
    """One training of a configuration.

    Attributes:
        seed: of the weights, the order of samples and dropout.
        fold: the purged fold of development that it is judged on; None for the validation split.
    """

    seed: int
    fold: int | None = None


@dataclass(frozen=True)
class Configuration:
    """What the trainings of one configuration share.

    Attributes:
        data: folder of the prepared development split.
        hyper: of the networks.
        training: epochs and patience.
        device: "cpu" or "cuda".
        home: folder that keeps their progress and the rows that their processes share.
    """

    data: Path
    hyper: Hyperparameters
    training: TrainingParams
    device: str
    home: Path

    def fold(self, number: int | None = None) -> Fold:
        """Return a purged fold, or the training and validation split, as this process has it."""
        place = place_of(self.home)
        over = VALIDATION if number is None else FOLDS
        rows = place.path(self.home) / "rows"
        return shared_folds(place.path(self.data), over, rows, self.device)[number or 0]


@dataclass(frozen=True)
class Trained:
    """What a training leaves.

    Attributes:
        weights: of the best epoch, in safetensors.
        curve: validation log-loss after each epoch run.
        train_curve: mean training log-loss during each epoch run.
    """

    weights: bytes
    curve: tuple[float, ...]
    train_curve: tuple[float, ...]

    @property
    def best_loss(self) -> float:
        """Return the lowest validation log-loss."""
        return min(self.curve)


def runs_by_seed(root: int, seeds: int) -> list[Run]:
    """Return the trainings of an ensemble of `seeds` networks."""
    return [Run(derive_seed(root, "train", number)) for number in range(seeds)]


def runs_by_fold(root: int, folds: int) -> list[Run]:
    """Return one training for each purged fold."""
    return [Run(derive_seed(root, "fold", number), number) for number in range(folds)]


def run_training(configuration: Configuration, run: Run) -> Trained:
    """Train a network; one that was interrupted goes on after its last whole epoch.

    Raises:
        DivergedError: a loss is NaN or infinite; says where.
        OutOfMemoryError: a batch does not fit; says which.
        UserError: progress cannot be written, or whoever asked has gone.
    """
    open_device(configuration.device)
    place = place_of(configuration.home)
    kept = place.path(configuration.home) / f"{run.fold}-{run.seed}.safetensors"
    fold = configuration.fold(run.fold)
    trainer = Trainer(fold, configuration.hyper, configuration.training, run.seed)
    if progress := load_progress(kept):
        trainer.go_on_from(progress)
    while not trainer.done:
        if place.over.is_set():
            raise UserError("a training was ended, for whoever asked for it has gone")
        trainer.run_epoch()
        save_progress(trainer.progress(), kept)
    found = trainer.finish()
    weights = {name: one.contiguous() for name, one in found.network.state_dict().items()}
    return Trained(save(weights), found.curve, found.train_curve)


def trained_networks(
    found: Sequence[Trained], fold: Fold, configuration: Configuration
) -> list[TrainedNetwork]:
    """Return what trainings left as networks of this process."""
    hyper, device, schema = configuration.hyper, configuration.device, fold.train.schema
    return [
        TrainedNetwork(
            network_of(load(one.weights), schema, hyper, device), one.curve, one.train_curve
        )
        for one in found
    ]
