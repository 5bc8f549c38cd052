"""The same training on a GPU, where there is one."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch

from tests.model.synthetic import synthetic_split
from tribar.config.schema import Params
from tribar.model.config import Cell
from tribar.model.folds import Fold, make_fold
from tribar.model.training.epoch import predict
from tribar.model.training.saved_state import load_progress, save_progress
from tribar.model.training.trainer import TrainedNetwork, Trainer, train
from tribar.runtime import open_device

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
Shrunk = Callable[..., Params]
SMALL = ("model.hidden_dim=8", "training.max_epochs=2", "training.stride=5")


@pytest.fixture(autouse=True)
def _on_cuda() -> Iterator[None]:
    open_device("cuda")
    yield
    torch.use_deterministic_algorithms(False)


def fold(device: str) -> Fold:
    split = synthetic_split()
    return make_fold(split, split.part("train"), split.part("validation"), device)


def trained(device: str, shrunk: Shrunk, *overrides: str) -> tuple[TrainedNetwork, Fold]:
    params, one = shrunk(*SMALL, *overrides), fold(device)
    hyper = params.training.complete(params.model)
    return train(one, hyper, params.training, seed=1), one


@pytest.mark.parametrize("cell", get_args(Cell))
@pytest.mark.parametrize("supervision", ["dense", "sliding"])
def test_training_is_the_same_bits_again(cell: str, supervision: str, shrunk: Shrunk) -> None:
    options = (f"model.cell={cell}", f"training.supervision={supervision}")
    first, second = (trained("cuda", shrunk, *options)[0] for _ in range(2))
    assert first.curve == second.curve
    weights = zip(first.network.parameters(), second.network.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in weights)


def test_it_is_the_training_of_a_cpu_but_for_rounding(shrunk: Shrunk) -> None:
    still = "model.dropout=0.0"  # masks are drawn on the device
    (gpu, there), (cpu, here) = (trained(device, shrunk, still) for device in ("cuda", "cpu"))
    assert gpu.curve == pytest.approx(cpu.curve, abs=1e-3)
    np.testing.assert_allclose(
        predict(gpu.network, there.validation), predict(cpu.network, here.validation), atol=1e-2
    )


def test_mixed_precision_learns_the_same(shrunk: Shrunk) -> None:
    plain, mixed = (trained("cuda", shrunk, f"training.amp={amp}")[0] for amp in ("false", "true"))
    assert mixed.curve == pytest.approx(plain.curve, abs=0.03)
    assert mixed.network.head.weight.dtype == torch.float32


@pytest.mark.parametrize("averaging", ["none", "ema", "swa"])
def test_it_goes_on_from_a_file_with_the_same_bits(
    averaging: str, shrunk: Shrunk, tmp_path: Path
) -> None:
    more = (f"training.averaging={averaging}", "training.swa_start=0", "training.max_epochs=3")
    params, one = shrunk(*SMALL, *more), fold("cuda")
    hyper = params.training.complete(params.model)
    unbroken, first, second = (Trainer(one, hyper, params.training, seed) for seed in (1, 1, 2))
    first.run_epoch()
    save_progress(first.progress(), tmp_path / "progress")
    saved = load_progress(tmp_path / "progress")
    assert saved is not None
    second.go_on_from(saved)
    for trainer in (second, unbroken):
        while not trainer.done:
            trainer.run_epoch()
    assert second.curve == unbroken.curve
    mine, theirs = (dict(one.finish().network.state_dict()) for one in (second, unbroken))
    assert all(torch.equal(weight, theirs[name]) for name, weight in mine.items())
