from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import rankdata

from tests.evaluation.overfitting.noise import HORIZON, TIMES, noise
from tribar.evaluation.overfitting.backtest import (
    BacktestOverfitting,
    backtest_overfitting,
    probability,
)
from tribar.evaluation.overfitting.resampling import (
    block_length,
    null_sums,
    part_count,
    part_sums,
)

BLOCK = block_length(TIMES, HORIZON)
PARTS = part_count(TIMES, BLOCK)


def test_by_hand() -> None:
    """Trials A, B and C; two of four parts choose.

    The first two choose A, the worst of the last two; the last two choose B, the worst of the
    first two. One of each finds B and C alike and takes B, the best elsewhere together with C.
    """
    sums = np.array([[0.0, 3, 2], [0, 3, 2], [5, 1, 2], [5, 1, 2]])
    assert probability(sums) == pytest.approx(2 / 6)


def test_the_median_itself_counts_as_a_half() -> None:
    """One part chooses A, the second of three on the other, which chooses C, the worst."""
    assert probability(np.array([[0.0, 1, 2], [5, 6, 4]])) == pytest.approx((0.5 + 1) / 2)


def by_the_paper(sums: NDArray[np.float64]) -> float:
    """Return PBO half by half, by the logit of the relative rank of Bailey et al."""
    parts, trials = sums.shape
    found = []
    for half in combinations(range(parts), parts // 2):
        rest = [part for part in range(parts) if part not in half]
        chosen = int(np.argmin(sums[list(half)].sum(axis=0)))
        rank = rankdata(-sums[rest].sum(axis=0))[chosen]  # 1 for the highest loss
        logit = np.log(rank / (trials + 1 - rank))
        found.append(0.5 if abs(logit) < 1e-9 else float(logit < 0))
    return float(np.mean(found))


@given(st.integers(0, 2**32 - 1), st.sampled_from([2, 4, 6]), st.integers(2, 7), st.booleans())
def test_it_is_the_papers(seed: int, parts: int, trials: int, has_ties: bool) -> None:
    rng = np.random.default_rng(seed)
    sums = rng.normal(size=(parts, trials))
    if has_ties:
        sums = rng.integers(3, size=(parts, trials)).astype(float)
    assert probability(sums) == pytest.approx(by_the_paper(sums))


def test_noise_has_one_half_on_average() -> None:
    found = [probability(part_sums(noise(seed).T, PARTS)) for seed in range(300)]
    assert np.mean(found[:60]) == pytest.approx(0.5, abs=0.05)
    assert np.mean(found) == pytest.approx(0.5, abs=0.03)  # neighbours share labels: a little less


def judged(losses: NDArray[np.float64], seed: int = 0) -> BacktestOverfitting:
    null = null_sums(losses.T, PARTS, BLOCK, seed)
    return backtest_overfitting(part_sums(losses.T, PARTS), null)


@pytest.mark.parametrize("seed", range(3))
def test_a_trial_that_is_better_shows_no_sign_of_overfitting(seed: int) -> None:
    found = judged(noise(seed, lead=0.1))
    assert found.probability < 0.01
    assert found.verdict == "no sign of overfitting"
    assert found.mean == pytest.approx(0.5, abs=0.05)


def coverage(matrices: int) -> float:
    found = [judged(noise(seed), seed) for seed in range(1000, 1000 + matrices)]
    return float(np.mean([one.low <= one.probability <= one.high for one in found]))


def test_the_band_covers_noise_in_few() -> None:
    assert coverage(10) >= 0.7


@pytest.mark.slow
def test_the_band_covers_noise() -> None:
    assert coverage(200) == pytest.approx(0.9, abs=0.05)


@pytest.mark.parametrize(
    ("pbo", "verdict"),
    [
        (0.2, "no sign of overfitting"),
        (0.25, "cannot be told from luck"),
        (0.74, "cannot be told from luck"),
        (0.8, "overfitting"),
    ],
)
def test_the_verdict_goes_by_the_band(pbo: float, verdict: str) -> None:
    found = BacktestOverfitting(pbo, low=0.25, mean=0.5, high=0.74)
    assert found.verdict == verdict
    assert found.sentence() == (
        f"PBO {pbo:.2f}; without any difference between trials it would lie between 0.25 and 0.74 "
        f"(90 %): {verdict}"
    )


def test_what_is_good_in_one_part_alone_is_overfitting() -> None:
    """As many trials as parts, each good in its own and equally bad in all others."""
    losses = noise(0, trials=PARTS)
    part = np.arange(TIMES) * PARTS // TIMES
    losses += np.where(part == np.arange(PARTS)[:, None], -1.1, 0.1)
    found = judged(losses)
    assert found.probability > 0.95
    assert found.verdict == "overfitting"
