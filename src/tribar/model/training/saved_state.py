"""A training on disk, an epoch at a time: safetensors, written whole or not at all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from torch import Tensor

from tribar.errors import TRIALS_SAFE
from tribar.files import whole_file
from tribar.model.training.tensors import save_tensors

_CURVES = ("curve", "train_curve", "scores")
_PARTS = ("weights", "best", "moments", "average", "random", "performance")


@dataclass(frozen=True)
class TrainingState:
    """A training at an epoch's end.

    Attributes:
        weights: of the network, by name.
        best: the weights of the best epoch so far.
        moments: the optimiser's state, by "<parameter's index>.<name>".
        average: the averaged weights, none without averaging, and how many they are of: "count".
        random: random states, by kind of device.
        performance: what whoever trains the network keeps of its epochs, by name.
        curve: validation log-loss after each epoch run.
        train_curve: mean training log-loss during each epoch run.
        scores: what `measure` returned after each epoch run.
    """

    weights: Mapping[str, Tensor]
    best: Mapping[str, Tensor]
    moments: Mapping[str, Tensor]
    average: Mapping[str, Tensor]
    random: Mapping[str, Tensor]
    performance: Mapping[str, Tensor]
    curve: tuple[float, ...]
    train_curve: tuple[float, ...]
    scores: tuple[tuple[float, ...], ...]


def save_progress(progress: TrainingState, path: Path) -> None:
    """Write a training's state; a reader sees this one or the one before it.

    Raises:
        UserError: the file cannot be written, as on a full disk.
    """
    tensors = {
        f"{part}/{name}": tensor
        for part in _PARTS
        for name, tensor in getattr(progress, part).items()
    }
    curves = {name: json.dumps(getattr(progress, name)) for name in _CURVES}
    with whole_file(path, TRIALS_SAFE) as part:
        save_tensors(tensors, part, curves)


def load_progress(path: Path) -> TrainingState | None:
    """Return the state in a file; None where there is none that can be used."""
    try:
        with safe_open(path, framework="pt") as file:
            curves = file.metadata() or {}
            parts: dict[str, dict[str, Tensor]] = {part: {} for part in _PARTS}
            for key in file.keys():  # noqa: SIM118  (a file, not a mapping)
                part, _, name = key.partition("/")
                parts[part][name] = file.get_tensor(key)
        curve, train_curve, scores = (json.loads(curves[name]) for name in _CURVES)
        return TrainingState(
            **parts,
            curve=tuple(curve),
            train_curve=tuple(train_curve),
            scores=tuple(map(tuple, scores)),
        )
    except (OSError, SafetensorError, KeyError, ValueError):
        return None
