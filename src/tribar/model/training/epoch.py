"""One epoch of training, and what validation and prediction take of it."""

import math
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tribar.model.config import Hyperparameters, TrainingParams
from tribar.model.network.classifier import RecurrentClassifier
from tribar.model.training.batches import Batch, longest_segment, make_batches, read_batch
from tribar.model.training.losses import Loss
from tribar.model.training.out_of_memory import oom_guard
from tribar.model.windows import Inputs, Windows

SCORING_BATCH = 256
SCORING_BLOCK = 8
"""Windows are scored in multiples of so many, the last repeated: a product of fewer rows takes
other ways through BLAS, and rounds otherwise. So a forecast does not depend on its company."""


class DivergedError(RuntimeError):
    """The loss is no longer a number."""


def predict(network: RecurrentClassifier, windows: Inputs) -> NDArray[np.float64]:
    """Return class probabilities, float64, (samples, classes)."""
    return probabilities(score_windows(network, windows))


def probabilities(logits: Tensor) -> NDArray[np.float64]:
    """Return those of logits, float64, (samples, classes)."""
    return torch.softmax(logits.double(), dim=1).cpu().numpy()


def run_epoch(
    network: RecurrentClassifier,
    optimizer: torch.optim.Optimizer,
    loss_of: Loss,
    windows: Windows,
    hyper: Hyperparameters,
    training: TrainingParams,
    rate: Callable[[float], float],
    after_step: Callable[[], None],
) -> float:
    """Take one optimiser step a batch; return the mean of the batches' losses.

    Args:
        network: in training.
        optimizer: of its weights.
        loss_of: the loss.
        windows: the training windows.
        hyper: the configuration.
        training: the loop.
        rate: learning rate by how much of the epoch is done, 0 to 1.
        after_step: called after each step.

    Raises:
        DivergedError: a loss is NaN or infinite; says where.
        OutOfMemoryError: a batch does not fit; says which.
    """
    network.train()
    total = 0.0
    batches, stride = make_batches(windows, hyper, training), longest_segment(windows, training)
    for number, batch in enumerate(batches):
        lr = rate(number / len(batches))
        for group in optimizer.param_groups:
            group["lr"] = lr
        where = f"step {number + 1} of {len(batches)} at learning rate {lr:g}"
        optimizer.zero_grad(set_to_none=True)
        with oom_guard(f"{where}, batch_size {hyper.batch_size}"):
            loss = _loss(network, loss_of, read_batch(windows, batch, stride), training.amp)
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(network.parameters(), hyper.clip_norm)
            optimizer.step()
            after_step()
        total += _finite(loss.item(), f"training loss is {{}} in {where}")
    return total / len(batches)


def validation_loss(logits: Tensor, windows: Windows) -> float:
    """Return the log-loss of what `score_windows` gave for `windows`, in nats.

    Raises:
        DivergedError: it is NaN or infinite.
    """
    loss = nn.functional.cross_entropy(logits.double(), windows.target)
    return _finite(loss.item(), "validation loss is {}")


def score_windows(network: RecurrentClassifier, windows: Inputs) -> Tensor:
    """Return the logits of each exact window, (samples, classes), whatever the supervision."""
    return _of_each(network, windows, lambda part: network(part)[:, 0])


def attention(network: RecurrentClassifier, windows: Inputs) -> NDArray[np.float32]:
    """Return the weight of each bar in the pooling, (samples, window)."""
    return _of_each(network, windows, network.attention).float().cpu().numpy()


@torch.no_grad()
def _of_each(
    network: RecurrentClassifier, windows: Inputs, read: Callable[[Tensor], Tensor]
) -> Tensor:
    """Return what `read` makes of windows, (batch, window, features), for all of them."""
    network.eval()
    count = len(windows)
    padded = torch.arange(count + -count % SCORING_BLOCK, device=windows.last.device)
    parts = torch.split(padded.clamp(max=count - 1), SCORING_BATCH)
    with oom_guard(f"the scoring of {SCORING_BATCH} windows at a time"):
        return torch.cat([read(windows.gather(part)) for part in parts])[:count]


def _loss(network: RecurrentClassifier, loss_of: Loss, batch: Batch, amp: bool) -> Tensor:
    with torch.autocast(batch.rows.device.type, torch.bfloat16, enabled=amp):
        logits = network(batch.rows, batch.target.shape[1])
    return loss_of(logits.float().flatten(0, 1), batch.target.flatten(), batch.weight.flatten())


def _finite(loss: float, what: str) -> float:
    if math.isfinite(loss):
        return loss
    raise DivergedError(what.format(loss))
