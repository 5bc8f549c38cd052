import numpy as np
import pytest
from numpy.typing import NDArray

from tests.evaluation.overfitting.noise import HORIZON, TIMES, noise
from tribar.evaluation.overfitting.lead import Lead, lead, superior_ability
from tribar.evaluation.overfitting.resampling import block_length, null_sums

BLOCK = block_length(TIMES, HORIZON)


def judged(losses: NDArray[np.float64], block: int = BLOCK) -> Lead:
    return lead(losses.T, null_sums(losses.T, 12, block, seed=0), block, seed=0)


def test_of_independent_trials_it_is_what_a_simulation_gives() -> None:
    """Means of independent losses are normal; so the best lead is that of as many normals."""
    draws = np.random.default_rng(0).normal(0, 0.3 / TIMES**0.5, size=(100_000, 30))
    simulated = draws[:, 0] - draws.min(axis=1)
    block = block_length(TIMES, 1)
    found = [judged(noise(seed, horizon=1, correlation=0.0), block) for seed in range(5)]
    assert np.mean([one.expected for one in found]) == pytest.approx(simulated.mean(), rel=0.04)
    expected = np.quantile(simulated, 0.95)
    assert np.mean([one.high for one in found]) == pytest.approx(expected, rel=0.04)


def test_what_trials_have_in_common_is_no_luck() -> None:
    """The lead of the same trials on a market ten times as wild stays what it was."""
    calm, other = judged(noise(3)), judged(noise(3) + 3 * noise(4, trials=1))
    assert other.found == pytest.approx(calm.found)
    assert other.expected == pytest.approx(calm.expected)
    assert other.spa_p == calm.spa_p


@pytest.mark.parametrize("seed", range(3))
def test_a_trial_that_is_better_leads_by_more_than_luck(seed: int) -> None:
    found = judged(noise(seed, lead=0.1))
    assert found.found > found.high > found.expected
    assert found.spa_p < 0.01
    assert found.lines()[1].endswith("one at least is better")


def test_a_baseline_that_is_the_best_leads_by_nothing() -> None:
    found = judged(noise(0, lead=0.1)[::-1])
    assert found.found == 0
    assert found.spa_p > 0.5


def consistent_p(losses: NDArray[np.float64], seed: int) -> float:
    """Return Hansen's p-value, worked out anew: hopeless trials alone are left where they are."""
    leads = losses[0] - losses[1:]
    starts = np.random.default_rng(seed).integers(TIMES, size=(2000, TIMES // BLOCK, 1))
    drawn = ((starts + np.arange(BLOCK)) % TIMES).reshape(2000, TIMES)
    resampled = np.array([leads[:, one].mean(axis=1) for one in drawn])
    mean, deviation = leads.mean(axis=1), resampled.std(axis=0)
    is_near = mean >= -deviation * np.sqrt(2 * np.log(np.log(TIMES)))
    centred = resampled - np.where(is_near, mean, 0)
    return float(np.mean(centred.max(axis=1) > mean.max()))


@pytest.mark.parametrize("seed", range(4))
def test_the_p_value_is_hansens(seed: int) -> None:
    """Of twelve trials, some of them somewhat worse and some hopeless."""
    losses = noise(seed, trials=12)
    losses[4:8] += 0.02
    losses[8:] += 0.2
    found = superior_ability(losses.T, BLOCK, seed)
    assert found == pytest.approx(consistent_p(losses, seed), abs=0.06)


def p_values(matrices: int) -> NDArray[np.float64]:
    seeds = range(500, 500 + matrices)
    return np.array([superior_ability(noise(seed).T, BLOCK, seed) for seed in seeds])


def test_noise_is_seldom_rejected_in_few() -> None:
    assert np.mean(p_values(20) < 0.1) <= 0.25


@pytest.mark.slow
def test_noise_is_rejected_about_as_often_as_meant() -> None:
    """Blocks leave some of the dependence out, so that it is a little more often."""
    found = p_values(300)
    assert 0.05 <= np.mean(found < 0.1) <= 0.17
    assert np.mean(found < 0.5) == pytest.approx(0.5, abs=0.1)
