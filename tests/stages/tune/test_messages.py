from collections.abc import Callable
from pathlib import Path

import pytest

from tribar.config.schema import Params
from tribar.outputs.workspace import Workspace
from tribar.stages.tune.current_study import current_study
from tribar.stages.tune.messages import ending, opening, winner
from tribar.study.loop import StoppedBy
from tribar.study.rescoring import Rescored
from tribar.trials import TrialRow

Shrunk = Callable[..., Params]


@pytest.fixture
def said(repository: Path, prepared: Path) -> Callable[[Params], list[str]]:
    def read(params: Params) -> list[str]:
        study = current_study(params, Workspace(repository, prepared, prepared))
        return list(opening(params, study, done=0, known=0))

    return read


def test_a_first_study_with_the_baseline_as_its_first_trial_needs_no_word(
    shrunk: Shrunk, said: Callable[[Params], list[str]]
) -> None:
    assert said(shrunk()) == []


OTHER = {
    ("baseline.hidden_dim=8", "model.cell=gru"): "tune.space has no hidden_dim 8; "
    "cell is gru, not lstm",
    (
        "model.hidden_dim=16",
        "tune.space.cell={type: categorical, choices: [lstm, gru]}",
        "tune.space.hidden_dim={type: int, low: 16, high: 96, step: 16, when: {cell: gru}}",
    ): "hidden_dim is 16, not 64",
    (
        "tune.space={dropout_1: {type: float, low: 0, high: 0.5}}",
        "baseline.dropout=[0.1, 0.3]",
    ): "dropout_2 is 0.2, not 0.3",
    ("tune.space={dropout_1: {type: float, low: 0, high: 0.5}}",): "dropout_1 is drawn",
}


@pytest.mark.parametrize("overrides", OTHER, ids=str)
def test_what_trial_0_has_not_of_the_baseline_is_said(
    overrides: tuple[str, ...], shrunk: Shrunk, said: Callable[[Params], list[str]]
) -> None:
    lines = said(shrunk(*overrides))
    assert lines == [f"trial 0 is not the whole baseline: {OTHER[overrides]}"]


ENDS: dict[StoppedBy, tuple[str, str]] = {
    "space": ("tune.sampler.name=qmc", "qmc has tried every point"),
    "plateau": ("tune.budget.plateau=6", "6 brought nothing better (tune.budget.plateau)"),
    "time": ("tune.budget.minutes=2.5", "the 2.5 minutes of tune.budget.minutes are over"),
}


@pytest.mark.parametrize("stopped_by", ENDS)
def test_an_early_end_is_said_with_its_reason(stopped_by: StoppedBy, shrunk: Shrunk) -> None:
    change, why = ENDS[stopped_by]
    tune = shrunk(change).tune
    assert ending(tune, 7, stopped_by) == f"the study ends after 7 of 32 trials: {why}"


def test_a_replayed_end_is_no_clocks(shrunk: Shrunk) -> None:
    tune = shrunk("tune.replay=7", "tune.budget.minutes=2").tune
    assert ending(tune, 7, "time").endswith("those that tune.replay asks for")


def test_a_whole_study_ends_without_a_word(shrunk: Shrunk) -> None:
    assert ending(shrunk().tune, 32, "trials") == ""


def test_the_winner_is_told_in_the_order_of_the_space(shrunk: Shrunk) -> None:
    params = {"dropout": 0.4, "learning_rate": 0.001}
    best = Rescored(TrialRow(3, "COMPLETE", (1.05,), params), (1.1, 1.2))
    told = "best: trial 3, 1.0500, 1.1500 on 2 fresh seeds: learning_rate 0.001, dropout 0.4"
    assert winner(best, shrunk().tune.space) == told
