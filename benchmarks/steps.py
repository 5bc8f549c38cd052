"""Training steps of recurrent layers, timed turn by turn."""

import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

FEATURES = 17
"""As many as the sample has."""


class Layers(nn.Module):
    """Two layers of a cell, batch first or bars first."""

    def __init__(self, cell: type[nn.Module], hidden: int, batch_first: bool = True) -> None:
        super().__init__()
        self.first = cell(FEATURES, hidden, batch_first=batch_first)
        self.second = cell(hidden, hidden, batch_first=batch_first)

    def forward(self, rows: Tensor) -> Tensor:
        """Return the states of the second layer."""
        states: Tensor = self.second(self.first(rows)[0])[0]
        return states


def forth_and_back(states: Callable[[], Tensor]) -> None:
    """Take one step through the layers that give the states, and back."""
    torch.autograd.backward(states().square().mean())


def fastest(one: Callable[[], None], other: Callable[[], None], rounds: int) -> tuple[float, float]:
    """Return the milliseconds of the fastest of so many turns of two steps.

    Each follows one of its own kind, as in training: it finds the caches that such a one leaves.
    """
    turns = [(_seconds(one), _seconds(other)) for _ in range(rounds)]
    return 1e3 * min(turn[0] for turn in turns), 1e3 * min(turn[1] for turn in turns)


def _seconds(step: Callable[[], None]) -> float:
    step()
    begin = time.perf_counter()
    step()
    return time.perf_counter() - begin
