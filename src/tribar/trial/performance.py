"""How predictions do at each decision time: a network's, and those of a trial's networks."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tribar.model.windows import Windows
from tribar.trial.result import Performance


def performance_of(logits: Tensor, windows: Windows) -> Tensor:
    """Return the `Performance.values` of one network, float32, (2, times), on the CPU.

    Args:
        logits: (samples, classes), what `score_windows` gave for `windows`.
        windows: the samples; the means go over those that decide at the same time.
    """
    log_probability = torch.log_softmax(logits.double(), dim=1)
    loss = -log_probability.gather(1, windows.target[:, None])[:, 0]
    down, _, up = log_probability.exp().unbind(dim=1)
    each = torch.stack([loss, (up - down) * windows.exit_return]).cpu().numpy()
    _, time, count = np.unique(_times(windows), return_inverse=True, return_counts=True)
    means = np.stack([np.bincount(time, one) for one in each]) / count
    return torch.from_numpy(means.astype(np.float32))


def mean_performance(
    folds: Sequence[Windows], networks: Sequence[Tensor], seeds: int
) -> Performance:
    """Return the performance of a trial.

    Args:
        folds: what each fold is evaluated on, one after the other in time.
        networks: the `performance_of` each network, fold by fold; the last folds may be missing.
        seeds: networks of a fold.
    """
    times = [np.unique(_times(windows)) for windows in folds]
    values = [np.full((2, len(one)), np.nan) for one in times]
    for first in range(0, len(networks), seeds):
        of_fold = torch.stack(list(networks[first : first + seeds])).double()
        values[first // seeds] = of_fold.mean(dim=0).numpy()
    return Performance(
        np.concatenate(times).view(np.dtype("datetime64[ns]")),
        np.concatenate(values, axis=1).astype(np.float32),
    )


def _times(windows: Windows) -> NDArray[np.int64]:
    times: NDArray[np.int64] = windows.decision.cpu().numpy()
    return times
