"""The command that all others are commands of, and the panels that its help has."""

from typing import Annotated

import typer

from tribar import __version__

STAGES = "Stages of the pipeline"
DATA = "Your data"
RESULTS = "What came out"
USE = "The model in use"
STORES = "Logs and machines"

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
        "Exit codes: 0 done; 1 refused, worse, or a fault of tribar; 2 input to mend; "
        "3 a study without a completed trial; 130 interrupted."
    ),
)


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
