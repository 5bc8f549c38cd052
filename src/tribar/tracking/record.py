"""What is logged of a pipeline run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

State = Literal["COMPLETE", "PRUNED", "FAIL"]
Value = bool | int | float | str


@dataclass(frozen=True)
class TrialRecord:
    """A trial of the study, logged as a child run.

    Attributes:
        number: of the trial.
        state: how it ended.
        value: lowest validation loss; None for a failed trial.
        params: searched hyperparameters.
        curve: validation loss after each epoch.
        reason: why it was pruned or failed.
        explanation: all that the study knows of it, in words.
    """

    number: int
    state: State
    value: float | None
    params: Mapping[str, Value]
    curve: tuple[float, ...]
    reason: str
    explanation: str = ""


@dataclass(frozen=True)
class PipelineRecord:
    """A run of the whole pipeline, logged as a parent run.

    Attributes:
        params: every parameter by dotted name; `best.<name>` are the chosen hyperparameters.
        metrics: every figure by dotted name.
        tags: the verdict and the like.
        trials: of the study.
        artifacts: files to keep.
        model: folder of the best model.
    """

    params: Mapping[str, object]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    trials: tuple[TrialRecord, ...]
    artifacts: tuple[Path, ...]
    model: Path
