import numpy as np
import pandas as pd
import pytest

from tribar.evaluation.interval import Interval, MeanIntervals
from tribar.evaluation.uncertainty import by_time, estimate


def test_chosen_samples_keep_the_reach_of_all_labels() -> None:
    """One label in ten ends forty days later; the others the next day."""
    day = pd.date_range("2020-01-01", periods=900, tz="UTC")
    ends = day + pd.to_timedelta(np.resize([40] + [1] * 9, 900), unit="D")
    samples = pd.DataFrame({"decision": day, "label_end": ends})
    short = np.arange(900) % 10 > 0
    values = np.random.default_rng(0).normal(size=short.sum())
    found = MeanIntervals.over(samples, 0.9).among(short).of(values)
    expected = estimate(by_time(values, samples["decision"][short], 40))
    assert expected.terms == 4
    assert (found.value, found.low, found.high) == (expected.mean, *expected.interval(0.9))


def test_no_interval_is_none_and_no_number() -> None:
    samples = pd.DataFrame({"decision": pd.date_range("2020-01-01", periods=9, tz="UTC")})
    found = MeanIntervals(samples["decision"], 1, 0.95).of(np.arange(9.0))
    assert found == Interval(4.0)
    assert found.clipped(0, 1) == found
    assert found.record() == {"value": pytest.approx(4.0)}
    assert found.text() == "+4.0000"
