import numpy as np
import pytest

from tests.evaluation.references.drawn import drawn, linear
from tests.model.synthetic import synthetic_split
from tribar.evaluation.references import Decisions

DECISIONS, _ = drawn(linear, 50, features=3, window=6)


def test_the_whole_window_is_the_slice_that_ends_at_the_newest_row() -> None:
    found = DECISIONS.gather(range(DECISIONS.window))
    for inputs, last in zip(found, DECISIONS.last, strict=True):
        window = DECISIONS.rows[last - DECISIONS.window + 1 : last + 1]
        assert inputs.tolist() == window[::-1].ravel().tolist()


def test_a_lag_outside_the_window_is_refused() -> None:
    with pytest.raises(AssertionError, match="outside the window"):
        DECISIONS.gather([DECISIONS.window])


def test_parts_are_the_whole_in_its_order() -> None:
    rows = np.zeros((3000, 1000), dtype=np.float32)
    whole = Decisions(rows, np.arange(10, 3000), np.arange(2990) % 3 - 1, window=8)
    parts = list(whole.parts(range(8)))
    assert len(parts) > 2
    assert all(part.gather(range(8)).nbytes <= 2**25 for part in parts)
    assert np.concatenate([part.last for part in parts]).tolist() == whole.last.tolist()
    assert np.concatenate([part.labels for part in parts]).tolist() == whole.labels.tolist()


@pytest.mark.parametrize("most", [1, 7, 49, 50, 51])
def test_evenly_spaced_decisions_leave_no_long_gap(most: int) -> None:
    chosen = DECISIONS.evenly_spaced(most)
    position = chosen.last - DECISIONS.last[0]
    assert len(chosen) == min(most, 50)
    assert np.diff([*position, 50]).max() <= np.ceil(50 / most)
    assert chosen.labels.tolist() == DECISIONS.labels[position].tolist()


def test_the_decisions_of_a_split_see_its_windows() -> None:
    split = synthetic_split()
    train = Decisions.of(split, split.part("train"))
    assert (train.window, len(train)) == (split.schema.window, len(split.part("train")))
    assert train.labels.tolist() == split.part("train")["label"].tolist()
    np.testing.assert_array_equal(train.gather([0]), split.rows[split.part("train")["last"]])
