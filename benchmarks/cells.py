"""One training step of our layers beside torch's own."""

from collections.abc import Iterator
from functools import partial

import torch
from torch import nn

from benchmarks.records import Record, beside, write
from benchmarks.steps import FEATURES, Layers, fastest, forth_and_back
from tribar.model.network.gru import FastGRU
from tribar.runtime import open_device

ROUNDS = 60
SHAPES = ((1, 89, 64), (4, 89, 64), (32, 60, 64))
"""Batch, bars and hidden units: of dense steps, and of the sliding step."""
PEERS: dict[str, tuple[type[nn.Module], float]] = {
    "torch's GRU": (nn.GRU, 1 / 1.3),
    "torch's LSTM": (nn.LSTM, 1.0),
}
"""The other layers, and what our time over theirs is held against."""


def measure() -> list[Record]:
    """Return our GRU's step beside torch's GRU and LSTM, turn by turn."""
    open_device("cpu")
    return [record for shape in SHAPES for record in _compare(*shape)]


def _compare(batch: int, bars: int, hidden: int) -> Iterator[Record]:
    rows = torch.randn(batch, bars, FEATURES)
    ours = partial(forth_and_back, partial(Layers(FastGRU, hidden), rows))
    work = f"a training step of two GRU layers, batch {batch}, {bars} bars, {hidden} units"
    for name, (cell, target) in PEERS.items():
        peer = partial(forth_and_back, partial(Layers(cell, hidden), rows))
        yield beside(work, *fastest(ours, peer, ROUNDS), name, "ms", target)


if __name__ == "__main__":
    write("cells", measure())
