from collections.abc import Callable, Sequence

import numpy as np
import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.trial import TrialState

from tribar.config.schema import Params
from tribar.trial.objective_spec import ObjectiveSpec
from tribar.trial.pruning.config import PrunerParams
from tribar.trial.pruning.past_trials import PastTrialsCache
from tribar.trial.pruning.pruner import TrialPruner
from tribar.trials import Direction, TrialRow, TrialSummary, summary

LOSSES = st.lists(st.floats(0.5, 2), min_size=4, max_size=4)
Shrunk = Callable[..., Params]
DOWN = ObjectiveSpec()


def complete(number: int, *curve: float) -> TrialRow:
    return TrialRow(number, "COMPLETE", (min(curve),), {}, curve)


def trial_pruner(params: PrunerParams, rows: Sequence[TrialRow], steps: int) -> TrialPruner:
    finished = [summary(row, steps, Direction.MINIMIZE) for row in rows]
    return TrialPruner(params, PastTrialsCache().of(finished), len(rows), DOWN)


@pytest.fixture(scope="module")
def median(shrunk: Shrunk) -> PrunerParams:
    options = "{n_startup_trials: 2, n_warmup_steps: 2, interval_steps: 1, n_min_trials: 2}"
    return shrunk(f"tune.pruner.median={options}").tune.pruner


def test_the_rule_by_hand(median: PrunerParams) -> None:
    finished = [complete(0, 1.0, 0.8, 0.6, 0.5), complete(1, 1.0, 0.9, 0.8, 0.7)]
    one = trial_pruner(median, finished, 4)
    # Two warm-up epochs pass, however bad; at the third the median of 0.6 and 0.8 decides.
    assert [one.check(epoch, 2.0).pruned for epoch in (0, 1)] == [False, False]
    check = one.check(2, 0.71)
    assert (check.pruned, check.compared, check.rule) == (True, 2, "median")
    assert check.threshold == pytest.approx(0.7)
    assert not trial_pruner(median, finished, 4).check(2, 0.69).pruned


def test_fewer_completed_trials_than_asked_for_prune_nothing(median: PrunerParams) -> None:
    pruned = TrialRow(1, "PRUNED", (0.1,), {}, (0.1, 0.1, 0.1))
    assert not trial_pruner(median, [complete(0, 0.1, 0.1, 0.1), pruned], 3).check(2, 9.0).pruned


def test_a_trial_that_stopped_early_counts_with_its_best_to_the_end(median: PrunerParams) -> None:
    stopped = [complete(0, 0.5, 0.6), complete(1, 0.5, 0.6), complete(2, 2.0, 1.9, 1.8, 1.7)]
    assert trial_pruner(median, stopped, 4).check(3, 0.6).pruned


@settings(max_examples=30, deadline=None)
@given(finished=st.lists(LOSSES, min_size=1, max_size=6), curve=LOSSES)
def test_decisions_are_those_of_optuna_on_a_study_of_its_own(
    finished: Sequence[Sequence[float]], curve: Sequence[float], median: PrunerParams
) -> None:
    rows = [complete(number, *losses) for number, losses in enumerate(finished)]
    ours = trial_pruner(median, rows, 4)
    plain = optuna.create_study(pruner=optuna.pruners.MedianPruner(2, 2, 1, n_min_trials=2))
    for losses in finished:
        trial = plain.ask()
        for epoch, best in enumerate(np.minimum.accumulate(losses)):
            trial.report(float(best), epoch)
        plain.tell(trial, min(losses))
    trial = plain.ask()
    for epoch, best in enumerate(np.minimum.accumulate(curve)):
        trial.report(float(best), epoch)
        assert ours.check(epoch, float(best)).pruned == trial.should_prune()


def test_patience_that_asks_nobody_stops_a_trial_on_its_own(shrunk: Shrunk) -> None:
    params = shrunk(
        "tune.pruner.name=patient",
        "tune.pruner.patient={wrapped_pruner: none, patience: 1, min_delta: 0.0}",
    ).tune.pruner
    with pytest.warns(optuna.exceptions.ExperimentalWarning):
        pruner = optuna.pruners.PatientPruner(None, patience=1)
    trial = optuna.create_study(pruner=pruner).ask()
    ours, losses = trial_pruner(params, [], 0), [0.5, 0.4, 0.6, 0.7, 0.8]
    decisions = []
    for step, loss in enumerate(losses):
        trial.report(loss, step)
        decisions.append((ours.check(step, loss).pruned, trial.should_prune()))
    assert decisions == [(stop, stop) for stop in (False, False, False, True, True)]


@pytest.mark.parametrize(("value", "bound"), [(0.2, 0.5), (0.9, 1.0), (1.3, 1.0)])
def test_of_two_bounds_the_nearest_is_shown(value: float, bound: float, shrunk: Shrunk) -> None:
    bounds = "{lower: 0.5, upper: 1.0, n_warmup_steps: 0, interval_steps: 1}"
    params = shrunk("tune.pruner.name=threshold", f"tune.pruner.threshold={bounds}").tune.pruner
    check = trial_pruner(params, [], 0).check(0, value)
    assert (check.threshold, check.pruned) == (bound, not 0.5 <= value <= 1.0)


HALVING = {
    "successive_halving": optuna.pruners.SuccessiveHalvingPruner(1, 2, 0, 0),
    "hyperband": optuna.pruners.HyperbandPruner(1, 4, 2),
}


@settings(max_examples=40, deadline=None)
@given(curves=st.lists(LOSSES, min_size=2, max_size=12), name=st.sampled_from(sorted(HALVING)))
def test_halving_decides_as_optuna_does_on_a_study_of_its_own(
    curves: Sequence[Sequence[float]], name: str, shrunk: Shrunk
) -> None:
    params = shrunk(
        f"tune.pruner.name={name}", "tune.pruner.successive_halving.reduction_factor=2",
        "tune.pruner.hyperband={min_resource: 1, max_resource: 4, reduction_factor: 2, "
        "bootstrap_count: 0}",
    ).tune.pruner  # fmt: skip
    plain = optuna.create_study(study_name="tribar", pruner=HALVING[name])
    finished: list[TrialSummary] = []
    for number, losses in enumerate(curves):
        trial, ours = (
            plain.ask(),
            TrialPruner(params, PastTrialsCache().of(finished), number, DOWN),
        )
        ran, pruned = 0, False
        while ran < len(losses) and not pruned:
            best = min(losses[: ran + 1])
            trial.report(best, ran)
            pruned = trial.should_prune()
            check = ours.check(ran, losses[ran])
            assert check.pruned == pruned, (number, ran)
            assert (check.threshold, check.compared) == (None, 0)
            ran += 1
        curve, state = tuple(losses[:ran]), "PRUNED" if pruned else "COMPLETE"
        plain.tell(trial, None if pruned else min(curve), state=TrialState[state])
        row = TrialRow(number, state, (min(curve),), {}, curve, rungs=ours.rungs)  # type: ignore[arg-type]
        finished.append(summary(row, 4, Direction.MINIMIZE))


def test_no_pruner_prunes_nothing(shrunk: Shrunk) -> None:
    params = shrunk("tune.pruner.name=none").tune.pruner
    finished = [complete(number, 0.1, 0.1, 0.1) for number in range(5)]
    assert not trial_pruner(params, finished, 3).check(2, 9.9).pruned
