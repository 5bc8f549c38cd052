"""What makes two studies the same one."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tribar.files import hash_files, hash_folder, hash_text
from tribar.model.config import BaselineParams, ModelParams, TrainingParams
from tribar.runtime import library_versions, pins
from tribar.study.config import TuneParams


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


def identify(
    data: Path,
    code: Sequence[Path],
    seed: int,
    device: str,
    blocks: tuple[BaselineParams, ModelParams, TrainingParams, TuneParams],
    scoring: Sequence[Path] = (),
    warm_start: str = "",
) -> Identity:
    """Return the identity of a study.

    Args:
        data: folder of the prepared development split.
        code: source files that decide a trial's result.
        seed: the root seed.
        device: kind of device, "cpu" or "cuda".
        blocks: the parameters that the study reads.
        scoring: source files of its metrics, where they are more than the loss.
        warm_start: hash of the earlier trials that it knows.
    """
    baseline, model, training, tune = blocks
    return Identity(
        {
            "data": hash_folder(data),
            "code": hash_files(sorted(code)),
            "scoring": hash_files(sorted(scoring)) if scoring else "",
            "versions": _text(library_versions()),
            "pins": _text(pins()),
            "seed": str(seed),
            "device": device,
            "baseline": baseline.model_dump_json(),
            "model": model.model_dump_json(),
            "training": training.model_dump_json(exclude={"seeds", "device", "calibration"}),
            "space": tune.model_dump_json(include={"space", "enqueue"}),
            "sampler": _text({tune.sampler.name: tune.sampler.chosen()}),
            "pruner": _text(tune.pruner.chosen()),
            "objective": tune.objective.model_dump_json(),
            "study": tune.model_dump_json(include={"seed", "lag"}),
            "warm_start": warm_start,
        }
    )


def _text(content: Mapping[str, object]) -> str:
    return json.dumps(dict(content), sort_keys=True)
