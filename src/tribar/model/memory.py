"""What a training needs, before it is begun."""

import psutil

from tribar.errors import UserError
from tribar.market.prepared import Schema
from tribar.params import Hyperparameters, TrainingParams

_BYTES = 4
_GATES = {"lstm": 4, "gru": 3}


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

    Weights, gradients, two moments and an average; and for every bar of a batch the gates and
    states of every layer, which the way back needs, with the pooling's windows.
    """
    dense = training.supervision == "dense"
    scored = training.stride if dense else 1
    batch = max(1, round(hyper.batch_size / scored))
    bars = batch * (window - 1 + scored)
    each = (_GATES[hyper.cell] + 4) * hyper.width * hyper.num_layers + 3 * n_features
    pooled = 0 if hyper.pooling == "last" else batch * scored * window * hyper.width * 3
    return _BYTES * (6 * weights(hyper, n_features) + bars * each + pooled)


def check_memory(hyper: Hyperparameters, training: TrainingParams, schema: Schema) -> None:
    """Refuse a configuration that this machine has no room for.

    Raises:
        ValueError: it needs more than the machine has; with both numbers.
    """
    n_features = len(schema.columns(hyper.features))
    needed = required_bytes(hyper, training, n_features, schema.window)
    there = psutil.virtual_memory().total
    if needed > there:
        raise ValueError(
            f"about {needed / 2**30:.3g} GiB for {weights(hyper, n_features):,} weights and "
            f"batches of {hyper.batch_size}, and the machine has {there / 2**30:.3g} GiB; lower "
            "hidden_dim, num_layers or batch_size"
        )


def require_memory(hyper: Hyperparameters, training: TrainingParams, schema: Schema) -> None:
    """Refuse, as a user's fault, a configuration that this machine has no room for.

    Raises:
        UserError: it needs more than the machine has.
    """
    try:
        check_memory(hyper, training, schema)
    except ValueError as error:
        raise UserError(f"this configuration needs {error}") from None
