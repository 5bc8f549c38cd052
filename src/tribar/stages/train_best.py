"""train-best: the best parameters trained again, on several seeds and on purged folds."""

from collections.abc import Sequence

import numpy as np
from rich.console import Console

from tribar.config.schema import Params
from tribar.console import print_line
from tribar.dataset.prepared import read_split
from tribar.ensemble import checkpoint
from tribar.ensemble.ensemble import ensemble
from tribar.ensemble.training import runs_by_fold, runs_by_seed, trained_networks
from tribar.ensemble.training_errors import as_user_error
from tribar.execution.trainings import configure, run_trainings
from tribar.files import whole_folder
from tribar.model.network.classifier import count_parameters
from tribar.outputs.best_params import best_params_for
from tribar.outputs.curves import curve_table
from tribar.outputs.workspace import BEST_MODEL, BEST_PARAMS, DEVELOPMENT, RESULTS, Workspace
from tribar.outputs.writers import write_csv, write_json


def run(params: Params, workspace: Workspace, console: Console) -> None:
    """Train the winner's networks and score its parameters on every fold of development."""
    schema = read_split(workspace.source(DEVELOPMENT), columns=[]).schema
    hyper = best_params_for(workspace, schema, params.training)
    configuration = configure(hyper, params, workspace)
    by_seed = runs_by_seed(params.base.seed, params.training.seeds)
    by_fold = runs_by_fold(params.base.seed, schema.folds)
    where = str(workspace.source(BEST_PARAMS))
    with as_user_error(where), run_trainings(configuration, [*by_seed, *by_fold]) as found:
        fold = configuration.fold()
        trained = trained_networks(found[: len(by_seed)], fold, configuration)
        folds = [one.best_loss for one in found[len(by_seed) :]]
        metrics = {
            "validation": _spread([one.best_loss for one in trained]),
            "kfold": _spread(folds),
        }
        with whole_folder(workspace.target(BEST_MODEL)) as folder:
            checkpoint.save(ensemble(trained, fold, configuration.hyper, params.training), folder)
        results = workspace.target(RESULTS / "train-best")
        write_csv(results / "curves.csv", curve_table(trained))
        write_json(results / "metrics.json", metrics)
    print_line(console, f"best: {count_parameters(trained[0].network):,} parameters")
    for name, over in (("validation", "seeds"), ("kfold", "purged folds")):
        one = metrics[name]
        line = f"best: {name} log-loss {one['mean']:.4f} +- {one['std']:.4f} over {over}"
        print_line(console, line)


def _spread(losses: Sequence[float]) -> dict[str, float]:
    """Return mean and sample standard deviation, 0 for a single loss."""
    std = float(np.std(losses, ddof=1)) if len(losses) > 1 else 0.0
    return {"mean": float(np.mean(losses)), "std": std}
