"""An ONNX graph as it is written: one node after the other, each with one output."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from tribar import __version__

OPSET = 17
"""The first one with LayerNormalization."""
IR_VERSION = 8
"""That of the first onnx with this opset, so that any runtime that knows the opset reads it."""

Attribute = int | float | str | Sequence[int]
Value = str | NDArray[Any] | np.generic
"""What a node reads: another's output or an input by name, or a constant."""


class GraphBuilder:
    """Nodes in the order in which they are computed, and their constants.

    >>> graph = GraphBuilder()
    >>> graph.node("Add", graph.node("Tanh", "x"), np.float32(1))
    'add_1'
    """

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def node(
        self, operator: str, *inputs: Value, **attributes: int | float | str | Sequence[int]
    ) -> str:
        """Add a node; return the name of its first output."""
        name = f"{operator.lower()}_{len(self._nodes)}"
        self._nodes.append(self._node(operator, inputs, name, attributes))
        return name

    def name(self, value: str, name: str) -> None:
        """Give a value the name of an output of the graph."""
        self._nodes.append(self._node("Identity", [value], name, {}))

    def model(
        self,
        inputs: Sequence[onnx.ValueInfoProto],
        outputs: Sequence[onnx.ValueInfoProto],
        metadata: Mapping[str, str],
    ) -> onnx.ModelProto:
        """Return the checked model, with `metadata` as texts beside the graph."""
        graph = helper.make_graph(self._nodes, "tribar", inputs, outputs, self._constants)
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="tribar",
            producer_version=__version__,
        )
        helper.set_model_props(model, dict(metadata))
        onnx.checker.check_model(model, full_check=True)
        return model

    def _node(
        self, operator: str, inputs: Sequence[Value], name: str, attributes: Mapping[str, Any]
    ) -> onnx.NodeProto:
        names = [one if isinstance(one, str) else self._constant(one) for one in inputs]
        return helper.make_node(operator, names, [name], name=name, **attributes)

    def _constant(self, value: NDArray[Any] | np.generic) -> str:
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name
