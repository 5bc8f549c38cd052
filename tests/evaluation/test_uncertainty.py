from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import t

from tribar.evaluation.uncertainty import Estimate, TimeSeries, by_time, estimate, terms

Floats = NDArray[np.float64]


def _times(n: int) -> pd.Series:
    return pd.Series(pd.date_range("2020-01-01", periods=n, tz="UTC"))


def _estimate(values: Floats, decision: pd.Series | None = None, horizon: int = 1) -> Estimate:
    return estimate(by_time(values, _times(len(values)) if decision is None else decision, horizon))


def _panel(seed: int, n: int = 200) -> tuple[Floats, pd.Series]:
    """Differences of three ragged symbols."""
    rng = np.random.default_rng(seed)
    decision = pd.concat([_times(n), _times(n)[7:], _times(n)[: n // 2]], ignore_index=True)
    return rng.exponential(size=len(decision)) - 0.9, decision


@given(st.integers(0, 2**32 - 1))
def test_the_other_sign_mirrors_the_interval(seed: int) -> None:
    values, decision = _panel(seed)
    one, other = _estimate(values, decision), _estimate(-values, decision)
    assert one.interval(0.95) == pytest.approx([-end for end in reversed(other.interval(0.95))])


@given(st.integers(0, 2**32 - 1))
def test_the_order_of_samples_changes_no_bit(seed: int) -> None:
    values, decision = _panel(seed)
    order = np.random.default_rng(seed).permutation(len(values))
    assert _estimate(values[order], decision[order]) == _estimate(values, decision)


def test_the_mean_is_over_samples_not_times() -> None:
    values, decision = _panel(0)
    found = _estimate(values, decision)
    assert found.mean == pytest.approx(values.mean())
    low, high = found.interval(0.95)
    assert low < found.mean < high


def test_symbols_that_agree_count_once() -> None:
    """Copies of a symbol are no new evidence."""
    values = np.random.default_rng(0).exponential(size=200)
    copies = _estimate(np.tile(values, 4), pd.concat([_times(200)] * 4, ignore_index=True))
    assert copies.interval(0.95) == pytest.approx(_estimate(values).interval(0.95))


def test_the_standard_error_is_that_of_the_cosines_written_out() -> None:
    """Equation by equation, sample by sample, without a transform."""
    values, decision = _panel(3, n=90)
    at = (decision - decision.min()).dt.days.to_numpy()
    length, size, total = at.max() + 1, len(values), values.sum()
    used = terms(length, horizon=2)
    squares = []
    for j in range(1, used + 1):
        cosine = np.cos(np.pi * j * (at + 0.5) / length)
        squares.append(2 / length * ((values - total / size) * cosine).sum() ** 2)
    expected = np.sqrt(length * np.mean(squares)) / size
    found = _estimate(values, decision, horizon=2)
    assert found.terms == used
    assert found.standard_error == pytest.approx(expected)


def test_without_dependence_the_standard_error_is_the_textbooks() -> None:
    values = np.random.default_rng(0).normal(size=(400, 500))
    errors = np.array([_estimate(one).standard_error for one in values])
    assert np.sqrt(np.mean(errors**2)) == pytest.approx(1 / np.sqrt(500), rel=0.02)


def test_more_confidence_is_a_wider_interval() -> None:
    found = _estimate(*_panel(0))
    intervals = [found.interval(confidence) for confidence in (0.5, 0.9, 0.99)]
    for narrow, wide in pairwise(intervals):
        assert wide[0] < narrow[0] < narrow[1] < wide[1]


@pytest.mark.parametrize(
    ("times", "horizon", "expected"),
    [(736, 10, 16), (736, 1, 33), (270, 10, 6), (269, 10, 5), (40, 10, 0), (1, 1, 0)],
)
def test_terms_follow_from_times_and_horizon(times: int, horizon: int, expected: int) -> None:
    assert terms(times, horizon) == expected


def test_six_terms_make_a_verdict_and_three_an_interval() -> None:
    values = np.random.default_rng(0).normal(size=270)
    assert _estimate(values, horizon=10).is_judged
    fewer = _estimate(values[:140], horizon=10)
    assert not fewer.is_judged
    assert np.isfinite(fewer.interval(0.95)).all()
    assert np.isnan(_estimate(values[:130], horizon=10).interval(0.95)).all()


def test_equal_models_have_no_width() -> None:
    found = _estimate(np.zeros(300))
    assert found.interval(0.95) == (0, 0)
    assert found.detectable(0.95) == 0
    assert np.isinf(found.decisions_needed(0.95))


def test_power_is_what_it_says() -> None:
    """A t statistic of the detectable difference is beyond its quantile in 80 % of draws."""
    found = Estimate(mean=0.1, standard_error=1.0, terms=16, times=736)
    rng = np.random.default_rng(0)
    error = np.sqrt(rng.chisquare(16, 200_000) / 16)
    drawn = found.detectable(0.95) + rng.normal(size=len(error))
    assert (drawn / error > t.ppf(0.975, 16)).mean() == pytest.approx(0.8, abs=0.005)
    assert found.decisions_needed(0.95) == pytest.approx(100 * found.detectable(0.95) ** 2)


def test_ten_times_the_data_need_a_tenth_of_the_multiple() -> None:
    series = TimeSeries(np.random.default_rng(0).normal(0.05, 1, 40_000), np.ones(40_000), 1)
    part = TimeSeries(series.sums[:4000], series.counts[:4000], 1)
    assert estimate(part).detectable(0.95) / estimate(series).detectable(0.95) == pytest.approx(
        np.sqrt(10), rel=0.15
    )
