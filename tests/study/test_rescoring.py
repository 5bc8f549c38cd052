from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tribar.config.schema import Params
from tribar.errors import StudyError
from tribar.execution.executors import InlineExecutor
from tribar.study.config import RescoreParams
from tribar.study.journal import open_journal
from tribar.study.pool import TrialPool
from tribar.study.rescoring import Rescored, rescore
from tribar.trial.objective_spec import ObjectiveSpec
from tribar.trial.recipe import Recipe
from tribar.trial.result import TrialResult
from tribar.trials import TrialRequest, TrialRow

ROWS = tuple(
    TrialRow(number, "COMPLETE", (value,), {"hidden_dim": number}, (value,))
    for number, value in enumerate((1.2, 1.0, 1.1, 1.3))
)


@dataclass
class Truth:
    """What each trial is worth on fresh seeds; trial 1, the study's best, was lucky."""

    worth: tuple[float, ...] = (1.2, 1.5, 1.1, 1.3)
    fails: frozenset[int] = frozenset()
    ran: list[int] = field(default_factory=list)

    def __call__(self, request: TrialRequest) -> TrialResult:
        self.ran.append(request.number)
        trial, seed = divmod(request.number, 1000)
        if trial in self.fails:
            reason = "RuntimeError: made up"
            return TrialResult(TrialRow(request.number, "FAIL", (), request.params, reason=reason))
        value = self.worth[trial] + 0.01 * seed
        row = TrialRow(request.number, "COMPLETE", (value,), request.params, (value,))
        return TrialResult(row)


def again(folder: Path, truth: Truth, top: int = 3, seeds: int = 2) -> tuple[Rescored, ...]:
    with open_journal(folder, print) as journal:
        pool = TrialPool(truth, InlineExecutor(), journal)
        return rescore(ROWS, RescoreParams(top=top, seeds=seeds), ObjectiveSpec(), pool)


def test_the_best_mean_on_fresh_seeds_wins(tmp_path: Path) -> None:
    found = again(tmp_path, Truth())
    assert [one.trial.number for one in found] == [2, 0, 1]
    assert found[0].values == pytest.approx((1.1, 1.11))
    assert found[0].mean == pytest.approx(1.105)
    assert found[0].std == pytest.approx(0.01 / 2**0.5)


def test_a_trial_whose_seeds_fail_comes_last_with_its_reason(tmp_path: Path) -> None:
    *others, last = again(tmp_path, Truth(fails=frozenset({2})))
    assert [one.trial.number for one in others] == [0, 1]
    assert (last.trial.number, last.values) == (2, ())
    assert last.reasons == ("RuntimeError: made up",) * 2


def test_all_failing_is_an_error_with_the_reasons(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="trained again: RuntimeError: made up"):
        again(tmp_path, Truth(fails=frozenset({0, 1, 2})))


def test_without_seeds_the_studys_own_order_stands(tmp_path: Path) -> None:
    truth = Truth()
    found = again(tmp_path, truth, seeds=0)
    assert [(one.trial.number, one.mean) for one in found] == [(1, 1.0), (2, 1.1), (0, 1.2)]
    assert truth.ran == []


def test_what_was_trained_again_before_is_not_trained_once_more(tmp_path: Path) -> None:
    first = again(tmp_path, Truth())
    truth = Truth()
    assert again(tmp_path, truth) == first
    assert truth.ran == []
    again(tmp_path, truth, top=4)
    assert truth.ran == [3000, 3001]


def test_fresh_seeds_are_not_the_studys(shrunk: Callable[..., Params], tmp_path: Path) -> None:
    params = shrunk()
    recipe = Recipe(
        "a", tmp_path, tmp_path / "running", "cpu", params.model, params.training,
        params.tune.pruner, 42, params.tune.objective,
    )  # fmt: skip
    fresh = recipe.for_rescoring()
    assert fresh.seed != recipe.seed
    assert fresh.pruner.name == "none"
    assert fresh.study != recipe.study
