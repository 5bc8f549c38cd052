"""The `tribar` command: one subcommand a stage. Loads torch, Optuna and MLflow only to run one."""

import importlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from tribar import __version__, runtime
from tribar.commands.options import Device, Output, Override, ParamsFile, read_options
from tribar.commands.study.app import app as study_cli
from tribar.commands.study.app import explain
from tribar.errors import InterruptedStageError, UserError

if TYPE_CHECKING:
    from tribar.outputs.workspace import Workspace

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help=(
        "From price bars to an honestly judged recurrent classifier, one stage at a time.\n\n"
        "`dvc repro` runs the stages in order and remembers what is up to date; these commands run "
        "one by hand. With --output they leave the tracked results alone."
    ),
    epilog=(
        "Exit codes: 0 done; 1 a fault of tribar; 2 input to mend; "
        "3 a study without a completed trial; 130 interrupted."
    ),
)
_KEPT = {
    "train-baseline": "epochs",
    "tune": "trials",
    "train-best": "epochs",
    "refit": "epochs",
    "walk-forward": "origins, trials and epochs",
}
"""What a stage that is interrupted goes on from."""


@app.command()
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


@app.command()
def inspect(
    source: Annotated[str, typer.Argument(help="A file, a folder, or a glob of files.")],
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page with charts.")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Put the block into params.yaml, comments kept.")
    ] = False,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Show what a source is understood as, what is doubtful in it, and what to write."""
    from tribar.commands.inspect.run import run
    from tribar.outputs.workspace import PARAMS

    read, workspace = read_options(None, params, override, {})
    run(source, read.prepare, html, (params or workspace.root / PARAMS) if write else None)


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="Of the repository: new, or empty.")],
    source: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Bars (or a folder of them) to begin with.")
    ] = None,
    override: Override = None,
) -> None:
    """Make a repository for data of one's own, which uses the installed tribar."""
    from tribar.commands.new.repository import template_params
    from tribar.commands.new.run import new as make
    from tribar.config.reading import read_params

    with template_params() as path:
        params = read_params(path, override or ())
    make(folder, source, params.prepare, Console())


@app.command()
def upgrade(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if it is due.")
    ] = False,
) -> None:
    """Take the installed tribar for this repository's, and say which stages become stale."""
    from tribar.commands.new.run import upgrade as take
    from tribar.outputs.workspace import Workspace

    take(Workspace.find().root, check, Console())


