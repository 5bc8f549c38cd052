"""What a training needs is known before, and what does not fit is told."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import numpy as np
import psutil
import pytest
import torch

from tests.model.synthetic import WINDOW, synthetic_split
from tribar.config.schema import Params
from tribar.dataset.prepared import write_split
from tribar.ensemble.training import Configuration
from tribar.errors import UserError
from tribar.execution.memory import count_weights, needed_bytes, require_memory, shortage
from tribar.model.config import Cell, Hyperparameters
from tribar.model.folds import Fold, make_fold
from tribar.model.network.classifier import RecurrentClassifier, count_parameters
from tribar.model.training.out_of_memory import OutOfMemoryError
from tribar.model.training.trainer import train
from tribar.model.windows import to_device

Shrunk = Callable[..., Params]
SPLIT = synthetic_split()


@pytest.fixture(scope="module")
def fold() -> Fold:
    return make_fold(SPLIT, SPLIT.part("train"), SPLIT.part("validation"), "cpu")


def settings(shrunk: Shrunk, *overrides: str) -> tuple[Params, Hyperparameters]:
    params = shrunk("model.hidden_dim=6", *overrides)
    return params, params.training.complete(params.model)


@pytest.mark.parametrize("cell", get_args(Cell))
def test_weights_are_counted_without_building_them(cell: Cell, shrunk: Shrunk) -> None:
    _, hyper = settings(shrunk, f"model.cell={cell}", "model.num_layers=3")
    network = RecurrentClassifier(SPLIT.schema.columns(hyper.features), WINDOW, hyper)
    assert count_weights(hyper, SPLIT.schema) == count_parameters(network)
    huge = hyper.model_copy(update={"hidden_dim": 1_000_000})
    assert count_weights(huge, SPLIT.schema) > 10**13


def test_what_fits_into_no_machine_is_refused_with_numbers(shrunk: Shrunk, tmp_path: Path) -> None:
    params, hyper = settings(shrunk)
    huge = hyper.model_copy(update={"hidden_dim": 1_000_000})
    lacks = shortage(huge, params.training, SPLIT)
    assert re.match(r"about [\d.e+]+ GiB for .* weights and batches of 32", lacks)
    there = f"{psutil.virtual_memory().total / 2**30:.3g} GiB"
    write_split(SPLIT, tmp_path)
    configuration = Configuration(tmp_path, huge, params.training, "cpu", tmp_path)
    with pytest.raises(UserError, match=there):
        require_memory(configuration, at_once=1)
    assert not shortage(hyper, params.training, SPLIT)


def test_a_batch_is_never_larger_than_what_there_is_to_train_on(shrunk: Shrunk) -> None:
    for supervision in ("dense", "sliding"):
        params, hyper = settings(shrunk, f"training.supervision={supervision}")
        all_at_once = hyper.model_copy(update={"batch_size": 1_000_000})
        training = params.training.model_copy(update={"stride": 1_000_000})
        assert not shortage(all_at_once, training, SPLIT)
        fold = make_fold(SPLIT, SPLIT.part("train"), SPLIT.part("validation"), "cpu")
        train(
            fold,
            all_at_once,
            training.model_copy(update={"max_epochs": 1}),
            1,
        )


def test_rows_that_do_not_fit_are_told() -> None:
    rows = np.broadcast_to(np.float32(0), (1 << 50, 4))
    with pytest.raises(OutOfMemoryError, match=r"out of memory in the 1,125,.* rows of 4 features"):
        to_device(rows, "cpu")


def test_each_process_needs_its_own_memory(shrunk: Shrunk) -> None:
    params, hyper = settings(shrunk)
    most = psutil.virtual_memory().total // needed_bytes(hyper, params.training, SPLIT)
    assert not shortage(hyper, params.training, SPLIT, at_once=most)
    lacks = shortage(hyper, params.training, SPLIT, at_once=most + 1)
    assert re.search(rf"in {most + 1} processes at once.*TRIBAR_WORKERS", lacks)


def test_running_out_of_memory_names_the_batch(
    fold: Fold, shrunk: Shrunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    params, hyper = settings(shrunk)
    plain = RecurrentClassifier.forward

    def greedy(self: RecurrentClassifier, rows: torch.Tensor, n_targets: int = 1) -> torch.Tensor:
        torch.empty(1 << 60)
        return plain(self, rows, n_targets)

    monkeypatch.setattr(RecurrentClassifier, "forward", greedy)
    with pytest.raises(OutOfMemoryError, match=r"out of memory in step 1 of \d+ .*batch_size 32"):
        train(fold, hyper, params.training, 1)
    monkeypatch.undo()
    monkeypatch.setattr(torch.optim.Adam, "step", lambda self: torch.empty(1 << 60))
    with pytest.raises(OutOfMemoryError, match=r"out of memory in step 1 of \d+ .*batch_size 32"):
        train(fold, hyper, params.training, 1)


def test_running_out_of_memory_in_validation_is_told(
    fold: Fold, shrunk: Shrunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    params, hyper = settings(shrunk)
    plain = RecurrentClassifier.forward

    def greedy(self: RecurrentClassifier, rows: torch.Tensor, n_targets: int = 1) -> torch.Tensor:
        return plain(self, rows, n_targets) if self.training else torch.empty(1 << 60)

    monkeypatch.setattr(RecurrentClassifier, "forward", greedy)
    with pytest.raises(OutOfMemoryError, match="in the scoring of 256 windows at a time, epoch 0"):
        train(fold, hyper, params.training, 1)
