"""The current study while its trials run: its journal, what runs them, and what they leave."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import partial

from tribar.execution.executors import open_executor
from tribar.stages.tune.current_study import CurrentStudy
from tribar.study.journal import Journal, open_journal
from tribar.study.pool import TrialPool, ignore
from tribar.trial.recipe import Recipe
from tribar.trial.running_trials import delete_checkpoints
from tribar.trial.worker import run_trial
from tribar.trials import TrialRow


@contextmanager
def open_study(
    study: CurrentStudy, most_at_once: int, say: Callable[[str], None]
) -> Iterator[tuple[Journal, Executor]]:
    """Yield a study's journal, and what runs its trials.

    The journal's lock comes first: a cluster's workers serve one run of a study at a time. What
    the worker processes have shared is deleted in the end, for it is made again at need.
    """
    with open_journal(study.folder, say) as journal:
        try:
            with open_executor(most_at_once, [study.recipe.data], study.folder) as executor:
                yield journal, executor
        finally:
            shutil.rmtree(study.recipe.shared_rows, ignore_errors=True)


def make_pool(
    recipe: Recipe,
    executor: Executor,
    journal: Journal,
    say: Callable[[str], None],
    on_trial: Callable[[TrialRow], object] = ignore,
) -> TrialPool:
    """Return the pool of a recipe's trials; a finished one's checkpoints are deleted."""

    def finish(row: TrialRow) -> None:
        delete_checkpoints(recipe.folder, row.number)
        on_trial(row)

    return TrialPool(partial(run_trial, recipe), executor, journal, finish, say)
