import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from tests.evaluation.factories import daily, drawn
from tribar.evaluation.direction import auc_influences, direction, part_losses
from tribar.evaluation.interval import MeanIntervals
from tribar.metrics.scores import losses

Floats = NDArray[np.float64]


@given(st.integers(0, 2**32 - 1))
def test_the_parts_add_up_to_the_loss_also_at_its_floor(seed: int) -> None:
    labels, probability = drawn(200, seed)
    probability[::7], probability[1::7] = [0, 1, 0], [1, 0, 0]
    touch, side = part_losses(labels, probability)
    assert touch + side == pytest.approx(losses(labels, probability), abs=1e-12)
    assert (side[labels == 0] == 0).all()


def test_the_parts_of_a_difference_written_out() -> None:
    """Ours says the side, theirs says that none is touched; both are wrong once."""
    labels = np.array([1, -1, 0, 1])
    ours = np.array([[0.1, 0.3, 0.6], [0.5, 0.2, 0.3], [0.2, 0.4, 0.4], [0.4, 0.3, 0.3]])
    theirs = np.tile([0.25, 0.5, 0.25], (4, 1))
    parts = direction(daily(labels), ours, {"flat": theirs}, 0.95).parts["flat"]
    touch = -np.log([0.7 / 0.5, 0.8 / 0.5, 0.4 / 0.5, 0.7 / 0.5])
    side = -np.log([(6 / 7) / 0.5, (5 / 8) / 0.5, 1, (3 / 7) / 0.5])
    assert parts.touch.value == pytest.approx(touch.mean())
    assert parts.side.value == pytest.approx(side.mean())
    assert parts.whole.value == pytest.approx((touch + side).mean())


def test_the_difference_is_that_of_the_losses_with_its_interval() -> None:
    labels, ours = drawn(300, 0)
    _, theirs = drawn(300, 1)
    samples = daily(labels)
    parts = direction(samples, ours, {"other": theirs}, 0.9).parts["other"]
    difference = losses(labels, ours) - losses(labels, theirs)
    expected = MeanIntervals.over(samples, 0.9).of(difference)
    assert list(parts.whole.record().values()) == pytest.approx(list(expected.record().values()))
    assert parts.touch.value + parts.side.value == pytest.approx(parts.whole.value, abs=1e-12)


def test_auc_and_hit_rates_are_those_of_the_touched_samples() -> None:
    labels, ours = drawn(400, 3)
    ours[:100] = ours[0]  # ties
    touched = labels != 0
    side = direction(daily(labels), ours, {}, 0.95).side
    assert side is not None
    up, down = ours[touched, 2], ours[touched, 0]
    assert side.auc.value == pytest.approx(roc_auc_score(labels[touched] == 1, up / (up + down)))
    assert side.touched == touched.sum()
    assert side.always_up == pytest.approx((labels[touched] == 1).mean())
    said = np.where(up > down, 1, -1)
    assert side.hit_rate.value == pytest.approx((said == labels[touched]).mean())
    assert side.advantage.value == pytest.approx(side.hit_rate.value - side.always_up)


def test_the_components_are_delongs_pair_by_pair() -> None:
    rng = np.random.default_rng(4)
    upper, score = rng.random(60) < 0.4, rng.integers(0, 12, 60).astype(float)
    ours, theirs = score[upper], score[~upper]
    wins = (ours[:, None] > theirs) + 0.5 * (ours[:, None] == theirs)
    found, auc = auc_influences(upper, score), wins.mean()
    assert found.mean() == pytest.approx(auc)
    of_upper, of_lower = (found[one] - auc for one in (upper, ~upper))
    assert of_upper == pytest.approx((wins.mean(axis=1) - auc) / upper.mean())
    assert of_lower == pytest.approx((wins.mean(axis=0) - auc) / (1 - upper.mean()))
    delong = wins.mean(axis=1).var() / upper.sum() + wins.mean(axis=0).var() / (~upper).sum()
    assert found.var() / len(found) == pytest.approx(delong)


def test_the_interval_of_the_auc_holds_the_true_one() -> None:
    """Scores and sides that depend over ten days, two symbols that move together."""
    draws, times, horizon = 400, 729, 10
    rng = np.random.default_rng(0)
    shocks = rng.normal(size=(draws, 2, 2, times + horizon - 1))
    shared = rng.normal(size=(draws, 2, 1, times + horizon - 1))
    total = np.cumsum(np.pad(shocks + shared, ((0, 0),) * 3 + ((1, 0),)), axis=3)
    score, noise = np.moveaxis(total[..., horizon:] - total[..., :-horizon], 1, 0)
    upper = 0.2 * score + noise > 0
    true = roc_auc_score(upper.ravel(), score.ravel())
    decision = pd.Series(np.tile(pd.date_range("2020-01-01", periods=times, tz="UTC"), 2))
    intervals = MeanIntervals(decision, horizon, 0.95)
    found = [
        intervals.of(auc_influences(*one))
        for one in zip(upper.reshape(draws, -1), score.reshape(draws, -1), strict=True)
    ]
    covered = [one.low is not None and one.low <= true <= (one.high or 0) for one in found]
    assert 0.92 <= np.mean(covered) <= 0.98


def test_what_cannot_be_judged_is_said() -> None:
    _, ours = drawn(30, 0)
    none = direction(daily(np.zeros(30, np.int8)), ours, {"prior": ours}, 0.95)
    assert none.side is None
    assert none.sentence("prior").endswith("; no sample touches a barrier, so that there is no "
                                           "direction to tell")  # fmt: skip
    one = direction(daily(np.resize([0, 1, 1], 30)), ours, {"prior": ours}, 0.95)
    assert one.record("prior") == {"touch": 0, "side": 0, "reason": one.reason}
    assert set(one.table()["quantity"]) == {"touch", "side"}
    assert one.reason == "all 20 samples that touch a barrier touch the upper one: no side to tell"


def test_few_decisions_have_values_and_no_interval() -> None:
    labels, ours = drawn(12, 0)
    found = direction(daily(labels), ours, {"prior": ours}, 0.95)
    assert found.side is not None
    assert found.side.auc.record() == {"value": found.record("prior")["auc"]}
    assert found.table()[["low", "high"]].isna().all(axis=None)
    assert "nan" not in found.sentence("prior")
    assert "None" not in found.sentence("prior")


def test_a_perfect_side_stays_within_what_there_is() -> None:
    labels = np.resize([-1, 1, 0, 1], 300)
    ours = np.where(labels[:, None] == [-1, 0, 1], 0.8, 0.1)
    ours[:10] = ours[9::-1]
    side = direction(daily(labels), ours, {}, 0.95).side
    assert side is not None
    assert side.auc.value < 1
    assert side.auc.high == side.hit_rate.high == 1
