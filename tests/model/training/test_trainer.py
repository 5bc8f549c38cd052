import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import torch
from sklearn.metrics import log_loss
from sklearn.utils.class_weight import compute_class_weight

from tests.model.synthetic import WINDOW, synthetic_split
from tribar.config.schema import Params
from tribar.dataset.schema import CLASSES
from tribar.model.config import Cell, Hyperparameters
from tribar.model.folds import Fold, make_fold
from tribar.model.training.epoch import DivergedError, predict
from tribar.model.training.losses import class_weights
from tribar.model.training.trainer import train

Shrunk = Callable[..., Params]
SMALL = ("baseline.hidden_dim=8", "baseline.learning_rate=0.02", "training.max_epochs=8")


@pytest.fixture(scope="module")
def fold() -> Fold:
    split = synthetic_split()
    return make_fold(split, split.part("train"), split.part("validation"), "cpu")


def small(shrunk: Shrunk, *overrides: str) -> tuple[Params, Hyperparameters]:
    params = shrunk(*SMALL, *overrides)
    return params, params.baseline_hyper()


@pytest.mark.parametrize("cell", get_args(Cell))
def test_it_learns_a_known_signal(cell: str, fold: Fold, shrunk: Shrunk) -> None:
    params, hyper = small(shrunk, f"baseline.cell={cell}", "training.patience=8")
    trained = train(fold, hyper, params.training, seed=1)
    shares = np.bincount(fold.validation.target, minlength=3) / len(fold.validation)
    prior = -float((shares * np.log(shares)).sum())
    assert trained.best_loss < 0.8 * prior


def test_gathered_windows_are_the_stacked_ones() -> None:
    split = synthetic_split()
    parts = make_fold(split, split.part("train"), split.part("validation"), "cpu")
    rows = parts.scaler.apply(split.rows)
    stacked = [rows[last - WINDOW + 1 : last + 1] for last in split.part("train")["last"]]
    gathered = parts.train.gather(torch.arange(len(parts.train)))
    np.testing.assert_array_equal(gathered.numpy(), np.stack(stacked))


def test_the_best_epochs_weights_come_back(fold: Fold, shrunk: Shrunk) -> None:
    params, hyper = small(shrunk, "baseline.learning_rate=0.3", "training.patience=2")
    trained = train(fold, hyper, params.training, seed=3)
    assert trained.best_loss < trained.curve[-1]
    labels = [CLASSES[k] for k in fold.validation.target]
    loss = log_loss(labels, predict(trained.network, fold.validation), labels=CLASSES)
    assert loss == pytest.approx(trained.best_loss, rel=1e-6)


def test_patience_counts_epochs_without_a_better_loss(fold: Fold, shrunk: Shrunk) -> None:
    params, hyper = small(
        shrunk, "baseline.learning_rate=0.3", "training.patience=2", "training.max_epochs=40"
    )
    curve = train(fold, hyper, params.training, seed=3).curve
    assert len(curve) < 40
    assert len(curve) - 1 - int(np.argmin(curve)) == 2


def test_a_diverging_loss_says_where(fold: Fold, shrunk: Shrunk) -> None:
    params, hyper = small(shrunk)
    poisoned = fold.train.rows.clone()
    poisoned[20] = float("inf")
    broken = replace(fold.train, rows=poisoned)
    said = r"training loss is nan in step \d+ of \d+ at learning rate 0.02, epoch 0"
    with pytest.raises(DivergedError, match=said):
        train(replace(fold, train=broken), hyper, params.training, seed=1)


def test_balanced_class_weights_are_scikit_learns(fold: Fold, shrunk: Shrunk) -> None:
    _, hyper = small(shrunk, "training.class_weights=balanced")
    target = fold.train.target.numpy()
    expected = compute_class_weight("balanced", classes=np.arange(3), y=target)
    weights = class_weights(fold.train.target, hyper)
    assert weights is not None
    np.testing.assert_allclose(weights.numpy(), expected, rtol=1e-6)


SCRIPT = """
from pathlib import Path
from tribar import runtime
runtime.pin(); runtime.open_device("cpu")
from tests.model.synthetic import synthetic_split
from tribar.model.folds import make_fold
from tribar.model.training.trainer import train
from tribar.config.reading import read_params
params = read_params(Path("params.yaml"), ["baseline.hidden_dim=8", "training.max_epochs=2"])
split = synthetic_split()
fold = make_fold(split, split.part("train"), split.part("validation"), "cpu")
trained = train(fold, params.baseline_hyper(), params.training, 7)
print([x.hex() for x in trained.curve + trained.train_curve])
"""


def test_training_is_bit_identical_in_other_processes() -> None:
    runs = [
        subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE) for _ in range(2)
    ]
    first, second = (run.communicate()[0] for run in runs)
    assert first == second
    assert first.startswith(b"['0x")
