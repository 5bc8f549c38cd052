"""Optimisers and the schedules of their learning rate."""

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from tribar.model.config import Hyperparameters

PLATEAU_FACTOR = 0.5
"""What a plateau of the validation loss leaves of the learning rate."""

CYCLE_RISE, CYCLE_START, CYCLE_END = 0.3, 1 / 25, 1 / 25e4
"""The one-cycle schedule: share of the training that it rises, and its ends."""


def make_optimizer(network: nn.Module, hyper: Hyperparameters) -> torch.optim.Optimizer:
    """Return the optimiser that the configuration names, fused where torch has it so."""
    weights, rate, decay = network.parameters(), hyper.learning_rate, hyper.weight_decay
    match hyper.optimizer:
        case "adam":
            return torch.optim.Adam(weights, lr=rate, weight_decay=decay, fused=True)
        case "adamw":
            return torch.optim.AdamW(weights, lr=rate, weight_decay=decay, fused=True)
        case "radam":
            return FusedRAdam(weights, lr=rate, weight_decay=decay, fused=True)
        case "sgd":
            return torch.optim.SGD(
                weights, lr=rate, weight_decay=decay, momentum=hyper.momentum, fused=True
            )


class FusedRAdam(torch.optim.Adam):
    """RAdam (Liu et al., 2020): Adam with a learning rate and an epsilon of each step's own.

    torch's takes its square roots from MKL, which rounds them by a processor's vendor.
    """

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Take the next step with the gradients that are there."""
        (group,) = self.param_groups
        done = int(next(iter(self.state.values()))["step"]) if self.state else 0
        given = {name: group[name] for name in ("lr", "eps")}
        group |= _rectified(group["lr"], group["eps"], group["betas"][1], done + 1)
        super().step()
        group |= given


def _rectified(rate: float, epsilon: float, beta2: float, step: int) -> dict[str, float]:
    """Return learning rate and epsilon that make Adam's n-th step, from 1, one of RAdam's."""
    correction = 1 - beta2**step
    longest = 2 / (1 - beta2) - 1
    length = longest - 2 * step * beta2**step / correction
    if length <= 5:  # momentum alone: beside an epsilon so large the second moment is nothing
        return {"lr": rate * 1e8, "eps": 1e8}
    share = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
    return {"lr": rate * math.sqrt(share), "eps": epsilon / math.sqrt(correction)}


def optimizer_state(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Return an optimiser's tensors, its moments among them, by `number of the weight.name`."""
    return {
        f"{number}.{name}": tensor.clone()
        for number, each in optimizer.state_dict()["state"].items()
        for name, tensor in each.items()
    }


def restore_optimizer_state(
    optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]
) -> None:
    """Give an optimiser the `optimizer_state` of another."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        number, _, name = key.partition(".")
        state.setdefault(int(number), {})[name] = tensor
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})


def rate_at(
    hyper: Hyperparameters, epochs: float, max_epochs: int, curve: Sequence[float]
) -> float:
    """Return the learning rate at a time of the training: a function of it, with no state to lose.

    Args:
        hyper: the configuration.
        epochs: done so far, the current one in part.
        max_epochs: of the training.
        curve: validation loss after each whole epoch, for `plateau`.
    """
    done = epochs / max_epochs
    warm = min(1.0, epochs / hyper.warmup_epochs) if hyper.warmup_epochs else 1.0
    match hyper.schedule:
        case "constant":
            factor = 1.0
        case "warmup":
            factor = warm
        case "cosine":
            factor = _cosine(done)
        case "warmup_cosine":
            left = max_epochs - hyper.warmup_epochs
            factor = warm if warm < 1 else _cosine((epochs - hyper.warmup_epochs) / left)
        case "one_cycle":
            factor = _one_cycle(done)
        case "plateau":
            factor = PLATEAU_FACTOR ** _plateaus(curve)
    return hyper.learning_rate * factor


def _cosine(done: float) -> float:
    """Return 1 at the beginning and 0 at the end (Loshchilov & Hutter, 2017)."""
    return (1 + math.cos(math.pi * done)) / 2


def _one_cycle(done: float) -> float:
    """Return a rise to 1 and a long fall (Smith & Topin, 2019)."""
    if done < CYCLE_RISE:
        return CYCLE_START + (1 - CYCLE_START) * (1 - _cosine(done / CYCLE_RISE))
    fall = _cosine((done - CYCLE_RISE) / (1 - CYCLE_RISE))
    return CYCLE_END + (1 - CYCLE_END) * fall


def _plateaus(curve: Sequence[float]) -> int:
    """Return how many epochs brought no better loss than all before."""
    return sum(loss >= min(curve[:epoch]) for epoch, loss in enumerate(curve) if epoch)
