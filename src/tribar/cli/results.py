"""Commands that say what the stages have found, and why."""

from typing import Annotated

import typer
from rich.console import Console

from tribar.cli.app import RESULTS, app
from tribar.commands.options import Output
from tribar.commands.study.app import app as study
from tribar.commands.study.app import explain


@app.command(rich_help_panel=RESULTS)
def verdict(
    revision: Annotated[
        str, typer.Argument(metavar="REV", help="A revision or an experiment.")
    ] = "workspace",
    output: Output = None,
) -> None:
    """Print the stored scores and the verdict."""
    from tribar.commands.revisions import WORKSPACE, Revision
    from tribar.outputs.workspace import Workspace
    from tribar.stages.evaluate.verdict import VERDICT, show

    workspace = Workspace.find(output)
    if revision == WORKSPACE:
        show(workspace, Console())
        return
    found = Revision(workspace.root, revision)
    found.metrics()  # what it lacks is said once
    typer.echo(found.read(VERDICT).decode(), nl=False)


@app.command(rich_help_panel=RESULTS)
def compare(
    base: Annotated[str, typer.Argument(metavar="BASE", help="A revision or an experiment.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Another one.")] = "workspace",
    md: Annotated[
        bool, typer.Option("--md", help="Print Markdown, as for a pull request.")
    ] = False,
) -> None:
    """Tell whether a revision's best model is better than another's, on the same decisions.

    Exit codes: 0 it is not worse, 1 it is worse, 2 the two cannot be compared.
    """
    from tribar.commands.compare import compare as run
    from tribar.outputs.workspace import Workspace

    if run(Workspace.find(), base, new, md, Console()):
        raise typer.Exit(1)


app.command(rich_help_panel=RESULTS)(explain)
app.add_typer(study, name="study", rich_help_panel=RESULTS)
