from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import optuna
import pytest

from tests.study.landscape import DOWN, Landscape, landscape
from tribar.config.schema import Params
from tribar.errors import StudyError
from tribar.execution.executors import InlineExecutor
from tribar.search.distributions import distributions
from tribar.search.samplers import sampler_for
from tribar.study.journal import open_journal
from tribar.study.loop import run_study
from tribar.study.pool import TrialPool
from tribar.trials import TrialRequest, TrialRow

Shrunk = Callable[..., Params]
TRIALS = 24


class Killed(BaseException):
    """Stands for a kill: nothing in the study may catch it."""


def study(
    params: Params,
    folder: Path,
    executor: Executor | None = None,
    objective: Landscape | None = None,
    die_at: int | None = None,
) -> tuple[TrialRow, ...]:
    def watch(row: TrialRow) -> None:
        if row.number == die_at:
            raise Killed

    with open_journal(folder, print) as journal:
        pool = TrialPool(
            objective or Landscape(params), executor or InlineExecutor(), journal, watch
        )
        return run_study(
            params.tune, params.baseline_hyper().by_name(), params.training.max_epochs, DOWN, pool
        ).rows


def settings(sampler: str, lag: int, pruner: str = "median") -> list[str]:
    return [
        f"tune.sampler.name={sampler}",
        f"tune.lag={lag}",
        f"tune.pruner.name={pruner}",
        f"tune.n_trials={TRIALS}",
    ]


VARIANTS = [("tpe", 1, "median"), ("tpe", 4, "median"), ("tpe", 4, "none"), ("random", 3, "median")]


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_resumed_study_equals_an_unbroken_one(
    variant: tuple[str, int, str], shrunk: Shrunk, tmp_path: Path
) -> None:
    params = shrunk(*settings(*variant))
    unbroken = study(params, tmp_path / "unbroken")
    for point in (0, 3, 4, 9, 10, 17, TRIALS - 1):
        folder = tmp_path / f"killed_{point}"
        with pytest.raises(Killed):
            study(params, folder, die_at=point)
        assert study(params, folder) == unbroken


def test_finished_trials_are_not_run_again(shrunk: Shrunk, tmp_path: Path) -> None:
    params = shrunk(*settings("tpe", 2))
    first = study(params, tmp_path)
    poisoned = Landscape(params, fails=frozenset(range(TRIALS)))
    assert study(params, tmp_path, objective=poisoned) == first


def test_a_longer_study_extends_a_shorter_one(shrunk: Shrunk, tmp_path: Path) -> None:
    long = study(shrunk(*settings("tpe", 1)), tmp_path / "long")
    short = study(shrunk(*settings("tpe", 1), "tune.n_trials=9"), tmp_path / "short")
    assert short == long[:9]
    assert study(shrunk(*settings("tpe", 1)), tmp_path / "short") == long
    assert study(shrunk(*settings("tpe", 1), "tune.n_trials=5"), tmp_path / "short") == long[:5]


def test_workers_that_finish_out_of_order_change_nothing(shrunk: Shrunk, tmp_path: Path) -> None:
    params = shrunk(*settings("tpe", 4))
    alone = study(params, tmp_path / "alone")
    for workers in (2, 4):
        with ThreadPoolExecutor(workers) as pool:
            slow = Landscape(params, delay=0.0005)
            assert study(params, tmp_path / str(workers), pool, slow) == alone


def test_the_lag_is_part_of_the_result(shrunk: Shrunk, tmp_path: Path) -> None:
    one = study(shrunk(*settings("tpe", 1)), tmp_path / "1")
    four = study(shrunk(*settings("tpe", 4)), tmp_path / "4")
    assert [row.params for row in one] != [row.params for row in four]


def test_seeds_change_the_suggestions_after_the_baseline(shrunk: Shrunk, tmp_path: Path) -> None:
    one = study(shrunk(*settings("random", 1)), tmp_path / "1")
    other = study(shrunk(*settings("random", 1), "tune.seed=43"), tmp_path / "2")
    assert one[0].params == other[0].params
    assert all(a.params != b.params for a, b in zip(one[1:], other[1:], strict=True))


def test_suggestions_are_those_of_a_plain_optuna_loop(shrunk: Shrunk, tmp_path: Path) -> None:
    params = shrunk(*settings("tpe", 1, "none"))
    ours = study(params, tmp_path)
    plain = optuna.create_study(study_name="tribar")
    baseline = params.baseline_hyper().by_name()
    plain.enqueue_trial({name: baseline[name] for name in params.tune.space})
    for row in ours:
        plain.sampler = sampler_for(
            params.tune.sampler, params.tune.space, params.tune.seed, row.number
        )
        trial = plain.ask(fixed_distributions=distributions(params.tune.space))
        assert trial.params == row.params
        plain.tell(trial, landscape(trial.params) + 0.3 / params.training.max_epochs**0.5)


def test_trial_0_is_the_baseline_as_far_as_the_space_admits(shrunk: Shrunk, tmp_path: Path) -> None:
    inside = study(shrunk("tune.n_trials=1"), tmp_path / "inside")[0].params
    baseline = shrunk().baseline_hyper().by_name()
    assert inside == {name: baseline[name] for name in inside}
    outside = study(
        shrunk("tune.n_trials=1", "tune.space.hidden_dim.low=96"), tmp_path / "outside"
    )[0].params
    assert int(outside["hidden_dim"]) >= 96
    assert outside["learning_rate"] == baseline["learning_rate"]


def test_a_failed_trial_is_recorded_and_the_study_goes_on(shrunk: Shrunk, tmp_path: Path) -> None:
    params = shrunk(*settings("tpe", 1))
    rows = study(params, tmp_path, objective=Landscape(params, fails=frozenset({0, 5})))
    assert [row.number for row in rows if row.state == "FAIL"] == [0, 5]
    assert rows[5].reason == "RuntimeError: made up"
    assert len(rows) == TRIALS


def test_a_study_without_a_completed_trial_names_the_reasons(
    shrunk: Shrunk, tmp_path: Path
) -> None:
    params = shrunk("tune.n_trials=3")
    with pytest.raises(StudyError, match=r"none of 3 trials completed: RuntimeError: made up"):
        study(params, tmp_path, objective=Landscape(params, fails=frozenset(range(3))))


def test_a_shared_study_of_plain_optuna_fails_what_ours_passes(shrunk: Shrunk) -> None:
    """The negative control: the same landscape under `optimize(n_jobs=4)` is not repeatable."""
    params = shrunk()

    def run(requests: int) -> list[dict[str, object]]:
        plain = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=42))
        laws = distributions(params.tune.space)

        def objective(trial: optuna.Trial) -> float:
            values = {name: trial._suggest(name, law) for name, law in laws.items()}
            row = Landscape(params, 0.0005)(TrialRequest(trial.number, values, ())).row
            return row.value or 0.0

        plain.optimize(objective, n_trials=TRIALS, n_jobs=requests)
        return [trial.params for trial in plain.trials]

    assert run(1) != run(4)
