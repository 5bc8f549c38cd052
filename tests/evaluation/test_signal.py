from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tests.evaluation.factories import daily, drawn
from tribar.config.schema import Params
from tribar.errors import UserError
from tribar.evaluation.signal import NO_RETURNS, returns_by_fifth, signal
from tribar.evaluation.uncertainty import by_time, estimate

TRAIN = pd.DataFrame({"label": [-1, -1, 0, 1, 1], "exit_return": [-0.03, -0.01, 0.001, 0.02, 0.04]})
"""Means of -200, 10 and 300 basis points."""


def test_a_signal_worked_out_by_hand() -> None:
    """Expected, in basis points: 160, -75, -7 and 10, which only pays the cost."""
    probability = np.array([[0.28, 0.0, 0.72], [0.75, 0.0, 0.25], [0.585, 0.05, 0.365], [0, 1, 0]])
    samples = daily(np.array([1, 1, -1, 0]), exit_return=[0.03, 0.02, -0.02, 0.001])
    found = signal(TRAIN, samples, probability, cost=10.0, confidence=0.95)
    assert found.returns is not None
    assert found.returns.acted == 0.5
    ours, always = [300 - 10, -200 - 10, 0, 0], [290, 190, -210, 0]
    assert found.returns.mean.value == pytest.approx(np.mean(ours))
    assert found.returns.always_long.value == pytest.approx(np.mean(always))
    assert found.returns.difference.value == pytest.approx(np.mean(ours) - np.mean(always))
    assert found.note == ""


@pytest.mark.parametrize("cost", [0.0, 25.0])
def test_it_is_what_a_loop_over_decisions_earns(cost: float) -> None:
    labels, probability = drawn(500, 0)
    rng = np.random.default_rng(1)
    samples = daily(labels, exit_return=0.03 * labels + rng.normal(0, 0.02, 500))
    ours, always, acted = [], [], 0
    for returned, (down, flat, up) in zip(samples["exit_return"], probability, strict=True):
        expected = 10_000 * (-0.02 * down + 0.001 * flat + 0.03 * up)
        gain = 0.0
        if expected - cost > 0:
            gain = 10_000 * returned - cost
        elif -expected - cost > 0:
            gain = -10_000 * returned - cost
        acted += gain != 0
        ours.append(gain)
        always.append(10_000 * returned - cost)
    found = signal(TRAIN, samples, probability, cost, 0.9).returns
    assert found is not None
    assert found.acted == acted / 500
    assert found.acted == 1 if cost == 0 else 0.5 < found.acted < 0.95
    series = np.array([ours, always, np.subtract(ours, always)])
    for one, values in zip((found.mean, found.always_long, found.difference), series, strict=True):
        expected_interval = estimate(by_time(values, samples["decision"], 1)).interval(0.9)
        assert (one.low, one.high) == pytest.approx(expected_interval)


def test_more_cost_means_fewer_decisions_acted_on() -> None:
    labels, probability = drawn(300, 2)
    samples = daily(labels, exit_return=0.02 * labels)
    acted = []
    for cost in (0.0, 20.0, 100.0, 1000.0):
        returns = signal(TRAIN, samples, probability, cost, 0.95).returns
        assert returns is not None
        acted.append(returns.acted)
    assert acted == sorted(acted, reverse=True)
    assert acted[-1] == 0


def test_a_signal_that_never_acts_has_no_interval_and_says_so() -> None:
    labels, probability = drawn(300, 2)
    found = signal(TRAIN, daily(labels, exit_return=0.02 * labels), probability, 1000.0, 0.95)
    assert found.returns is not None
    assert found.returns.mean.record() == {"value": 0.0}
    assert set(found.returns.difference.record()) == {"value", "low", "high"}
    assert found.note == "the same at every decision, so without an interval: the signal"
    assert found.sentence().endswith(found.note)


def test_a_signal_that_is_always_long_differs_in_nothing_and_says_so() -> None:
    labels, _ = drawn(300, 2)
    samples = daily(labels, exit_return=0.02 * labels)
    found = signal(TRAIN, samples, np.tile([0.2, 0.1, 0.7], (300, 1)), 5.0, 0.95)
    assert found.returns is not None
    assert found.returns.difference.record() == {"value": 0.0}
    assert found.note == "the same at every decision, so without an interval: the difference"


@pytest.mark.parametrize("where", ["train", "test"])
def test_unknown_returns_are_said(where: str) -> None:
    labels, probability = drawn(30, 0)
    samples = daily(labels, exit_return=0.01 * labels)
    parts = {"train": TRAIN, "test": samples}
    parts[where] = parts[where].assign(exit_return=np.nan)
    found = signal(parts["train"], parts["test"], probability, 2.0, 0.95)
    assert found.returns is None
    assert found.record() == {"cost": 2.0, "note": NO_RETURNS}
    assert found.sentence() == NO_RETURNS


def test_few_decisions_have_returns_and_no_interval() -> None:
    labels, probability = drawn(10, 0)
    found = signal(TRAIN, daily(labels, exit_return=0.01 * labels), probability, 0.0, 0.95)
    assert found.returns is not None
    assert set(found.returns.mean.record()) == {"value"}
    assert found.table()["low"].isna().all()
    assert "None" not in found.sentence()
    assert "nan" not in found.sentence()


def test_the_cost_is_a_parameter_and_none_by_default(shrunk: Callable[..., Params]) -> None:
    assert shrunk().evaluate.cost == 0
    assert shrunk("evaluate.cost=2").evaluate.cost == 2
    with pytest.raises(UserError, match=r"evaluate\.cost"):
        shrunk("evaluate.cost=-1")


def test_fifths_rise_where_expectations_tell_returns_apart() -> None:
    labels, probability = drawn(1000, 3)
    samples = daily(labels, exit_return=0.02 * labels)
    found = returns_by_fifth(TRAIN, samples, probability, 0.95)
    assert found["fifth"].tolist() == [1, 2, 3, 4, 5]
    assert found["decisions"].tolist() == [200] * 5
    assert found["expected"].is_monotonic_increasing
    assert (found["low"] < found["returned"]).all()
    expected = probability @ [-0.02, 0.001, 0.03]
    highest = np.argsort(expected, kind="stable")[-200:]
    assert found["returned"].iloc[-1] == pytest.approx(200 * labels[highest].mean())
    unknown = samples.assign(exit_return=np.nan)
    assert returns_by_fifth(TRAIN, unknown, probability, 0.95).empty
