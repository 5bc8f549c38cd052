import numpy as np
import pandas as pd
import pytest
from arch.bootstrap import CircularBlockBootstrap
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tribar.evaluation.bootstrap import (
    CONFUSION_SCORES,
    ScoreDifference,
    SumScore,
    block_resamples,
    bootstrap_difference,
    calibration_score,
    sums_by_time,
)
from tribar.metrics.predictions import Probability
from tribar.metrics.scores import score

Floats = NDArray[np.float64]
SCORES = {**CONFUSION_SCORES, "ece": calibration_score(bins=7)}


def _drawn(seed: int, n: int) -> tuple[NDArray[np.int64], Probability]:
    rng = np.random.default_rng(seed)
    labels = rng.choice([-1, 0, 1], size=n, p=rng.dirichlet([1, 1, 1]))
    return labels, rng.dirichlet([2, 2, 2], size=n)


@pytest.mark.parametrize("name", SCORES)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 60))
def test_a_score_of_sums_is_the_score_of_the_samples(name: str, seed: int, n: int) -> None:
    labels, probability = _drawn(seed, n)
    terms = SCORES[name].terms(labels, probability)
    expected = score(labels, probability, prior_log_loss=1, bins=7).metrics()[name]
    assert SCORES[name].score(terms.sum(axis=0)) == pytest.approx(expected, abs=1e-12)


def test_resamples_are_those_of_arch() -> None:
    """15 blocks of two horizons: wider by 2.145 / 1.960 (t), 15 / 14 and 1 / (1 - 1 / 6)."""
    series = np.random.default_rng(0).normal(size=(300, 1)).cumsum(axis=0)
    theirs = CircularBlockBootstrap(20, series[:, 0], seed=1).apply(np.mean, 4000).ravel()
    found = _difference(series, np.zeros_like(series), horizon=10, resamples=4000)
    low, high = np.quantile(theirs, [0.025, 0.975])
    assert (found.high - found.low) / (high - low) == pytest.approx(1.24, abs=0.06)


def _difference(
    ours: Floats, theirs: Floats, horizon: int = 2, resamples: int = 400, seed: int = 0
) -> ScoreDifference:
    def mean(sums: Floats) -> Floats:
        average: Floats = sums[..., 0] / len(ours)
        return average

    rng = np.random.default_rng(seed)
    drawn = block_resamples(len(ours), horizon, resamples, 0.95, rng)
    return bootstrap_difference(ours, theirs, mean, drawn, 0.95)


def test_equal_models_have_no_width_and_few_blocks_no_interval() -> None:
    series = np.random.default_rng(0).normal(size=(100, 1))
    assert _difference(series, series.copy()) == ScoreDifference(0, 0, 0)
    few = _difference(series, 0 * series, horizon=9)
    assert np.isfinite(few.difference)
    assert np.isnan([few.low, few.high]).all()


def test_a_long_series_is_joined_and_keeps_its_width() -> None:
    series = np.random.default_rng(0).normal(size=(20_000, 1))
    found = _difference(series, 0 * series, resamples=2000)
    assert found.high - found.low == pytest.approx(2 * 1.96 / np.sqrt(20_000), rel=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("name", SCORES)
def test_intervals_of_overlapping_labels_cover(name: str) -> None:
    """Two models, equally good by design, on labels that overlap by ten days in two markets."""
    held, draws = 0, 400
    for seed in range(draws):
        labels, models = _market(np.random.default_rng(seed))
        one, other = (_by_time(SCORES[name], labels, each) for each in models)
        drawn = block_resamples(len(one), 10, 400, 0.95, np.random.default_rng(seed))
        found = bootstrap_difference(one, other, SCORES[name].score, drawn, 0.95)
        held += found.low <= 0 <= found.high
    assert 0.92 <= held / draws <= 0.98


def _market(rng: np.random.Generator) -> tuple[NDArray[np.int64], list[Probability]]:
    """Return labels, (times, symbols), and two models that see their sum through equal noise."""
    times, horizon = 729, 10
    shocks = rng.normal(size=(times + horizon, 2)) + rng.normal(size=(times + horizon, 1))
    total = np.cumsum(shocks, axis=0)
    ahead = (total[horizon:] - total[:-horizon]) / np.sqrt(2 * horizon)
    labels = (ahead > 0.6).astype(np.int64) - (ahead < -0.6)
    return labels, [_forecast(ahead, rng) for _ in range(2)]


def _forecast(ahead: Floats, rng: np.random.Generator) -> Probability:
    noise = rng.normal(size=(len(ahead) + 200, 2))
    for time in range(1, len(noise)):
        noise[time] = 0.9 * noise[time - 1] + np.sqrt(1 - 0.81) * noise[time]
    signal = 0.2 * ahead + 0.8 * noise[200:]
    odds = np.exp(np.stack([-signal, np.full_like(signal, 0.1), signal], axis=-1))
    probability: Probability = odds / odds.sum(axis=-1, keepdims=True)
    return probability


def _by_time(score: SumScore, labels: NDArray[np.int64], probability: Probability) -> Floats:
    times = pd.Series(np.repeat(np.arange(len(labels)), labels.shape[1]))
    terms = score.terms(labels.ravel(), probability.reshape(-1, probability.shape[-1]))
    return sums_by_time(terms, times)
