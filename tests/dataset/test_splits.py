from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from purgedcv import PurgedKFold

from tribar.config.schema import Params
from tribar.dataset import scaling
from tribar.dataset.config import SplitParams
from tribar.dataset.scaling import Scaler, covered
from tribar.dataset.splits import chronological, inner_split, nested_kfold, purged_kfold
from tribar.errors import UserError

DAY = pd.Timedelta(days=1)


def panel(lengths: list[int], seed: int, window: int = 5) -> pd.DataFrame:
    """Return samples of ragged symbols whose labels end 1 to 6 days after the decision."""
    rng = np.random.default_rng(seed)
    frames = []
    for number, length in enumerate(lengths):
        first = pd.Timestamp("2020-01-01", tz="UTC") + int(rng.integers(0, 20)) * DAY
        decision = pd.date_range(first, periods=length, freq="D")
        ends = decision + pd.to_timedelta(rng.integers(1, 7, length), unit="D")
        frames.append(
            pd.DataFrame(
                {
                    "symbol": f"S{number}",
                    "start": decision - window * DAY,
                    "decision": decision,
                    "label": rng.permutation(np.resize([-1, 0, 1], length)),
                    "label_end": ends,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


PANELS = st.builds(
    panel, st.lists(st.integers(150, 220), min_size=1, max_size=4), st.integers(0, 2**16)
)


def split_params(shrunk: Callable[..., Params], embargo: int = 3) -> SplitParams:
    return shrunk(f"prepare.splits.embargo={embargo}").prepare.splits


@settings(max_examples=30, deadline=None)
@given(samples=PANELS, embargo=st.integers(0, 8))
def test_no_label_reaches_the_next_split(samples: pd.DataFrame, embargo: int) -> None:
    params = SplitParams(train=0.7, validation=0.15, embargo=embargo, folds=5)
    split = chronological(samples, params)
    axis = np.unique(samples["decision"].dt.tz_convert(None))
    for earlier, later in (("train", "validation"), ("validation", "test"), ("train", "test")):
        first = samples.loc[split == later, "decision"].min()
        last_end = samples.loc[split == earlier, "label_end"].max()
        assert last_end < first
        left_out = (axis > last_end.tz_convert(None)) & (axis < first.tz_convert(None))
        assert left_out.sum() >= embargo
        assert samples.loc[split == earlier, "decision"].max() < first


@settings(max_examples=30, deadline=None)
@given(samples=PANELS, folds=st.integers(2, 5), embargo=st.integers(0, 8))
def test_no_training_interval_meets_the_evaluated_fold(
    samples: pd.DataFrame, folds: int, embargo: int
) -> None:
    found = purged_kfold(samples, folds, embargo)
    axis = np.unique(samples["decision"])
    for fold in found:
        evaluated, train = samples.iloc[fold.evaluated], samples.iloc[fold.train]
        first, last_end = evaluated["decision"].min(), evaluated["label_end"].max()
        before, after = train["label_end"] < first, train["start"] >= last_end
        assert (before | after).all()
        if after.any():
            gap = (axis >= last_end) & (axis < train.loc[after, "start"].min())
            assert gap.sum() >= embargo
    everyone = np.sort(np.concatenate([fold.evaluated for fold in found]))
    np.testing.assert_array_equal(everyone, np.arange(len(samples)))


@settings(max_examples=10, deadline=None)
@given(samples=PANELS, folds=st.integers(2, 5), embargo=st.integers(0, 8))
def test_no_inner_training_label_reaches_the_inner_validation(
    samples: pd.DataFrame, folds: int, embargo: int
) -> None:
    older = samples["decision"] < samples["decision"].quantile(0.8)
    samples["split"] = np.where(older, "train", "validation")
    share = 1 - older.mean()
    axis = np.unique(samples["decision"])
    outer = purged_kfold(samples, folds, embargo)
    for fold, whole in zip(nested_kfold(samples, folds, embargo), outer, strict=True):
        np.testing.assert_array_equal(fold.evaluated, whole.evaluated)
        train, validation = samples.iloc[fold.train], samples.iloc[fold.validation]
        first = validation["decision"].min()
        assert set(fold.train) | set(fold.validation) <= set(whole.train)
        for at in whole.train:  # one by one, and by the words of the rule alone
            decision, end = samples.loc[at, "decision"], samples.loc[at, "label_end"]
            between = ((axis > end) & (axis < first)).sum()
            assert (at in fold.validation) == (decision >= first)
            assert (at in fold.train) == (end < first and between >= embargo)
        same_time = (samples["decision"].iloc[whole.train] == first).sum()
        surplus = len(validation) - share * len(whole.train)
        assert -1 < surplus < same_time + 1
        assert (train["decision"] < first).all()


def test_the_inner_split_keeps_a_decision_time_together() -> None:
    samples = panel([60, 60, 60], seed=5)
    train, validation = inner_split(samples, np.arange(len(samples)), share=0.25, embargo=0)
    times = [set(samples["decision"].iloc[part]) for part in (train, validation)]
    assert times[0] & times[1] == set()
    assert len(validation) >= 45


def test_an_inner_part_without_a_class_is_an_error() -> None:
    samples = panel([200], seed=6)
    samples["split"] = np.where(np.arange(200) < 180, "train", "validation")
    samples.loc[170:, "label"] = np.resize([0, 1], 30)
    purged_kfold(samples, 4, 0)  # its own parts have all classes
    with pytest.raises(UserError, match=r"inner validation part of fold 0 has \d+ samples"):
        nested_kfold(samples, 4, 0)


def test_twelve_decisions_by_hand() -> None:
    day = pd.date_range("2020-01-01", periods=15, freq="D", tz="UTC")
    samples = pd.DataFrame(
        {
            "start": day[:12], "decision": day[2:14], "label_end": day[3:15],
            "label": [-1, 0, 1] * 4,
        }
    )  # fmt: skip
    folds = [(f.train.tolist(), f.evaluated.tolist()) for f in purged_kfold(samples, 3, 1)]
    assert folds == [
        ([7, 8, 9, 10, 11], [0, 1, 2, 3]),
        ([0, 1, 2, 11], [4, 5, 6, 7]),
        ([0, 1, 2, 3, 4, 5, 6], [8, 9, 10, 11]),
    ]


def test_without_look_back_and_embargo_it_is_purgedcvs() -> None:
    """One symbol, no look-back: the purging by label ends that purgedcv does."""
    samples = panel([120], seed=1, window=0)
    # An end that is exactly another's start meets it for us and not for them: keep them apart.
    samples["label_end"] += DAY / 2
    theirs = PurgedKFold(
        n_splits=4,
        prediction_times=samples["decision"],
        evaluation_times=samples["label_end"],
    )
    ours = purged_kfold(samples, 4, 0)
    for fold, (train, evaluated) in zip(ours, theirs.split(samples), strict=True):
        np.testing.assert_array_equal(fold.evaluated, evaluated)
        np.testing.assert_array_equal(fold.train, train)


def test_decisions_of_one_time_share_a_split(shrunk: Callable[..., Params]) -> None:
    samples = panel([100, 100, 100], seed=2)
    split = pd.Series(chronological(samples, split_params(shrunk)))
    kept = split.isin(["train", "validation", "test"])
    assert (split[kept].groupby(samples.loc[kept, "decision"]).nunique() == 1).all()


def test_the_order_of_symbols_changes_nothing(shrunk: Callable[..., Params]) -> None:
    samples = panel([90, 120, 100], seed=3)
    turned = samples.sample(frac=1, random_state=0)
    params = split_params(shrunk)
    expected = pd.Series(chronological(samples, params), index=samples.index)
    found = pd.Series(chronological(turned, params), index=turned.index)
    pd.testing.assert_series_equal(found.sort_index(), expected)


def test_a_missing_class_is_an_error(shrunk: Callable[..., Params]) -> None:
    samples = panel([100], seed=4)
    samples.loc[samples["decision"] > samples["decision"].quantile(0.85), "label"] = 1
    with pytest.raises(UserError, match=r"the test split has \d+ samples and none of label -1"):
        chronological(samples, split_params(shrunk))


def test_an_empty_split_is_an_error(shrunk: Callable[..., Params]) -> None:
    with pytest.raises(UserError, match="has no sample"):
        chronological(panel([6], seed=4), split_params(shrunk))


def test_more_folds_than_times_is_an_error() -> None:
    with pytest.raises(UserError, match=r"prepare.splits.folds: 9 folds of 6 decision times"):
        purged_kfold(panel([6], seed=0), 9, 0)


@pytest.mark.parametrize("block", [7, 65_536])
def test_scaling_counts_every_covered_row_once(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scaling, "BLOCK", block)
    rows = np.random.default_rng(0).normal(3, 2, (50, 2)).astype(np.float32)
    rows[:, 1] = 7
    last = np.array([10, 12, 30])
    seen = sorted({row for end in last for row in range(end - 4, end + 1)})
    np.testing.assert_array_equal(np.flatnonzero(covered(last, 5, 50)), seen)
    scaler = Scaler.fit(rows, last, 5)
    np.testing.assert_allclose(scaler.mean, rows[seen].mean(axis=0, dtype=np.float64))
    np.testing.assert_allclose(scaler.std[0], rows[seen, 0].std(dtype=np.float64))
    assert scaler.std[1] == 1
    np.testing.assert_allclose(scaler.apply(rows)[seen, 0].std(), 1, rtol=1e-5)
    back = Scaler.from_lists(*scaler.to_lists())
    np.testing.assert_array_equal(back.apply(rows), scaler.apply(rows))
