"""The command lines of `tribar study` and `tribar explain`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

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

StudyPrefix = Annotated[
    str | None,
    typer.Option(
        "--study",
        metavar="IDENTITY",
        help="A study by the beginning of its identity, instead of that of the parameters.",
    ),
]


def explain(
    trial: Annotated[int, typer.Argument(min=0, help="Number of the trial.")],
    study: StudyPrefix = None,
    output: Output = None,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Say how a trial ended, how it differs from the best, and why it was stopped."""
    context = _open(output, params, override)
    from tribar.commands.study.explain import explain_trial

    explain_trial(*context, trial, study)


@app.command("list")
def list_(output: Output = None, params: ParamsFile = None, override: Override = None) -> None:
    """List the studies, the one written last first, and say which is the current one."""
    context = _open(output, params, override)
    from tribar.commands.study.show import list_studies

    list_studies(*context)


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
    context = _open(output, params, override)
    from tribar.commands.study.show import show_study

    show_study(*context, study)


@app.command()
def export(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.json|.csv", help="JSON lines, or a table of the trials.")
    ],
    study: StudyPrefix = None,
    output: Output = None,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Write all trials of a study into a file."""
    context = _open(output, params, override)
    from tribar.commands.study.export import export_study

    export_study(*context, file, study)


@app.command()
def prune_old(
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
    output: Output = None,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Delete every study but the current one; a study under way stays."""
    context = _open(output, params, override)
    from tribar.commands.study.prune_old import prune_old as prune

    prune(*context, (lambda question: True) if yes else _ask)


@app.command()
def audit(
    trials: Annotated[int, typer.Option(min=1, help="Most pruned trials to finish.")] = 5,
    output: Output = None,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Finish a random sample of the pruned trials, and say what pruning cost and saved."""
    context = _open(output, params, override)
    from tribar.commands.study.audit import audit_study

    audit_study(*context, trials)


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
        Literal["completed", "points"],
        typer.Option(
            "--as",
            help="completed: the sampler knows them before trial 0; "
            "points: show them as tune.enqueue takes them, to be tried again.",
        ),
    ] = "completed",
    best: Annotated[
        int | None, typer.Option(min=1, help="Keep this many of the best value.")
    ] = None,
    params: ParamsFile = None,
    override: Override = None,
) -> None:
    """Give the next study the completed trials of an earlier one (warm start)."""
    context = _open(None, params, override)
    from tribar.commands.study.import_trials import import_trials

    import_trials(*context, source, name, to, use, best)


def _ask(question: str) -> bool:
    try:
        return typer.confirm(question)
    except typer.Abort:
        raise UserError("nothing deleted: the question was not answered; pass --yes") from None


def _open(
    output: Path | None, params: Path | None, override: list[str] | None
) -> "tuple[Params, Workspace, Console]":
    """Return what every command works with; before anything heavy is loaded."""
    runtime.pin()
    return *read_options(output, params, override, {}), Console()
