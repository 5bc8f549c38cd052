import json
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import get_args

import pytest
import torch
from safetensors import safe_open

from tests.model.synthetic import synthetic_split
from tribar.config.schema import Params
from tribar.errors import UserError
from tribar.model.config import Cell, Hyperparameters, TrainingParams
from tribar.model.folds import Fold, make_fold
from tribar.model.training.saved_state import load_progress, save_progress
from tribar.model.training.trainer import TrainedNetwork, Trainer

Shrunk = Callable[..., Params]
EPOCHS = 4
KINDS = {
    **{
        f"{cell} {optimizer}": (f"model.cell={cell}", f"training.optimizer={optimizer}")
        for cell, optimizer in product(get_args(Cell), ("adam", "adamw", "radam", "sgd"))
    },
    "ema": ("training.averaging=ema", "training.schedule=warmup_cosine"),
    "swa": ("training.averaging=swa", "training.schedule=plateau"),
    "sliding": ("training.supervision=sliding", "training.schedule=one_cycle"),
    "skip": ("model.skip_rows=2", "model.pooling=attention", "model.dropout_kind=locked"),
}


@pytest.fixture(scope="module")
def fold() -> Fold:
    split = synthetic_split()
    return make_fold(split, split.part("train"), split.part("validation"), "cpu")


def settings(shrunk: Shrunk, *overrides: str) -> tuple[Hyperparameters, TrainingParams]:
    params = shrunk(
        "model.hidden_dim=6", "model.num_layers=2", "model.dropout=0.3",
        "training.weight_decay=0.01", "training.learning_rate=0.01", "training.stride=6",
        f"training.max_epochs={EPOCHS}", f"training.patience={EPOCHS}", *overrides,
    )  # fmt: skip
    return params.training.complete(params.model), params.training


def trainer(fold: Fold, hyper: Hyperparameters, training: TrainingParams) -> Trainer:
    return Trainer(fold, hyper, training, seed=3)


def to_its_end(one: Trainer) -> TrainedNetwork:
    while not one.done:
        one.run_epoch()
    return one.finish()


def same(one: TrainedNetwork, other: TrainedNetwork) -> bool:
    weights = zip(one.network.parameters(), other.network.parameters(), strict=True)
    curves = (one.curve, one.train_curve) == (other.curve, other.train_curve)
    return curves and all(torch.equal(a, b) for a, b in weights)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stop", range(1, EPOCHS + 1))
def test_a_training_goes_on_from_any_epoch_with_the_same_bits(
    kind: str, stop: int, fold: Fold, shrunk: Shrunk, tmp_path: Path
) -> None:
    hyper, training = settings(shrunk, *KINDS[kind])
    whole = to_its_end(trainer(fold, hyper, training))
    first = trainer(fold, hyper, training)
    for _ in range(stop):
        first.run_epoch()
    save_progress(first.progress(), tmp_path / "0.safetensors")
    torch.manual_seed(99)
    second = trainer(fold, hyper, training)
    progress = load_progress(tmp_path / "0.safetensors")
    assert progress is not None
    second.go_on_from(progress)
    assert len(second.curve) == stop
    assert same(to_its_end(second), whole)


def test_trainers_whose_epochs_alternate_do_not_disturb_each_other(
    fold: Fold, shrunk: Shrunk
) -> None:
    hyper, training = settings(shrunk)
    alone = to_its_end(trainer(fold, hyper, training))
    one, other = (
        trainer(fold, hyper, training),
        Trainer(fold, hyper, training, 4),
    )
    for _ in range(EPOCHS):
        one.run_epoch()
        other.run_epoch()
    assert same(one.finish(), alone)


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x08\x00\x00\x00\x00\x00\x00\x00{}", None])
def test_a_file_that_cannot_be_used_is_as_good_as_none(
    content: bytes | None, fold: Fold, shrunk: Shrunk, tmp_path: Path
) -> None:
    path = tmp_path / "0.safetensors"
    one = trainer(fold, *settings(shrunk))
    one.run_epoch()
    save_progress(one.progress(), path)
    path.write_bytes(path.read_bytes()[:200] if content is None else content)
    assert load_progress(path) is None
    assert load_progress(tmp_path / "none") is None


def test_the_file_holds_tensors_and_json_and_no_part_is_left(
    fold: Fold, shrunk: Shrunk, tmp_path: Path
) -> None:
    one = trainer(fold, *settings(shrunk, *KINDS["gru adamw"]))
    one.run_epoch()
    save_progress(one.progress(), tmp_path / "0.safetensors")
    with safe_open(tmp_path / "0.safetensors", framework="pt") as file:
        assert json.loads(file.metadata()["curve"]) == one.curve
        assert {key.split("/")[0] for key in file.keys()} == {  # noqa: SIM118
            "weights", "best", "moments", "average", "random",
        }  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["0.safetensors"]


def test_a_folder_that_takes_no_file_is_a_users_fault(
    fold: Fold, shrunk: Shrunk, tmp_path: Path
) -> None:
    one = trainer(fold, *settings(shrunk))
    one.run_epoch()
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"0\.safetensors: cannot be written"):
        save_progress(one.progress(), tmp_path / "file" / "0.safetensors")
