"""What runs in a worker: the study's data is loaded by its first trial and stays."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Self

from tribar.errors import UserError
from tribar.model.config import ModelParams, TrainingParams
from tribar.model.shared_folds import shared_folds
from tribar.model.training.out_of_memory import OutOfMemoryError
from tribar.runtime import derive_seed, open_device
from tribar.trial.config import ObjectiveParams
from tribar.trial.deadline import time_limit
from tribar.trial.objective import Objective
from tribar.trial.objective_spec import Measure, aim_of
from tribar.trial.pruning.config import PrunerParams
from tribar.trials import Job, TrialRow


@dataclass(frozen=True)
class Place:
    """Where a process has a study's data, and keeps its running trials.

    Attributes:
        data: folder of the prepared development split.
        folder: of the study.
        over: set when whoever runs the study has gone.
    """

    data: Path
    folder: Path
    over: Event = field(default_factory=Event)

    @property
    def rows(self) -> Path:
        """Return where the study's processes share their folds."""
        return self.folder / "rows"


@contextmanager
def dropped_rows(data: Path, study: Path) -> Iterator[None]:
    """Drop, when the block is left, what its processes have shared: it is made again at need."""
    try:
        yield
    finally:
        shutil.rmtree(Place(data, study).rows, ignore_errors=True)


PLACES: dict[Path, Place] = {}
"""By the study's own folder, where a process has them elsewhere than the study does."""


@dataclass(frozen=True)
class Recipe:
    """All that a worker needs to make a study's objective.

    Attributes:
        study: identity of the study.
        data: folder of the prepared development split.
        folder: where running trials keep their progress.
        device: "cpu" or "cuda".
        network: values of the network's parameters that are not searched.
        training: the loop, and its parameters that are not searched.
        pruner: who may stop a trial.
        seed: root of the trials' seeds.
        objective: what a trial is judged by.
        measure: returns the metrics; None where the log-loss is all that is asked for.
    """

    study: str
    data: Path
    folder: Path
    device: str
    network: ModelParams
    training: TrainingParams
    pruner: PrunerParams
    seed: int
    objective: ObjectiveParams
    measure: Measure | None = None

    @property
    def place(self) -> Place:
        """Return where this process has the study."""
        study = self.folder.parent
        return PLACES.get(study, Place(self.data, study))

    def build(self) -> Objective:
        """Return the objective, with its data loaded.

        Raises:
            UserError: the data does not fit into memory.
        """
        device = open_device(self.device)
        place = self.place
        try:
            folds = shared_folds(place.data, self.objective.over, place.rows, device)
        except OutOfMemoryError as error:
            raise UserError(
                f"{place.data}: {error}; use fewer processes, or prepare fewer bars or features"
            ) from None
        return Objective(
            folds,
            self.network,
            self.training,
            self.pruner,
            self.seed,
            self.objective.seeds,
            place.folder / self.folder.name,
            aim_of(self.objective),
            self.measure,
        )

    def for_audit(self) -> Self:
        """Return the recipe that runs a study's trials as they were, without a pruner."""
        return replace(
            self,
            study=f"{self.study}/audit",
            folder=self.folder.with_name("auditing"),
            pruner=self.pruner.model_copy(update={"name": "none"}),
        )

    def for_rescoring(self) -> Self:
        """Return the recipe that trains a study's best trials again: fresh seeds, no pruner."""
        return replace(
            self,
            study=f"{self.study}/rescored",
            folder=self.folder.with_name("rescoring"),
            pruner=self.pruner.model_copy(update={"name": "none"}),
            seed=derive_seed(self.seed, "rescore"),
            objective=self.objective.model_copy(update={"seeds": 1}),
        )


_loaded: dict[str, Objective] = {}


def run_job(recipe: Recipe, job: Job) -> TrialRow:
    """Return the row of one trial.

    Raises:
        OutOfTimeError: the job's seconds are over, or whoever runs the study has gone.
    """
    if recipe.study not in _loaded:
        _loaded.clear()
        _loaded[recipe.study] = recipe.build()
    with time_limit(job.seconds, recipe.place.over):
        return _loaded[recipe.study](job)
