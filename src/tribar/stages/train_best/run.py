"""train-best: the best parameters trained again, on several seeds and on purged folds."""

from rich.console import Console

from tribar.config.schema import Params
from tribar.console import print_line
from tribar.dataset.prepared import read_split
from tribar.ensemble.training_errors import as_user_error
from tribar.evaluation.kfold import differences, fold_losses
from tribar.execution.trainings import configure, train_model
from tribar.outputs.best_params import best_params_for
from tribar.outputs.trained_model import FOLDS, read_out_of_fold, say_trained, write_trained
from tribar.outputs.workspace import (
    BASELINE_MODEL,
    BEST_MODEL,
    BEST_PARAMS,
    DEVELOPMENT,
    RESULTS,
    Workspace,
)
from tribar.outputs.writers import write_csv
from tribar.stages.train_best.references import reference_folds


def run(params: Params, workspace: Workspace, console: Console) -> None:
    """Train the winner's networks, and set its folds beside those of baseline and references."""
    split = read_split(workspace.source(DEVELOPMENT))
    hyper = best_params_for(workspace, split.schema, params.training)
    baseline = read_out_of_fold(workspace.source(BASELINE_MODEL / FOLDS), split)
    configuration = configure(hyper, params, workspace)
    where, results = str(workspace.source(BEST_PARAMS)), workspace.target(RESULTS / "train-best")
    with as_user_error(where), train_model(configuration, params.base.seed) as trained:
        best = [one.chosen for one in trained.folds]
        folds = {"best": best, "baseline": baseline, **reference_folds(split, workspace)}
        table = fold_losses(split, folds)
        write_trained(trained, split, workspace.target(BEST_MODEL), results)
        write_csv(results / "kfold.csv", table)
    say_trained("best", trained, console)
    for other, (mean, std) in differences(table).items():
        line = f"best minus {other}: {mean:+.4f} +- {std:.4f} over folds, which share training data"
        print_line(console, line)
