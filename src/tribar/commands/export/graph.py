"""The whole model as one graph, from windows as they are prepared to calibrated probabilities."""

import numpy as np
import onnx
from onnx import TensorProto, helper

from tribar.commands.export.builder import GraphBuilder
from tribar.commands.export.layers import linear
from tribar.commands.export.pooling import pool
from tribar.commands.export.probability import calibrate, mean_probability
from tribar.commands.export.recurrent import encode
from tribar.dataset.schema import CLASSES
from tribar.ensemble.ensemble import Ensemble
from tribar.errors import UserError
from tribar.model.config import ModelParams
from tribar.model.network.classifier import RecurrentClassifier, count_parameters

INPUT, OUTPUT = "windows", "probability"
MOST_BYTES = 2**31 - 2**20
"""Protobuf's limit of one file, less room for what is no weight."""


def as_onnx(model: Ensemble) -> onnx.ModelProto:
    """Return a model as ONNX.

    Its input `windows` is float32, (batch, window, features): every feature of the schema, in its
    order, not scaled. Its output `probability` is float64, (batch, classes).

    Raises:
        UserError: ONNX has no file as large as that.
    """
    _require_fitting(model)
    graph, schema = GraphBuilder(), model.schema
    seen = _scale(graph, model)
    logits = [_logits(graph, one, model.hyper, seen) for one in model.networks]
    calibrated = calibrate(graph, model.calibration, mean_probability(graph, logits))
    graph.name(calibrated, OUTPUT)
    windows, probability = ("batch", schema.window, len(schema.features)), ("batch", len(CLASSES))
    return graph.model(
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, windows)],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.DOUBLE, probability)],
        {"features": ",".join(schema.features), "classes": ",".join(map(str, CLASSES))},
    )


def _require_fitting(model: Ensemble) -> None:
    size = 4 * sum(map(count_parameters, model.networks))
    if size > MOST_BYTES:
        raise UserError(
            f"the model has {size / 1e9:.1f} GB of weights, and ONNX takes "
            f"{MOST_BYTES / 1e9:.1f} GB in one file; export one with fewer or smaller networks "
            "(training.seeds, model.hidden_dim)"
        )


def _scale(graph: GraphBuilder, model: Ensemble) -> str:
    """Return the scaled features that the networks see, (batch, window, columns)."""
    double = graph.node("Cast", INPUT, to=TensorProto.DOUBLE)
    centered = graph.node("Sub", double, model.scaler.mean)
    scaled = graph.node("Div", centered, model.scaler.std)
    rows = graph.node("Cast", scaled, to=TensorProto.FLOAT)
    columns = model.networks[0].columns
    if len(columns) == len(model.schema.features):
        return rows
    return graph.node("Gather", rows, np.array(columns), axis=2)


def _logits(
    graph: GraphBuilder, network: RecurrentClassifier, params: ModelParams, seen: str
) -> str:
    """Return the logits of one network, (batch, classes)."""
    states = encode(graph, network.encoder, seen, params.residual)
    logits = linear(graph, network.head, pool(graph, network.pooling, params, states))
    if network.skip is None:
        return logits
    newest = graph.node("Gather", seen, np.arange(-params.skip_rows, 0), axis=1)
    skipped = linear(graph, network.skip, graph.node("Flatten", newest, axis=1))
    return graph.node("Add", logits, skipped)
