"""Whole models on simulated markets, judged on 20,000 fresh decisions of the same process."""

import statistics

import pytest

from benchmarks.shrinkage import MOMENTUM, TOLERANCE, Outcome, markets, simulate
from tribar.runtime import derive_seed

MARKETS = 8


def outcomes(momentum: float) -> list[Outcome]:
    return markets(momentum, [derive_seed(0, "market", number) for number in range(MARKETS)])


@pytest.mark.slow
def test_without_a_signal_a_shrunk_model_is_as_good_as_the_prior() -> None:
    found = outcomes(momentum=0.0)
    assert statistics.mean(one.shrunk - one.prior for one in found) <= TOLERANCE
    assert statistics.mean(one.plain - one.prior for one in found) > 3 * TOLERANCE
    assert statistics.median(one.weight for one in found) < 0.4


@pytest.mark.slow
def test_with_a_signal_shrinking_costs_next_to_nothing() -> None:
    found = outcomes(MOMENTUM)
    assert statistics.mean(one.shrunk - one.plain for one in found) <= TOLERANCE
    assert statistics.mean(one.shrunk - one.prior for one in found) < -0.02
    assert statistics.median(one.weight for one in found) > 0.6


def test_a_market_follows_its_last_five_bars_or_nothing() -> None:
    """The next return's mean, in deviations, where the last five bars rose, and where they fell."""
    for momentum in (0.0, MOMENTUM):
        returns = simulate(0, momentum)["close"].pct_change().fillna(0)
        recent, later = returns.rolling(5).sum().shift(1), returns / returns.std()
        assert later[recent > 0].mean() == pytest.approx(momentum, abs=0.04)
        assert later[recent < 0].mean() == pytest.approx(-momentum, abs=0.04)
