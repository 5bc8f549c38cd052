"""`tribar explain` and `tribar study`: what the studies on this machine know."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from tribar import runtime
from tribar.commands.options import Output, Override, ParamsFile, read_options
from tribar.errors import UserError

if TYPE_CHECKING:
    from tribar.config.schema import Params
    from tribar.outputs.workspace import Workspace

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="List, show, audit, export and import studies, and delete old ones (prune-old).",
)

Wanted = Annotated[
    str | None,
    typer.Option(
        "--study",
        metavar="IDENTITY",
        help="A study by the beginning of its identity, instead of that of the parameters.",
    ),
]


class Use(StrEnum):
    """What becomes of imported trials."""

    COMPLETED = "completed"
    POINTS = "points"


def explain(
    trial: Annotated[int, typer.Argument(min=0, help="Number of the trial.")],
    study: Wanted = None,
    output: Output = None,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Say how a trial ended, how it differs from the best, and why it was stopped."""
    read, workspace = _open(output, params, override)
    from tribar.commands.studies import explain_trial

    explain_trial(read, workspace, Console(), trial, study)


@app.command("list")
def list_(output: Output = None, params: ParamsFile = None, override: Override = None) -> None:
    """List the studies, the one written last first, and say which is the current one."""
    read, workspace = _open(output, params, override)
    from tribar.commands.studies import list_studies

    list_studies(read, workspace, Console())


@app.command()
def show(
    study: Annotated[
        str | None,
        typer.Argument(help="Beginning of its identity; the current study if left out."),
    ] = None,
    output: Output = None,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Show a study's counts, its best trial and what makes its identity."""
    read, workspace = _open(output, params, override)
    from tribar.commands.studies import show_study

    show_study(read, workspace, Console(), study)


@app.command()
def export(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.json|.csv", help="JSON lines, or a table of the trials.")
    ],
    study: Wanted = None,
    output: Output = None,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Write all trials of a study into a file."""
    read, workspace = _open(output, params, override)
    from tribar.commands.studies import export_study

    export_study(read, workspace, Console(), file, study)


@app.command()
def prune_old(
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
    output: Output = None,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Delete every study but the current one; a study under way stays."""
    read, workspace = _open(output, params, override)
    from tribar.commands.studies import prune_old as prune

    prune(read, workspace, Console(), (lambda question: True) if yes else _ask)


@app.command()
def audit(
    trials: Annotated[int, typer.Option(min=1, help="Most pruned trials to finish.")] = 5,
    output: Output = None,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Finish a random sample of the pruned trials, and say what pruning cost and saved."""
    read, workspace = _open(output, params, override)
    from tribar.commands.study_audit import run

    run(read, workspace, Console(), trials)


@app.command("import")
def import_(
    source: Annotated[
        str,
        typer.Argument(
            help="First digits of a study's identity in .tribar/studies, or the URL of an Optuna "
            "storage, e.g. sqlite:///optuna.db."
        ),
    ],
    name: Annotated[
        str | None, typer.Option(metavar="STUDY", help="The study in the storage.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option(help="Write here instead of to data/warm_start.json.")
    ] = None,
    use: Annotated[
        Use,
        typer.Option(
            "--as",
            help="completed: the sampler knows them before trial 0; "
            "points: show them as tune.enqueue takes them, to be tried again.",
        ),
    ] = Use.COMPLETED,
    best: Annotated[
        int | None, typer.Option(min=1, help="Keep this many of the best value.")
    ] = None,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Give the next study the completed trials of an earlier one (warm start)."""
    read, workspace = _open(None, params, override)
    from tribar.commands.study_import import run

    run(read, workspace, Console(), source, name, to, use.value, best)


def _ask(question: str) -> bool:
    try:
        return typer.confirm(question)
    except typer.Abort:
        raise UserError("nothing deleted: the question was not answered; pass --yes") from None


def _open(
    output: Path | None, params: Path | None, override: list[str] | None
) -> "tuple[Params, Workspace]":
    runtime.pin()
    return read_options(output, params, override, {})
