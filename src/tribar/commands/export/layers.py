"""Layers without a memory, and the weights of all layers."""

from typing import Any

from numpy.typing import NDArray
from torch import Tensor, nn

from tribar.commands.export.builder import GraphBuilder

Weights = NDArray[Any]


def weights_of(tensor: Tensor) -> Weights:
    """Return a tensor's values, on the CPU."""
    values: Weights = tensor.detach().cpu().numpy()
    return values


def linear(graph: GraphBuilder, layer: nn.Linear, values: str) -> str:
    """Return (..., outputs) of (..., inputs)."""
    product = graph.node("MatMul", values, weights_of(layer.weight).T)
    return product if layer.bias is None else graph.node("Add", product, weights_of(layer.bias))


def layer_norm(graph: GraphBuilder, norm: nn.Module, states: str) -> str:
    """Return normalised states, or the states themselves where the norm is an identity."""
    if not isinstance(norm, nn.LayerNorm):
        return states
    scale, shift = weights_of(norm.weight), weights_of(norm.bias)
    return graph.node("LayerNormalization", states, scale, shift, axis=-1, epsilon=norm.eps)
