"""Whether a training can fit into memory at all, before it is begun.

The figure is rough, and rather too low than too high: what might fit is tried, and what then runs
out of memory says so itself.
"""

import psutil
import torch

from tribar.dataset.prepared import PreparedSplit
from tribar.errors import UserError
from tribar.model.config import Hyperparameters, TrainingParams
from tribar.model.training.epoch import SCORING_BATCH

_BYTES = 4
_COPIES = 4
"""Of the weights: themselves, their gradients and two moments of each."""
_TRAINED, _SCORED = 5, 2
"""Values for each state of a layer: kept for the backward pass, and of one that keeps none."""


def weights(hyper: Hyperparameters, n_features: int) -> int:
    """Return the number of weights of the recurrent layers, nearly all there are.

    >>> from tribar.config.reading import read_params
    >>> from pathlib import Path
    >>> params = read_params(Path("params.yaml"))
    >>> weights(params.baseline_hyper(), n_features=17)
    54528
    """
    gates = 4 if hyper.cell == "lstm" else 3
    inputs = [n_features, *[hyper.width] * (hyper.num_layers - 1)]
    each = [gates * hyper.hidden_dim * (n + hyper.hidden_dim + 2) for n in inputs]
    return sum(each) * (2 if hyper.bidirectional else 1)


def needed_bytes(hyper: Hyperparameters, training: TrainingParams, split: PreparedSplit) -> int:
    """Return about how much the training of one network takes at the least, beside the rows.

    Its weights, and the states of a batch or of the windows that are scored at once.
    """
    window, decisions = split.schema.window, len(split.samples)
    batch = min(hyper.batch_size, decisions)
    stride = min(training.stride, batch) if training.supervision == "dense" else 1
    trained = batch // stride * (window - 1 + stride)
    scored = min(SCORING_BATCH, decisions) * window
    states = max(_TRAINED * hyper.num_layers * trained, _SCORED * scored)
    n_weights = weights(hyper, len(split.schema.columns(hyper.features)))
    return _BYTES * (_COPIES * n_weights + states * hyper.width)


def check_memory(
    hyper: Hyperparameters,
    training: TrainingParams,
    split: PreparedSplit,
    device: str = "cpu",
    at_once: int = 1,
    folds: int = 1,
) -> None:
    """Refuse a configuration that does not fit into the memory of its device.

    Args:
        hyper: the configuration.
        training: the loop.
        split: what it is trained on; of its samples any column is enough.
        device: "cpu" or "cuda".
        at_once: processes that train side by side.
        folds: copies of the rows that each of them has on a GPU.

    Raises:
        ValueError: it needs more than there is; with both numbers.
    """
    rows = folds * split.rows.nbytes if device == "cuda" else 0
    needed = at_once * (needed_bytes(hyper, training, split) + rows)
    there = _memory_of(device)
    if needed > there:
        n_weights = weights(hyper, len(split.schema.columns(hyper.features)))
        together, fewer = "", ""
        if at_once > 1:
            together = f" in {at_once} processes at once"
            fewer = ", or use fewer processes (TRIBAR_WORKERS)"
        raise ValueError(
            f"about {needed / 2**30:.3g} GiB for {n_weights:,} weights and batches of "
            f"{hyper.batch_size}{together}, and the {'GPU' if device == 'cuda' else 'machine'} has "
            f"{there / 2**30:.3g} GiB; lower hidden_dim, num_layers, batch_size, training.stride "
            f"or prepare.window{fewer}"
        )


def require_memory(
    hyper: Hyperparameters, training: TrainingParams, split: PreparedSplit, device: str
) -> None:
    """Refuse, as a user's fault, a configuration that does not fit into memory.

    Raises:
        UserError: it needs more than there is.
    """
    try:
        check_memory(hyper, training, split, device, folds=2)
    except ValueError as error:
        raise UserError(f"this configuration needs {error}") from None


def _memory_of(device: str) -> int:
    if device == "cuda":
        return int(torch.cuda.mem_get_info()[1])
    return int(psutil.virtual_memory().total)
