"""What runs in a worker: the study's data is loaded by its first trial and stays."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event

from tribar.errors import UserError
from tribar.model.shared_folds import shared_folds
from tribar.model.training.out_of_memory import OutOfMemoryError
from tribar.runtime import open_device
from tribar.trial.deadline import Deadline
from tribar.trial.objective import Objective
from tribar.trial.recipe import Recipe
from tribar.trials import TrialRequest, TrialRow


@dataclass(frozen=True)
class Place:
    """Where a process has a study, if it is elsewhere than whoever runs the study has it.

    Attributes:
        data: folder of the prepared development split.
        folder: of the study.
        over: set when whoever runs the study has gone.
    """

    data: Path
    folder: Path
    over: Event = field(default_factory=Event)


PLACES: dict[Path, Place] = {}
"""By the study's own folder; what runs a trial has no other way to the worker that it runs on."""

_loaded: dict[str, Objective] = {}


def run_trial(recipe: Recipe, request: TrialRequest) -> TrialRow:
    """Return the row of one trial.

    Raises:
        OutOfTimeError: the trial's seconds are over, or whoever runs the study has gone.
    """
    place = PLACES.get(recipe.folder.parent)
    if recipe.study not in _loaded:
        _loaded.clear()
        _loaded[recipe.study] = build(_moved(recipe, place) if place else recipe)
    deadline = Deadline.after(request.seconds, place.over if place else None)
    return _loaded[recipe.study](request, deadline)


def build(recipe: Recipe) -> Objective:
    """Return the objective, with its data loaded.

    Raises:
        UserError: there is not enough memory for the data.
    """
    device = open_device(recipe.device)
    try:
        folds = shared_folds(recipe.data, recipe.objective.over, recipe.shared_rows, device)
    except OutOfMemoryError as error:
        raise UserError(
            f"{recipe.data}: {error}; use fewer processes, or prepare fewer bars or features"
        ) from None
    return Objective(recipe, folds)


def _moved(recipe: Recipe, place: Place) -> Recipe:
    return replace(recipe, data=place.data, folder=place.folder / recipe.folder.name)