@app.command()
def train_baseline(
    output: Output = None,
    device: Device = None,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Train the configuration to beat."""
    _run("train-baseline", output, params, override, {"training.device": device})


@app.command()
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


@app.command()
def train_best(
    output: Output = None,
    device: Device = None,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Train the best parameters again on several seeds, and score them on purged folds."""
    _run("train-best", output, params, override, {"training.device": device})


@app.command()
def refit(
    output: Output = None,
    device: Device = None,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Train the best parameters on all decisions, where refit.enabled asks for it."""
    _run("refit", output, params, override, {"training.device": device})


@app.command()
def evaluate(output: Output = None, params: ParamsFile = None, override: Override = None) -> None:
    """Judge the best model on the test split, against baseline and references."""
    _run("evaluate", output, params, override, {})


@app.command()
def walk_forward(
    output: Output = None,
    device: Device = None,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Repeat the whole procedure at walk_forward.origins, and judge all its forecasts as one."""
    _run("walk-forward", output, params, override, {"training.device": device})


@app.command()
def report(
    output: Output = None,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Make the page and the model card of the results, in results/report."""
    _run("report", output, params, override, {})


@app.command()
def predict(
    bars: Annotated[str, typer.Argument(help="A file, a folder, or a glob of files.")],
    model: Annotated[
        str | None,
        typer.Option(
            metavar="DIR|URI", help="models/best by default; or models:/tribar@champion of MLflow."
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Leave out later bars; those until then are finished."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Forecast every decision, not the newest alone.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it: .csv, .parquet or .json.")
    ] = None,
    max_age: Annotated[
        float | None, typer.Option(metavar="DAYS", help="Refuse if the newest bar is older.")
    ] = None,
    max_model_age: Annotated[
        float | None, typer.Option(metavar="DAYS", help="Refuse if the model's data is older.")
    ] = None,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Forecast the bars after the newest ones: probabilities, barriers, expected return."""
    runtime.pin()
    from tribar.commands.models import model_folder
    from tribar.commands.predict.run import Asked, run

    read, workspace = read_options(None, params, override, {})
    asked = Asked(Path(bars), as_of, every, max_age, max_model_age, output)
    with model_folder(model, workspace) as folder:
        run(asked, folder, read, Console())


@app.command()
def serve(
    model: Annotated[
        str | None, typer.Option(metavar="DIR", help="models/best by default.")
    ] = None,
    host: Annotated[
        str, typer.Option(help="Another address than this machine's own lets others ask.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.")] = 8000,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Forecast over HTTP: POST /forecast takes bars in JSON or CSV, GET /health says which."""
    runtime.pin()
    from tribar.commands.serve.run import run
    from tribar.outputs.workspace import BEST_MODEL

    read, workspace = read_options(None, params, override, {})
    folder = Path(model) if model else workspace.source(BEST_MODEL)
    run(folder, host, port, read, Console())


@app.command()
def promote(
    refit: Annotated[
        bool,
        typer.Option("--refit", help="Register models/refit, by the results of models/best."),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Promote in any case, with a tag that says so.")
    ] = False,
    output: Output = None,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Make the best model the champion, where the gate and the present champion allow it.

    Exit codes: 0 it is the champion, 1 it was refused, 2 it cannot be judged or registered.
    """
    runtime.pin()
    from tribar.commands.promote.run import run

    read, workspace = read_options(output, params, override, {})
    if not run(read, workspace, refit, force, Console()):
        raise typer.Exit(1)


@app.command()
def verdict(output: Output = None) -> None:
    """Print the stored scores and the verdict."""
    from tribar.outputs.workspace import Workspace
    from tribar.stages.evaluate.verdict import show

    show(Workspace.find(output), Console())


@app.command()
def track(
    output: Output = None,
    seconds: Annotated[
        float, typer.Option(min=1, help="How long a server may take; a file takes what it needs.")
    ] = 300.0,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Log the stored results in MLflow, as evaluate does at its end: after a server was dead."""
    runtime.pin()
    from tribar.tracking import log_stored

    result = log_stored(*read_options(output, params, override, {}), seconds)
    if not result.run_id:
        raise UserError(result.message)
    typer.echo(result.message)


@app.command()
def compare(
    base: Annotated[str, typer.Argument(help="A revision or an experiment.")],
    new: Annotated[str, typer.Argument(help="Another one.")] = "workspace",
    md: Annotated[bool, typer.Option(help="Print Markdown, as for a pull request.")] = False,
) -> None:
    """Tell whether a revision's best model is better than another's, on the same decisions.

    Exit codes: 0 it is not worse, 1 it is worse, 2 the two cannot be compared.
    """
    from tribar.commands.compare import compare as run
    from tribar.outputs.workspace import Workspace

    if run(Workspace.find(), base, new, md, Console()):
        raise typer.Exit(1)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE.onnx", help="To write.")],
    model: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Of the model; by default models/best.")
    ] = None,
) -> None:
    """Write a model as ONNX, and beside it how to make its input and decisions to check it by."""
    runtime.pin()
    try:
        from tribar.commands.export.run import run
    except ModuleNotFoundError as error:
        raise UserError(
            f"export: {error.name} is not installed; run pip install 'tribar[onnx]'"
        ) from None
    run(file, model, Console())


@app.command()
def worker(
    scheduler: Annotated[
        str, typer.Argument(help="tcp://host:port, tls://host:port or a scheduler file.")
    ],
) -> None:
    """Work for a Dask scheduler, with the threads and instruction sets that results depend on."""
    runtime.pin()
    from tribar.execution.dask.worker import serve

    serve(scheduler)


@app.command()
def ui(port: Annotated[int, typer.Option(min=1, max=65535)] = 5000) -> None:
    """Open MLflow on the runs logged so far, on this machine's loopback address."""
    from tribar.outputs.workspace import Workspace
    from tribar.tracking import open_ui

    open_ui(Workspace.find().home, port, typer.echo)


app.command()(explain)
app.add_typer(study_cli, name="study")


def _version(is_set: bool) -> None:
    if is_set:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Take the options that stand before a subcommand."""


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
    folder = Path(__file__).parent / "stages" / name
    return f"tribar.stages.{name}.run" if folder.is_dir() else f"tribar.stages.{name}"


def _note_ignored(overrides: Sequence[str], stage: str, workspace: "Workspace") -> None:
    from tribar.commands.ignored_overrides import ignored_overrides
    from tribar.outputs.workspace import PIPELINE

    for line in ignored_overrides(overrides, stage, workspace.root / PIPELINE):
        typer.echo(f"note: {line}", err=True)


def main() -> None:
    """Run the command line; a user's mistake ends with one message and no traceback."""
    errors = Console(stderr=True, soft_wrap=True, highlight=False)
    try:
        app()
    except UserError as error:
        errors.print(f"[bold red]error:[/] {escape(str(error))}")
        sys.exit(error.exit_code)
