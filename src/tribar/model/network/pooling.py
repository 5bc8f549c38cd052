"""From the states of a window to one vector: pooling over the trailing `window` bars."""

from typing import cast

import torch
from torch import Tensor, nn

from tribar.model.config import ModelParams


def trailing(values: Tensor, window: int, n_targets: int) -> Tensor:
    """Return the window that ends at each of the last `n_targets` bars.

    Args:
        values: (batch, bars, ...) of at least window - 1 + n_targets bars.
        window: bars in a window.
        n_targets: windows, ending one bar after the other.

    Returns:
        (batch, n_targets, window, ...), a view.
    """
    last = values[:, values.shape[1] - window - n_targets + 1 :]
    return last.unfold(1, window, 1).movedim(-1, 2)


class LastState(nn.Module):
    """The state in which each direction leaves the window: at its last bar, or at its first.

    Args:
        width: of the states.
        n_backward: how many of them, the last ones, come from the backward direction.
    """

    def __init__(self, width: int, n_backward: int) -> None:
        super().__init__()
        self._split = [width - n_backward, n_backward]
        self._backward_share = n_backward / width

    def weights(self, states: Tensor, window: int, n_targets: int) -> Tensor:
        """Return the share of the states that a bar gives, (batch, n_targets, window)."""
        weights = states.new_zeros(len(states), n_targets, window)
        weights[..., 0] = self._backward_share
        weights[..., -1] += 1 - self._backward_share
        return weights

    def forward(self, states: Tensor, window: int, n_targets: int) -> Tensor:
        """Return (batch, n_targets, width) of states, (batch, bars, width)."""
        if not self._backward_share:
            return states[:, -n_targets:]
        forward, backward = torch.split(states, self._split, dim=2)
        return torch.cat(
            [forward[:, -n_targets:], trailing(backward, window, n_targets)[:, :, 0]], dim=2
        )


class Mean(nn.Module):
    """The mean of the window's states."""

    def weights(self, states: Tensor, window: int, n_targets: int) -> Tensor:
        """Return the same for every bar, (batch, n_targets, window)."""
        return states.new_full((len(states), n_targets, window), 1 / window)

    def forward(self, states: Tensor, window: int, n_targets: int) -> Tensor:
        """Return (batch, n_targets, width) of states, (batch, bars, width)."""
        return trailing(states, window, n_targets).mean(dim=2)


class Attention(nn.Module):
    """Additive attention: a weight for each bar from its own state (Bahdanau et al., 2015)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(width, width)
        self.score = nn.Linear(width, 1, bias=False)

    def weights(self, states: Tensor, window: int, n_targets: int) -> Tensor:
        """Return the weight of each bar, (batch, n_targets, window), that sum to 1."""
        scores = self.score(torch.tanh(self.hidden(states)))[..., 0]
        return torch.softmax(trailing(scores, window, n_targets), dim=2)

    def forward(self, states: Tensor, window: int, n_targets: int) -> Tensor:
        """Return (batch, n_targets, width) of states, (batch, bars, width)."""
        weights = self.weights(states, window, n_targets)
        return torch.einsum("bsw,bswh->bsh", weights, trailing(states, window, n_targets))


class MultiHeadAttention(nn.Module):
    """Scaled dot products with the last bar's state as the query (Vaswani et al., 2017)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self._heads = heads
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.out = nn.Linear(width, width)

    def _split(self, values: Tensor) -> Tensor:
        """Return (..., heads, width / heads) of (..., width)."""
        return values.reshape(*values.shape[:-1], self._heads, -1)

    def _by_head(self, states: Tensor, window: int, n_targets: int) -> Tensor:
        """Return the weight of each bar in each head, (batch, n_targets, heads, window)."""
        query = self._split(self.query(states[:, -n_targets:]))
        keys = self._split(trailing(self.key(states), window, n_targets))
        scores = torch.einsum("bshd,bswhd->bshw", query, keys) / query.shape[-1] ** 0.5
        return torch.softmax(scores, dim=3)

    def weights(self, states: Tensor, window: int, n_targets: int) -> Tensor:
        """Return the weight of each bar, (batch, n_targets, window), the mean over the heads."""
        return self._by_head(states, window, n_targets).mean(dim=2)

    def forward(self, states: Tensor, window: int, n_targets: int) -> Tensor:
        """Return (batch, n_targets, width) of states, (batch, bars, width)."""
        weights = self._by_head(states, window, n_targets)
        values = self._split(trailing(self.value(states), window, n_targets))
        pooled = torch.einsum("bshw,bswhd->bshd", weights, values).flatten(2)
        return cast("Tensor", self.out(pooled))


Pooling = LastState | Mean | Attention | MultiHeadAttention


def make_pooling(params: ModelParams) -> Pooling:
    """Return the pooling that the parameters name."""
    match params.pooling:
        case "last":
            return LastState(params.width, n_backward=params.width - params.hidden_dim)
        case "mean":
            return Mean()
        case "attention":
            return Attention(params.width)
        case "multi_head":
            return MultiHeadAttention(params.width, params.heads)
