"""Whether a training can fit into memory at all, before it is begun.

The figure is rough, and rather too low than too high: what might fit is tried, and what then runs
out of memory says so itself.
"""

import psutil
import torch

from tribar.dataset.prepared import PreparedSplit, read_split
from tribar.dataset.schema import Schema
from tribar.ensemble.training import Configuration
from tribar.errors import UserError
from tribar.model.config import Hyperparameters, TrainingParams
from tribar.model.network.classifier import RecurrentClassifier, count_parameters
from tribar.model.training.epoch import SCORING_BATCH

_BYTES = 4
_COPIES = 4
"""Of the weights: themselves, their gradients and two moments of each."""
_TRAINED, _SCORED = 5, 2
"""Values for each state of a layer: kept for the backward pass, and of one that keeps none."""


def count_weights(hyper: Hyperparameters, schema: Schema) -> int:
    """Return the number of weights of a network, which takes no memory here."""
    with torch.device("meta"):
        network = RecurrentClassifier(schema.columns(hyper.features), schema.window, hyper)
    return count_parameters(network)


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
    return _BYTES * (_COPIES * count_weights(hyper, split.schema) + states * hyper.width)


def shortage(
    hyper: Hyperparameters,
    training: TrainingParams,
    split: PreparedSplit,
    device: str = "cpu",
    at_once: int = 1,
    folds: int = 1,
) -> str:
    """Return what a configuration needs and its device lacks; empty where it may fit.

    Args:
        hyper: the configuration.
        training: the loop.
        split: what it is trained on; of its samples any column is enough.
        device: "cpu" or "cuda".
        at_once: processes that train side by side.
        folds: copies of the rows that each of them has on a GPU.
    """
    rows = folds * split.rows.nbytes if device == "cuda" else 0
    needed, there = at_once * (needed_bytes(hyper, training, split) + rows), _memory_of(device)
    if needed <= there:
        return ""
    together = f" in {at_once} processes at once" if at_once > 1 else ""
    fewer = ", or use fewer processes (TRIBAR_WORKERS)" if at_once > 1 else ""
    return (
        f"about {needed / 2**30:.3g} GiB for {count_weights(hyper, split.schema):,} weights and "
        f"batches of {hyper.batch_size}{together}, and the "
        f"{'GPU' if device == 'cuda' else 'machine'} has {there / 2**30:.3g} GiB; lower "
        f"hidden_dim, num_layers, batch_size, training.stride or prepare.window{fewer}"
    )


def require_memory(configuration: Configuration, at_once: int) -> None:
    """Refuse a configuration that does not fit into memory, trained `at_once` times side by side.

    Raises:
        UserError: it needs more than there is.
    """
    split = read_split(configuration.data, columns=["last"])
    hyper, training, device = configuration.hyper, configuration.training, configuration.device
    if lacks := shortage(hyper, training, split, device, at_once, folds=2):
        raise UserError(f"this configuration needs {lacks}")


def _memory_of(device: str) -> int:
    if device == "cuda":
        return int(torch.cuda.mem_get_info()[1])
    return int(psutil.virtual_memory().total)
