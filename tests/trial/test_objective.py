from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, brier_score_loss

from tests.model.synthetic import synthetic_split
from tests.trial.test_replicas import SMALL
from tribar.config.schema import Params
from tribar.dataset.schema import CLASSES
from tribar.errors import UserError
from tribar.execution.executors import InlineExecutor
from tribar.metrics.scores import Scores, named_scores
from tribar.model.folds import Fold, folds_of, make_fold
from tribar.model.training.epoch import predict
from tribar.model.training.trainer import Trainer, train
from tribar.runtime import derive_seed
from tribar.study.journal import open_journal
from tribar.study.loop import run_study
from tribar.study.pool import TrialPool
from tribar.trial.config import Metric
from tribar.trial.objective import Objective
from tribar.trial.objective_spec import ObjectiveSpec
from tribar.trial.recipe import Recipe
from tribar.trials import TrialRequest, TrialSummary

Shrunk = Callable[..., Params]
SLOW = {"learning_rate": 0.002}


@pytest.fixture(scope="module")
def fold() -> Fold:
    split = synthetic_split()
    return make_fold(split, split.part("train"), split.part("validation"), "cpu")


def objective(params: Params, folds: tuple[Fold, ...], folder: Path) -> Objective:
    spec = ObjectiveSpec.of(params.tune.objective)
    measure = None if spec.uses_training_loss else partial(named_scores, spec.metrics, 10)
    recipe = Recipe(
        "study", folder, folder / "running", "cpu", params.model, params.training,
        params.tune.pruner, 42, params.tune.objective, measure,
    )  # fmt: skip
    return Objective(recipe, folds)


def test_a_metric_is_the_evaluations_after_every_epoch(
    fold: Fold, shrunk: Shrunk, tmp_path: Path
) -> None:
    params = shrunk(*SMALL, "tune.objective.metrics=[accuracy]")
    row = objective(params, (fold,), tmp_path)(TrialRequest(0, SLOW, ())).row
    hyper = params.training.complete(params.model, **SLOW)
    trainer = Trainer(fold, hyper, params.training, derive_seed(42, "trial", 0))
    labels = np.array(CLASSES)[fold.validation.target.numpy()]
    expected = []
    while not trainer.done:
        trainer.run_epoch()
        probability = predict(trainer.network, fold.validation)
        expected.append(accuracy_score(labels, np.array(CLASSES)[probability.argmax(axis=1)]))
    assert row.curve == pytest.approx(expected)
    assert row.value == max(row.curve)


def test_the_log_loss_by_name_is_the_trainings_own(
    fold: Fold, shrunk: Shrunk, tmp_path: Path
) -> None:
    plain = objective(shrunk(*SMALL), (fold,), tmp_path / "a")(TrialRequest(0, SLOW, ())).row
    named = shrunk(*SMALL, "tune.objective.metrics=[log_loss, brier]", "tune.rescore.seeds=0")
    both = objective(named, (fold,), tmp_path / "b")(TrialRequest(0, SLOW, ())).row
    assert both.curve == pytest.approx(plain.curve, rel=1e-6)
    assert both.values[0] == both.value == min(both.curve)
    assert len(both.values) == 2


def test_several_metrics_are_those_of_one_epoch(fold: Fold, shrunk: Shrunk, tmp_path: Path) -> None:
    params = shrunk(*SMALL, "tune.objective.metrics=[log_loss, brier]")
    row = objective(params, (fold,), tmp_path)(TrialRequest(0, SLOW, ())).row
    hyper = params.training.complete(params.model, **SLOW)
    trained = train(fold, hyper, params.training, derive_seed(42, "trial", 0))
    labels = np.array(CLASSES)[fold.validation.target.numpy()]
    probability = predict(trained.network, fold.validation)
    brier = brier_score_loss(labels, probability, labels=CLASSES, scale_by_half=False)
    assert row.values == pytest.approx((trained.best_loss, brier), rel=1e-6)


