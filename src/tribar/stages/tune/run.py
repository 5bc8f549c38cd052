"""tune: the Optuna study, resumable, its best parameters and its history."""

from collections.abc import Callable, Sequence
from functools import partial

from rich.console import Console

from tribar.config.schema import Params
from tribar.console import print_line
from tribar.dataset.prepared import read_split
from tribar.errors import UserError
from tribar.execution.executors import here_at_once, wanted_workers
from tribar.execution.memory import shortage
from tribar.model.shared_folds import VALIDATION
from tribar.outputs.best_params import write_best_params
from tribar.outputs.workspace import TRIALS, TUNE, Workspace
from tribar.outputs.writers import write_csv, write_json, write_text
from tribar.records.live import LiveView
from tribar.records.optuna_export import Export, Target, storage_url, study_name
from tribar.records.stored import PARTS
from tribar.search.sampled_points import format_point, sample_points
from tribar.search.warm_start import filter_compatible
from tribar.stages.tune import tables
from tribar.stages.tune.current_study import CurrentStudy, current_study
from tribar.stages.tune.messages import ending, opening, rescoring, winner
from tribar.stages.tune.open_study import make_pool, open_study
from tribar.stages.tune.overfitting import overfitting
from tribar.study.config import TuneParams
from tribar.study.journal import open_journal
from tribar.study.loop import StudyResult, run_study
from tribar.study.pool import TrialPool
from tribar.study.rescoring import Rescored, rescore
from tribar.trial.running_trials import read_statuses
from tribar.trials import TrialRow, to_lines


def run(params: Params, workspace: Workspace, console: Console) -> None:
    """Run the trials that the study's journal lacks and write what the study found."""
    study, say = current_study(params, workspace), partial(print_line, console)
    _require_memory(params, study)
    with (
        open_study(study, _most_at_once(params.tune), say) as (journal, executor),
        open_journal(study.folder / "rescored", say) as rescored_journal,
        _progress(params, console, study, len(journal.rows)) as progress,
        Export(_target(params, workspace, study), journal.spans, progress.say) as export,
    ):

        def show(row: TrialRow) -> None:
            progress.trial(row)
            export.put(row)

        def show_again(row: TrialRow) -> None:
            progress.say(rescoring(params.tune.rescore, row))

        again = study.recipe.for_rescoring()
        pool = make_pool(study.recipe, executor, journal, progress.say, show)
        rescoring_pool = make_pool(again, executor, rescored_journal, progress.say, show_again)
        result = _search(params, study, pool, progress.say)
        rescored = rescore(result.rows, params.tune.rescore, study.recipe.spec, rescoring_pool)
        export.winner = rescored[0].trial.number
    _write(params, workspace, study, result, rescored)
    say(winner(rescored[0], params.tune.space))
    luck = overfitting(study, result.rows, params.tune.seed)
    write_json(workspace.target(TUNE) / "overfitting.json", luck.record())
    for line in luck.lines():
        say(line)


def _search(
    params: Params, study: CurrentStudy, pool: TrialPool, say: Callable[[str], None]
) -> StudyResult:
    """Run the study, and say how it begins and why it ends."""
    tune, hyper = params.tune, params.baseline_hyper().by_name()
    known = filter_compatible(study.warm_start.trials, tune.space, study.fixed).kept
    write_json(study.folder / PARTS, study.identity.parts)
    for line in opening(params, study, len(pool.finished), len(known)):
        say(line)
    max_epochs = params.training.max_epochs
    result = run_study(tune, hyper, max_epochs, study.recipe.spec, pool, known)
    if line := ending(tune, len(result.rows), result.stopped_by):
        say(line)
    return result


def _target(params: Params, workspace: Workspace, study: CurrentStudy) -> Target:
    return Target(
        storage_url(workspace.home / "optuna.db"),
        study_name(params, study.identity.digest),
        params.tune.space,
        study.fixed,
        study.recipe.spec,
    )


def _most_at_once(tune: TuneParams) -> int:
    return max(tune.lag, tune.rescore.top * tune.rescore.seeds)


def _require_memory(params: Params, study: CurrentStudy) -> None:
    """Refuse a space that can draw what does not fit into memory, before anything is trained."""
    split = read_split(study.recipe.data, columns=["last"])
    at_once = here_at_once(_most_at_once(params.tune))
    folds = 1 if params.tune.objective.over == VALIDATION else study.schema.folds
    for point in sample_points(params.tune.space):
        hyper = params.training.complete(params.model, **point)
        lacks = shortage(hyper, params.training, split, study.recipe.device, at_once, folds)
        if lacks:
            raise UserError(
                f"tune.space: it can draw a configuration that needs {lacks} "
                f"({format_point(point)})"
            )


def _progress(params: Params, console: Console, study: CurrentStudy, known: int) -> LiveView:
    return LiveView(
        console,
        params.tune.n_trials,
        params.training.max_epochs,
        min(wanted_workers(), params.tune.lag),
        partial(read_statuses, study.recipe.folder),
        study.recipe.spec.direction,
        tuple(params.tune.space),
        known,
    )


def _write(
    params: Params,
    workspace: Workspace,
    study: CurrentStudy,
    result: StudyResult,
    rescored: Sequence[Rescored],
) -> None:
    space, max_epochs, best = params.tune.space, params.training.max_epochs, rescored[0].trial
    rows, spec, folder = result.rows, study.recipe.spec, workspace.target(TUNE)
    hyper = params.training.complete(params.model, **best.params)
    write_best_params(workspace, hyper, study.record())
    write_json(folder / "metrics.json", tables.study_metrics(result, max_epochs, rescored[0]))
    write_text(workspace.target(TRIALS), to_lines(rows))
    write_csv(folder / "trials.csv", tables.trial_table(rows, space, spec.direction))
    write_csv(folder / "curves.csv", tables.curve_table(rows))
    write_csv(folder / "checks.csv", tables.check_table(rows))
    write_csv(folder / "pareto.csv", tables.pareto_table(rows, spec, best.number))
    write_csv(folder / "rescored.csv", tables.rescored_table(rescored))
    write_csv(folder / "importance.csv", tables.importance_table(rows, space, spec.direction))
    write_csv(folder / "correlation.csv", tables.correlation_table(rows, space))
