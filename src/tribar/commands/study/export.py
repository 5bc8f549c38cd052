"""tribar study export: the trials of a study as one file."""

from pathlib import Path

from rich.console import Console

from tribar.commands.study.selection import select_study
from tribar.config.schema import Params
from tribar.console import print_line
from tribar.errors import UserError
from tribar.outputs.workspace import Workspace
from tribar.outputs.writers import write_csv, write_text
from tribar.stages.tune.tables import trial_table
from tribar.trials import to_lines


def export_study(
    params: Params, workspace: Workspace, console: Console, file: Path, prefix: str | None
) -> None:
    """Write a study's rows as JSON, one a line, or its table of trials as CSV.

    Raises:
        UserError: the file has another ending or cannot be written, or there is no such study.
    """
    if file.suffix not in (".json", ".csv"):
        raise UserError(f"{file}: ends in neither .json nor .csv; name a file of one of the two")
    study = select_study(params, workspace, prefix)
    rows = study.rows()
    try:
        if file.suffix == ".csv":
            write_csv(file, trial_table(rows, dict.fromkeys(n for row in rows for n in row.params)))
        else:
            write_text(file, to_lines(rows))
    except OSError as error:
        raise UserError(f"{file}: cannot be written ({error.strerror}); name another") from None
    print_line(console, f"{file}: {len(rows)} trials of study {study.digest}")
