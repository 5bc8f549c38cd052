"""What torch's own switches do for a training step of two layers, beside the way it is run."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn

from benchmarks.records import Record, beside, write
from tribar.model.gru import FastGRU
from tribar.runtime import open_device

FEATURES, HIDDEN, ROUNDS = 17, 64, 40
SHAPES = ((1, 89), (32, 60))
"""Batch and bars: of a dense step, and of a sliding one."""
Cell = type[nn.LSTM] | type[nn.GRU]
CELLS: dict[str, Cell] = {"LSTM": nn.LSTM, "GRU": FastGRU}


class Layers(nn.Module):
    """Two layers of a cell, batch first or bars first."""

    def __init__(self, cell: Cell, batch_first: bool = True) -> None:
        super().__init__()
        self.first = cell(FEATURES, HIDDEN, batch_first=batch_first)
        self.second = cell(HIDDEN, HIDDEN, batch_first=batch_first)

    def forward(self, rows: Tensor) -> Tensor:
        """Return the states of the second layer."""
        states: Tensor = self.second(self.first(rows)[0])[0]
        return states


def step(
    layers: Callable[[Tensor], Tensor], rows: Tensor, switch: AbstractContextManager[object]
) -> float:
    """Return the seconds of one step through the layers and back."""
    begin = time.perf_counter()
    with switch:
        torch.autograd.backward(layers(rows).square().mean())
    return time.perf_counter() - begin


def measure() -> list[Record]:
    """Return the time of a step with each switch, turn by turn with the plain one."""
    open_device("cpu")
    return [
        record
        for name, cell in CELLS.items()
        for batch, bars in SHAPES
        for record in _compare(name, cell, torch.randn(batch, bars, FEATURES))
    ]


def _compare(name: str, cell: Cell, rows: Tensor) -> list[Record]:
    plain = Layers(cell)
    compiled = torch.compile(plain)
    ways: dict[str, Callable[[], float]] = {
        "torch.compile": lambda: step(compiled, rows, nullcontext())
    }
    if cell is nn.LSTM:  # the other cell has a layout of its own, and takes nothing from oneDNN
        bars_first, turned = Layers(cell, batch_first=False), rows.transpose(0, 1).contiguous()
        ways["bars before the batch"] = lambda: step(bars_first, turned, nullcontext())
        off = torch.backends.mkldnn.flags
        ways["oneDNN switched off"] = lambda: step(plain, rows, off(enabled=False))
    found = []
    for switch, way in ways.items():
        turns = [(way(), step(plain, rows, nullcontext())) for _ in range(ROUNDS)]
        ours, peer = (1e3 * min(turn) for turn in zip(*turns, strict=True))
        work = f"{name}, batch {len(rows)}, {rows.shape[1]} bars, {HIDDEN} units: {switch}"
        found.append(beside(work, ours, peer, "as it is run", "ms"))
    return found


if __name__ == "__main__":
    write("switches", measure())
