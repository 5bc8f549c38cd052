"""tribar study audit: finishes some of the pruned trials, to see what pruning has cost."""

from functools import partial

from rich.console import Console

from tribar.config.schema import Params
from tribar.console import print_line
from tribar.errors import UserError
from tribar.outputs.workspace import Workspace
from tribar.records.audit import audit, sample_pruned
from tribar.stages.tune.current_study import current_study
from tribar.stages.tune.open_study import make_pool, open_study
from tribar.study.journal import open_journal


def audit_study(params: Params, workspace: Workspace, console: Console, size: int) -> None:
    """Run `size` pruned trials of the current study to their end and print what they came to.

    Raises:
        UserError: the study has not been run yet.
    """
    study, say = current_study(params, workspace), partial(print_line, console)
    with (
        open_study(study, size, say) as (journal, executor),
        open_journal(study.folder / "audit", say) as again,
    ):
        rows = [journal.rows[number] for number in sorted(journal.rows)][: params.tune.n_trials]
        if not rows:
            raise UserError("audit: the study of these parameters has no trial; run `tribar tune`")
        sample = sample_pruned(rows, size, params.base.seed)
        pool = make_pool(study.recipe.for_audit(), executor, again, say)
        result = audit(rows, sample, study.recipe.spec, pool)
    for line in result.lines():
        say(line)
