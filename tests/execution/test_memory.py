"""What a training needs is known before, and what does not fit is told."""

import re
from collections.abc import Callable
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch

from tests.model.synthetic import WINDOW, synthetic_split
from tribar.config.reading import read_params
from tribar.config.schema import Params
from tribar.errors import UserError
from tribar.execution.memory import Extent, check_memory, need, require_memory, weights
from tribar.model.config import Hyperparameters
from tribar.model.folds import Fold, make_fold
from tribar.model.network.classifier import RecurrentClassifier, count_parameters
from tribar.model.training.epoch import SCORING_BATCH
from tribar.model.training.out_of_memory import OutOfMemoryError
from tribar.model.training.trainer import train
from tribar.model.windows import to_device

Shrunk = Callable[..., Params]
SPLIT = synthetic_split()
EXTENT = Extent.of(SPLIT)


@pytest.fixture(scope="module")
def fold() -> Fold:
    return make_fold(SPLIT, SPLIT.part("train"), SPLIT.part("validation"), "cpu")


def settings(shrunk: Shrunk, *overrides: str) -> tuple[Params, Hyperparameters]:
    params = shrunk("model.hidden_dim=6", *overrides)
    return params, params.training.complete(params.model)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("both", ["false", "true"])
def test_weights_are_counted_without_building_them(cell: str, both: str, shrunk: Shrunk) -> None:
    _, hyper = settings(
        shrunk, f"model.cell={cell}", f"model.bidirectional={both}",
        "training.supervision=sliding", "model.num_layers=3",
    )  # fmt: skip
    network = RecurrentClassifier((0, 1, 2), WINDOW, hyper)
    assert weights(hyper, 3) == count_parameters(network.encoder)


def test_what_no_machine_has_room_for_is_refused_with_numbers(shrunk: Shrunk) -> None:
    params, hyper = settings(shrunk)
    huge = hyper.model_copy(update={"hidden_dim": 1_000_000})
    with pytest.raises(ValueError, match=r"about [\d.e+]+ GiB for .* weights and batches of 32"):
        check_memory(huge, params.training, EXTENT)
    there = f"{psutil.virtual_memory().total / 2**30:.3g} GiB"
    with pytest.raises(UserError, match=there):
        require_memory(huge, params.training, SPLIT, "cpu")
    check_memory(hyper, params.training, EXTENT)


def test_a_batch_is_never_larger_than_what_there_is_to_train_on(shrunk: Shrunk) -> None:
    for supervision in ("dense", "sliding"):
        params, hyper = settings(shrunk, f"training.supervision={supervision}")
        all_at_once = hyper.model_copy(update={"batch_size": 1_000_000})
        training = params.training.model_copy(update={"stride": 1_000_000})
        check_memory(all_at_once, training, EXTENT)
        fold = make_fold(SPLIT, SPLIT.part("train"), SPLIT.part("validation"), "cpu")
        train(
            fold.train,
            fold.validation,
            all_at_once,
            training.model_copy(update={"max_epochs": 1}),
            1,
        )


def test_the_message_names_what_the_room_is_needed_for(shrunk: Shrunk) -> None:
    params, hyper = settings(shrunk)
    wide = hyper.model_copy(update={"hidden_dim": 1_000_000})
    assert need(wide, params.training, EXTENT).levers == "hidden_dim or num_layers"
    long = replace(EXTENT, schema=replace(SPLIT.schema, window=10_000))
    slow = hyper.model_copy(update={"batch_size": 1})
    assert need(slow, params.training, long).levers == "hidden_dim or prepare.window"
    many = replace(EXTENT, runs=(1_000_000,), decisions=1_000_000)
    large = hyper.model_copy(update={"batch_size": 1_000_000})
    assert "batch_size, training.stride" in need(large, params.training, many).levers


def test_rows_that_do_not_fit_are_told() -> None:
    rows = np.broadcast_to(np.float32(0), (1 << 50, 4))
    with pytest.raises(OutOfMemoryError, match=r"out of memory in the 1,125,.* rows of 4 features"):
        to_device(rows, "cpu")


def test_each_process_needs_its_own_memory(shrunk: Shrunk) -> None:
    params, hyper = settings(shrunk)
    each = need(hyper, params.training, EXTENT).total
    most = psutil.virtual_memory().total // each
    check_memory(hyper, params.training, EXTENT, at_once=most)
    with pytest.raises(ValueError, match=rf"in {most + 1} processes at once.*TRIBAR_WORKERS"):
        check_memory(hyper, params.training, EXTENT, at_once=most + 1)


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
        train(fold.train, fold.validation, hyper, params.training, 1)
    monkeypatch.undo()
    monkeypatch.setattr(torch.optim.Adam, "step", lambda self: torch.empty(1 << 60))
    with pytest.raises(OutOfMemoryError, match=r"out of memory in step 1 of \d+ .*batch_size 32"):
        train(fold.train, fold.validation, hyper, params.training, 1)


def test_running_out_of_memory_in_validation_is_told(
    fold: Fold, shrunk: Shrunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    params, hyper = settings(shrunk)
    plain = RecurrentClassifier.forward

    def greedy(self: RecurrentClassifier, rows: torch.Tensor, n_targets: int = 1) -> torch.Tensor:
        return plain(self, rows, n_targets) if self.training else torch.empty(1 << 60)

    monkeypatch.setattr(RecurrentClassifier, "forward", greedy)
    with pytest.raises(OutOfMemoryError, match="in the scoring of 256 windows at a time, epoch 0"):
        train(fold.train, fold.validation, hyper, params.training, 1)


def scoring_bytes(cell: str, layers: int) -> tuple[int, int]:
    """Return what the scoring of long windows takes, and what it was expected to take."""
    overrides = (f"model.cell={cell}", f"model.num_layers={layers}", "model.hidden_dim=64")
    params = read_params(Path("params.yaml"), [*overrides, "training.batch_size=1"])
    hyper, window = params.training.complete(params.model), 1000
    network = RecurrentClassifier((0, 1, 2), window, hyper).eval()
    with torch.no_grad():
        network(torch.zeros(2, window, 3))
        before = psutil.Process().memory_info().rss
        Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
        network(torch.zeros(SCORING_BATCH, window, 3))
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    extent = Extent(0, SCORING_BATCH, (1,), replace(SPLIT.schema, window=window))
    return int(peak) * 1024 - before, need(hyper, params.training, extent).total


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("layers", [1, 3])
def test_the_windows_that_are_scored_at_once_need_their_room(cell: str, layers: int) -> None:
    with get_context("spawn").Pool(1) as pool:
        taken, expected = pool.apply(scoring_bytes, (cell, layers))
    assert taken / 1.5 < expected < 2 * taken
