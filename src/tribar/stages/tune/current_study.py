"""The study that the parameters, the data and the code of this moment make."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tribar.block import Choice
from tribar.config.schema import Params
from tribar.dataset.prepared import read_split
from tribar.dataset.schema import Schema
from tribar.metrics.scores import named_scores
from tribar.outputs.best_params import StudyRecord
from tribar.outputs.workspace import DEVELOPMENT, STUDIES, WARM_START, Workspace
from tribar.records.identity import Identity, identify
from tribar.runtime import open_device
from tribar.search.warm_start import WarmStart, read_warm_start
from tribar.trial.config import ObjectiveParams
from tribar.trial.objective_spec import Measure, ObjectiveSpec
from tribar.trial.recipe import Recipe

CALIBRATION_BINS = 10
"""Of the calibration error in a study; evaluate has its own, which must not make tune stale."""


@dataclass(frozen=True)
class CurrentStudy:
    """A study, run already or not.

    Attributes:
        identity: what makes it this one.
        folder: its journal and its running trials.
        recipe: of its objective.
        schema: of its data.
        fixed: the value of each hyperparameter that is not searched.
        warm_start: trials of earlier studies that its sampler knows.
    """

    identity: Identity
    folder: Path
    recipe: Recipe
    schema: Schema
    fixed: Mapping[str, Choice]
    warm_start: WarmStart

    def record(self) -> StudyRecord:
        """Return what its best parameters hold for."""
        return StudyRecord(development=self.schema.fingerprint, fixed=dict(self.fixed))


def current_study(params: Params, workspace: Workspace) -> CurrentStudy:
    """Return the study of the parameters.

    Raises:
        UserError: nothing is prepared, or the device is absent.
    """
    device = open_device(params.training.device, params.training.amp)
    data = workspace.source(DEVELOPMENT)
    schema = read_split(data, columns=[]).schema  # a fault is found here, not in every worker
    warm_start = read_warm_start(workspace.root / WARM_START)
    identity = identify(params, data, device, warm_start.digest)
    folder = workspace.home / STUDIES / identity.digest
    recipe = Recipe(
        study=identity.digest,
        data=data,
        folder=folder / "running",
        device=device,
        network=params.model,
        training=params.training,
        pruner=params.tune.pruner,
        seed=params.base.seed,
        objective=params.tune.objective,
        measure=_measure(params.tune.objective),
    )
    fixed = params.fixed_values()
    return CurrentStudy(identity, folder, recipe, schema, fixed, warm_start)


def _measure(params: ObjectiveParams) -> Measure | None:
    if ObjectiveSpec.of(params).uses_training_loss:
        return None
    return partial(named_scores, params.metrics, CALIBRATION_BINS)
