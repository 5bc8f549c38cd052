"""What is logged of a pipeline run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tribar.trials import TrialRow


@dataclass(frozen=True)
class TrialRecord:
    """A trial of the study, logged as a child run.

    Attributes:
        row: of the trial.
        explanation: all that the study knows of it, in words.
    """

    row: TrialRow
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
