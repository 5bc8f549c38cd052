"""The options that commands share, and what they ask for."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tribar.config.schema import Params
    from tribar.outputs.workspace import Workspace

Override = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        "-S",
        metavar="KEY=VALUE",
        help="Set a parameter, e.g. -S training.max_epochs=1; += appends to a list. "
        "May be repeated.",
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        help="Write here, in the repository's layout, instead of into the repository. "
        "What an earlier stage wrote here is read from here."
    ),
]
Device = Annotated[str | None, typer.Option(metavar="auto|cpu|cuda", help="Sets training.device.")]
ParamsFile = Annotated[
    Path | None,
    typer.Option("--params", help="Read this file instead of the repository's params.yaml."),
]


def read_options(
    output: Path | None,
    params_file: Path | None,
    overrides: list[str] | None,
    flags: Mapping[str, object],
) -> "tuple[Params, Workspace]":
    """Return the parameters and the workspace that a command line asks for.

    Args:
        output: takes the outputs in the repository's place.
        params_file: read in the place of params.yaml.
        overrides: `key=value`, as `--set` takes them.
        flags: parameters with an option of their own, by dotted name; None where it is not used.
    """
    from tribar.config.reading import read_params
    from tribar.outputs.workspace import PARAMS, Workspace

    workspace = Workspace.find(output)
    own = [f"{key}={value}" for key, value in flags.items() if value is not None]
    params = read_params(params_file or workspace.root / PARAMS, [*(overrides or ()), *own])
    return params, workspace
