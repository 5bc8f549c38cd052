from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.running import ROOT
from tribar.config.reading import read_params
from tribar.dataset.prepared import PreparedSplit
from tribar.errors import UserError
from tribar.evaluation.config import WalkForwardParams
from tribar.evaluation.origins import Origin, cut_origins
from tribar.market.pipeline import prepare_source
from tribar.market.sources.bars import read_bars


@pytest.fixture(scope="module")
def splits() -> tuple[PreparedSplit, PreparedSplit]:
    params = read_params(ROOT / "params.yaml", ["prepare.window=20"]).prepare
    bars = read_bars(ROOT / Path(params.source), params.max_gap_days)
    prepared = prepare_source(bars, params)
    return prepared.development, prepared.test


def _windows(split: PreparedSplit) -> dict[tuple[str, pd.Timestamp], bytes]:
    """Each decision's window, bit by bit."""
    window = split.schema.window
    return {
        (symbol, decision): split.rows[last - window + 1 : last + 1].tobytes()
        for symbol, decision, last in zip(
            *(split.samples[name] for name in ("symbol", "decision", "last")), strict=True
        )
    }


def _check(origin: Origin, axis: NDArray[np.datetime64], embargo: int) -> None:
    """No label that is learnt from ends within the embargo before what it is judged on begins."""
    train, validation = (origin.development.part(name) for name in ("train", "validation"))
    for earlier, later in ((train, validation), (validation, origin.test.samples)):
        first = np.searchsorted(axis, later["decision"].to_numpy("datetime64[ns]").min())
        assert earlier["label_end"].to_numpy("datetime64[ns]").max() < axis[first - embargo]


@settings(max_examples=15, deadline=None)
@given(
    origins=st.integers(1, 6),
    first=st.floats(0.2, 0.9),
    window=st.sampled_from(["expanding", "rolling"]),
)
def test_each_origin_learns_from_what_was_over_before_it(
    splits: tuple[PreparedSplit, PreparedSplit], origins: int, first: float, window: str
) -> None:
    params = WalkForwardParams.model_validate(
        {"origins": origins, "first": first, "window": window}
    )
    found = cut_origins(*splits, params)
    whole = {**_windows(splits[0]), **_windows(splits[1])}
    assert [one.number for one in found] == list(range(1, origins + 1))
    axis = np.unique(pd.DatetimeIndex([key[1] for key in whole]).to_numpy("datetime64[ns]"))
    judged: list[tuple[str, pd.Timestamp]] = []
    for origin in found:
        _check(origin, axis, splits[0].schema.embargo)
        for part in (origin.development, origin.test):
            mine = _windows(part)
            assert mine == {key: whole[key] for key in mine}
            assert len(part.rows) <= len(part.samples) + 2 * 2 * part.schema.window + 200
        judged += _windows(origin.test)
    assert len(judged) == len(set(judged))
    since = found[0].test.samples["decision"].min()
    assert set(judged) == {key for key in whole if key[1] >= since}


def test_periods_hold_equally_many_decision_times(
    splits: tuple[PreparedSplit, PreparedSplit],
) -> None:
    found = cut_origins(*splits, WalkForwardParams(origins=4))
    lengths = [one.test.samples["decision"].nunique() for one in found]
    assert max(lengths) - min(lengths) <= 1


def test_a_rolling_window_is_as_long_at_each_origin(
    splits: tuple[PreparedSplit, PreparedSplit],
) -> None:
    expanding = cut_origins(*splits, WalkForwardParams(origins=4))
    rolling = cut_origins(*splits, WalkForwardParams(origins=4, window="rolling"))
    sizes = [len(one.development.samples) for one in rolling]
    assert max(sizes) - min(sizes) < 0.03 * sizes[0]
    assert np.all(np.diff([len(one.development.samples) for one in expanding]) > 1000)
    assert len(expanding[0].development.samples) == sizes[0]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"origins": 1000, "first": 0.99}, r"walk_forward.origins: 1000 of \d+ decision times"),
        ({"origins": 1, "first": 0.0001}, "walk_forward.first: before .* lie 0 samples to train"),
        ({"origins": 1, "first": 0.003}, "walk_forward.first: before .* samples to"),
    ],
)
def test_too_little_before_an_origin_is_refused(
    splits: tuple[PreparedSplit, PreparedSplit], params: dict[str, float], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        cut_origins(*splits, WalkForwardParams.model_validate(params))
