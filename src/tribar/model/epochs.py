"""One epoch of training, and what validation and prediction take of it."""

import math
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tribar.market.prepared import CLASSES
from tribar.model.recurrent import RecurrentClassifier
from tribar.model.windows import Windows
from tribar.params import Hyperparameters

_SCORING_BATCH = 512


class DivergedError(RuntimeError):
    """The loss is no longer a number."""


def predict(network: RecurrentClassifier, windows: Windows) -> NDArray[np.float64]:
    """Return class probabilities, float64, (samples, classes)."""
    return torch.softmax(_logits(network, windows).double(), dim=1).cpu().numpy()


def run_epoch(
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


def validate(
    network: RecurrentClassifier, check: Windows, hyper: Hyperparameters, epoch: int
) -> float:
    """Return the log-loss on `check`, in nats."""
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


def make_optimizer(network: nn.Module, hyper: Hyperparameters) -> torch.optim.Optimizer:
    """Return the optimiser that the configuration names."""
    kinds: dict[str, type[torch.optim.Adam]] = {
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
    }
    return kinds[hyper.optimizer](
        network.parameters(), lr=hyper.learning_rate, weight_decay=hyper.weight_decay
    )


def class_weights(target: Tensor, hyper: Hyperparameters) -> Tensor | None:
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
