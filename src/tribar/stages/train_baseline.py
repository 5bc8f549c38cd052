"""train-baseline: the configuration that a study has to beat."""

from rich.console import Console

from tribar.config.schema import Params
from tribar.console import print_line
from tribar.ensemble import checkpoint
from tribar.ensemble.ensemble import ensemble
from tribar.ensemble.training import runs_by_seed, trained_networks
from tribar.ensemble.training_errors import as_user_error
from tribar.execution.trainings import configure, run_trainings
from tribar.files import whole_folder
from tribar.model.network.classifier import count_parameters
from tribar.outputs.curves import curve_table
from tribar.outputs.workspace import BASELINE_MODEL, RESULTS, Workspace
from tribar.outputs.writers import write_csv


def run(params: Params, workspace: Workspace, console: Console) -> None:
    """Train the baseline's networks, one a seed, and write model and learning curves."""
    configuration = configure(params.baseline_hyper(), params, workspace)
    runs = runs_by_seed(params.base.seed, params.training.seeds)
    with as_user_error("baseline"), run_trainings(configuration, runs) as found:
        fold = configuration.fold()
        trained = trained_networks(found, fold, configuration)
        with whole_folder(workspace.target(BASELINE_MODEL)) as folder:
            checkpoint.save(ensemble(trained, fold, configuration.hyper, params.training), folder)
        write_csv(workspace.target(RESULTS / "train-baseline/curves.csv"), curve_table(trained))
    losses = ", ".join(f"{one.best_loss:.4f}" for one in trained)
    size = count_parameters(trained[0].network)
    line = f"baseline: {size:,} parameters, validation log-loss by seed {losses}"
    print_line(console, line)
