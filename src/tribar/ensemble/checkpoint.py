"""A model on disk: safetensors for the weights, JSON for all else; nothing unpickles."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from tribar.dataset.scaling import Scaler
from tribar.dataset.schema import Schema
from tribar.ensemble.calibration import Calibration
from tribar.ensemble.ensemble import Ensemble
from tribar.errors import UserError
from tribar.model.config import Hyperparameters
from tribar.model.network.classifier import RecurrentClassifier, count_parameters
from tribar.model.training.tensors import save_tensors


def save(model: Ensemble, folder: Path) -> None:
    """Write `network_<n>.safetensors` for each network, and `model.json`, into `folder`.

    Raises:
        OSError: the folder takes no more, as on a full disk.
    """
    for number, network in enumerate(model.networks):
        save_tensors(network.state_dict(), folder / f"network_{number}.safetensors")
    (folder / "model.json").write_text(
        json.dumps(_describe(model), indent=2, sort_keys=True) + "\n"
    )


def load(folder: Path, device: str = "cpu") -> Ensemble:
    """Return the model in `folder`, on the device, in evaluation mode.

    Raises:
        UserError: the folder holds no complete model.
    """
    try:
        return _read(folder, device)
    except (OSError, SafetensorError, ValueError, TypeError, LookupError, RuntimeError) as error:
        why = f"{type(error).__name__}: {' '.join(str(error).split())}"
        raise UserError(f"{folder}: no complete model ({why}); run `dvc repro`") from None


def _read(folder: Path, device: str) -> Ensemble:
    content = json.loads((folder / "model.json").read_text())
    files = [folder / f"network_{n}.safetensors" for n in range(content["networks"])]
    weights = [load_file(file) for file in files]
    hyper = Hyperparameters.model_validate_json(json.dumps(content["hyperparameters"]))
    schema = Schema.from_json(content["schema"])
    networks = tuple(network_of(one, schema, hyper, device) for one in weights)
    scaler = Scaler.from_lists(content["scaler"]["mean"], content["scaler"]["std"])
    found = content["calibration"]
    calibration = Calibration(found["temperature"], found["weight"], tuple(found["prior"]))
    return Ensemble(networks, scaler, hyper, schema, calibration)


def _describe(model: Ensemble) -> dict[str, Any]:
    mean, std = model.scaler.to_lists()
    return {
        "networks": len(model.networks),
        "hyperparameters": model.hyper.model_dump(),
        "scaler": {"mean": mean, "std": std},
        "parameters": count_parameters(model.networks[0]),
        "schema": model.schema.to_json(),
        "calibration": asdict(model.calibration),
    }


def network_of(
    weights: Mapping[str, Tensor], schema: Schema, hyper: Hyperparameters, device: str
) -> RecurrentClassifier:
    """Return a trained network, on the device, in evaluation mode."""
    network = RecurrentClassifier(schema.columns(hyper.features), schema.window, hyper)
    network.load_state_dict(weights)
    return network.to(device).eval()
