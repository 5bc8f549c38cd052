"""What lies beside an exported model: how to make its input, and what it came from."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from tribar import __version__
from tribar.commands.export.builder import IR_VERSION, OPSET
from tribar.commands.export.features import FeatureDefinition, define
from tribar.commands.export.formulas import NOTATION
from tribar.commands.export.graph import INPUT, OUTPUT
from tribar.ensemble.calibration import Calibration
from tribar.forecasting.forecaster import Forecaster, model_files

FORMAT = "tribar export 1"
"""Tells a description from other JSON, and its version."""
_LIBRARIES = ("numpy", "onnx", "torch")


@dataclass(frozen=True)
class Tensor:
    """An input or output of the graph; a name in the shape stands for any number."""

    name: str
    type: str
    shape: tuple[int | str, ...]


@dataclass(frozen=True)
class File:
    """A file and the sha256 of its content."""

    name: str
    sha256: str

    @classmethod
    def of(cls, path: Path, content: bytes) -> Self:
        """Return a file that is to hold some content, in whatever folder."""
        return cls(path.name, hashlib.sha256(content).hexdigest())


@dataclass(frozen=True)
class Description:
    """All that one needs to use an exported model, and to tell where it came from.

    Attributes:
        format: of the description.
        onnx: the graph.
        golden: the golden rows; none if there are none.
        input: windows of unscaled features, the oldest bar first.
        output: probabilities of the classes, in their order.
        window: bars in a window.
        needed_bars: of a symbol, its own the last, that one decision is made of.
        definition: how bars became rows and labels; none of a table that came labelled.
        classes: the labels.
        notation: of the formulas.
        features: the input's columns, in their order.
        networks: whose probabilities are averaged.
        calibration: of the average; the graph applies it, as it does the scaling.
        version: names the model, as its forecasts do.
        until: when the last label ended that the model knows, ISO time in UTC.
        fingerprint: of the prepared data that the model was trained on.
        source_sha256: of the source's content.
        model: the files that the graph was made from.
        opset: of ONNX.
        ir_version: of ONNX.
        versions: of what wrote it.
    """

    format: str
    onnx: File
    golden: File | None
    input: Tensor
    output: Tensor
    window: int
    needed_bars: int
    definition: Mapping[str, Any] | None
    classes: tuple[int, ...]
    notation: str
    features: tuple[FeatureDefinition, ...]
    networks: int
    calibration: Calibration
    version: str
    until: str
    fingerprint: str
    source_sha256: str
    model: tuple[File, ...]
    opset: int
    ir_version: int
    versions: Mapping[str, str]


def describe(forecaster: Forecaster, folder: Path, onnx: File, golden: File | None) -> Description:
    """Return the description of an exported model.

    Args:
        forecaster: with the model that was exported.
        folder: in which that lies.
        onnx: the graph.
        golden: the golden rows, if there are any.
    """
    model, schema = forecaster.model, forecaster.model.schema
    count = len(schema.features)
    return Description(
        format=FORMAT,
        onnx=onnx,
        golden=golden,
        input=Tensor(INPUT, "float32", ("batch", schema.window, count)),
        output=Tensor(OUTPUT, "float64", ("batch", len(schema.classes))),
        window=schema.window,
        needed_bars=schema.needed_bars,
        definition=schema.definition.to_json() if schema.definition else None,
        classes=schema.classes,
        notation=NOTATION,
        features=tuple(define(model, column) for column in range(count)),
        networks=len(model.networks),
        calibration=model.calibration,
        version=forecaster.version,
        until=schema.until,
        fingerprint=schema.fingerprint,
        source_sha256=schema.source_sha256,
        model=tuple(File.of(path, path.read_bytes()) for path in model_files(folder)),
        opset=OPSET,
        ir_version=IR_VERSION,
        versions={"tribar": __version__, **{name: version(name) for name in _LIBRARIES}},
    )
