"""tribar study prune-old: deletes studies that are no longer the current one."""

from collections.abc import Callable

from rich.console import Console

from tribar.commands.study.selection import select_current, stored_studies
from tribar.config.schema import Params
from tribar.console import print_line
from tribar.outputs.workspace import STUDIES, Workspace
from tribar.records.stored import delete, names


def prune_old(
    params: Params, workspace: Workspace, console: Console, confirm: Callable[[str], bool]
) -> None:
    """Delete every study but the current one; one that a process works on stays.

    Args:
        params: their study is the current one.
        workspace: where studies and data lie.
        console: where to print.
        confirm: asks the user a question and returns the answer.

    Raises:
        UserError: nothing tells which study is the current one, or one cannot be deleted.
    """
    studies = stored_studies(workspace)
    otherwise = f"delete folders of {workspace.home / STUDIES} yourself"
    current = select_current(params, workspace, studies, otherwise)
    old = [study for study in studies if study != current]
    if not old or not confirm(f"delete {names(old)}, and keep {current.digest}?"):
        print_line(console, f"nothing deleted; study {current.digest} is the current one")
        return
    for study in old:
        size = delete(study)
        done = "kept, a process works on it" if size is None else f"deleted, {size} bytes"
        print_line(console, f"study {study.digest}: {done}")
