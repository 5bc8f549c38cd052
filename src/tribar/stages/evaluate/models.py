"""What a reader may know of the two models: their parts, and what calibration does to the best."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from tribar.dataset.prepared import PreparedSplit
from tribar.ensemble.calibration import UNCALIBRATED
from tribar.ensemble.ensemble import Ensemble
from tribar.metrics.reliability import reliability_table
from tribar.model.network.classifier import count_parameters


def describe_models(models: Mapping[str, Ensemble], versions: Mapping[str, str]) -> dict[str, Any]:
    """Return version, size, parts and calibration of models by name, as plain values for JSON."""
    return {name: {"version": versions[name], **_describe(one)} for name, one in models.items()}


def calibration_effect(judged: PreparedSplit, best: Ensemble, bins: int) -> pd.DataFrame:
    """Return the `reliability` of a model's probabilities before its calibration and after."""
    before = replace(best, calibration=UNCALIBRATED).predict(judged.rows, judged.last)
    said = {"before": before, "after": best.calibration.apply(before)}
    return reliability_table(judged.samples["label"].to_numpy(), said, bins)


def _describe(model: Ensemble) -> dict[str, Any]:
    network, schema = model.networks[0], model.schema
    parts = {name: count_parameters(part) for name, part in network.named_children()}
    return {
        "networks": len(model.networks),
        "parameters": count_parameters(network),
        "parts": {name: size for name, size in parts.items() if size},
        "features": len(schema.columns(model.hyper.features)),
        "window": schema.window,
        "temperature": model.calibration.temperature,
        "weight": model.calibration.weight,
        "until": schema.until,
    }
