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
from tribar.model.shared_folds import NESTED, VALIDATION, WHOLE, shared_folds
from tribar.model.training.saved_state import load_progress, save_progress
from tribar.model.training.trainer import TrainedNetwork, Trainer
from tribar.runtime import derive_seed, open_device


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
        """Return a nested fold, or the training and validation split, as this process has it."""
        return self._folds(VALIDATION if number is None else NESTED)[number or 0]

    def whole(self) -> Fold:
        """Return all samples to train on, as this process has them."""
        return self._folds(WHOLE)[0]

    def _folds(self, over: str) -> tuple[Fold, ...]:
        place = place_of(self.home)
        rows = place.path(self.home) / "rows"
        return shared_folds(place.path(self.data), over, rows, self.device)


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


def ensemble_seeds(root: int, count: int) -> list[int]:
    """Return the seeds of an ensemble's networks."""
    return [derive_seed(root, "train", number) for number in range(count)]


def run_training(configuration: Configuration, seed: int) -> Trained:
    """Train a network of the ensemble; one that was interrupted goes on after its last whole epoch.

    Raises:
        DivergedError: a loss is NaN or infinite; says where.
        OutOfMemoryError: a batch does not fit; says which.
        UserError: progress cannot be written, or whoever asked has gone.
    """
    open_device(configuration.device)
    trainer = Trainer(configuration.fold(), configuration.hyper, configuration.training, seed)
    return finish_training(trainer, configuration, f"final-{seed}")


def finish_training(trainer: Trainer, configuration: Configuration, name: str) -> Trained:
    """Train to the end as `train_or_go_on` does; return what is left."""
    train_or_go_on(trainer, configuration, name)
    found = trainer.finish()
    weights = {name: one.contiguous() for name, one in found.network.state_dict().items()}
    return Trained(save(weights), found.curve, found.train_curve)


def train_or_go_on(trainer: Trainer, configuration: Configuration, name: str) -> None:
    """Train to the end, saving each epoch under a name; take up what is saved there already.

    Raises:
        UserError: progress cannot be written, or whoever asked has gone.
    """
    place = place_of(configuration.home)
    kept = place.path(configuration.home) / f"{name}.safetensors"
    if progress := load_progress(kept):
        trainer.go_on_from(progress)
    while not trainer.done:
        if place.over.is_set():
            raise UserError("a training was ended, for whoever asked for it has gone")
        trainer.run_epoch()
        save_progress(trainer.progress(), kept)


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
