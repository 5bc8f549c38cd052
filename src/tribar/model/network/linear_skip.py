"""Where the linear way past the network starts: multinomial logistic regression."""

from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from tribar.dataset.schema import CLASSES
from tribar.model.config import Hyperparameters
from tribar.model.network.classifier import RecurrentClassifier
from tribar.model.network.pooling import trailing
from tribar.model.windows import Windows

C = 1.0
"""scikit-learn's default; the network goes on from there, so that nothing tunes it.

The reference of the same kind in evaluation.references has its own, chosen on validation.
"""


def start_from_logistic(
    network: RecurrentClassifier, windows: Windows, hyper: Hyperparameters
) -> None:
    """Make an untrained network the logistic regression on its newest rows; all else adds 0."""
    assert network.skip is not None
    weight, bias = _start(windows, network.columns, hyper.skip_rows)
    with torch.no_grad():
        network.skip.weight.copy_(weight)
        network.skip.bias.copy_(bias)
    nn.init.zeros_(network.head.weight)
    nn.init.zeros_(network.head.bias)


_Start = tuple[Tensor, Tensor]
_STARTS: WeakKeyDictionary[Windows, dict[tuple[tuple[int, ...], int], _Start]] = WeakKeyDictionary()
"""One for all trials of a process, for as long as it has the windows."""


def _start(windows: Windows, columns: tuple[int, ...], skip_rows: int) -> _Start:
    starts = _STARTS.setdefault(windows, {})
    if (columns, skip_rows) not in starts:
        starts[columns, skip_rows] = _regress(windows, columns, skip_rows)
    return starts[columns, skip_rows]


def _regress(windows: Windows, columns: tuple[int, ...], skip_rows: int) -> _Start:
    """Return weights, (classes, skip_rows x columns), and biases; the unique optimum."""
    # Here, for it would be most of what a worker that never asks for it waits for at its start.
    from sklearn.linear_model import LogisticRegression

    bars = windows.last.cpu()[:, None] + torch.arange(1 - skip_rows, 1)
    seen = windows.rows.cpu()[bars[..., None], torch.tensor(columns)]
    newest = trailing(seen, skip_rows, 1).flatten(1).double()
    model = LogisticRegression(C=C, solver="newton-cholesky", tol=1e-8)
    model.fit(newest.numpy(), windows.target.cpu().numpy())
    assert len(model.classes_) == len(CLASSES), "a split without a class is refused"
    return torch.from_numpy(model.coef_).float(), torch.from_numpy(model.intercept_).float()
