"""What a training needs is known before, and what does not fit is told."""

import re
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import psutil
import pytest
import torch

from tests.model.synthetic import WINDOW, synthetic_split
from tribar.errors import UserError
from tribar.model.epochs import SCORING_BATCH, OutOfMemoryError
from tribar.model.fitting import Fold, make_fold
from tribar.model.memory import check_memory, require_memory, required_bytes, weights
from tribar.model.recurrent import RecurrentClassifier, count_parameters
from tribar.model.training import train
from tribar.params import Hyperparameters, Params, read_params

Shrunk = Callable[..., Params]
SPLIT = synthetic_split()


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
    hyper = hyper.model_copy(update={"batch_size": 1_000_000_000})
    with pytest.raises(ValueError, match=r"about [\d.e+]+ GiB for .* weights and batches of 1000"):
        check_memory(hyper, params.training, SPLIT.schema)
    there = f"{psutil.virtual_memory().total / 2**30:.3g} GiB"
    with pytest.raises(UserError, match=there):
        require_memory(hyper, params.training, SPLIT.schema)
    params, hyper = settings(shrunk)
    check_memory(hyper, params.training, SPLIT.schema)


def test_each_process_needs_its_own_memory(shrunk: Shrunk) -> None:
    params, hyper = settings(shrunk)
    n_features = len(SPLIT.schema.columns(hyper.features))
    each = required_bytes(hyper, params.training, n_features, SPLIT.schema.window)
    most = psutil.virtual_memory().total // each
    check_memory(hyper, params.training, SPLIT.schema, at_once=most)
    with pytest.raises(ValueError, match=f"in {most + 1} processes at once"):
        check_memory(hyper, params.training, SPLIT.schema, at_once=most + 1)


def test_running_out_of_memory_names_the_batch(
    fold: Fold, shrunk: Shrunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    params, hyper = settings(shrunk)
    plain = RecurrentClassifier.forward

    def greedy(self: RecurrentClassifier, rows: torch.Tensor, scored: int = 1) -> torch.Tensor:
        torch.empty(1 << 60)
        return plain(self, rows, scored)

    monkeypatch.setattr(RecurrentClassifier, "forward", greedy)
    with pytest.raises(OutOfMemoryError, match=r"out of memory in step 1 of \d+ .*batch_size 32"):
        train(fold.fit, fold.check, hyper, params.training, 1)
    monkeypatch.undo()
    monkeypatch.setattr(torch.optim.Adam, "step", lambda self: torch.empty(1 << 60))
    with pytest.raises(OutOfMemoryError, match=r"out of memory in step 1 of \d+ .*batch_size 32"):
        train(fold.fit, fold.check, hyper, params.training, 1)


def test_running_out_of_memory_in_validation_is_told(
    fold: Fold, shrunk: Shrunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    params, hyper = settings(shrunk)
    plain = RecurrentClassifier.forward

    def greedy(self: RecurrentClassifier, rows: torch.Tensor, scored: int = 1) -> torch.Tensor:
        return plain(self, rows, scored) if self.training else torch.empty(1 << 60)

    monkeypatch.setattr(RecurrentClassifier, "forward", greedy)
    with pytest.raises(OutOfMemoryError, match="in the scoring of 256 windows at a time, epoch 0"):
        train(fold.fit, fold.check, hyper, params.training, 1)


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
    return int(peak) * 1024 - before, required_bytes(hyper, params.training, 3, window)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("layers", [1, 3])
def test_the_windows_that_are_scored_at_once_need_their_room(cell: str, layers: int) -> None:
    with get_context("spawn").Pool(1) as pool:
        taken, expected = pool.apply(scoring_bytes, (cell, layers))
    assert taken / 1.5 < expected < 2 * taken
