"""One command a stage."""

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from tribar import runtime
from tribar.cli.app import STAGES, app
from tribar.commands.options import Device, Output, Override, ParamsFile, read_options
from tribar.console import print_line
from tribar.errors import InterruptedStageError, UserError

if TYPE_CHECKING:
    from tribar.outputs.workspace import Workspace

_KEPT = {
    "train-baseline": "epochs",
    "tune": "trials",
    "train-best": "epochs",
    "refit": "epochs",
    "walk-forward": "origins, trials and epochs",
}
"""What a stage that is interrupted goes on from."""


@app.command(rich_help_panel=STAGES)
def prepare(
    source: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Sets prepare.source: a file of bars, a folder of them, or a glob.",
        ),
    ] = None,
    output: Output = None,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Read bars (or labels), make features, labels, windows and splits."""
    flags = {"prepare.source": source and Path(source).absolute()}
    _run("prepare", output, params, override, flags)


@app.command(rich_help_panel=STAGES)
def train_baseline(
    output: Output = None,
    device: Device = None,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Train the configuration to beat."""
    _run("train-baseline", output, params, override, {"training.device": device})


@app.command(rich_help_panel=STAGES)
def tune(
    n_trials: Annotated[int | None, typer.Option(help="Sets tune.n_trials.")] = None,
    output: Output = None,
    device: Device = None,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Search the hyperparameters with a pruned, resumable Optuna study."""
    flags = {"tune.n_trials": n_trials, "training.device": device}
    _run("tune", output, params, override, flags)


@app.command(rich_help_panel=STAGES)
def train_best(
    output: Output = None,
    device: Device = None,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Train the best parameters again on several seeds, and score them on purged folds."""
    _run("train-best", output, params, override, {"training.device": device})


@app.command(rich_help_panel=STAGES)
def refit(
    output: Output = None,
    device: Device = None,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Train the best parameters on all decisions, where refit.enabled asks for it."""
    _run("refit", output, params, override, {"training.device": device})


@app.command(rich_help_panel=STAGES)
def evaluate(output: Output = None, params: ParamsFile = None, override: Override = None) -> None:
    """Judge the best model on the test split, against baseline and references."""
    _run("evaluate", output, params, override, {})


@app.command(rich_help_panel=STAGES)
def walk_forward(
    output: Output = None,
    device: Device = None,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Repeat the whole procedure at walk_forward.origins, and judge all its forecasts as one."""
    _run("walk-forward", output, params, override, {"training.device": device})


@app.command(rich_help_panel=STAGES)
def report(
    compare: Annotated[
        list[str] | None,
        typer.Option(
            metavar="REV",
            help="Instead put a revision or experiment beside the workspace; given twice, both.",
        ),
    ] = None,
    output: Output = None,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Make the page and the model card of the results, in results/report."""
    if not compare:
        _run("report", output, params, override, {})
        return
    if len(compare) > 2:
        raise UserError(f"--compare: two revisions at most, and here are {len(compare)}")
    runtime.pin()
    from tribar.commands.revisions import WORKSPACE
    from tribar.commands.side_by_side import write_side_by_side
    from tribar.outputs.workspace import Workspace

    base, new, *_ = *compare, WORKSPACE
    print_line(Console(), f"wrote {write_side_by_side(Workspace.find(), base, new)}")


def _run(
    stage: str,
    output: Path | None,
    params_file: Path | None,
    overrides: list[str] | None,
    flags: Mapping[str, object],
) -> None:
    """Read the parameters, then run the stage's module."""
    # Before anything imports numpy, whose instruction sets decide bits.
    runtime.pin()
    from tribar.records.code_file import require_installed_code

    params, workspace = read_options(output, params_file, overrides, flags)
    require_installed_code(workspace.root)
    _note_ignored(overrides or (), stage, workspace)
    from tribar.execution.executors import MODULES, expect_workers

    expect_workers(MODULES.get(stage, ()))
    try:
        importlib.import_module(stage_module(stage)).run(params, workspace, Console())
    except KeyboardInterrupt:
        raise InterruptedStageError(_KEPT.get(stage)) from None


def stage_module(stage: str) -> str:
    """Return the module that runs a stage: its own, or `run` in its folder.

    >>> stage_module("train-baseline"), stage_module("tune")
    ('tribar.stages.train_baseline', 'tribar.stages.tune.run')
    """
    name = stage.replace("-", "_")
    folder = Path(__file__).parents[1] / "stages" / name
    return f"tribar.stages.{name}.run" if folder.is_dir() else f"tribar.stages.{name}"


def _note_ignored(overrides: Sequence[str], stage: str, workspace: "Workspace") -> None:
    from tribar.commands.ignored_overrides import ignored_overrides
    from tribar.outputs.workspace import PIPELINE

    for line in ignored_overrides(overrides, stage, workspace.root / PIPELINE):
        typer.echo(f"note: {line}", err=True)
