"""One training step of our layers beside torch's own."""

import time

import torch
from torch import nn

from benchmarks.records import Record, write
from tribar.model.gru import FastGRU
from tribar.runtime import open_device

ROUNDS, FEATURES = 60, 17
SHAPES = ((1, 89, 64), (4, 89, 64), (32, 60, 64))
"""Batch, bars and hidden units: of dense steps, and of the sliding step."""


def step(layers: tuple[nn.Module, ...], rows: torch.Tensor) -> float:
    """Return the seconds of one step through the layers and back."""
    begin = time.perf_counter()
    states = rows
    for layer in layers:
        states = layer(states)[0]
    torch.autograd.backward(states.square().mean())
    return time.perf_counter() - begin


def stack(cell: type[nn.Module], hidden: int) -> tuple[nn.Module, ...]:
    """Return two layers of a cell."""
    return (cell(FEATURES, hidden, batch_first=True), cell(hidden, hidden, batch_first=True))


def measure() -> list[Record]:
    """Return our GRU's step beside torch's GRU and LSTM, turn by turn."""
    open_device("cpu")
    found = []
    for batch, bars, hidden in SHAPES:
        rows = torch.randn(batch, bars, FEATURES)
        cells = {"ours": FastGRU, "torch's GRU": nn.GRU, "torch's LSTM": nn.LSTM}
        stacks = {name: stack(cell, hidden) for name, cell in cells.items()}
        turns = [{name: step(one, rows) for name, one in stacks.items()} for _ in range(ROUNDS)]
        best = {name: 1e3 * min(turn[name] for turn in turns) for name in stacks}
        for peer, target in (("torch's GRU", 1 / 1.3), ("torch's LSTM", 1.0)):
            ratio = best["ours"] / best[peer]
            work = f"a training step of two GRU layers, batch {batch}, {bars} bars, {hidden} units"
            found.append(
                Record(work, best["ours"], best[peer], peer, "ms", ratio, target, ratio <= target)
            )
    return found


if __name__ == "__main__":
    write("cells", measure())
