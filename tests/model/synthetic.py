"""A small prepared split with a known signal."""

import numpy as np
import pandas as pd

from tribar.dataset.prepared import PreparedSplit
from tribar.dataset.schema import Schema

WINDOW = 8


def synthetic_split(symbols: int = 2, rows: int = 160, seed: int = 0) -> PreparedSplit:
    """Return random rows whose label is the sign of the first feature's recent mean."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(symbols * rows, 3)).astype(np.float32)
    frames = [_samples(values, symbol * rows, rows, f"S{symbol}") for symbol in range(symbols)]
    groups = {"signal": ("a",), "noise": ("b", "c")}
    schema = Schema(("a", "b", "c"), WINDOW, 3, 1, "0" * 64, groups)
    return PreparedSplit(values, pd.concat(frames, ignore_index=True), schema)


def _samples(values: np.ndarray, first: int, rows: int, symbol: str) -> pd.DataFrame:
    times = pd.date_range("2020-01-01", periods=rows, freq="D", tz="UTC")
    at = np.arange(WINDOW - 1, rows - 1)
    recent = np.array([values[first + t - 1 : first + t + 1, 0].mean() for t in at])
    label = np.where(recent > 0.3, 1, np.where(recent < -0.3, -1, 0)).astype(np.int8)
    return pd.DataFrame(
        {
            "symbol": symbol,
            "start": times[at - WINDOW + 1],
            "decision": times[at],
            "last": first + at,
            "label": label,
            "label_end": times[at + 1],
            "barrier": "vertical",
            "exit_return": values[first + at + 1, 1] / 100,
            "volatility": 0.01,
            "weight": 1.0,
            "split": np.where(at < 0.7 * rows, "train", "validation"),
        }
    )
