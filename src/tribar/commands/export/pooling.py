"""The poolings over one window."""

import numpy as np

from tribar.commands.export.builder import GraphBuilder
from tribar.commands.export.layers import linear
from tribar.model.config import ModelParams
from tribar.model.network.pooling import Attention, LastState, Mean, MultiHeadAttention, Pooling

_FIRST, _LAST = np.array(0), np.array(-1)


def pool(graph: GraphBuilder, pooling: Pooling, params: ModelParams, states: str) -> str:
    """Return one vector a window, (batch, width), of its states, (batch, window, width)."""
    match pooling:
        case LastState():
            return _last(graph, params, states)
        case Mean():
            return graph.node("ReduceMean", states, axes=[1], keepdims=0)
        case Attention():
            return _attend(graph, pooling, states)
        case MultiHeadAttention():
            return _attend_by_head(graph, pooling, params.heads, states)


def _last(graph: GraphBuilder, params: ModelParams, states: str) -> str:
    """Return the last bar's states of the forward direction, the first bar's of the backward."""
    last = graph.node("Gather", states, _LAST, axis=1)
    if not params.bidirectional:
        return last
    first = graph.node("Gather", states, _FIRST, axis=1)
    forward = _columns(graph, last, 0, params.hidden_dim)
    backward = _columns(graph, first, params.hidden_dim, params.width)
    return graph.node("Concat", forward, backward, axis=1)


def _columns(graph: GraphBuilder, values: str, start: int, stop: int) -> str:
    return graph.node("Gather", values, np.arange(start, stop), axis=1)


def _attend(graph: GraphBuilder, pooling: Attention, states: str) -> str:
    hidden = graph.node("Tanh", linear(graph, pooling.hidden, states))
    scores = graph.node("Transpose", linear(graph, pooling.score, hidden), perm=[0, 2, 1])
    weights = graph.node("Softmax", scores, axis=2)
    return graph.node("Flatten", graph.node("MatMul", weights, states), axis=1)


def _attend_by_head(
    graph: GraphBuilder, pooling: MultiHeadAttention, heads: int, states: str
) -> str:
    size = pooling.query.out_features // heads
    shape = np.array([0, -1, heads, size])

    def split(values: str, *order: int) -> str:
        """Return (batch, bars, heads, size) of (batch, bars, width), its axes in this order."""
        return graph.node("Transpose", graph.node("Reshape", values, shape), perm=order)

    last = graph.node("Gather", states, _LAST[None], axis=1)
    query = split(linear(graph, pooling.query, last), 0, 2, 1, 3)
    keys = split(linear(graph, pooling.key, states), 0, 2, 3, 1)
    values = split(linear(graph, pooling.value, states), 0, 2, 1, 3)
    scores = graph.node("Div", graph.node("MatMul", query, keys), np.float32(size**0.5))
    weights = graph.node("Softmax", scores, axis=3)
    pooled = graph.node("Flatten", graph.node("MatMul", weights, values), axis=1)
    return linear(graph, pooling.out, pooled)
