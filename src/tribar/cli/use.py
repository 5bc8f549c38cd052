"""Commands that use the model."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tribar import runtime
from tribar.cli.app import USE, app
from tribar.commands.options import Output, Override, ParamsFile, read_options
from tribar.errors import UserError


@app.command(rich_help_panel=USE)
def predict(
    bars: Annotated[
        str, typer.Argument(metavar="BARS", help="A file, a folder, or a glob of files.")
    ],
    model: Annotated[
        str | None,
        typer.Option(
            metavar="DIR|REV|URI",
            help="A folder, an experiment or revision, or models:/tribar@champion of MLflow; "
            "models/best by default.",
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


@app.command(rich_help_panel=USE)
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


@app.command(rich_help_panel=USE)
def serve(
    model: Annotated[
        str | None,
        typer.Option(metavar="DIR|REV|URI", help="As of predict; models/best by default."),
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
    from tribar.commands.models import model_folder
    from tribar.commands.serve.run import run

    read, workspace = read_options(None, params, override, {})
    with model_folder(model, workspace) as folder:
        run(folder, host, port, read, Console())


@app.command(rich_help_panel=USE)
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
