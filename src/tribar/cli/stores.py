"""Commands of MLflow's log and of Dask's workers."""

from typing import Annotated

import typer

from tribar import runtime
from tribar.cli.app import STORES, app
from tribar.commands.options import Output, Override, ParamsFile, read_options
from tribar.errors import UserError


@app.command(rich_help_panel=STORES)
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


@app.command(rich_help_panel=STORES)
def ui(port: Annotated[int, typer.Option(min=1, max=65535)] = 5000) -> None:
    """Open MLflow on the runs logged so far, on this machine's loopback address."""
    from tribar.outputs.workspace import Workspace
    from tribar.tracking import open_ui

    open_ui(Workspace.find().home, port, typer.echo)


@app.command(rich_help_panel=STORES)
def worker(
    scheduler: Annotated[
        str, typer.Argument(help="tcp://host:port, tls://host:port or a scheduler file.")
    ],
) -> None:
    """Work for a Dask scheduler, with the threads and instruction sets that results depend on."""
    runtime.pin()
    from tribar.execution.dask.worker import serve

    serve(scheduler)
