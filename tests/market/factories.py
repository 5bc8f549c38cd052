"""Seeded bars of ragged symbols, and the real parameters shrunk to fit them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tribar.market.bars import Bars, BarsReport
from tribar.market.row_index import RowIndex

REPORT = BarsReport(0, 0, 0, 0, 0, 0, 0, 0, 0.0)
SMALL = (
    "prepare.window=8",
    "prepare.labels.horizon=4",
    "prepare.labels.volatility_span=6",
    "prepare.splits.folds=3",
    "prepare.splits.embargo=2",
    "prepare.features=[return_1, return_3, volatility_5, parkinson_5, garman_klass_5, "
    "close_location, gap, volume_zscore_5, rsi_4, macd_3_6_2, bollinger_5, atr_4, "
    "day_of_week_sin, month_cos, time_of_day_sin]",
)


def make_bars(lengths: Sequence[int], seed: int = 0) -> Bars:
    """Return daily OHLCV of one symbol a length, each starting on another day."""
    rng = np.random.default_rng(seed)
    frames = [_symbol(f"S{number}", length, rng) for number, length in enumerate(lengths)]
    return as_bars(pd.concat(frames, ignore_index=True))


def as_bars(frame: pd.DataFrame) -> Bars:
    """Return the bars of a frame with symbol and timestamp, ordered by them."""
    codes, names = pd.factorize(frame["symbol"])
    time = frame["timestamp"].dt.tz_convert(None).to_numpy()
    index = RowIndex.from_codes(tuple(names), codes.astype(np.int32), time)
    return Bars(index, frame.drop(columns=["symbol", "timestamp"]), "0" * 64, REPORT, time)


def _symbol(name: str, length: int, rng: np.random.Generator) -> pd.DataFrame:
    start = pd.Timestamp("2015-01-01", tz="UTC") + pd.Timedelta(days=int(rng.integers(0, 30)))
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, length)))
    open_ = close * np.exp(rng.normal(0, 0.005, length))
    return pd.DataFrame(
        {
            "symbol": name,
            "timestamp": pd.date_range(start, periods=length, freq="D").astype(
                "datetime64[ns, UTC]"
            ),
            "open": open_,
            "high": np.maximum(open_, close) * np.exp(rng.uniform(0, 0.01, length)),
            "low": np.minimum(open_, close) * np.exp(-rng.uniform(0, 0.01, length)),
            "close": close,
            "volume": np.round(rng.lognormal(10, 0.5, length)),
        }
    )
