"""A fold is predicted by a network that has seen none of it, at two of its epochs."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.model.synthetic import synthetic_split
from tribar.config.schema import Params
from tribar.dataset.prepared import PreparedSplit, class_index, write_split
from tribar.dataset.splits import nested_kfold
from tribar.ensemble.fold_training import (
    FoldPrediction,
    FoldRun,
    FoldTrainer,
    epochs_of,
    run_fold,
    runs_by_fold,
)
from tribar.ensemble.training import Configuration, Trained
from tribar.model.folds import make_fold
from tribar.model.training.epoch import predict
from tribar.model.training.saved_state import load_progress, save_progress
from tribar.model.training.trainer import Trainer

EPOCHS, PATIENCE = 9, 2
AVERAGING = ("none", "ema")


@pytest.fixture
def configure(shrunk: Callable[..., Params], tmp_path: Path) -> Callable[..., Configuration]:
    def make(split: PreparedSplit, name: str = "one", averaging: str = "none") -> Configuration:
        params = shrunk(
            "model.hidden_dim=6", "training.learning_rate=0.03", "training.batch_size=16",
            f"training.averaging={averaging}", f"training.max_epochs={EPOCHS}",
            f"training.patience={PATIENCE}", "training.stride=4",
        )  # fmt: skip
        data, home = tmp_path / name / "data", tmp_path / name / "home"
        data.mkdir(parents=True)
        write_split(split, data)
        hyper = params.training.complete(params.model)
        return Configuration(data, hyper, params.training, "cpu", home)

    return make


def same(one: FoldPrediction, other: FoldPrediction) -> bool:
    pairs = (one.chosen, other.chosen), (one.fixed, other.fixed)
    return all(np.array_equal(mine, theirs) for mine, theirs in pairs)


def test_the_median_of_the_epochs_is_rounded_down() -> None:
    def curve(best: int) -> Trained:
        return Trained(b"", tuple(abs(best - epoch) + 1.0 for epoch in range(1, 9)), ())

    assert epochs_of([curve(3)]) == 3
    assert epochs_of([curve(2), curve(5)]) == 3
    assert epochs_of([curve(8), curve(1), curve(4)]) == 4


@pytest.mark.parametrize("averaging", AVERAGING)
@pytest.mark.parametrize("epochs", [1, 4, EPOCHS])
def test_the_fold_is_predicted_at_the_chosen_epoch_and_at_the_given_one(
    epochs: int, averaging: str, configure: Callable[..., Configuration]
) -> None:
    """Beside an independent loop over plain trainers, one stopped early and one run on."""
    split = synthetic_split()
    configuration = configure(split, averaging=averaging)
    for run in runs_by_fold(7, split.schema.folds, epochs):
        found = run_fold(configuration, run)
        part = nested_kfold(split.samples, split.schema.folds, split.schema.embargo)[run.fold]
        inner = [split.samples.iloc[one] for one in (part.train, part.validation, part.evaluated)]
        fold = make_fold(split, inner[0], inner[1], "cpu", evaluated=inner[2])
        hyper, training = configuration.hyper, configuration.training
        early = Trainer(fold, hyper, training, run.seed)
        while not early.done:
            early.run_epoch()
        np.testing.assert_array_equal(found.chosen, predict(early.finish().network, fold.evaluated))
        # Patience changes no step: with its epochs cut off, the last is the one asked for.
        on = Trainer(fold, hyper, training, run.seed)
        for _ in range(epochs):
            on.run_epoch()
        expected = np.exp(on.score(fold.evaluated).double().numpy())
        np.testing.assert_allclose(found.fixed, expected / expected.sum(axis=1, keepdims=True))
        labels = inner[2]["label"].to_numpy()
        np.testing.assert_array_equal(found.target, class_index(labels))
        shares = inner[0]["label"].value_counts(normalize=True)[[-1, 0, 1]]
        np.testing.assert_allclose(found.prior, shares)


def test_epochs_after_early_stopping_choose_nothing(
    configure: Callable[..., Configuration],
) -> None:
    """A later epoch with a lower inner loss is one that the final networks would not have."""
    configuration = configure(synthetic_split())
    trainer = FoldTrainer(configuration, FoldRun(3, 1, EPOCHS))
    stopped_at = None
    while not trainer.done:
        trainer.run_epoch()
        if stopped_at is None and len(trainer.curve) - 1 - np.argmin(trainer.curve) >= PATIENCE:
            stopped_at, chosen = len(trainer.curve), trainer.performance["chosen"]
            trainer.curve[:] = [loss + 100 for loss in trainer.curve]  # whatever follows is lower
    assert stopped_at is not None
    assert stopped_at < EPOCHS == len(trainer.curve)
    assert min(trainer.curve[stopped_at:]) < min(trainer.curve[:stopped_at])
    assert (trainer.performance["chosen"] == chosen).all()


def test_labels_of_the_fold_change_no_prediction(configure: Callable[..., Configuration]) -> None:
    split = synthetic_split()
    schema, samples = split.schema, split.samples
    parts = nested_kfold(samples, schema.folds, schema.embargo)
    configuration = configure(split)
    for run in runs_by_fold(7, schema.folds, 4):
        evaluated = parts[run.fold].evaluated
        labels = samples["label"].to_numpy().copy()
        labels[evaluated] = np.random.default_rng(0).permutation(labels[evaluated])
        poisoned = replace(split, samples=samples.assign(label=labels))
        other = run_fold(configure(poisoned, f"poisoned {run.fold}"), run)
        found = run_fold(configuration, run)
        assert same(found, other)
        assert (found.target != other.target).any()


@pytest.mark.parametrize("averaging", AVERAGING)
def test_a_training_killed_after_any_epoch_says_the_same(
    averaging: str, configure: Callable[..., Configuration]
) -> None:
    split = synthetic_split()
    configuration = configure(split, averaging=averaging)
    run = FoldRun(3, 1, 6)
    whole = FoldTrainer(configuration, run)
    states = []
    while not whole.done:
        whole.run_epoch()
        states.append(whole.progress())
    assert len(states) >= 6
    kept = configuration.home / f"fold-1-3-{run.epochs}.safetensors"
    for state in states:
        shutil.rmtree(configuration.home)
        save_progress(state, kept)
        assert same(run_fold(configuration, run), whole.prediction())
    finished = load_progress(kept)
    assert finished is not None
    assert len(finished.curve) == len(states)


def test_a_fold_for_other_epochs_takes_up_nothing(
    configure: Callable[..., Configuration],
) -> None:
    """More or fewer seeds can change the epochs of the final networks."""
    configuration = configure(synthetic_split())
    first, second = (run_fold(configuration, FoldRun(3, 1, epochs)) for epochs in (1, 3))
    np.testing.assert_array_equal(first.chosen, second.chosen)
    assert (first.fixed != second.fixed).any()
