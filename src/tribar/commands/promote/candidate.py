"""The models that a promotion is about: the one that is registered, and the one that was judged."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tribar.errors import UserError
from tribar.forecasting.forecaster import Forecaster
from tribar.outputs.workspace import BEST_MODEL, REFIT_MODEL, Workspace
from tribar.tracking.record import ModelRecord

_SAME = ("features", "window", "groups", "definition", "source_sha256")


@dataclass(frozen=True)
class Candidate:
    """The models that a promotion is about.

    A refitted model has seen all decisions, so that nothing can judge it: its worth is that of the
    procedure, which made the best model too. So it is registered where the best model may be.

    Attributes:
        folder: of the model that is registered.
        model: what it holds.
        judged: the best model.
    """

    folder: Path
    model: Forecaster
    judged: Forecaster

    @property
    def is_refit(self) -> bool:
        """Return whether another than the judged model is registered."""
        return self.model is not self.judged

    @property
    def title(self) -> str:
        """Return what it is, for a reader."""
        own = f"{self.folder.parent.name}/{self.folder.name} ({self.model.version})"
        return f"{own}, judged by models/best ({self.judged.version})" if self.is_refit else own

    def record(self) -> ModelRecord:
        """Return the model that is registered, as it is logged where no run has logged it."""
        hyper = self.model.model.hyper
        params = {name: str(value) for name, value in hyper.by_name().items()}
        name = f"{self.folder.name}-{hyper.cell}"
        return ModelRecord(self.folder, name, params, self.model.version)

    @classmethod
    def read(cls, workspace: Workspace, refit: bool) -> Self:
        """Return the best model, or with `refit` the one that was refitted from it.

        Raises:
            UserError: there is no such model, or it was refitted from another.
        """
        best = Forecaster.load(workspace.source(BEST_MODEL))
        if not refit:
            return cls(workspace.source(BEST_MODEL), best, best)
        folder = workspace.source(REFIT_MODEL)
        model = Forecaster.load(folder)
        _refuse_another(model, best, folder)
        return cls(folder, model, best)


def _refuse_another(refitted: Forecaster, best: Forecaster, folder: Path) -> None:
    ours, theirs = refitted.model, best.model
    other = [name for name in _SAME if getattr(ours.schema, name) != getattr(theirs.schema, name)]
    if ours.hyper != theirs.hyper:
        other.append("hyperparameters")
    if other:
        raise UserError(
            f"{folder}: not refitted from models/best (other {', '.join(other)}); run `dvc repro`"
        )
