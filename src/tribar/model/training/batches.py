"""The batches of an epoch: windows one by one, or segments that hold many of them."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tribar.model.config import Hyperparameters, TrainingParams
from tribar.model.windows import Windows


@dataclass(frozen=True)
class Batch:
    """Bars and the decisions on the last `n_targets` of them.

    Attributes:
        rows: (batch, bars, features).
        target: (batch, n_targets), position of each label in the classes.
        weight: (batch, n_targets), 0 where a bar holds no decision to learn from.
    """

    rows: Tensor
    target: Tensor
    weight: Tensor


def make_batches(
    windows: Windows, hyper: Hyperparameters, training: TrainingParams
) -> list[Tensor]:
    """Return what an epoch trains on, drawn from torch's random state.

    Every decision is in one batch of the epoch. Sliding: positions of samples. Dense: segments
    as (row of the first decision, row after the last one's); a symbol's first segment has a random
    length, so that the others begin elsewhere in every epoch.

    The order is drawn on the CPU, the same for every device.
    """
    if training.supervision == "sliding":
        return list(torch.split(torch.randperm(len(windows)), hyper.batch_size))
    stride = longest_segment(windows, training)
    found = _segments(windows, stride)
    order = torch.randperm(len(found))
    return list(torch.split(found[order], max(1, round(hyper.batch_size / stride))))


def longest_segment(windows: Windows, training: TrainingParams) -> int:
    """Return the stride, or the rows of the longest run where none has as many."""
    first, stop = windows.runs.T
    return min(training.stride, int((stop - first).max()))


def read_batch(windows: Windows, batch: Tensor, stride: int) -> Batch:
    """Return the bars and labels of one of `make_batches`.

    Args:
        windows: the training windows.
        batch: positions of samples, or segments.
        stride: the `longest_segment`.
    """
    where = batch.to(windows.last.device)
    if batch.dim() == 1:
        return Batch(
            windows.gather(where), windows.target[where, None], windows.weight[where, None]
        )
    first, stop = where[:, :1], where[:, 1:]
    steps = torch.arange(1 - windows.window, stride, device=where.device)
    # Past its end a segment repeats its last bar: no decision comes after it.
    rows = torch.minimum(first + steps, stop - 1)
    decision = first + steps[windows.window - 1 :]
    sample = windows.sample_at[torch.minimum(decision, stop - 1)]
    counts = (decision < stop) & (sample >= 0)
    return Batch(windows.rows[rows], windows.target[sample], windows.weight[sample] * counts)


def _segments(windows: Windows, stride: int) -> Tensor:
    """Return segments that cover every decision of the runs once, (segments, 2).

    Args:
        windows: the training windows.
        stride: most decisions of a segment.
    """
    offsets = torch.randint(1, stride + 1, (len(windows.runs),))
    found = []
    for (first, stop), offset in zip(windows.runs.tolist(), offsets.tolist(), strict=True):
        others = torch.arange(min(first + offset, stop), stop, stride)
        starts = torch.cat([torch.tensor([first]), others])
        found.append(torch.stack([starts, torch.cat([starts[1:], torch.tensor([stop])])], dim=1))
    return _with_decisions(torch.cat(found), windows.sample_at)


def _with_decisions(found: Tensor, sample_at: Tensor) -> Tensor:
    """Leave out the segments between two decisions far apart: they hold nothing to learn from."""
    before = nn.functional.pad((sample_at.cpu() >= 0).cumsum(0), (1, 0))
    return found[before[found[:, 1]] > before[found[:, 0]]]
