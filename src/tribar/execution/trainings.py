"""Trainings of one configuration on all cores: what a kill leaves of them is taken up."""

import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from tribar.config.schema import Params
from tribar.dataset.prepared import read_split
from tribar.ensemble.fold_training import epochs_of, run_fold, runs_by_fold
from tribar.ensemble.refitting import Refit, run_refit
from tribar.ensemble.trained_model import TrainedModel, assemble
from tribar.ensemble.training import (
    Configuration,
    ensemble_seeds,
    run_training,
    trained_networks,
)
from tribar.execution.executors import MODULES, here_at_once, open_executor, run_all
from tribar.execution.memory import require_memory
from tribar.files import unwritable_as_user_error
from tribar.model.config import Hyperparameters
from tribar.model.training.trainer import TrainedNetwork
from tribar.outputs.workspace import DEVELOPMENT, TRAININGS, Workspace
from tribar.records.identity import identify_training
from tribar.runtime import open_device


def configure(
    hyper: Hyperparameters, params: Params, workspace: Workspace, data: Path | None = None
) -> Configuration:
    """Return a configuration to train on prepared data, and where its progress is kept.

    Args:
        hyper: of the networks.
        params: of the whole pipeline.
        workspace: of the stage.
        data: folder of a prepared split; None for development.

    Raises:
        UserError: nothing is prepared, or the device is absent.
    """
    device = open_device(params.training.device, params.training.amp)
    data = data or workspace.source(DEVELOPMENT)
    read_split(data, columns=[])  # a fault is found here, not in every worker
    configuration = Configuration(data, hyper, params.training, device, home=Path())
    home = workspace.home / TRAININGS / identify_training(configuration)
    return replace(configuration, home=home)


@contextmanager
def train_model(configuration: Configuration, root: int) -> Iterator[TrainedModel]:
    """Yield the model of a configuration: its seeds are trained, and then its folds.

    Their progress is kept until the block has ended well, then deleted.

    Args:
        configuration: to train.
        root: seed that those of the trainings are derived from.

    Raises:
        DivergedError: a loss is NaN or infinite; says where.
        OutOfMemoryError: a batch does not fit; says which.
        UserError: there is not the memory for them, the workers cannot be used, or progress
            cannot be written.
    """
    home, data = configuration.home, configuration.data
    seeds = ensemble_seeds(root, configuration.training.seeds)
    folds = read_split(data, columns=[]).schema.folds
    most = max(len(seeds), folds)
    with _kept(configuration, most):
        with open_executor(most, [data], home, MODULES["train-best"]) as executor:
            trained = run_all(executor, partial(run_training, configuration), seeds)
            runs = runs_by_fold(root, folds, epochs_of(trained))
            predictions = run_all(executor, partial(run_fold, configuration), runs)
        yield assemble(configuration, trained, predictions)


@contextmanager
def refit_networks(
    configuration: Configuration, runs: Sequence[Refit]
) -> Iterator[list[TrainedNetwork]]:
    """Yield networks trained on all samples; their progress is kept until the block has ended well.

    Raises:
        DivergedError: a loss is NaN or infinite; says where.
        OutOfMemoryError: a batch does not fit; says which.
        UserError: there is not the memory for them, the workers cannot be used, or progress
            cannot be written.
    """
    with _kept(configuration, len(runs)):
        folders, home = [configuration.data], configuration.home
        with open_executor(len(runs), folders, home, MODULES["refit"]) as executor:
            trained = run_all(executor, partial(run_refit, configuration), runs)
        yield trained_networks(trained, configuration.whole(), configuration)


@contextmanager
def _kept(configuration: Configuration, most: int) -> Iterator[None]:
    """Keep the progress of a configuration's trainings until the block has ended well."""
    require_memory(configuration, here_at_once(most))
    home = configuration.home
    with _alone(home):
        try:
            yield
        finally:
            shutil.rmtree(home / "rows", ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Let others with the same trainings wait, as two experiments that differ in another stage."""
    while True:
        with unwritable_as_user_error(home):
            home.mkdir(parents=True, exist_ok=True)
        folder = os.open(home, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            # Who had it before may have deleted the folder in the end.
            if home.exists() and os.path.samestat(os.fstat(folder), home.stat()):
                yield
                return
        finally:
            os.close(folder)
