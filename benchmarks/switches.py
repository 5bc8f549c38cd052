"""What torch's own switches do for a training step of two LSTM layers, beside how it is run."""

from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import Tensor, nn

from benchmarks.records import Record, beside, write
from benchmarks.steps import FEATURES, Layers, fastest, forth_and_back
from tribar.runtime import open_device

HIDDEN, ROUNDS = 64, 60
SHAPES = ((1, 89), (32, 60))
"""Batch and bars: of a dense step, and of a sliding one."""


def measure() -> list[Record]:
    """Return the time of a step with each switch, turn by turn with the plain one."""
    open_device("cpu")
    return [
        record for batch, bars in SHAPES for record in _compare(torch.randn(batch, bars, FEATURES))
    ]


def _compare(rows: Tensor) -> Iterator[Record]:
    layers, bars_first = Layers(nn.LSTM, HIDDEN), Layers(nn.LSTM, HIDDEN, batch_first=False)
    plain = partial(forth_and_back, partial(layers, rows))

    def without_onednn() -> None:
        with torch.backends.mkldnn.flags(enabled=False):
            plain()

    turned = rows.transpose(0, 1).contiguous()
    switched: dict[str, Callable[[], None]] = {
        "torch.compile": partial(forth_and_back, partial(torch.compile(layers), rows)),
        "bars before the batch": partial(forth_and_back, partial(bars_first, turned)),
        "oneDNN switched off": without_onednn,
    }
    work = f"two LSTM layers, batch {len(rows)}, {rows.shape[1]} bars, {HIDDEN} units"
    for name, step in switched.items():
        yield beside(f"{work}: {name}", *fastest(step, plain, ROUNDS), "as it is run", "ms")


if __name__ == "__main__":
    write("switches", measure())
