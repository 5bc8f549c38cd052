"""What a training needs, before it is begun."""

from dataclasses import dataclass
from typing import Self

import psutil
import torch

from tribar.dataset.prepared import PreparedSplit, Schema
from tribar.errors import UserError
from tribar.model.config import Hyperparameters, TrainingParams
from tribar.model.training.epoch import SCORING_BATCH
from tribar.model.windows import find_runs

_BYTES = 4
_NAMES = {"cpu": "machine", "cuda": "GPU"}
_GATES = {"lstm": 4, "gru": 3}
_KEPT = {"lstm": 8, "gru": 5}
"""Values a state that the way forth keeps, of every layer: gates, states, and what they are of."""
_FLOWS = {"lstm": 4, "gru": 8}
"""Values a state that the way back needs at once, of one layer."""
_SCORED = {"lstm": 3, "gru": 7}
"""Values a state where nothing is kept for a way back: a layer's gates, inputs and outputs."""


@dataclass(frozen=True)
class Extent:
    """How much there is to train on.

    Attributes:
        rows: of the prepared split.
        decisions: on them.
        runs: rows of each stretch of decisions that a batch may be cut from.
        schema: of the rows.
    """

    rows: int
    decisions: int
    runs: tuple[int, ...]
    schema: Schema

    @classmethod
    def of(cls, split: PreparedSplit) -> Self:
        """Return that of a split; of its samples, symbol and last row are enough."""
        first, stop = find_runs(split.samples, split.schema.window).T
        runs = tuple((stop - first).tolist())
        return cls(len(split.rows), len(split.samples), runs, split.schema)


@dataclass(frozen=True)
class Need:
    """Bytes that the training of one network takes beside the rows.

    Attributes:
        weights: with gradients, two moments and an average.
        trained: a batch, on the way forth and back.
        scored: the windows that are scored at once.
    """

    weights: int
    trained: int
    scored: int

    @property
    def total(self) -> int:
        """Return the weights' and what is more: training and scoring take turns."""
        return self.weights + max(self.trained, self.scored)

    @property
    def levers(self) -> str:
        """Return the parameters that most of it hangs on."""
        if self.weights >= max(self.trained, self.scored):
            return "hidden_dim or num_layers"
        if self.scored >= self.trained:
            return "hidden_dim or prepare.window"
        return "hidden_dim, num_layers, batch_size, training.stride or prepare.window"


def weights(hyper: Hyperparameters, n_features: int) -> int:
    """Return the number of weights of the recurrent layers, nearly all there are.

    >>> from tribar.config.reading import read_params
    >>> from pathlib import Path
    >>> params = read_params(Path("params.yaml"))
    >>> weights(params.baseline_hyper(), n_features=17)
    54528
    """
    ways = 2 if hyper.bidirectional else 1
    inputs = [n_features, *[hyper.width] * (hyper.num_layers - 1)]
    each = [_GATES[hyper.cell] * hyper.hidden_dim * (n + hyper.hidden_dim + 2) for n in inputs]
    return ways * sum(each)


def need(hyper: Hyperparameters, training: TrainingParams, extent: Extent) -> Need:
    """Return about how much memory the training of one network takes."""
    n_features = len(extent.schema.columns(hyper.features))
    return Need(
        _BYTES * 6 * weights(hyper, n_features),
        _BYTES * _trained(hyper, training, extent, n_features),
        _BYTES * _scored(hyper, extent, n_features),
    )


def _trained(
    hyper: Hyperparameters, training: TrainingParams, extent: Extent, n_features: int
) -> int:
    """Return the values of a batch: every layer's, one's way back, and the pooling's windows."""
    scored = min(training.stride, max(extent.runs)) if training.supervision == "dense" else 1
    most = sum(1 + rows // scored for rows in extent.runs)
    batch = min(max(1, round(hyper.batch_size / scored)), most)
    window = extent.schema.window
    states = _KEPT[hyper.cell] * hyper.num_layers + _FLOWS[hyper.cell]
    each = states * hyper.width + 3 * n_features
    pooled = 0 if hyper.pooling == "last" else batch * scored * window * hyper.width * 3
    return batch * (window - 1 + scored) * each + pooled


def _scored(hyper: Hyperparameters, extent: Extent, n_features: int) -> int:
    states = _SCORED[hyper.cell] + (hyper.pooling != "last")
    windows = min(SCORING_BATCH, extent.decisions)
    return windows * extent.schema.window * (states * hyper.width + 2 * n_features)


def check_memory(
    hyper: Hyperparameters,
    training: TrainingParams,
    extent: Extent,
    device: str = "cpu",
    at_once: int = 1,
    folds: int = 1,
) -> None:
    """Refuse a configuration that its device has no room for.

    Args:
        hyper: the configuration.
        training: the loop.
        extent: of the data.
        device: "cpu" or "cuda".
        at_once: processes that train side by side.
        folds: copies of the rows that each of them has on a GPU.

    Raises:
        ValueError: it needs more than there is; with both numbers.
    """
    one, there = need(hyper, training, extent), _memory_of(device)
    rows = folds * _BYTES * extent.rows * len(extent.schema.features) if device == "cuda" else 0
    needed = at_once * (one.total + rows)
    if needed > there:
        n_features = len(extent.schema.columns(hyper.features))
        fewer = "" if at_once == 1 else ", or use fewer processes (TRIBAR_WORKERS)"
        raise ValueError(
            f"about {needed / 2**30:.3g} GiB for {weights(hyper, n_features):,} weights and "
            f"batches of {hyper.batch_size}{_side_by_side(at_once)}, and the {_NAMES[device]} has "
            f"{there / 2**30:.3g} GiB; lower {one.levers}{fewer}"
        )


def require_memory(
    hyper: Hyperparameters, training: TrainingParams, split: PreparedSplit, device: str
) -> None:
    """Refuse, as a user's fault, a configuration that its device has no room for.

    Raises:
        UserError: it needs more than there is.
    """
    try:
        check_memory(hyper, training, Extent.of(split), device, folds=2)
    except ValueError as error:
        raise UserError(f"this configuration needs {error}") from None


def _memory_of(device: str) -> int:
    if device == "cuda":
        return int(torch.cuda.mem_get_info()[1])
    return int(psutil.virtual_memory().total)


def _side_by_side(at_once: int) -> str:
    return "" if at_once == 1 else f" in {at_once} processes at once"
