"""What tune says of its study: before the first trial, and where it ends before the last."""

from collections.abc import Iterator

from tribar.block import ConflictError
from tribar.config.schema import Params
from tribar.outputs.workspace import WARM_START
from tribar.records.stored import find_studies, why_new
from tribar.search.conditions import missing, restrict
from tribar.search.dimensions import Space
from tribar.search.sampled_points import format_point
from tribar.search.samplers import METHODS
from tribar.stages.tune.current_study import CurrentStudy
from tribar.study.config import RescoreParams, TuneParams
from tribar.study.loop import StoppedBy
from tribar.study.rescoring import Rescored, trial_and_seed
from tribar.trials import TrialRow


def opening(params: Params, study: CurrentStudy, done: int, known: int) -> Iterator[str]:
    """Yield what there is of the study, and what its first trials are.

    Args:
        params: of the study.
        study: the study.
        done: trials in its journal.
        known: trials of earlier studies that fit its space.
    """
    digest, n_trials = study.identity.digest, params.tune.n_trials
    if done > n_trials:
        yield f"study {digest} has {done} trials; the first {n_trials} are used"
    elif done:
        yield f"study {digest} goes on after {done} trials"
    elif line := why_new(digest, study.identity.parts, find_studies(study.folder.parent)):
        yield line
    if other := list(_not_the_baseline(params)):
        yield f"trial 0 is not the whole baseline: {'; '.join(other)}"
    if given := len(study.warm_start.trials):
        sampler = params.tune.sampler.name
        learns = "knows" if METHODS[sampler].learns else "takes no notice of"
        yield f"warm start: {sampler} {learns} {known} of the {given} trials in {WARM_START}"


def ending(tune: TuneParams, trials: int, stopped_by: StoppedBy) -> str:
    """Return why a study ended early; empty where it had all its trials."""
    if stopped_by == "trials":
        return ""
    return f"the study ends after {trials} of {tune.n_trials} trials: {_why(tune, stopped_by)}"


def rescoring(params: RescoreParams, row: TrialRow) -> str:
    """Return what one of the best trials came to on a fresh seed."""
    trial, seed = trial_and_seed(row.number)
    value = row.reason if row.value is None else f"{row.value:.4f}"
    return f"trained again: trial {trial}, seed {seed + 1} of {params.seeds}: {value}"


def winner(best: Rescored, space: Space) -> str:
    """Return the winner, its value in the study and on fresh seeds, and its parameters."""
    trial, is_fresh = best.trial, best.values != (best.trial.value,)
    # A row from the journal has them by the alphabet.
    point = {name: trial.params[name] for name in space if name in trial.params}
    again = f", {best.mean:.4f} on {len(best.values)} fresh seeds" if is_fresh else ""
    return f"best: trial {trial.number}, {trial.value:.4f}{again}: {format_point(point)}"


def _why(tune: TuneParams, stopped_by: StoppedBy) -> str:
    if stopped_by == "space":
        return f"{tune.sampler.name} has tried every point"
    if stopped_by == "plateau":
        return f"{tune.budget.plateau} brought nothing better (tune.budget.plateau)"
    if tune.replay:
        return "those that tune.replay asks for"
    return f"the {tune.budget.minutes:g} minutes of tune.budget.minutes are over"


def _not_the_baseline(params: Params) -> Iterator[str]:
    baseline, space = params.baseline_hyper().by_name(), params.tune.space
    point = restrict(space, baseline)
    drawn = missing(space, point)
    for name in drawn:
        has_it = name in baseline
        yield f"tune.space has no {name} {baseline[name]}" if has_it else f"{name} is drawn"
    try:
        taken = params.training.complete(params.model, **point).by_name()
    except ConflictError:  # what is drawn makes it fit together
        return
    for key, value in baseline.items():
        if key not in drawn and taken.get(key, value) != value:
            yield f"{key} is {taken[key]}, not {value}"
