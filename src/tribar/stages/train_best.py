"""train-best: the best parameters trained again, on several seeds and on purged folds."""

from collections.abc import Sequence

import numpy as np
from rich.console import Console

from tribar.config.schema import Params
from tribar.console import print_line
from tribar.dataset.prepared import read_split
from tribar.ensemble import checkpoint
from tribar.ensemble.ensemble import ensemble, fit_seeds, purged_kfold_losses
from tribar.ensemble.training_errors import as_user_error
from tribar.execution.memory import require_memory
from tribar.files import whole_folder
from tribar.model.folds import make_fold
from tribar.model.network.classifier import count_parameters
from tribar.outputs.best_params import best_params_for
from tribar.outputs.curves import curve_table
from tribar.outputs.workspace import BEST_MODEL, BEST_PARAMS, DEVELOPMENT, RESULTS, Workspace
from tribar.outputs.writers import write_csv, write_json
from tribar.runtime import open_device


def run(params: Params, workspace: Workspace, console: Console) -> None:
    """Train the winner's networks and score its parameters on every fold of development."""
    device = open_device(params.training.device, params.training.amp)
    split = read_split(workspace.source(DEVELOPMENT))
    hyper = best_params_for(workspace, split.schema, params.training)
    require_memory(hyper, params.training, split, device)
    with as_user_error(str(workspace.source(BEST_PARAMS))):
        fold = make_fold(split, split.part("train"), split.part("validation"), device)
        trained = fit_seeds(fold, hyper, params.training, params.base.seed)
        model = ensemble(trained, fold, hyper, params.training)
        folds = purged_kfold_losses(split, hyper, params.training, params.base.seed, device)
    with whole_folder(workspace.target(BEST_MODEL)) as folder:
        checkpoint.save(model, folder)
    results = workspace.target(RESULTS / "train-best")
    write_csv(results / "curves.csv", curve_table(trained))
    metrics = {
        "validation": _spread([one.best_loss for one in trained]),
        "kfold": _spread(folds),
    }
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
