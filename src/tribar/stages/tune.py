"""tune: the Optuna study, resumable, its best parameters and its history."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Console

from tribar.params import Params
from tribar.stages.current_study import current_study
from tribar.stages.outputs import write_csv, write_json
from tribar.stages.workspace import RESULTS, Workspace
from tribar.tuning import tables
from tribar.tuning.aim import aim_of
from tribar.tuning.budget import StoppedBy
from tribar.tuning.executors import open_executor, wanted_workers
from tribar.tuning.identity import Identity
from tribar.tuning.journal import open_journal
from tribar.tuning.progress import Progress
from tribar.tuning.rescoring import Rescored, rescore
from tribar.tuning.scratch import clear, look
from tribar.tuning.study import Watch, run_study
from tribar.tuning.trial import TrialRow
from tribar.tuning.worker import Recipe, run_job


def run(params: Params, workspace: Workspace, console: Console) -> None:
    """Run the trials that the study's journal lacks and write what the study found."""
    study = current_study(params, workspace)
    folder, recipe, aim = study.folder, study.recipe, study.aim
    again_recipe = recipe.for_rescoring()
    tune, stopped = params.tune, list[StoppedBy]()
    with (
        open_journal(folder, console.print) as journal,
        open_journal(folder / "rescored", console.print) as again,
        open_executor(max(tune.lag, tune.rescore.top * tune.rescore.seeds)) as executor,
        _progress(params, console, recipe) as progress,
    ):
        write_json(folder / "identity.json", study.identity.parts)
        _say_what_is_there(console, study.identity, len(journal.rows), tune.n_trials)
        rows = run_study(
            tune,
            params.baseline.model_dump(),
            params.training.max_epochs,
            aim,
            partial(run_job, recipe),
            executor,
            journal,
            Watch(partial(_finish, recipe.folder, progress), progress.say, stopped.append),
        )
        rescored = rescore(
            rows,
            tune.rescore,
            aim,
            partial(run_job, again_recipe),
            executor,
            again,
            Watch(partial(_clear, again_recipe.folder), progress.say),
        )
    _write(params, rows, rescored, stopped[-1], workspace)


def _progress(params: Params, console: Console, recipe: Recipe) -> Progress:
    return Progress(
        console,
        params.tune.n_trials,
        params.training.max_epochs,
        min(wanted_workers(), params.tune.lag),
        partial(look, recipe.folder),
        aim_of(params.tune.objective).direction,
    )


def _say_what_is_there(console: Console, identity: Identity, done: int, n_trials: int) -> None:
    if done > n_trials:
        console.print(f"study {identity.digest} has {done} trials; the first {n_trials} are used")
    elif done:
        console.print(f"study {identity.digest} goes on after {done} trials")


def _clear(folder: Path, row: TrialRow) -> None:
    clear(folder, row.number)


def _finish(folder: Path, progress: Progress, row: TrialRow) -> None:
    _clear(folder, row)
    progress.trial(row)


def _write(
    params: Params,
    rows: Sequence[TrialRow],
    rescored: Sequence[Rescored],
    stopped_by: StoppedBy,
    workspace: Workspace,
) -> None:
    space, max_epochs, winner = params.tune.space, params.training.max_epochs, rescored[0]
    aim = aim_of(params.tune.objective)
    hyper = params.training.complete(params.model, **winner.trial.params)
    metrics = tables.study_metrics(rows, max_epochs, stopped_by, winner)
    folder = workspace.target(RESULTS / "tune")
    write_json(folder / "best_params.json", hyper.model_dump())
    write_json(folder / "metrics.json", metrics)
    write_csv(folder / "trials.csv", tables.trial_table(rows, space, aim.direction))
    write_csv(folder / "curves.csv", tables.curve_table(rows))
    pareto = tables.pareto_table(rows, aim, winner.trial.number)
    write_csv(folder / "pareto.csv", pareto)
    write_csv(folder / "rescored.csv", tables.rescored_table(rescored))
    write_csv(folder / "importance.csv", tables.importance_table(rows, space))
    write_csv(folder / "correlation.csv", tables.correlation_table(rows, space))
