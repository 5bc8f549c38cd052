from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.model.synthetic import synthetic_split
from tribar.dataset.prepared import PreparedSplit
from tribar.dataset.schema import Schema
from tribar.evaluation.importance import (
    Importance,
    drop_column_importance,
    importance_table,
    permutation_importance,
)
from tribar.evaluation.interval import MeanIntervals
from tribar.evaluation.permutation import _block_order, newest, permutations
from tribar.evaluation.references import predict_linear
from tribar.metrics.predictions import Labels, Probability, prior
from tribar.metrics.scores import losses

logistic = partial(predict_linear, inverse_penalty=1.0)

WINDOW = 4
FEATURES = ("noise", "signal", "weak")
Rows = NDArray[np.float32]


class Panel:
    """Two symbols whose labels are told by the feature `signal` and, less so, by `weak`."""

    def __init__(
        self,
        lengths: tuple[int, ...] = (200, 120),
        features: str = "nsw",
        groups: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
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
        self.split = split_of(self.rows, self.samples, self.features, groups)

    def predict(self, rows: Rows) -> Probability:
        signal, weak = (rows[:, self.features.index(name)] for name in ("signal", "weak"))
        return _odds(signal, weak)[self.samples["last"]]

    def importance(self, block: int = 10, repeats: int = 3) -> tuple[Importance, ...]:
        permuted = permutations(self.split, block, repeats, seed=5)
        each = [self.predict(one.apply(self.split)) for one in permuted]
        return permutation_importance(self.split, self.predict(self.rows), each)


def split_of(
    rows: Rows,
    samples: pd.DataFrame,
    features: Sequence[str],
    groups: Mapping[str, tuple[str, ...]] | None = None,
) -> PreparedSplit:
    return PreparedSplit(rows, samples, Schema(tuple(features), WINDOW, 2, 0, "", groups or {}))


def _odds(signal: Rows, weak: Rows) -> Probability:
    score = 3 * signal.astype(np.float64) + weak
    odds = np.exp(np.stack([-score, np.zeros_like(score), score], axis=1))
    probability: Probability = odds / odds.sum(axis=1, keepdims=True)
    return probability


def test_the_informative_feature_leads_and_the_unused_one_weighs_nothing() -> None:
    found = Panel().importance()
    assert [each.name for each in found] == ["signal", "weak", "noise"]
    assert found[0].mean > 1
    assert found[0].mean > 3 * found[1].mean > 0
    assert found[2] == Importance("permutation", "noise", 0.0, 0.0, 0.0, 200 + 120 - 6)
    for each in found[:2]:
        assert each.low is not None
        assert each.high is not None
        assert each.low < each.mean < each.high


def test_a_group_is_permuted_as_one_and_the_rest_alone() -> None:
    """By brute force: each symbol cut into blocks that are put together in a random order."""
    panel = Panel(groups={"told": ("weak", "signal")})
    found = permutations(panel.split, 10, repeats=2, seed=5)
    assert [one.columns for one in found] == [(2, 1), (2, 1), (0,), (0,)]
    for one in found:
        rows, columns = one.apply(panel.split), list(one.columns)
        assert not np.array_equal(rows, panel.rows)
        for start, end in pairwise((0, 200, 320)):
            before, after = (each[start:end, columns] for each in (panel.rows, rows))
            blocks = [before[first : first + 10].tobytes() for first in range(0, len(before), 10)]
            moved = [after[first : first + 10].tobytes() for first in range(0, len(after), 10)]
            assert sorted(blocks) == sorted(moved)
        others = [column for column in range(3) if column not in columns]
        assert np.array_equal(rows[:, others], panel.rows[:, others])
    importance = {each.name: each for each in panel.importance()}
    assert set(importance) == {"told", "noise"}
    labels, intact = panel.labels, losses(panel.labels, panel.predict(panel.rows)).mean()
    again = permutations(panel.split, 10, repeats=3, seed=5)[:3]
    each = [losses(labels, panel.predict(one.apply(panel.split))).mean() for one in again]
    assert importance["told"].mean == pytest.approx(np.mean(each) - intact)
    assert importance["told"].high == pytest.approx(max(each) - intact)


def test_twins_permuted_together_cost_what_one_of_them_does() -> None:
    """Their difference is 0 while they move together, and no longer when one moves alone."""
    rng = np.random.default_rng(0)
    twin = rng.normal(size=(200, 1)).astype(np.float32)
    samples = pd.DataFrame({"symbol": "A", "last": np.arange(WINDOW - 1, 200)})
    samples["label"] = np.resize([-1, 0, 1], len(samples))

    def predict(rows: Rows) -> Probability:
        return _odds(rows[:, 0] - rows[:, 1], np.zeros(200, np.float32))[samples["last"]]

    rises: dict[str, float] = {}
    for groups in ({}, {"twins": ("a", "b")}):
        split = split_of(np.hstack([twin, twin]), samples, ("a", "b"), groups)
        each = [predict(one.apply(split)) for one in permutations(split, 10, 2, 0)]
        found = permutation_importance(split, predict(split.rows), each)
        rises |= {one.name: one.mean for one in found}
    assert rises["twins"] == 0
    assert min(rises["a"], rises["b"]) > 1


def test_again_is_the_same_and_the_rows_are_unchanged() -> None:
    panel = Panel()
    before = panel.rows.copy()
    panel.rows.flags.writeable = False
    assert panel.importance() == panel.importance()
    assert np.array_equal(panel.rows, before)


def test_dropping_or_moving_a_feature_changes_no_other_number() -> None:
    found = {each.name: each for each in Panel().importance()}
    for each in Panel(features="ws").importance():
        assert each == found[each.name]


def test_one_repeat_is_its_own_least_and_largest() -> None:
    assert all(each.low == each.mean == each.high for each in Panel().importance(repeats=1))


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
    moved = _block_order(n, block, np.random.default_rng(seed))
    assert np.array_equal(np.sort(moved), np.arange(n))
    starts = np.flatnonzero(np.diff(moved, prepend=-2) != 1)
    assert all(moved[start] % block == 0 for start in starts)


def test_every_order_of_blocks_is_as_likely() -> None:
    rng = np.random.default_rng(0)
    orders = [tuple(dict.fromkeys((_block_order(5, 2, rng) // 2).tolist())) for _ in range(3000)]
    _, counts = np.unique(orders, axis=0, return_counts=True)
    assert len(counts) == 6
    assert np.abs(counts - 500).max() < 100


def test_a_block_as_long_as_every_symbol_permutes_nothing() -> None:
    assert len(Panel((20, 12)).importance(block=19)) == 3
    assert Panel((20, 12)).importance(block=20) == ()


def test_the_newest_decisions_are_judged_by_the_rows_that_they_see() -> None:
    split = synthetic_split(rows=100)
    chosen = newest(split.samples, most=41)
    kept = split.samples[chosen]
    assert len(kept) == 40
    assert kept["decision"].min() == np.sort(split.samples["decision"].unique())[-20]
    judged = split.select(chosen)
    window = split.schema.window
    assert len(judged.rows) == 2 * (20 + window - 1)
    for ours, theirs in zip(judged.samples["last"], kept["last"], strict=True):
        seen, expected = (
            one.rows[last - window + 1 : last + 1]
            for one, last in ((judged, ours), (split, theirs))
        )
        assert np.array_equal(seen, expected)
    assert newest(split.samples, most=1).sum() == 2
    assert newest(split.samples, most=len(split.samples)).all()


def test_a_dropped_column_costs_what_a_fit_on_the_others_loses() -> None:
    """By brute force: the columns cut out, and the prior where none is left."""
    split = synthetic_split(rows=700)
    train, validation = split.part("train"), split.part("validation")
    targets, labels = train["label"].to_numpy(), validation["label"].to_numpy()
    rows, judged = (split.rows[part["last"]] for part in (train, validation))
    whole = losses(labels, logistic(rows, targets, judged))
    found = {each.name: each for each in drop_column_importance(split, logistic, 0.9)}
    assert next(iter(found)) == "a"
    for column, name in enumerate("abc"):
        others = [one for one in range(3) if one != column]
        without = losses(labels, logistic(rows[:, others], targets, judged[:, others]))
        expected = MeanIntervals.over(validation, 0.9).of(without - whole)
        ours = found[name]
        assert (ours.method, ours.decisions) == ("drop_column", len(validation))
        assert (ours.mean, ours.low, ours.high) == pytest.approx(
            (expected.value, expected.low, expected.high), abs=1e-7
        )
    assert found["a"].low is not None
    assert found["a"].low > 0.05
    assert max(found["b"].mean, found["c"].mean) < 0.01


def test_the_only_feature_leaves_the_prior() -> None:
    split = synthetic_split(rows=300)
    alone = PreparedSplit(split.rows[:, :1], split.samples, Schema(("a",), 8, 3, 1, ""))
    (found,) = drop_column_importance(alone, logistic, 0.95)
    train, validation = split.part("train"), split.part("validation")
    labels, targets = validation["label"].to_numpy(), train["label"].to_numpy()
    shares = losses(labels, prior(targets, len(labels))).mean()
    rows = [split.rows[part["last"], :1] for part in (train, validation)]
    assert found.mean == pytest.approx(
        shares - losses(labels, logistic(rows[0], targets, rows[1])).mean(), abs=1e-7
    )


def test_the_table_has_a_line_each() -> None:
    found = (Importance("drop_column", "gap", 0.25, None, None, 9),)
    assert importance_table(found).to_csv(index=False).splitlines() == [
        "method,name,mean,low,high,decisions",
        "drop_column,gap,0.25,,,9",
    ]


def test_a_dropped_column_is_0_where_it_is_judged_too() -> None:
    """A fixed model, which no fit keeps from looking at the column."""
    split = synthetic_split(rows=300)
    validation = split.part("validation")
    labels, judged = validation["label"].to_numpy(), split.rows[validation["last"]]
    found = drop_column_importance(split, lambda _, __, rows: _odds(rows[:, 0], rows[:, 1]), 0.95)
    nothing, whole = np.zeros(len(labels), np.float32), _odds(judged[:, 0], judged[:, 1])
    without = {"a": _odds(nothing, judged[:, 1]), "b": _odds(judged[:, 0], nothing), "c": whole}
    for each in found:
        rise = losses(labels, without[each.name]) - losses(labels, whole)
        assert each.mean == pytest.approx(rise.mean())
