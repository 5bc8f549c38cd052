import json

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.evaluation.overfitting.noise import HORIZON, noise
from tribar.evaluation.overfitting.study import Overfitting, study_overfitting


def test_a_record_holds_figures_alone() -> None:
    record = study_overfitting(noise(0), HORIZON, seed=1).record()
    assert record["trials"] == 30
    assert record["decision_times"] == 720
    assert record["notes"] == []
    assert None not in record.values()
    assert json.loads(json.dumps(record, allow_nan=False)) == record


def test_a_seed_gives_the_same_and_another_something_else() -> None:
    one, again, other = (study_overfitting(noise(0), HORIZON, seed) for seed in (1, 1, 2))
    assert one == again
    assert one != other
    assert one.record()["pbo"] == other.record()["pbo"]


def test_a_reader_is_told_all_of_it() -> None:
    found = study_overfitting(noise(0, lead=0.1), HORIZON, seed=1)
    first, pbo, confidence_set, lead, test = found.lines()
    assert first == "overfitting, by log-loss (trials: 30, decision times: 720)"
    assert pbo.endswith("no sign of overfitting")
    assert "of 30 trials cannot be told from the best" in confidence_set
    assert f"leads the baseline by {found.record()['lead']:.4f}" in lead
    assert test.endswith("one at least is better")


A, B, C = noise(0, trials=3, times=200)
NOTHING = np.full(200, np.nan)
SILENT: dict[str, tuple[list[NDArray[np.float64]], int, str]] = {
    "one trial": ([A], 2, "no completed trial but the baseline"),
    "equal trials": ([A, A, A], 2, "no completed trial but the baseline"),
    "one that is no baseline": ([NOTHING, A], 2, "no completed trial but one"),
    "no trial": ([NOTHING], 2, "no completed trial has a loss at every decision time"),
    "long labels": (
        [A, B], 17, "the decision times are too few: where a label reaches over 17 of them it "
        "takes 204 or more",
    ),
    "no variance": (
        [np.ones(200), np.full(200, 2.0)], 2,
        "two trials differ by the same amount at every decision time: nothing varies by luck",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SILENT)
@pytest.mark.filterwarnings("error")
def test_where_nothing_can_be_said_it_says_why(case: str) -> None:
    losses, horizon, reason = SILENT[case]
    found = study_overfitting(np.array(losses), horizon, seed=1)
    assert found.notes[-1] == reason
    assert found == Overfitting(found.trials, 200, notes=found.notes)
    assert found.lines()[-1] == f"  {reason}"


@pytest.mark.filterwarnings("error")
def test_as_many_times_as_it_takes_are_enough() -> None:
    found = study_overfitting(np.array([A, B, C])[:, :192], 16, seed=1)
    assert None not in found.record().values()


@pytest.mark.filterwarnings("error")
def test_equal_trials_and_one_like_the_baseline_change_no_figure() -> None:
    plain, equal = (
        study_overfitting(np.array(losses), 2, seed=1) for losses in ([A, B, C], [A, B, A, C, B])
    )
    assert equal.notes == ("trials equal to an earlier one, left out: 2",)
    assert equal.record() | {"notes": []} == plain.record()


@pytest.mark.filterwarnings("error")
def test_without_the_baseline_the_others_are_compared() -> None:
    found = study_overfitting(np.array([NOTHING, A, B, C]), 2, seed=1)
    record = found.record()
    assert {key for key, value in record.items() if value is None} == {
        "lead", "expected_lead", "lead_95", "spa_p",
    }  # fmt: skip
    assert found.notes[-1].startswith("the baseline is among those left out")
    assert record["pbo"] == study_overfitting(np.array([A, B, C]), 2, seed=1).record()["pbo"]


@pytest.mark.filterwarnings("error")
def test_many_times_are_judged_as_few_are() -> None:
    found = study_overfitting(noise(0, trials=5, times=4999, lead=0.1), HORIZON, seed=1)
    assert found.times == 4999
    assert found.notes == ("means of 5 consecutive decision times are compared",)
    assert found.backtest is not None
    assert found.backtest.verdict == "no sign of overfitting"
