"""A window is made of exactly its last bars: cut there, it is the pipeline's own to the bit."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tribar.config.schema import Params
from tribar.dataset.prepared import PreparedSplit
from tribar.dataset.schema import Schema
from tribar.market.bar_columns import BarColumns
from tribar.market.bars import Bars
from tribar.market.feature_names import parse_features
from tribar.market.labels import ewm_volatility, volatility_bars
from tribar.market.pipeline import Prepared, prepare_source
from tribar.market.sources.bars import read_bars

Shrunk = Callable[..., Params]
CUTS = 1000
PRICES = ["open", "high", "low", "close"]


@pytest.fixture(scope="module")
def params(shrunk: Shrunk) -> Params:
    extra = "[month_sin, time_of_day_cos, return_3, volume_zscore_7, macd_5_35_5]"
    return shrunk(f"prepare.features+={extra}")


@pytest.fixture(scope="module")
def bars(params: Params) -> Bars:
    """Return the sample's bars, with stretches without volume and without moves."""
    read = read_bars(Path(params.prepare.source), params.prepare.max_gap_days)
    table, rng = read.table.copy(), np.random.default_rng(11)
    for start in rng.integers(0, len(table) - 300, 30):
        table.loc[start : start + rng.integers(1, 260), "volume"] = 0.0
    for start in rng.integers(0, len(table) - 300, 12):
        stretch = slice(start, start + rng.integers(2, 130))
        table.loc[stretch, PRICES] = table.loc[start, "close"]
    return replace(read, table=table)


@pytest.fixture(scope="module")
def prepared(bars: Bars, params: Params) -> Prepared:
    return prepare_source(bars, params.prepare)


def cut(bars: Bars, symbol: str, last: pd.Timestamp, length: int) -> BarColumns:
    """Return the `length` bars of a symbol up to a time, and nothing else of it."""
    code = bars.index.symbols.index(symbol)
    start, end = bars.index.starts[code : code + 2]
    found = np.searchsorted(bars.index.time[start:end], last.tz_convert(None).to_datetime64())
    row = int(start + found)
    part = slice(row - length + 1, row + 1)
    columns = {name: bars.table[name].to_numpy()[part].copy() for name in (*PRICES, "volume")}
    return BarColumns(bars.index.time[part].copy(), **columns)


def window(bars: BarColumns, schema: Schema) -> np.ndarray:
    features = parse_features(schema.features)
    rows = np.stack([feature(bars) for feature in features], axis=1).astype(np.float32)
    return rows[-schema.window :]


def test_a_window_of_its_last_bars_alone_is_the_pipelines(
    bars: Bars, prepared: Prepared, params: Params
) -> None:
    memory = max(prepared.development.schema.memory.values())
    assert memory == 120
    span = params.prepare.labels.volatility_span
    length = max(params.prepare.window - 1 + memory, volatility_bars(span))
    rng = np.random.default_rng(5)
    for number in range(CUTS):
        split: PreparedSplit = (prepared.development, prepared.test)[number % 2]
        sample = split.samples.iloc[rng.integers(len(split.samples))]
        seen = cut(bars, sample["symbol"], sample["decision"], length)
        expected = split.rows[sample["last"] - params.prepare.window + 1 : sample["last"] + 1]
        assert window(seen, split.schema).tobytes() == expected.tobytes()
        assert ewm_volatility(seen.close, span)[-1] == sample["volatility"]
        assert not np.isfinite(window(seen.select(slice(1, None)), split.schema)).all()


def test_the_volatility_of_its_last_bars_alone_is_that_of_all(bars: Bars, params: Params) -> None:
    span, close = params.prepare.labels.volatility_span, bars.table["close"].to_numpy()
    whole, length = ewm_volatility(close, span), volatility_bars(span)
    for row in np.random.default_rng(6).integers(length - 1, len(close), CUTS):
        seen = close[row - length + 1 : row + 1].copy()
        assert ewm_volatility(seen, span)[-1].tobytes() == whole[row].tobytes()
        assert np.isnan(ewm_volatility(seen[1:], span)).all()


def test_a_first_bar_less_takes_the_first_decision_along(bars: Bars, params: Params) -> None:
    """The control: a decision needs each of the bars that its window is made of."""
    first = prepare_source(bars, params.prepare).development.samples
    keep = np.ones(len(bars.index), dtype=bool)
    keep[bars.index.starts[:-1]] = False
    later = prepare_source(bars.select(keep), params.prepare).development.samples
    for symbol in bars.index.symbols:
        ours, theirs = (one.loc[one["symbol"] == symbol, "decision"] for one in (first, later))
        assert theirs.iloc[0] > ours.iloc[0]
