"""tribar study audit: finishes some of the pruned trials, to see what pruning has cost."""

from functools import partial

from rich.console import Console

from tribar.config.schema import Params
from tribar.console import print_line
from tribar.errors import UserError
from tribar.execution.executors import open_executor
from tribar.outputs.workspace import Workspace
from tribar.records.audit import audit, sample_pruned
from tribar.stages.tune.current_study import current_study
from tribar.study.journal import open_journal
from tribar.study.loop import Watch
from tribar.trial.running_trials import clear
from tribar.trial.worker import dropped_rows, run_job
from tribar.trials import TrialRow


def audit_study(params: Params, workspace: Workspace, console: Console, size: int) -> None:
    """Run `size` pruned trials of the current study to their end and print what they came to.

    Raises:
        UserError: the study has not been run yet.
    """
    found = current_study(params, workspace)
    recipe = found.recipe.for_audit()
    with (
        open_journal(found.folder, console.print) as journal,
        open_journal(found.folder / "audit", console.print) as again,
    ):
        rows = [journal.rows[number] for number in sorted(journal.rows)][: params.tune.n_trials]
        if not rows:
            raise UserError("audit: the study of these parameters has no trial; run `tribar tune`")
        sample = sample_pruned(rows, size, params.base.seed)

        def forget(row: TrialRow) -> None:
            clear(recipe.folder, row.number)

        with (
            dropped_rows(recipe.data, found.folder),
            open_executor(max(len(sample), 1), recipe.data, found.folder) as executor,
        ):
            result = audit(
                rows,
                sample,
                found.aim,
                partial(run_job, recipe),
                executor,
                again,
                Watch(forget, console.print),
            )
    for line in result.lines():
        print_line(console, line)
