"""Averages of the weights, which are scored and kept in their place."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn, get_swa_multi_avg_fn

from tribar.model.config import Hyperparameters


def copied(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return weights that no further step changes."""
    return {name: weight.clone() for name, weight in weights.items()}


class Average:
    """The exponential average of the weights a step (EMA), or their mean over epochs (SWA).

    SWA after Izmailov et al., 2018.

    Args:
        network: whose weights are averaged.
        hyper: the configuration; where `averaging` is "none" nothing is ever taken in.

    Attributes:
        weights: the average, by name; empty until something was taken in.
        count: of the weights that it is the average of.
    """

    def __init__(self, network: nn.Module, hyper: Hyperparameters) -> None:
        self._network, self._hyper = network, hyper
        if hyper.averaging == "ema":
            self._mix = get_ema_multi_avg_fn(hyper.ema_decay)  # type: ignore[no-untyped-call]
        else:
            self._mix = get_swa_multi_avg_fn()  # type: ignore[no-untyped-call]
        self.weights: dict[str, Tensor] = {}
        self.count = 0

    def after_step(self) -> None:
        """Take in the weights after an optimiser's step."""
        if self._hyper.averaging == "ema":
            self._take()

    def after_epoch(self, epoch: int) -> None:
        """Take in the weights after an epoch, counted from 0."""
        if self._hyper.averaging == "swa" and epoch >= self._hyper.swa_start:
            self._take()

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Give the network the average, if there is one, for as long as it is scored."""
        if not self.weights:
            yield
            return
        own = copied(self._network.state_dict())
        self._network.load_state_dict(self.weights)
        try:
            yield
        finally:
            self._network.load_state_dict(own)

    def restore(self, weights: Mapping[str, Tensor], count: int) -> None:
        """Take up the average of another run."""
        device = next(self._network.parameters()).device
        self.weights = {name: weight.to(device, copy=True) for name, weight in weights.items()}
        self.count = count

    def _take(self) -> None:
        current = {name: weight.detach() for name, weight in self._network.named_parameters()}
        if not self.weights:
            self.weights = copied(current)
        else:
            # By name: a restored average may come in another order than the network's.
            averaged = [self.weights[name] for name in current]
            self._mix(averaged, list(current.values()), self.count)
        self.count += 1
