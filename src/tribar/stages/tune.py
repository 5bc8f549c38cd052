"""tune: the Optuna study, resumable, its best parameters and its history."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

import tribar
from tribar.market.prepared import read_split
from tribar.model.fitting import make_fold
from tribar.params import Params
from tribar.runtime import open_device
from tribar.stages.outputs import write_csv, write_json
from tribar.stages.workspace import DEVELOPMENT, RESULTS, Workspace
from tribar.tuning import tables
from tribar.tuning.executors import InlineExecutor
from tribar.tuning.identity import Identity, identify
from tribar.tuning.journal import open_journal
from tribar.tuning.objective import Objective
from tribar.tuning.progress import Progress
from tribar.tuning.study import run_study
from tribar.tuning.trial import TrialRow, best_of


def run(params: Params, workspace: Workspace, console: Console) -> None:
    """Run the trials that the study's journal lacks and write what the study found."""
    device = open_device(params.training.device)
    split = read_split(workspace.source(DEVELOPMENT))
    identity = _identify(params, workspace, device)
    folder = workspace.home / ".tribar/studies" / identity.digest
    fold = make_fold(split, split.part("train"), split.part("validation"), device)
    with (
        open_journal(folder, console.print) as journal,
        Progress(console, params.tune.n_trials) as progress,
    ):
        write_json(folder / "identity.json", identity.parts)
        if journal.rows:
            console.print(f"study {identity.digest} goes on after {len(journal.rows)} trials")
        objective = Objective(
            fold,
            params.model,
            params.training,
            params.tune.pruner,
            params.base.seed,
            progress.epoch,
        )
        rows = run_study(
            params.tune,
            params.baseline.model_dump(),
            params.training.max_epochs,
            objective,
            InlineExecutor(),
            journal,
            progress.trial,
        )
    _write(params, rows, workspace)


def _identify(params: Params, workspace: Workspace, device: str) -> Identity:
    package = Path(tribar.__file__).parent
    code = [
        path for room in ("market", "model", "tuning") for path in (package / room).glob("*.py")
    ]
    blocks = (params.baseline, params.model, params.training, params.tune)
    return identify(
        workspace.source(DEVELOPMENT),
        [*code, package / "runtime.py"],
        params.base.seed,
        device,
        blocks,
    )


def _write(params: Params, rows: Sequence[TrialRow], workspace: Workspace) -> None:
    best = best_of(rows)
    assert best is not None
    space, max_epochs = params.tune.space, params.training.max_epochs
    hyper = params.training.complete(params.model, **best.params)
    folder = workspace.target(RESULTS / "tune")
    write_json(folder / "best_params.json", hyper.model_dump())
    write_json(folder / "metrics.json", tables.study_metrics(rows, max_epochs))
    write_csv(folder / "trials.csv", tables.trial_table(rows, space))
    write_csv(folder / "curves.csv", tables.curve_table(rows))
    write_csv(folder / "importance.csv", tables.importance_table(rows, space))
    write_csv(folder / "correlation.csv", tables.correlation_table(rows, space))
