"""The encoder by ONNX's LSTM and GRU operators, which order gates and axes in their own way."""

import numpy as np
from torch import nn

from tribar.commands.export.builder import GraphBuilder
from tribar.commands.export.layers import Weights, layer_norm, weights_of
from tribar.model.network.encoder import Encoder

GATES = {"LSTM": ("ifgo", "iofg"), "GRU": ("rzn", "zrn")}
"""The gates in torch's order and in ONNX's, by operator: input, forget, output and the new cell;
reset, update and the new state."""


def encode(graph: GraphBuilder, encoder: Encoder, bars: str, residual: bool) -> str:
    """Return the top states, (batch, window, width), of (batch, window, features).

    ONNX's runtimes take no batch before the window.

    Args:
        graph: takes the nodes.
        encoder: its layers and norms.
        bars: what the lowest layer reads.
        residual: whether a layer's states are added to those below.
    """
    below = graph.node("Transpose", bars, perm=[1, 0, 2])
    for number, (layer, norm) in enumerate(zip(encoder.layers, encoder.norms, strict=True)):
        assert isinstance(layer, nn.RNNBase)
        states = layer_norm(graph, norm, _recur(graph, layer, below))
        below = graph.node("Add", states, below) if residual and number else states
    return graph.node("Transpose", below, perm=[1, 0, 2])


def _recur(graph: GraphBuilder, layer: nn.RNNBase, below: str) -> str:
    """Return a layer's states, (window, batch, width), of (window, batch, inputs), from zero."""
    ways = ("", "_reverse") if layer.bidirectional else ("",)
    inputs, states, bias_inputs, bias_states = (
        np.stack([_reorder(weights_of(getattr(layer, f"{kind}_l0{way}")), layer) for way in ways])
        for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    bias = np.concatenate([bias_inputs, bias_states], axis=1)
    # torch applies the reset gate after the product with the state, as cuDNN does.
    own = {"linear_before_reset": 1} if layer.mode == "GRU" else {}
    found = graph.node(
        layer.mode, below, inputs, states, bias, hidden_size=layer.hidden_size,
        direction="bidirectional" if layer.bidirectional else "forward", **own,
    )  # fmt: skip
    by_batch = graph.node("Transpose", found, perm=[0, 2, 1, 3])
    width = len(ways) * layer.hidden_size
    return graph.node("Reshape", by_batch, np.array([0, 0, width]))


def _reorder(weights: Weights, layer: nn.RNNBase) -> Weights:
    """Return weights or biases, (gates x hidden, ...), with the gates in ONNX's order."""
    theirs, ours = GATES[layer.mode]
    by_gate = weights.reshape(len(theirs), layer.hidden_size, *weights.shape[1:])
    return by_gate[[theirs.index(gate) for gate in ours]].reshape(weights.shape)
