from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tribar.dataset.prepared import PreparedSplit, Schema
from tribar.errors import UserError
from tribar.evaluation.importance import Importance, importance
from tribar.evaluation.permutation import _exchange, permutations
from tribar.metrics.predictions import Labels, Probability

WINDOW = 4
FEATURES = ("noise", "signal", "weak")
Rows = NDArray[np.float32]


class Panel:
    """Two symbols whose labels are told by the feature `signal` and, less so, by `weak`."""

    def __init__(self, lengths: tuple[int, ...] = (200, 120), features: str = "nsw") -> None:
        rng = np.random.default_rng(0)
        total = sum(lengths)
        drawn = rng.normal(size=(total, 3)).astype(np.float32)
        ends = np.cumsum(lengths)
        lasts = [np.arange(end - n + WINDOW - 1, end) for n, end in zip(lengths, ends, strict=True)]
        symbols = [[f"S{i}"] * len(last) for i, last in enumerate(lasts)]
        self.samples = pd.DataFrame(
            {"symbol": np.concatenate(symbols), "last": np.concatenate(lasts)}
        )
        odds = _odds(drawn[:, 1], drawn[:, 2])[self.samples["last"]]
        self.labels: Labels = (rng.random((len(odds), 1)) > odds.cumsum(axis=1)).sum(axis=1) - 1
        self.rows = drawn[:, ["nsw".index(letter) for letter in features]]
        self.features = [FEATURES["nsw".index(letter)] for letter in features]
        self.samples["label"] = self.labels
        self.split = split_of(self.rows, self.samples, self.features)

    def predict(self, rows: Rows) -> Probability:
        signal, weak = (rows[:, self.features.index(name)] for name in ("signal", "weak"))
        return _odds(signal, weak)[self.samples["last"]]

    def importance(self, block: int = 10, repeats: int = 3) -> tuple[Importance, ...]:
        permuted = permutations(self.split, block, repeats, seed=5)
        each = [self.predict(one.apply(self.split)) for one in permuted]
        return importance(self.split, self.predict(self.rows), each)


def split_of(rows: Rows, samples: pd.DataFrame, features: Sequence[str]) -> PreparedSplit:
    return PreparedSplit(rows, samples, Schema(tuple(features), WINDOW, 2, 0, ""))


def _odds(signal: Rows, weak: Rows) -> Probability:
    score = 3 * signal.astype(np.float64) + weak
    odds = np.exp(np.stack([-score, np.zeros_like(score), score], axis=1))
    probability: Probability = odds / odds.sum(axis=1, keepdims=True)
    return probability


def test_the_informative_feature_leads_and_the_unused_one_weighs_nothing() -> None:
    found = Panel().importance()
    assert [each.feature for each in found] == ["signal", "weak", "noise"]
    assert found[0].mean > 1
    assert found[0].mean > 3 * found[1].mean > 0
    assert found[0].spread > 0
    assert found[2] == Importance("noise", 0.0, 0.0)


def test_again_is_the_same_and_the_rows_are_unchanged() -> None:
    panel = Panel()
    before = panel.rows.copy()
    panel.rows.flags.writeable = False
    assert panel.importance() == panel.importance()
    assert np.array_equal(panel.rows, before)


def test_dropping_or_moving_a_feature_changes_no_other_number() -> None:
    found = {each.feature: each for each in Panel().importance()}
    for each in Panel(features="ws").importance():
        assert each == found[each.feature]


def test_one_repeat_has_no_spread() -> None:
    assert {each.spread for each in Panel().importance(repeats=1)} == {0.0}


def test_symbols_do_not_mix_and_only_seen_rows_move() -> None:
    """Three rows before each symbol's first window and two after its last are never read."""
    lengths = (43, 37)
    panel = Panel(lengths)
    lasts = panel.samples.groupby("symbol")["last"]
    position, size = lasts.cumcount(), lasts.transform("size")
    kept = (position >= 3) & (position < size - 2)
    split, intact = split_of(panel.rows, panel.samples[kept], FEATURES), panel.rows
    permuted = [one.apply(split) for one in permutations(split, 10, 2, seed=0)]
    assert len(permuted) == 2 * len(FEATURES)
    for number, rows in enumerate(permuted):
        column = number // 2
        others = [c for c in range(3) if c != column]
        assert np.array_equal(rows[:, others], intact[:, others])
        for start, n in zip((0, 43), lengths, strict=True):
            segment = slice(start + 3, start + n - 2)
            moved, still = rows[segment, column], intact[segment, column]
            assert not np.array_equal(moved, still)
            assert np.array_equal(np.sort(moved), np.sort(still))
        unread = [0, 1, 2, 41, 42, 43, 44, 45, 78, 79]
        assert np.array_equal(rows[unread, column], intact[unread, column])


@given(st.integers(1, 60), st.integers(1, 70), st.integers(0, 2**32 - 1))
def test_blocks_stay_whole(n: int, block: int, seed: int) -> None:
    moved = _exchange(np.arange(n, dtype=np.float32), block, np.random.default_rng(seed))
    assert np.array_equal(np.sort(moved), np.arange(n))
    starts = np.flatnonzero(np.diff(moved, prepend=-2) != 1)
    assert all(moved[start] % block == 0 for start in starts)


def test_every_order_of_blocks_is_as_likely() -> None:
    rng = np.random.default_rng(0)
    values = np.array([0, 0, 1, 1, 2], dtype=np.float32)
    orders = [tuple(dict.fromkeys(_exchange(values, 2, rng))) for _ in range(3000)]
    _, counts = np.unique(orders, axis=0, return_counts=True)
    assert len(counts) == 6
    assert np.abs(counts - 500).max() < 100


def test_a_block_as_long_as_every_symbol_is_an_error() -> None:
    assert len(Panel((20, 12)).importance(block=19)) == 3
    with pytest.raises(UserError, match=r"evaluate\.block: no symbol .* one block of 20"):
        Panel((20, 12)).importance(block=20)
