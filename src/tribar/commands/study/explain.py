"""tribar explain: all that a study knows of a trial."""

from rich.console import Console

from tribar.commands.study.selection import study_to_explain
from tribar.config.schema import Params
from tribar.console import print_line
from tribar.errors import UserError
from tribar.outputs.workspace import TUNE_METRICS, Workspace
from tribar.records.explain import explain
from tribar.records.stored import winner_of


def explain_trial(
    params: Params, workspace: Workspace, console: Console, trial: int, prefix: str | None
) -> None:
    """Print how a trial ended, how it differs from the best and why it was stopped.

    Args:
        params: their study is meant where `prefix` is None, as far as `tune.n_trials` goes.
        workspace: where studies and data lie.
        console: where to print.
        trial: its number.
        prefix: beginning of a study's identity.

    Raises:
        UserError: there is no such study or trial.
    """
    study = study_to_explain(params, workspace, prefix)
    rows = study.rows()
    if prefix is None:
        rows = tuple(row for row in rows if row.number < params.tune.n_trials)
    found = next((row for row in rows if row.number == trial), None)
    if found is None:
        numbers = f"trials {rows[0].number} to {rows[-1].number}" if rows else "no trial yet"
        raise UserError(
            f"trial {trial}: study {study.digest} has {numbers}"
            + ("; name another study with --study" if prefix is None else "")
        )
    winner = winner_of(workspace.source(TUNE_METRICS), rows)
    print_line(console, explain(found, rows, study.direction, winner))
