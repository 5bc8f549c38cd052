"""What a training needs, before it is begun."""

import psutil
import torch

from tribar.errors import UserError
from tribar.market.prepared import Schema
from tribar.model.epochs import SCORING_BATCH
from tribar.params import Hyperparameters, TrainingParams

_BYTES = 4
_NAMES = {"cpu": "machine", "cuda": "GPU"}
_GATES = {"lstm": 4, "gru": 3}
_KEPT = {"lstm": 8, "gru": 5}
"""Values a state that the way forth keeps, of every layer: gates, states, and what they are of."""
_FLOWS = {"lstm": 4, "gru": 8}
"""Values a state that the way back needs at once, of one layer."""
_SCORED = {"lstm": 3, "gru": 7}
"""Values a state where nothing is kept for a way back: a layer's gates, inputs and outputs."""


def weights(hyper: Hyperparameters, n_features: int) -> int:
    """Return the number of weights of the recurrent layers, nearly all there are.

    >>> from tribar.params import read_params
    >>> from pathlib import Path
    >>> params = read_params(Path("params.yaml"))
    >>> weights(params.baseline_hyper(), n_features=17)
    54528
    """
    ways = 2 if hyper.bidirectional else 1
    inputs = [n_features, *[hyper.width] * (hyper.num_layers - 1)]
    each = [_GATES[hyper.cell] * hyper.hidden_dim * (n + hyper.hidden_dim + 2) for n in inputs]
    return ways * sum(each)


def required_bytes(
    hyper: Hyperparameters, training: TrainingParams, n_features: int, window: int
) -> int:
    """Return about how much memory the training of one network takes beside the rows.

    Weights, gradients, two moments and an average; then what is more: a batch in training, or the
    windows that are scored at once.
    """
    values = max(_trained(hyper, training, n_features, window), _scored(hyper, n_features, window))
    return _BYTES * (6 * weights(hyper, n_features) + values)


def _trained(hyper: Hyperparameters, training: TrainingParams, n_features: int, window: int) -> int:
    """Return the values of a batch: every layer's, one's way back, and the pooling's windows."""
    dense = training.supervision == "dense"
    scored = training.stride if dense else 1
    batch = max(1, round(hyper.batch_size / scored))
    bars = batch * (window - 1 + scored)
    states = _KEPT[hyper.cell] * hyper.num_layers + _FLOWS[hyper.cell]
    each = states * hyper.width + 3 * n_features
    pooled = 0 if hyper.pooling == "last" else batch * scored * window * hyper.width * 3
    return bars * each + pooled


def _scored(hyper: Hyperparameters, n_features: int, window: int) -> int:
    states = _SCORED[hyper.cell] + (hyper.pooling != "last")
    return SCORING_BATCH * window * (states * hyper.width + 2 * n_features)


def check_memory(
    hyper: Hyperparameters,
    training: TrainingParams,
    schema: Schema,
    device: str = "cpu",
    at_once: int = 1,
) -> None:
    """Refuse a configuration that its device has no room for.

    Args:
        hyper: the configuration.
        training: the loop.
        schema: of the rows.
        device: "cpu" or "cuda".
        at_once: networks that train side by side.

    Raises:
        ValueError: it needs more than there is; with both numbers.
    """
    n_features = len(schema.columns(hyper.features))
    needed = at_once * required_bytes(hyper, training, n_features, schema.window)
    there = _memory_of(device)
    if needed > there:
        raise ValueError(
            f"about {needed / 2**30:.3g} GiB for {weights(hyper, n_features):,} weights and "
            f"batches of {hyper.batch_size}{_side_by_side(at_once)}, and the {_NAMES[device]} has "
            f"{there / 2**30:.3g} GiB; lower hidden_dim, num_layers, batch_size, stride or window"
        )


def require_memory(
    hyper: Hyperparameters, training: TrainingParams, schema: Schema, device: str = "cpu"
) -> None:
    """Refuse, as a user's fault, a configuration that its device has no room for.

    Raises:
        UserError: it needs more than there is.
    """
    try:
        check_memory(hyper, training, schema, device)
    except ValueError as error:
        raise UserError(f"this configuration needs {error}") from None


def _memory_of(device: str) -> int:
    if device == "cuda":
        return int(torch.cuda.mem_get_info()[1])
    return int(psutil.virtual_memory().total)


def _side_by_side(at_once: int) -> str:
    return "" if at_once == 1 else f" in {at_once} processes at once"
