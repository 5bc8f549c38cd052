"""Dense supervision trains on the same decisions, and on nothing else."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.model.synthetic import WINDOW, synthetic_split
from tribar.config.schema import Params
from tribar.dataset.prepared import PreparedSplit
from tribar.dataset.splits import purged_kfold
from tribar.model.folds import make_fold
from tribar.model.training.batches import Batch, longest_segment, make_batches, read_batch
from tribar.model.windows import Windows, find_runs, to_device

Shrunk = Callable[..., Params]
SPLIT = synthetic_split(symbols=3, rows=90)


def batches(windows: Windows, params: Params) -> Iterator[Batch]:
    hyper = params.training.complete(params.model)
    for batch in make_batches(windows, hyper, params.training):
        yield read_batch(windows, batch, longest_segment(windows, params.training))


def numbered(split: PreparedSplit, samples: pd.DataFrame) -> Windows:
    """Return windows over rows whose only feature is the row's number, weighted by sample."""
    rows = np.arange(len(split.rows), dtype=np.float32)[:, None]
    marked = samples.assign(weight=np.arange(1.0, len(samples) + 1))
    return Windows.of(to_device(rows, "cpu"), marked, split.schema)


def test_runs_end_at_symbols_and_where_a_row_is_left_out() -> None:
    whole = find_runs(SPLIT.samples, WINDOW)
    assert len(whole) == 3
    lasts = SPLIT.samples["last"].to_numpy()
    assert sum(stop - first for first, stop in whole) == len(lasts)
    holed = SPLIT.samples[~SPLIT.samples["last"].between(30, 30 + WINDOW - 2)]
    assert len(find_runs(holed, WINDOW)) == 3
    holed = SPLIT.samples[~SPLIT.samples["last"].between(30, 30 + WINDOW - 1)]
    assert len(find_runs(holed, WINDOW)) == 4


def test_a_segment_is_padded_to_the_longest_run_at_most(shrunk: Shrunk) -> None:
    windows = numbered(SPLIT, SPLIT.samples)
    longest = max(stop - first for first, stop in find_runs(SPLIT.samples, WINDOW))
    params = shrunk("training.stride=1000000", "training.batch_size=1000000")
    assert {read.rows.shape[1] for read in batches(windows, params)} == {WINDOW - 1 + longest}
    assert longest_segment(windows, shrunk("training.stride=2").training) == 2


@settings(max_examples=25, deadline=None)
@given(
    stride=st.integers(1, 40), batch=st.integers(1, 200), seed=st.integers(0, 99),
    keep=st.lists(st.booleans(), min_size=len(SPLIT.samples), max_size=len(SPLIT.samples)),
)  # fmt: skip
def test_every_decision_is_scored_once_an_epoch_with_its_own_window(
    stride: int, batch: int, seed: int, keep: list[bool], shrunk: Shrunk
) -> None:
    samples = SPLIT.samples[np.array(keep)]
    if samples.empty:
        return
    params = shrunk(f"training.stride={stride}", f"training.batch_size={batch}")
    windows = numbered(SPLIT, samples)
    torch.manual_seed(seed)
    scored = []
    for one in batches(windows, params):
        ends = one.rows[:, WINDOW - 1 :, 0]
        assert ends.shape == one.target.shape == one.weight.shape
        assert (one.weight > 0).any(dim=1).all()  # else a step might have no loss
        for row, column in (one.weight > 0).nonzero().tolist():
            last = int(ends[row, column])
            window = one.rows[row, column : column + WINDOW, 0]
            assert window.tolist() == list(range(last - WINDOW + 1, last + 1))
            sample = int(windows.sample_at[last])
            assert one.target[row, column] == windows.target[sample]
            assert one.weight[row, column] == windows.weight[sample]
            scored.append(sample)
    assert sorted(scored) == list(range(len(samples)))


def test_a_segment_holds_bars_of_one_symbol_that_training_may_see(shrunk: Shrunk) -> None:
    """No bar of the evaluated fold, nor of another symbol, is input to a segment."""
    params = shrunk("training.stride=7")
    symbol = np.repeat([0, 1, 2], 90)
    for part in purged_kfold(SPLIT.samples, folds=4, embargo=2):
        samples = SPLIT.samples.iloc[part.train]
        windows = numbered(SPLIT, samples)
        allowed = {row for last in samples["last"] for row in range(last - WINDOW + 1, last + 1)}
        for one in batches(windows, params):
            for segment in one.rows[..., 0].long().numpy():
                assert set(segment) <= allowed
                assert len(set(symbol[segment])) == 1


def test_an_epoch_cuts_elsewhere_than_the_one_before(shrunk: Shrunk) -> None:
    windows, params = numbered(SPLIT, SPLIT.samples), shrunk("training.stride=9")
    torch.manual_seed(0)
    starts = [
        {int(row[WINDOW - 1, 0]) for one in batches(windows, params) for row in one.rows}
        for _ in range(2)
    ]
    assert starts[0] != starts[1]


@pytest.mark.parametrize("supervision", ["dense", "sliding"])
def test_a_step_takes_about_as_many_samples_as_batch_size_says(
    supervision: str, shrunk: Shrunk
) -> None:
    params = shrunk(
        f"training.supervision={supervision}", "training.stride=8", "training.batch_size=32"
    )
    fold = make_fold(SPLIT, SPLIT.part("train"), SPLIT.part("validation"), "cpu")
    for one in batches(fold.train, params):
        assert 1 <= one.target.numel() <= 32
