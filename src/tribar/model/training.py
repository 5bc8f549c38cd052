"""The training loop: one network, one seed, early stopping, one report an epoch."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tribar.market.prepared import CLASSES
from tribar.model.recurrent import RecurrentClassifier
from tribar.model.windows import Windows
from tribar.params import Hyperparameters, TrainingParams

_SCORING_BATCH = 512

Report = Callable[[int, float], None]
"""Called after every epoch with its number and validation loss; may raise to stop the training."""


class DivergedError(RuntimeError):
    """The loss is no longer a number."""


@dataclass(frozen=True)
class Trained:
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


def train(
    fit: Windows,
    check: Windows,
    hyper: Hyperparameters,
    training: TrainingParams,
    seed: int,
    report: Report = lambda epoch, loss: None,
) -> Trained:
    """Return a network trained on `fit`, stopped early on `check`.

    Args:
        fit: the training windows.
        check: the validation windows; their log-loss is reported each epoch.
        hyper: the configuration.
        training: epochs and patience.
        seed: of the weights, the order of samples and dropout.
        report: called after every epoch with (epoch, validation loss).

    Raises:
        DivergedError: a loss is NaN or infinite; says where.
    """
    torch.manual_seed(seed)
    network = RecurrentClassifier(fit.rows.shape[1], hyper).to(fit.rows.device)
    optimizer = _optimizer(network, hyper)
    loss_of = nn.CrossEntropyLoss(weight=_class_weights(fit.target, hyper))
    curve: list[float] = []
    train_curve: list[float] = []
    best: dict[str, Tensor] = {}
    for epoch in range(training.max_epochs):
        train_curve.append(_run_epoch(network, optimizer, loss_of, fit, hyper, epoch))
        curve.append(_validate(network, check, hyper, epoch))
        if curve[-1] == min(curve):
            best = {name: weight.clone() for name, weight in network.state_dict().items()}
        report(epoch, curve[-1])
        if epoch - int(np.argmin(curve)) >= training.patience:
            break
    network.load_state_dict(best)
    return Trained(network.eval(), tuple(curve), tuple(train_curve))


def predict(network: RecurrentClassifier, windows: Windows) -> NDArray[np.float64]:
    """Return class probabilities, float64, (samples, classes)."""
    return torch.softmax(_logits(network, windows).double(), dim=1).cpu().numpy()


def _run_epoch(
    network: RecurrentClassifier,
    optimizer: torch.optim.Optimizer,
    loss_of: nn.CrossEntropyLoss,
    fit: Windows,
    hyper: Hyperparameters,
    epoch: int,
) -> float:
    """Take one optimiser step a batch; return the epoch's mean loss."""
    network.train()
    total = 0.0
    for batch in _batches(len(fit), hyper.batch_size, fit.rows.device):
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(network(fit.gather(batch)), fit.target[batch])
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), hyper.clip_norm)
        optimizer.step()
        total += loss.item() * len(batch)
    return _finite(total / len(fit), "training", epoch, hyper)


def _validate(
    network: RecurrentClassifier, check: Windows, hyper: Hyperparameters, epoch: int
) -> float:
    loss = nn.functional.cross_entropy(_logits(network, check).double(), check.target)
    return _finite(loss.item(), "validation", epoch, hyper)


def _batches(samples: int, batch_size: int, device: torch.device) -> Iterator[Tensor]:
    """Yield shuffled positions; the order is drawn on the CPU, the same for every device."""
    yield from torch.split(torch.randperm(samples).to(device), batch_size)


@torch.no_grad()
def _logits(network: RecurrentClassifier, windows: Windows) -> Tensor:
    network.eval()
    positions = torch.arange(len(windows), device=windows.last.device)
    return torch.cat(
        [network(windows.gather(part)) for part in torch.split(positions, _SCORING_BATCH)]
    )


def _optimizer(network: nn.Module, hyper: Hyperparameters) -> torch.optim.Optimizer:
    kinds: dict[str, type[torch.optim.Adam]] = {
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
    }
    return kinds[hyper.optimizer](
        network.parameters(), lr=hyper.learning_rate, weight_decay=hyper.weight_decay
    )


def _class_weights(target: Tensor, hyper: Hyperparameters) -> Tensor | None:
    """Return weights inversely proportional to the class counts, mean 1 over the samples."""
    if hyper.class_weights == "none":
        return None
    counts = torch.bincount(target.cpu(), minlength=len(CLASSES)).float().to(target.device)
    return len(target) / (len(CLASSES) * counts.clamp(min=1))


def _finite(loss: float, what: str, epoch: int, hyper: Hyperparameters) -> float:
    if math.isfinite(loss):
        return loss
    raise DivergedError(
        f"{what} loss is {loss} in epoch {epoch} at learning rate {hyper.learning_rate:g}"
    )
