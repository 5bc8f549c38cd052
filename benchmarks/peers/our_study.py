"""Our study of the peers' space."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.peers.logbook import Logbook, arguments
from benchmarks.peers.space import SPACE
from benchmarks.sample import held_out_windows, read, recipe_of
from tribar.execution.executors import open_executor
from tribar.model.training.epoch import score_windows, validation_loss
from tribar.runtime import open_device
from tribar.study.journal import open_journal
from tribar.study.loop import run_study
from tribar.study.pool import TrialPool
from tribar.study.ranking import best_of
from tribar.trial.objective_spec import ObjectiveSpec
from tribar.trial.recipe import Recipe
from tribar.trial.running_trials import read_statuses
from tribar.trial.worker import build, run_trial
from tribar.trials import Direction, TrialRequest, TrialRow


def main() -> None:
    """Run the study."""
    parser = arguments(__doc__)
    parser.add_argument("--set", action="append", default=[], help="an override of params.yaml")
    asked = parser.parse_args()
    params = read(
        SPACE, f"tune.seed={asked.seed}", f"tune.n_trials={asked.trials}",
        f"base.seed={asked.seed}", f"training.max_epochs={asked.epochs}", *asked.set,
    )  # fmt: skip
    recipe = recipe_of(params, asked.data, asked.folder, asked.seed)
    book = Logbook(asked.folder)

    def note(row: TrialRow) -> None:
        loss = row.value if row.state == "COMPLETE" else float("inf")
        book.write(event="epochs", epochs=len(row.curve), loss=loss, trial=row.number)

    with (
        _noting(recipe.folder, book),
        open_journal(asked.folder, print) as journal,
        open_executor(params.tune.lag, [asked.data], asked.folder) as executor,
    ):
        pool = TrialPool(partial(run_trial, recipe), executor, journal, note)
        rows = run_study(
            params.tune, params.baseline_hyper().by_name(), asked.epochs, ObjectiveSpec(), pool
        ).rows
    book.write(event="end")
    best = best_of(rows, Direction.MINIMIZE)
    assert best is not None
    book.write(event="test", loss=_test_loss(recipe, best))


@contextmanager
def _noting(running: Path, book: Logbook) -> Iterator[None]:
    """Note what running trials have reached: an epoch counts when it ends, as with the peers."""
    over, known = threading.Event(), set[tuple[int, int]]()

    def watch() -> None:
        while not over.wait(0.1):
            for one in read_statuses(running):
                if (one.number, one.step) not in known:
                    known.add((one.number, one.step))
                    book.write(event="reached", loss=one.best, trial=one.number)

    threading.Thread(target=watch, daemon=True).start()
    yield
    over.set()


def _test_loss(recipe: Recipe, best: TrialRow) -> float:
    """Return the test loss of the winner's own network, trained once more to the same bits."""
    open_device("cpu")
    (trainer,) = build(recipe).trainers(TrialRequest(best.number, best.params, ()))
    while not trainer.done:
        trainer.run_epoch()
    trained = trainer.finish()
    assert trained.best_loss == best.value
    held_out = held_out_windows(recipe.data)
    return validation_loss(score_windows(trained.network, held_out), held_out)
