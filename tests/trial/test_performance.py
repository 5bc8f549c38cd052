from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from tests.model.synthetic import synthetic_split
from tests.trial.test_objective import objective
from tests.trial.test_replicas import SMALL, validation_fold
from tribar.config.schema import Params
from tribar.dataset.prepared import PreparedSplit
from tribar.dataset.splits import purged_kfold
from tribar.model.folds import Fold, folds_of
from tribar.model.training.epoch import predict
from tribar.model.training.trainer import Trainer, train
from tribar.runtime import derive_seed
from tribar.trial.result import Performance, TrialResult
from tribar.trials import TrialRequest, TrialSummary

Shrunk = Callable[..., Params]
SPLIT = synthetic_split()
LONG = (*SMALL, "training.max_epochs=6")
PRUNED = ("tune.pruner.name=threshold", "tune.pruner.threshold={upper: 0.0, n_warmup_steps: 5}")
OVERSHOOTS, ON_FOLDS = {"learning_rate": 0.2}, {"learning_rate": 1.0}
"""The best epoch is not the last: on validation, and on the folds, whose networks stop apart."""


def performance(result: TrialResult) -> Performance:
    assert result.performance is not None
    assert result.performance.values.dtype == np.float32
    return result.performance


def decisions(samples: pd.DataFrame, times: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Return how many symbols of the samples decide at each time."""
    counts = samples["decision"].value_counts()
    counts = counts.reindex(pd.DatetimeIndex(times, tz="UTC"), fill_value=0)
    return np.asarray(counts, dtype=np.int64)


def mean_loss(found: Performance, samples: pd.DataFrame) -> float:
    weights = decisions(samples, found.times)
    chosen = weights > 0
    return float(np.average(found.values[0, chosen], weights=weights[chosen]))


@pytest.mark.parametrize("rate", [0.002, 0.02, 0.1])
@pytest.mark.parametrize("metric", ["log_loss", "accuracy"])
def test_the_loss_is_that_of_the_best_epoch(
    metric: str, rate: float, shrunk: Shrunk, tmp_path: Path
) -> None:
    params = shrunk(*SMALL, f"tune.objective.metrics=[{metric}]")
    request = TrialRequest(0, {"learning_rate": rate})
    result = objective(params, (validation_fold(),), tmp_path)(request)
    hyper = params.training.complete(params.model, learning_rate=rate)
    plain = train(validation_fold(), hyper, params.training, derive_seed(42, "trial", 0)).curve
    assert result.row.value is not None
    expected = plain[result.row.curve.index(result.row.value)]
    found = mean_loss(performance(result), SPLIT.part("validation"))
    assert found == pytest.approx(expected, rel=1e-6)
    assert result.row.state == "COMPLETE"


def test_a_pruned_trial_has_that_of_its_last_epoch(shrunk: Shrunk, tmp_path: Path) -> None:
    params = shrunk(*LONG, *PRUNED)
    result = objective(params, (validation_fold(),), tmp_path)(TrialRequest(0, OVERSHOOTS))
    assert (result.row.state, len(result.row.curve)) == ("PRUNED", 6)
    assert result.row.curve[-1] > min(result.row.curve)
    found = mean_loss(performance(result), SPLIT.part("validation"))
    assert found == pytest.approx(result.row.curve[-1], rel=1e-6)


def test_the_return_is_of_the_position_held_to_the_exit(shrunk: Shrunk, tmp_path: Path) -> None:
    params, fold = shrunk(*SMALL), validation_fold()
    found = performance(objective(params, (fold,), tmp_path)(TrialRequest(0, {})))
    hyper = params.training.complete(params.model)
    trained = train(fold, hyper, params.training, derive_seed(42, "trial", 0))
    probability = predict(trained.network, fold.validation)
    samples = SPLIT.part("validation")
    held = (probability[:, 2] - probability[:, 0]) * samples["exit_return"]
    by_time = held.groupby(samples["decision"].dt.tz_localize(None)).mean()
    assert (found.times == by_time.index.to_numpy()).all()
    assert found.values[1] == pytest.approx(by_time.to_numpy(), rel=1e-5)


def folds(split: PreparedSplit = SPLIT) -> tuple[Fold, ...]:
    return tuple(folds_of(split, "cpu"))


@pytest.mark.parametrize("over", ["folds", "folds_in_turn"])
@pytest.mark.parametrize("seeds", [1, 2])
def test_over_folds_each_time_is_judged_by_the_fold_that_leaves_it_out(
    seeds: int, over: str, shrunk: Shrunk, tmp_path: Path
) -> None:
    params = shrunk(*LONG, f"tune.objective.over={over}", f"tune.objective.seeds={seeds}")
    result = objective(params, folds(), tmp_path)(TrialRequest(0, ON_FOLDS))
    found = performance(result)
    assert (found.times == np.unique(SPLIT.samples["decision"].dt.tz_localize(None))).all()
    parts = purged_kfold(SPLIT.samples, SPLIT.schema.folds, SPLIT.schema.embargo)
    each = [mean_loss(found, SPLIT.samples.iloc[part.evaluated]) for part in parts]
    assert np.mean(each) == pytest.approx(result.row.value, rel=1e-6)
    if over == "folds_in_turn":
        assert each == pytest.approx(result.row.curve, rel=1e-6)


def test_folds_that_a_pruned_trial_never_came_to_are_not_there(
    shrunk: Shrunk, tmp_path: Path
) -> None:
    params = shrunk(
        *SMALL, "tune.objective.over=folds_in_turn", "tune.pruner.name=wilcoxon",
        "tune.pruner.wilcoxon={p_threshold: 0.3, n_startup_steps: 2}",
    )  # fmt: skip
    best = TrialSummary(0, "COMPLETE", (0.1,), (0.1, 0.1, 0.1), {})
    result = objective(params, folds(), tmp_path)(TrialRequest(1, ON_FOLDS, (best,)))
    assert (result.row.state, len(result.row.curve)) == ("PRUNED", 2)
    found, last = performance(result), folds()[2].validation.decision.numpy()
    missing = np.isin(found.times.astype(np.int64), last)
    assert (np.isnan(found.values) == missing).all()
    assert 0 < missing.sum() < len(missing)


def test_data_without_a_return_to_the_exit_has_the_loss_alone(
    shrunk: Shrunk, tmp_path: Path
) -> None:
    labelled = replace(SPLIT, samples=SPLIT.samples.assign(exit_return=np.nan))
    found = performance(objective(shrunk(*SMALL), folds(labelled), tmp_path)(TrialRequest(0, {})))
    assert np.isfinite(found.values[0]).all()
    assert np.isnan(found.values[1]).all()


def test_a_failed_trial_has_none(shrunk: Shrunk, tmp_path: Path) -> None:
    result = objective(shrunk(*SMALL), folds(), tmp_path)(TrialRequest(0, {"hidden_dim": -1}))
    assert result.row.state == "FAIL"
    assert result.performance is None


class Killed(BaseException):
    """Stands for a kill: nothing in a trial may catch it."""


KINDS: dict[str, tuple[str, ...]] = {
    "folds": ("tune.objective.over=folds", "tune.objective.seeds=2"),
    "in turn": ("tune.objective.over=folds_in_turn",),
    "pruned": ("tune.objective.over=folds", *PRUNED),
    "accuracy": ("tune.objective.over=folds", "tune.objective.metrics=[accuracy]"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_trial_killed_after_any_epoch_of_any_network_ends_in_the_same_bytes(
    kind: str, shrunk: Shrunk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = shrunk(*LONG, *KINDS[kind])
    request, run = TrialRequest(0, ON_FOLDS), partial(objective, params, folds())
    left, plain = -1, Trainer.run_epoch

    def until_killed(trainer: Trainer) -> float:
        nonlocal left
        left -= 1
        if left == -1:
            raise Killed
        return plain(trainer)

    monkeypatch.setattr(Trainer, "run_epoch", until_killed)
    whole = performance(run(tmp_path / "whole")(request))
    epochs = -1 - left
    for kill_at in range(1, epochs):
        left = kill_at
        with pytest.raises(Killed):
            run(tmp_path / f"{kill_at}")(request)
        resumed = performance(run(tmp_path / f"{kill_at}")(request))
        assert resumed.values.tobytes() == whole.values.tobytes()
        assert left == -1 - (epochs - kill_at)  # none is trained twice
