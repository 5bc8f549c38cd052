"""What makes two studies the same one."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import tribar
from tribar.config.schema import Params
from tribar.files import hash_code, hash_folder, hash_text
from tribar.runtime import PINS, library_versions
from tribar.study.config import TuneParams

if TYPE_CHECKING:  # a study of one's own objective knows no torch
    from tribar.ensemble.training import Configuration

PACKAGES = (
    "dataset",
    "metrics",
    "model",
    "search",
    "trial",
    "study",
    "trials.py",
    "block.py",
    "runtime.py",
)
"""The code that decides what a study finds, as the stage tune lists it in dvc.yaml."""
TRAINING_PACKAGES = ("dataset", "model", "ensemble", "block.py", "runtime.py")
"""The code that decides a training outside a study."""
_OF_NO_TRAINING = {"seeds", "device", "calibration"}
"""What of the block `training` changes nothing of a single network's training."""

WALK_PACKAGES = (*PACKAGES, "ensemble", "evaluation")
"""The code that decides what is found at an origin."""


@dataclass(frozen=True)
class Identity:
    """The parts, each as a text or a hash, whose change makes another study.

    `n_trials` is none of them: a longer study goes on where a shorter one ended.
    """

    parts: Mapping[str, str]

    @property
    def digest(self) -> str:
        """Return 16 hex digits that name the study."""
        return hash_text(_text(self.parts))[:16]


def identify(params: Params, data: Path, device: str, warm_start: str = "") -> Identity:
    """Return the identity of the study of the parameters.

    Args:
        params: of which the study reads a part.
        data: folder of the prepared development split.
        device: kind of device, "cpu" or "cuda".
        warm_start: hash of the earlier trials that it knows.
    """
    return Identity(
        {
            "data": hash_folder(data),
            **engine_parts(params.tune),
            "seed": str(params.base.seed),
            "device": device,
            "baseline": params.baseline.model_dump_json(),
            "model": params.model.model_dump_json(),
            "training": params.training.model_dump_json(exclude=_OF_NO_TRAINING),
            "objective": params.tune.objective.model_dump_json(),
            "warm_start": warm_start,
        }
    )


def engine_parts(tune: TuneParams) -> dict[str, str]:
    """Return the parts of an identity that any study has, whatever its objective is."""
    return {
        **_code_parts(PACKAGES),
        "space": tune.model_dump_json(include={"space", "enqueue"}),
        "sampler": _text({tune.sampler.name: tune.sampler.chosen()}),
        "pruner": _text(tune.pruner.chosen()),
        "study": tune.model_dump_json(include={"seed", "lag"}),
    }


def identify_training(configuration: "Configuration") -> str:
    """Return 16 hex digits that name the trainings of a configuration, wherever they are kept."""
    parts = {
        "data": hash_folder(configuration.data),
        **_code_parts(TRAINING_PACKAGES),
        "device": configuration.device,
        "hyper": configuration.hyper.model_dump_json(),
        "training": configuration.training.model_dump_json(exclude=_OF_NO_TRAINING),
    }
    return Identity(parts).digest


def identify_walk(params: Params, data: Sequence[Path], device: str) -> str:
    """Return 16 hex digits that name a walk forward, wherever what it has passed is kept.

    Args:
        params: of all that is repeated at each origin.
        data: folders of the prepared splits.
        device: kind of device, "cpu" or "cuda".
    """
    blocks = {"base", "baseline", "model", "training", "tune", "walk_forward"}
    parts = {
        "data": " ".join(hash_folder(folder) for folder in data),
        **_code_parts(WALK_PACKAGES),
        "device": device,
        "params": params.model_dump_json(include=blocks),
    }
    return Identity(parts).digest


def _code_parts(packages: Sequence[str]) -> dict[str, str]:
    return {
        "code": hash_code(Path(tribar.__file__).parent, packages),
        "versions": _text(library_versions()),
        "pins": _text(PINS),
    }


def _text(content: Mapping[str, object]) -> str:
    return json.dumps(dict(content), sort_keys=True)
