"""The network: recurrent layers over the window, pooling, and a linear head on the classes."""

from collections.abc import Sequence

from torch import Tensor, nn

from tribar.dataset.schema import CLASSES
from tribar.model.config import ModelParams
from tribar.model.network.encoder import Encoder
from tribar.model.network.pooling import make_pooling, trailing


class RecurrentClassifier(nn.Module):
    """Logits of the classes from a window of bars.

    The features pass input dropout, the encoder, pooling over the window and a linear head. With
    `skip_rows` the newest bars have a linear way to the logits as well, past all of it.

    Args:
        columns: of the rows' features, those that the network sees.
        window: bars of a window.
        params: of the network.
    """

    def __init__(self, columns: Sequence[int], window: int, params: ModelParams) -> None:
        super().__init__()
        self.columns, self.window = tuple(columns), window
        self._skip_rows = params.skip_rows
        self.input_dropout = nn.Dropout(params.input_dropout)
        self.encoder = Encoder(len(self.columns), params)
        self.pooling = make_pooling(params)
        self.head = nn.Linear(params.width, len(CLASSES))
        self.skip = (
            nn.Linear(params.skip_rows * len(self.columns), len(CLASSES))
            if params.skip_rows
            else None
        )

    def forward(self, rows: Tensor, n_targets: int = 1) -> Tensor:
        """Return the logits at the last `n_targets` bars, (batch, n_targets, classes).

        Args:
            rows: (batch, bars, features), at least window - 1 + n_targets bars; what comes
                before has no part in the pooling, but the recurrent states know it.
            n_targets: bars to classify, each from the window that ends at it.
        """
        seen = self._seen(rows)
        states = self.encoder(self.input_dropout(seen))
        logits: Tensor = self.head(self.pooling(states, self.window, n_targets))
        if self.skip is not None:
            newest = trailing(seen, self._skip_rows, n_targets).flatten(2)
            logits = logits + self.skip(newest)
        return logits

    def attention(self, windows: Tensor) -> Tensor:
        """Return the weight of each bar in the pooling, (batch, window)."""
        states = self.encoder(self._seen(windows))
        return self.pooling.weights(states, self.window, 1)[:, 0]

    def _seen(self, rows: Tensor) -> Tensor:
        if len(self.columns) == rows.shape[2]:
            return rows
        return rows[..., list(self.columns)]


def count_parameters(network: nn.Module) -> int:
    """Return the number of trained weights."""
    return sum(weight.numel() for weight in network.parameters())
