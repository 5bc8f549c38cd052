"""From the networks' logits to calibrated probabilities, in double precision as in tribar."""

from collections.abc import Sequence
from functools import reduce

import numpy as np
import onnx
from numpy.typing import NDArray

from tribar.commands.export.builder import GraphBuilder
from tribar.ensemble.calibration import Calibration
from tribar.metrics.predictions import EPSILON


def mean_probability(graph: GraphBuilder, logits: Sequence[str]) -> str:
    """Return the mean of the networks' probabilities, (batch, classes)."""
    doubles = [graph.node("Cast", one, to=onnx.TensorProto.DOUBLE) for one in logits]
    each = [graph.node("Softmax", one, axis=1) for one in doubles]
    total = reduce(lambda left, right: graph.node("Add", left, right), each)
    return graph.node("Div", total, np.float64(len(each)))


def calibrate(graph: GraphBuilder, calibration: Calibration, probability: str) -> str:
    """Return calibrated probabilities, (batch, classes): at the temperature, then shrunk."""
    if calibration.temperature != 1:
        logs = _log(graph, probability, float(np.finfo(np.float64).tiny))
        scaled = graph.node("Div", logs, np.float64(calibration.temperature))
        probability = graph.node("Softmax", scaled, axis=1)
    return _shrink(graph, np.array(calibration.prior), calibration.weight, probability)


def _shrink(
    graph: GraphBuilder, prior: NDArray[np.float64], weight: float, probability: str
) -> str:
    """Return the logarithmic pool with the class prior; a softmax brings it to a sum of 1."""
    if weight == 1:
        return probability
    if weight == 0:
        return graph.node("Expand", prior, graph.node("Shape", probability))
    of_prior = (1 - weight) * np.log(np.maximum(prior, EPSILON))
    of_model = graph.node("Mul", _log(graph, probability, EPSILON), np.float64(weight))
    return graph.node("Softmax", graph.node("Add", of_model, of_prior), axis=1)


def _log(graph: GraphBuilder, probability: str, least: float) -> str:
    return graph.node("Log", graph.node("Max", probability, np.float64(least)))
