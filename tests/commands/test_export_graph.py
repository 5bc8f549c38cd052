"""An exported model says what the model says, whatever its network and its calibration."""

from collections.abc import Callable
from functools import partial
from itertools import permutations, product
from typing import get_args

import numpy as np
import onnx
import onnxruntime
import pytest

from tests.commands.export_models import (
    NEAR,
    PRIOR,
    SPLIT,
    random_model,
    small_network,
    windows_of,
)
from tribar.commands.export import graph, recurrent
from tribar.commands.export.builder import GraphBuilder
from tribar.commands.export.probability import calibrate
from tribar.config.schema import Params
from tribar.ensemble.calibration import UNCALIBRATED, Calibration
from tribar.ensemble.ensemble import Ensemble
from tribar.model.config import Cell, Hyperparameters, PoolingName

CALIBRATIONS = (
    UNCALIBRATED,
    Calibration(temperature=0.6, prior=PRIOR),
    Calibration(weight=0.3, prior=PRIOR),
    Calibration(temperature=2.5, weight=0.8, prior=(0.7, 0.0, 0.3)),
    Calibration(weight=0.0, prior=PRIOR),
)
CHOICES: dict[str, tuple[object, ...]] = {
    "num_layers": (1, 2),
    "layer_norm": (False, True),
    "residual": (False, True),
    "skip_rows": (0, 3),
    "features": ("all", "noise"),
}
"""What a network may have beside its cell, its directions and its pooling."""


@pytest.fixture(scope="module")
def hyper(shrunk: Callable[..., Params]) -> Hyperparameters:
    return small_network(shrunk)


def difference(model: Ensemble) -> float:
    """Return the largest difference between what a model says and what it says as ONNX."""
    session = onnxruntime.InferenceSession(graph.as_onnx(model).SerializeToString())
    (found,) = session.run(["probability"], {"windows": windows_of(SPLIT)})
    assert found.dtype == np.float64
    return float(np.abs(found - model.predict(SPLIT.rows, SPLIT.last)).max())


@pytest.mark.parametrize("pooling", get_args(PoolingName))
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", get_args(Cell))
def test_every_network_says_the_same_as_onnx(
    cell: str, bidirectional: bool, pooling: str, hyper: Hyperparameters
) -> None:
    changes = {"cell": cell, "bidirectional": bidirectional, "pooling": pooling}
    for number, values in enumerate(product(*CHOICES.values())):
        more = dict(zip(CHOICES, values, strict=True))
        one = hyper.model_copy(update={**changes, **more, "heads": 1 + number % 2})
        assert difference(random_model(one, networks=1 + number % 3)) < NEAR, more


@pytest.mark.parametrize("calibration", CALIBRATIONS)
def test_every_calibration_is_within(calibration: Calibration, hyper: Hyperparameters) -> None:
    assert difference(random_model(hyper, calibration=calibration, networks=2)) < NEAR


@pytest.mark.parametrize("calibration", CALIBRATIONS)
def test_every_calibration_is_the_same_down_to_a_probability_of_zero(
    calibration: Calibration,
) -> None:
    least = np.array([0.0, 5e-324, 1e-300, 1e-20, 1e-9, 1e-4, 0.1])
    given = np.stack([least, (1 - least) / 4, (1 - least) * 3 / 4], axis=1)
    builder = GraphBuilder()
    builder.name(calibrate(builder, calibration, "given"), "found")
    describe = partial(onnx.helper.make_tensor_value_info, shape=("batch", 3))
    start, end = (describe(name, onnx.TensorProto.DOUBLE) for name in ("given", "found"))
    model = builder.model([start], [end], {})
    session = onnxruntime.InferenceSession(model.SerializeToString())
    (found,) = session.run(None, {"given": given})
    np.testing.assert_allclose(found, calibration.apply(given), rtol=1e-12)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", get_args(Cell))
def test_no_other_order_of_the_gates_says_the_same(
    cell: str, bidirectional: bool, hyper: Hyperparameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = {"cell": cell, "bidirectional": bidirectional, "num_layers": 1}
    model = random_model(hyper.model_copy(update=changes))
    theirs, ours = recurrent.GATES[cell.upper()]
    for order in permutations(ours):
        monkeypatch.setitem(recurrent.GATES, cell.upper(), (theirs, "".join(order)))
        apart = difference(model)
        assert apart < NEAR if order == tuple(ours) else apart > 100 * NEAR


def test_runtimes_of_the_last_years_read_it(hyper: Hyperparameters) -> None:
    model = graph.as_onnx(random_model(hyper, networks=2))
    onnx.checker.check_model(model, full_check=True)
    assert [(one.domain, one.version) for one in model.opset_import] == [("", 17)]
    assert model.ir_version == 8
    (given,), (found,) = model.graph.input, model.graph.output
    assert shape_of(given) == ["batch", SPLIT.schema.window, len(SPLIT.schema.features)]
    assert shape_of(found) == ["batch", 3]


def shape_of(value: onnx.ValueInfoProto) -> list[str | int]:
    return [one.dim_param or one.dim_value for one in value.type.tensor_type.shape.dim]