def test_folds_in_turn_are_trained_one_after_the_other(shrunk: Shrunk, tmp_path: Path) -> None:
    params = shrunk(*SMALL, "tune.objective.over=folds_in_turn")
    folds = tuple(folds_of(synthetic_split(), "cpu"))
    row = objective(params, folds, tmp_path)(TrialRequest(0, SLOW, ())).row
    hyper = params.training.complete(params.model, **SLOW)
    expected = [
        train(
            fold, hyper, params.training,
            derive_seed(42, "trial", 0, *([n] if n else [])),
        ).best_loss
        for n, fold in enumerate(folds)
    ]  # fmt: skip
    assert row.curve == pytest.approx(expected)
    assert row.value == pytest.approx(np.mean(expected))


def test_wilcoxon_stops_a_trial_that_is_worse_on_fold_after_fold(
    shrunk: Shrunk, tmp_path: Path
) -> None:
    params = shrunk(
        *SMALL, "tune.objective.over=folds_in_turn", "tune.pruner.name=wilcoxon",
        "tune.pruner.wilcoxon={p_threshold: 0.3, n_startup_steps: 2}",
    )  # fmt: skip
    folds = tuple(folds_of(synthetic_split(), "cpu"))
    best = TrialSummary(0, "COMPLETE", (0.1,), (0.1, 0.1, 0.1), {})
    row = objective(params, folds, tmp_path)(TrialRequest(1, SLOW, (best,))).row
    assert (row.state, len(row.curve)) == ("PRUNED", 2)
    assert row.value == pytest.approx(np.mean(row.curve))


@pytest.mark.parametrize("sampler", ["tpe", "random", "qmc", "gp", "brute_force"])
def test_several_metrics_make_a_study(
    sampler: str, fold: Fold, shrunk: Shrunk, tmp_path: Path
) -> None:
    params = shrunk(
        *SMALL, "tune.objective.metrics=[log_loss, ece]", f"tune.sampler.name={sampler}",
        "tune.n_trials=4", "training.max_epochs=1", "tune.sampler.gp.n_startup_trials=2",
        "tune.sampler.tpe.n_startup_trials=2",
        "tune.space={dropout: {type: float, low: 0.0, high: 0.5, step: 0.1}}",
    )  # fmt: skip
    spec = ObjectiveSpec.of(params.tune.objective)
    with open_journal(tmp_path, print) as journal:
        pool = TrialPool(objective(params, (fold,), tmp_path), InlineExecutor(), journal)
        rows = run_study(params.tune, params.baseline_hyper().by_name(), 1, spec, pool).rows
    assert [len(row.values) for row in rows] == [2] * 4
    assert all(0 <= row.values[1] <= 1 for row in rows)


def test_a_loss_that_is_no_number_fails_the_trial_and_says_where(
    fold: Fold, shrunk: Shrunk, tmp_path: Path
) -> None:
    poisoned = fold.train.rows.clone()
    poisoned[20] = float("nan")
    broken = replace(fold, train=replace(fold.train, rows=poisoned))
    row = objective(shrunk(*SMALL), (broken,), tmp_path)(TrialRequest(0, SLOW, ())).row
    assert (row.state, row.value, row.curve) == ("FAIL", None, ())
    assert row.reason.startswith("DivergedError: training loss is nan in step ")
    assert row.reason.endswith(" at learning rate 0.002, epoch 0")


MISFITS = {
    "tune.objective.metrics=[log_loss, ece]": "cannot be pruned; set it to none",
    "tune.pruner.name=wilcoxon": "set objective.over to folds_in_turn",
    "tune.objective.over=folds_in_turn": "pruned by wilcoxon or none",
    "tune.objective.metrics=[loss]": "input should be 'log_loss', 'brier'",
}


@pytest.mark.parametrize("override", MISFITS)
def test_what_does_not_fit_together_is_refused(override: str, shrunk: Shrunk) -> None:
    with pytest.raises(UserError, match=MISFITS[override]):
        shrunk(override)


def test_the_metrics_are_those_of_the_evaluation() -> None:
    assert set(get_args(Metric)) == set(Scores.__dataclass_fields__)
