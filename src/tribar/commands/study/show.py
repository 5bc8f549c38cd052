"""tribar study list and tribar study show: what studies there are, and what is in one."""

from collections import Counter
from datetime import datetime

from rich.console import Console
from rich.table import Table

from tribar.commands.study.selection import (
    committed_study,
    current_identity,
    select_study,
)
from tribar.config.schema import Params
from tribar.console import print_line
from tribar.errors import UserError
from tribar.outputs.workspace import STUDIES, Workspace
from tribar.records.stored import StoredStudy, find_studies
from tribar.study.ranking import best_of
from tribar.trials import State

_STATES: tuple[State, ...] = ("COMPLETE", "PRUNED", "FAIL")


def list_studies(params: Params, workspace: Workspace, console: Console) -> None:
    """Print a line a study: trials by state, best value, when it was written, which is current."""
    identity = current_identity(params, workspace)
    stored = find_studies(workspace.home / STUDIES)
    studies = stored or (committed_study(params, workspace),)
    table = Table("study", *_STATES, "best", "written", "", box=None)
    faults: list[str] = []
    for study in studies:
        is_current = identity and study.digest == identity.digest
        mark = "results alone" if not stored else "current" if is_current else ""
        written = datetime.fromtimestamp(study.written).strftime("%Y-%m-%d %H:%M")
        try:
            figures = _figures(study)
        except UserError as error:
            faults.append(str(error))
            figures = ["?"] * 4
        table.add_row(study.digest, *figures, written, mark)
    console.print(table)
    if stored and identity and all(study.digest != identity.digest for study in stored):
        line = f"study {identity.digest}, that of the current parameters, has not begun"
        print_line(console, line)
    for fault in faults:
        print_line(console, fault)


def show_study(params: Params, workspace: Workspace, console: Console, prefix: str | None) -> None:
    """Print a study's counts, its best trial's parameters and the parts of its identity.

    Raises:
        UserError: there is no such study, or its journal is damaged.
    """
    study = select_study(params, workspace, prefix)
    rows = study.rows()
    counts = Counter(row.state for row in rows)
    states = ", ".join(f"{counts[state]} {state}" for state in _STATES)
    lines = [f"study {study.digest}: {len(rows)} trials ({states})"]
    if best := best_of(rows, study.direction):
        lines.append(f"best: {best.value:.6g} by trial {best.number}")
        lines += [f"  {name}: {value}" for name, value in best.params.items()]
    lines += ["identity", *(f"  {part}: {text}" for part, text in study.parts.items())]
    for line in lines:
        print_line(console, line)


def _figures(study: StoredStudy) -> list[str]:
    rows = study.rows()
    counts, best = Counter(row.state for row in rows), best_of(rows, study.direction)
    return [*(str(counts[state]) for state in _STATES), f"{best.value:.4f}" if best else "-"]
