from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.model.synthetic import synthetic_split
from tribar.config.schema import Params
from tribar.model.folds import Fold, folds_of, make_fold
from tribar.model.training.trainer import Trainer, train
from tribar.runtime import derive_seed
from tribar.trial.objective import Objective
from tribar.trial.objective_spec import ObjectiveSpec
from tribar.trial.recipe import Recipe
from tribar.trial.replicas import Replicas
from tribar.trial.running_trials import CheckpointFolder
from tribar.trials import TrialRequest

Shrunk = Callable[..., Params]
SMALL = (
    "model.hidden_dim=6",
    "model.num_layers=1",
    "training.max_epochs=4",
    "training.patience=2",
    "training.batch_size=64",
    "tune.pruner.name=none",
)


def objective(params: Params, folds: tuple[Fold, ...], seeds: int, folder: Path) -> Objective:
    judged = params.tune.objective.model_copy(update={"seeds": seeds})
    recipe = Recipe(
        "study", folder, folder / "running", "cpu", params.model, params.training,
        params.tune.pruner, 42, judged,
    )  # fmt: skip
    return Objective(recipe, folds)


def validation_fold() -> Fold:
    split = synthetic_split()
    return make_fold(split, split.part("train"), split.part("validation"), "cpu")


def held(curve: tuple[float, ...], epochs: int) -> list[float]:
    """Return a curve whose trial keeps its best once it has stopped."""
    return [*curve, *[min(curve)] * (epochs - len(curve))]


def test_one_fold_and_one_seed_is_plain_training(shrunk: Shrunk, tmp_path: Path) -> None:
    params, fold = shrunk(*SMALL), validation_fold()
    row = objective(params, (fold,), 1, tmp_path)(TrialRequest(3, {"learning_rate": 0.01}, ())).row
    hyper = params.training.complete(params.model, learning_rate=0.01)
    plain = train(fold, hyper, params.training, derive_seed(42, "trial", 3))
    assert row.curve == plain.curve
    assert row.value == plain.best_loss


@pytest.mark.parametrize("seeds", [1, 2])
def test_the_curve_is_the_mean_over_folds_and_seeds(
    seeds: int, shrunk: Shrunk, tmp_path: Path
) -> None:
    params = shrunk(*SMALL)
    folds = tuple(folds_of(synthetic_split(), "cpu"))
    request = TrialRequest(0, {"learning_rate": 0.02}, ())
    row = objective(params, folds, seeds, tmp_path)(request).row
    hyper = params.training.complete(params.model, learning_rate=0.02)
    curves = []
    for number in range(len(folds) * seeds):
        fold = folds[number // seeds]
        seed = derive_seed(42, "trial", 0, *([number] if number else []))
        curves.append(train(fold, hyper, params.training, seed).curve)
    longest = max(map(len, curves))
    mean = np.mean([held(curve, longest) for curve in curves], axis=0)
    assert row.curve == pytest.approx(mean, rel=1e-12)
    assert row.value == min(row.curve)


def test_replicas_that_were_killed_at_different_epochs_go_on_right(
    shrunk: Shrunk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = shrunk(*SMALL, "training.patience=4")
    folds = tuple(folds_of(synthetic_split(), "cpu"))
    request = TrialRequest(1, {"learning_rate": 0.01}, ())
    whole = objective(params, folds, 1, tmp_path / "whole")(request).row

    killed = objective(params, folds, 1, tmp_path / "killed")
    replicas = Replicas(
        killed.trainers(request), CheckpointFolder(killed.recipe.folder, 1), ObjectiveSpec()
    )
    replicas.metrics_after(0)
    # The kill comes in the middle of the second epoch, after the first fold's network.
    first = killed.trainers(request)[0]
    checkpoints = CheckpointFolder(killed.recipe.folder, 1)
    ahead = Replicas([first], checkpoints, ObjectiveSpec())
    for epoch in range(2):
        ahead.metrics_after(epoch)

    resumed = killed.trainers(request)
    replicas = Replicas(resumed, checkpoints, ObjectiveSpec())
    assert [len(one.curve) for one in resumed] == [2, 1, 1]

    ran: list[Trainer] = []
    plain = Trainer.run_epoch

    def counted(trainer: Trainer) -> float:
        ran.append(trainer)
        return plain(trainer)

    monkeypatch.setattr(Trainer, "run_epoch", counted)
    assert killed(request).row == whole
    assert len(ran) == 3 * 4 - (2 + 1 + 1)


def test_a_finished_trial_whose_row_was_lost_is_not_trained_again(
    shrunk: Shrunk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    params, fold = shrunk(*SMALL), validation_fold()
    one = objective(params, (fold,), 1, tmp_path)
    request = TrialRequest(0, {"learning_rate": 0.01}, ())
    row = one(request).row

    def refuse(self: Trainer) -> float:
        raise AssertionError("trained again")

    monkeypatch.setattr(Trainer, "run_epoch", refuse)
    assert one(request).row == row
