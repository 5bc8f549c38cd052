"""The recurrent layers, and what stands between them."""

from collections.abc import Callable

from torch import Tensor, nn

from tribar.model.config import Cell, ModelParams


class Encoder(nn.Module):
    """LSTM (Hochreiter & Schmidhuber, 1997) or GRU (Cho et al., 2014) layers.

    A layer's states pass layer normalisation (Ba et al., 2016), are added to those of the layer
    below (He et al., 2016) and pass dropout, as far as the parameters ask for it.

    Args:
        n_features: of a bar.
        params: of the network.
    """

    def __init__(self, n_features: int, params: ModelParams) -> None:
        super().__init__()
        cell = _cell(params.cell)
        widths = [n_features, *[params.width] * (params.num_layers - 1)]
        self.layers = nn.ModuleList(
            cell(width, params.hidden_dim, batch_first=True, bidirectional=params.bidirectional)
            for width in widths
        )
        self.norms = nn.ModuleList(
            nn.LayerNorm(params.width) if params.layer_norm else nn.Identity() for _ in widths
        )
        kind = LockedDropout if params.dropout_kind == "locked" else nn.Dropout
        self.dropouts = nn.ModuleList(kind(rate) for rate in params.dropouts)
        self._residual = params.residual

    def forward(self, bars: Tensor) -> Tensor:
        """Return the top states, (batch, bars, width), of (batch, bars, features)."""
        below = bars
        parts = zip(self.layers, self.norms, self.dropouts, strict=True)
        for number, (layer, norm, dropout) in enumerate(parts):
            states = norm(layer(below)[0])
            if self._residual and number:
                states = states + below
            below = dropout(states)
        return below


def _cell(name: Cell) -> Callable[..., nn.RNNBase]:
    match name:
        case "lstm":
            return nn.LSTM
        case "gru":
            # Here, for it takes numba along: a quarter of a second that an LSTM need not wait for.
            from tribar.model.network.gru import FastGRU

            return FastGRU


class LockedDropout(nn.Module):
    """Dropout that drops the same states at every bar (Gal & Ghahramani, 2016)."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self._rate = rate

    def forward(self, states: Tensor) -> Tensor:
        """Return (batch, bars, width) with whole columns dropped and the others scaled up."""
        kept = states.new_ones(len(states), 1, states.shape[2])
        return states * nn.functional.dropout(kept, self._rate, self.training)
