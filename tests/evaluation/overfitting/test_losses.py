import numpy as np
import pytest

from tests.evaluation.overfitting.noise import noise
from tribar.evaluation.overfitting.losses import MOST_ROWS, comparable


def test_the_first_of_equal_trials_stays_in_its_order() -> None:
    losses = noise(0, trials=4, times=20)[[2, 0, 2, 1, 0]]
    found = comparable(losses, 3)
    np.testing.assert_array_equal(found.values, losses[[0, 1, 3]].T)
    assert found.has_baseline
    assert found.notes == ("trials equal to an earlier one, left out: 2",)


@pytest.mark.parametrize("hole", [np.nan, np.inf])
def test_a_trial_that_never_saw_a_time_is_left_out(hole: float) -> None:
    losses = noise(0, trials=3, times=20)
    losses[0, 7] = hole
    found = comparable(losses, 3)
    np.testing.assert_array_equal(found.values, losses[1:].T)
    assert not found.has_baseline
    assert found.notes == ("trials without a loss at every decision time, left out: 1",)


@pytest.mark.parametrize("times", [MOST_ROWS, MOST_ROWS + 1, 4 * MOST_ROWS, 4999])
def test_many_times_are_put_together_and_keep_their_mean(times: int) -> None:
    losses = noise(0, trials=3, times=times)
    found = comparable(losses, 10)
    group = -(-times // MOST_ROWS)
    assert len(found.values) == -(-times // group) <= MOST_ROWS
    assert found.horizon == -(-10 // group)
    np.testing.assert_allclose(found.values.mean(axis=0), losses.mean(axis=1))
    assert len(found.notes) == (times > MOST_ROWS)
