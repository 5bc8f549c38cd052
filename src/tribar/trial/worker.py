"""What runs in a worker: the study's data is loaded by its first trial and stays."""

from dataclasses import replace

from tribar.errors import UserError
from tribar.model.places import place_of
from tribar.model.shared_folds import shared_folds
from tribar.model.training.out_of_memory import OutOfMemoryError
from tribar.runtime import open_device
from tribar.trial.deadline import Deadline
from tribar.trial.objective import Objective
from tribar.trial.recipe import Recipe
from tribar.trial.result import TrialResult
from tribar.trials import TrialRequest

_loaded: dict[str, Objective] = {}


def run_trial(recipe: Recipe, request: TrialRequest) -> TrialResult:
    """Return what one trial leaves.

    Raises:
        OutOfTimeError: the trial's seconds are over, or whoever runs the study has gone.
    """
    place = place_of(recipe.folder.parent)
    if recipe.study not in _loaded:
        _loaded.clear()
        data, folder = place.path(recipe.data), place.path(recipe.folder)
        _loaded[recipe.study] = build(replace(recipe, data=data, folder=folder))
    return _loaded[recipe.study](request, Deadline.after(request.seconds, place.over))


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
