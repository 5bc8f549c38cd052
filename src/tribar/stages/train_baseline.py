"""train-baseline: the configuration that a study has to beat."""

from rich.console import Console

from tribar.config.schema import Params
from tribar.console import print_line
from tribar.dataset.prepared import read_split
from tribar.ensemble import checkpoint
from tribar.ensemble.ensemble import ensemble, fit_seeds
from tribar.ensemble.training_errors import as_user_error
from tribar.execution.memory import require_memory
from tribar.files import whole_folder
from tribar.model.folds import make_fold
from tribar.model.network.classifier import count_parameters
from tribar.outputs.curves import curve_table
from tribar.outputs.workspace import BASELINE_MODEL, DEVELOPMENT, RESULTS, Workspace
from tribar.outputs.writers import write_csv
from tribar.runtime import open_device


def run(params: Params, workspace: Workspace, console: Console) -> None:
    """Train the baseline's networks, one a seed, and write model and learning curves."""
    device = open_device(params.training.device, params.training.amp)
    split = read_split(workspace.source(DEVELOPMENT))
    hyper = params.baseline_hyper()
    require_memory(hyper, params.training, split, device)
    with as_user_error("baseline"):
        fold = make_fold(split, split.part("train"), split.part("validation"), device)
        trained = fit_seeds(fold, hyper, params.training, params.base.seed)
        model = ensemble(trained, fold, hyper, params.training)
    with whole_folder(workspace.target(BASELINE_MODEL)) as folder:
        checkpoint.save(model, folder)
    write_csv(workspace.target(RESULTS / "train-baseline/curves.csv"), curve_table(trained))
    losses = ", ".join(f"{one.best_loss:.4f}" for one in trained)
    size = count_parameters(trained[0].network)
    line = f"baseline: {size:,} parameters, validation log-loss by seed {losses}"
    print_line(console, line)
