"""tune: the Optuna study, resumable, its best parameters and its history."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from rich.console import Console

from tribar.config.schema import Params
from tribar.dataset.prepared import read_split
from tribar.execution.executors import open_executor, trials_here, wanted_workers
from tribar.execution.memory import check_memory
from tribar.execution.preflight import check_space
from tribar.model.shared_folds import VALIDATION
from tribar.outputs.best_params import write_best_params
from tribar.outputs.workspace import TRIALS, TUNE, Workspace
from tribar.outputs.writers import write_csv, write_json, write_text
from tribar.records.live import LiveView
from tribar.records.optuna_export import Target, open_export, storage_url
from tribar.records.stored import PARTS
from tribar.search.sampled_points import Point
from tribar.search.warm_start import filter_compatible
from tribar.stages.tune import tables
from tribar.stages.tune.current_study import CurrentStudy, current_study
from tribar.stages.tune.messages import ending, opening
from tribar.study.config import TuneParams
from tribar.study.journal import open_journal
from tribar.study.loop import Watch, run_study
from tribar.study.rescoring import Rescored, rescore
from tribar.trial.deadline import StoppedBy
from tribar.trial.running_trials import clear, look
from tribar.trial.worker import dropped_rows, run_job
from tribar.trials import TrialRow, to_lines


def run(params: Params, workspace: Workspace, console: Console) -> None:
    """Run the trials that the study's journal lacks and write what the study found."""
    study = current_study(params, workspace)
    _require_memory(params, study)
    folder, recipe, aim = study.folder, study.recipe, study.aim
    again_recipe = recipe.for_rescoring()
    tune, stopped = params.tune, list[StoppedBy]()
    known = filter_compatible(study.warm_start.trials, tune.space, study.fixed).kept
    with (
        open_journal(folder, console.print) as journal,
        open_journal(folder / "rescored", console.print) as again,
        dropped_rows(recipe.data, folder),
        open_executor(_most_at_once(tune), recipe.data, folder) as executor,
        _progress(params, console, study) as progress,
        open_export(_target(params, workspace, study), progress.say) as export,
    ):
        write_json(folder / PARTS, study.identity.parts)
        for line in opening(params, study, len(journal.rows), len(known)):
            progress.say(line)
        rows = run_study(
            tune,
            params.baseline_hyper().by_name(),
            params.training.max_epochs,
            aim,
            partial(run_job, recipe),
            executor,
            journal,
            Watch(partial(_finish, recipe.folder, progress, export), progress.say, stopped.append),
            known,
        )
        if line := ending(tune, len(rows), stopped[-1]):
            progress.say(line)
        rescored = rescore(
            rows,
            tune.rescore,
            aim,
            partial(run_job, again_recipe),
            executor,
            again,
            Watch(partial(_clear, again_recipe.folder), progress.say),
        )
    _write(params, study, rows, rescored, stopped[-1], workspace)


def _target(params: Params, workspace: Workspace, study: CurrentStudy) -> Target:
    return Target(
        storage_url(workspace.home / "optuna.db"),
        f"tribar-{study.identity.digest}",
        params.tune.space,
        study.fixed,
        study.aim.directions,
    )


def _most_at_once(tune: TuneParams) -> int:
    return max(tune.lag, tune.rescore.top * tune.rescore.seeds)


def _require_memory(params: Params, study: CurrentStudy) -> None:
    split = read_split(study.recipe.data, columns=["last"])
    at_once = trials_here(_most_at_once(params.tune))
    folds = 1 if params.tune.objective.over == VALIDATION else study.schema.folds

    def check(point: Point) -> None:
        hyper = params.training.complete(params.model, **point)
        check_memory(hyper, params.training, split, study.recipe.device, at_once, folds)

    check_space(params.tune.space, check)


def _progress(params: Params, console: Console, study: CurrentStudy) -> LiveView:
    return LiveView(
        console,
        params.tune.n_trials,
        params.training.max_epochs,
        min(wanted_workers(), params.tune.lag),
        partial(look, study.recipe.folder),
        study.aim.direction,
    )


def _clear(folder: Path, row: TrialRow) -> None:
    clear(folder, row.number)


def _finish(
    folder: Path, progress: LiveView, export: Callable[[TrialRow], object], row: TrialRow
) -> None:
    _clear(folder, row)
    progress.trial(row)
    export(row)


def _write(
    params: Params,
    study: CurrentStudy,
    rows: Sequence[TrialRow],
    rescored: Sequence[Rescored],
    stopped_by: StoppedBy,
    workspace: Workspace,
) -> None:
    space, max_epochs, winner = params.tune.space, params.training.max_epochs, rescored[0]
    aim = study.aim
    hyper = params.training.complete(params.model, **winner.trial.params)
    metrics = tables.study_metrics(rows, max_epochs, stopped_by, winner)
    folder = workspace.target(TUNE)
    write_best_params(workspace, hyper, study.record())
    write_json(folder / "metrics.json", metrics)
    write_text(workspace.target(TRIALS), to_lines(rows))
    write_csv(folder / "trials.csv", tables.trial_table(rows, space, aim.direction))
    write_csv(folder / "curves.csv", tables.curve_table(rows))
    write_csv(folder / "checks.csv", tables.check_table(rows))
    pareto = tables.pareto_table(rows, aim, winner.trial.number)
    write_csv(folder / "pareto.csv", pareto)
    write_csv(folder / "rescored.csv", tables.rescored_table(rescored))
    write_csv(folder / "importance.csv", tables.importance_table(rows, space, aim.direction))
    write_csv(folder / "correlation.csv", tables.correlation_table(rows, space))
