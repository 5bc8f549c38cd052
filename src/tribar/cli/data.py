"""Commands on a source of bars, before any stage."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tribar.cli.app import DATA, app
from tribar.commands.options import Override, ParamsFile, read_options


@app.command(rich_help_panel=DATA)
def inspect(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="A file, a folder, or a glob of files.")
    ],
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


@app.command(rich_help_panel=DATA)
def new(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Of the repository: new, or empty.")
    ],
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


@app.command(rich_help_panel=DATA)
def upgrade(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if it is due.")
    ] = False,
) -> None:
    """Take the installed tribar for this repository's, and say which stages become stale."""
    from tribar.commands.new.run import upgrade as take
    from tribar.outputs.workspace import Workspace

    take(Workspace.find().root, check, Console())
