"""The network: a recurrent encoder of the window and a linear head on the classes."""

from typing import cast

from torch import Tensor, nn

from tribar.market.prepared import CLASSES
from tribar.params import ModelParams

_CELLS = {"lstm": nn.LSTM, "gru": nn.GRU}


class RecurrentClassifier(nn.Module):
    """LSTM (Hochreiter & Schmidhuber, 1997) or GRU (Cho et al., 2014) over the window.

    The last hidden state of the top layer passes dropout and one linear layer. Dropout also acts
    between layers.
    """

    def __init__(self, n_features: int, params: ModelParams) -> None:
        super().__init__()
        between = params.dropout if params.num_layers > 1 else 0.0
        self.encoder = _CELLS[params.cell](
            n_features, params.hidden_dim, params.num_layers, batch_first=True, dropout=between
        )
        self.dropout = nn.Dropout(params.dropout)
        self.head = nn.Linear(params.hidden_dim, len(CLASSES))

    def forward(self, windows: Tensor) -> Tensor:
        """Return the logits, (batch, classes), of `windows`, (batch, window, features)."""
        states, _ = self.encoder(windows)
        return cast("Tensor", self.head(self.dropout(states[:, -1])))
