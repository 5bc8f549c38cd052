"""All that makes a study's objective, wherever it runs."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from tribar.model.config import ModelParams, TrainingParams
from tribar.runtime import derive_seed
from tribar.trial.config import ObjectiveParams
from tribar.trial.objective_spec import Measure, ObjectiveSpec
from tribar.trial.pruning.config import PrunerParams


@dataclass(frozen=True)
class Recipe:
    """All that a worker needs to make a study's objective.

    Attributes:
        study: identity of the study.
        data: folder of the prepared development split.
        folder: where running trials keep their progress, in the study's own.
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
    def spec(self) -> ObjectiveSpec:
        """Return the metrics, and what a step of a trial is."""
        return ObjectiveSpec.of(self.objective)

    @property
    def shared_rows(self) -> Path:
        """Return where the study's processes share their folds."""
        return self.folder.parent / "rows"

    def for_audit(self) -> Self:
        """Return the recipe that runs a study's trials as they were, without a pruner."""
        return self._again("audit", "auditing")

    def for_rescoring(self) -> Self:
        """Return the recipe that trains a study's best trials again: fresh seeds, no pruner."""
        return replace(
            self._again("rescored", "rescoring"),
            seed=derive_seed(self.seed, "rescore"),
            objective=self.objective.model_copy(update={"seeds": 1}),
        )

    def _again(self, name: str, folder: str) -> Self:
        return replace(
            self,
            study=f"{self.study}/{name}",
            folder=self.folder.with_name(folder),
            pruner=self.pruner.model_copy(update={"name": "none"}),
        )
