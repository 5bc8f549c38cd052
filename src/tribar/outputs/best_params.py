"""The best parameters: what tune leaves of its study, and what other stages may take of it."""

from pathlib import Path

from pydantic import BaseModel

from tribar.block import Block, Choice, M, read_json
from tribar.dataset.schema import Schema
from tribar.errors import UserError
from tribar.model.config import Hyperparameters, LearningParams, TrainingParams
from tribar.outputs.workspace import BEST_PARAMS, STUDY, TUNE_METRICS, Workspace
from tribar.outputs.writers import write_json


class StudyRecord(Block):
    """What has to be the same where a study's best parameters are trained.

    Attributes:
        development: fingerprint of the data that the study saw.
        fixed: the value of each hyperparameter that it did not search.
    """

    development: str
    fixed: dict[str, Choice]

    def conflicts_with(self, schema: Schema, training: TrainingParams) -> list[str]:
        """Return what is otherwise here than it was in the study."""
        faults = [
            f"training.{name}: {value} in the study, {getattr(training, name)} here"
            for name, value in self.fixed.items()
            if name in LearningParams.model_fields and value != getattr(training, name)
        ]
        same = self.development == schema.fingerprint
        return faults if same else ["the study saw other prepared data", *faults]


def write_best_params(workspace: Workspace, hyper: Hyperparameters, study: StudyRecord) -> None:
    """Write the winner and what it holds for."""
    write_json(workspace.target(BEST_PARAMS), hyper.model_dump())
    write_json(workspace.target(STUDY), study.model_dump())


def read_best_params(workspace: Workspace) -> Hyperparameters:
    """Return what the study found.

    Raises:
        UserError: there is none.
    """
    return _read(workspace.source(BEST_PARAMS), Hyperparameters)


def best_params_for(
    workspace: Workspace, schema: Schema, training: TrainingParams
) -> Hyperparameters:
    """Return what the study found, to be trained on its data; the loop may be another.

    Raises:
        UserError: there is none, it saw other data or had other fixed values, or what it found
            cannot be trained in this loop.
    """
    hyper = read_best_params(workspace)
    study = _read(workspace.source(STUDY), StudyRecord)
    if faults := [
        *study.conflicts_with(schema, training),
        *map(str, training.conflicts_with(hyper)),
    ]:
        raise UserError(
            f"{workspace.source(BEST_PARAMS)}: not to be trained with these parameters "
            f"({'; '.join(faults)}); give those of its study, or run `tribar tune` with these"
        )
    return hyper


def read_best_value(workspace: Workspace) -> float:
    """Return the value of the study's best trial.

    Raises:
        UserError: there is none.
    """
    return _read(workspace.source(TUNE_METRICS), _Metrics).best_value


class _Metrics(BaseModel):
    """The one of the study's metrics that other stages know."""

    best_value: float


def _read(path: Path, kind: type[M]) -> M:
    try:
        return read_json(path, kind)
    except ValueError as fault:
        raise UserError(
            f"{path}: no result of a study ({fault}); run `tribar tune` or `dvc repro`"
        ) from None
