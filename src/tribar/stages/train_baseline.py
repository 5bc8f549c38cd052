"""train-baseline: the configuration that a study has to beat."""

from rich.console import Console

from tribar.config.schema import Params
from tribar.dataset.prepared import read_split
from tribar.ensemble.training_errors import as_user_error
from tribar.execution.trainings import configure, train_model
from tribar.outputs.trained_model import say_trained, write_trained
from tribar.outputs.workspace import BASELINE_MODEL, DEVELOPMENT, RESULTS, Workspace


def run(params: Params, workspace: Workspace, console: Console) -> None:
    """Train the baseline's networks on seeds and folds, and write model, curves and metrics."""
    configuration = configure(params.baseline_hyper(), params, workspace)
    split = read_split(workspace.source(DEVELOPMENT))
    results = workspace.target(RESULTS / "train-baseline")
    with as_user_error("baseline"), train_model(configuration, params.base.seed) as trained:
        write_trained(trained, split, workspace.target(BASELINE_MODEL), results)
    say_trained("baseline", trained, console)
