"""The sample's development split as a fold, and a panel whose signal is known."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.lag import prepare_sample
from tribar.market.prepared import PreparedSplit, Schema, read_split
from tribar.model.fitting import Fold, make_fold

WINDOW, FEATURES = 60, 8


def sample_fold() -> Fold:
    """Return the sample's training and validation windows."""
    with tempfile.TemporaryDirectory() as name:
        prepare_sample(Path(name))
        return _fold(read_split(Path(name)))


def panel_fold(symbols: int = 10, bars: int = 1000, seed: int = 0) -> Fold:
    """Return a panel of random features whose labels follow one of them over thirty bars.

    The label is the sign of an exponential mean of the first feature, or 0 near it, and random
    in a fifth of the decisions: a network has to remember, and cannot be perfect.
    """
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(symbols * bars, FEATURES)).astype(np.float32)
    frames = [_symbol(rows, number, bars, rng) for number in range(symbols)]
    names = tuple(f"feature_{n}" for n in range(FEATURES))
    schema = Schema(names, WINDOW, folds=5, embargo=5, source_sha256="0" * 64)
    return _fold(PreparedSplit(rows, pd.concat(frames, ignore_index=True), schema))


def _symbol(rows: np.ndarray, number: int, bars: int, rng: np.random.Generator) -> pd.DataFrame:
    own = rows[number * bars : (number + 1) * bars, 0]
    mean = pd.Series(own).ewm(halflife=10).mean().to_numpy()
    at = np.arange(WINDOW - 1, bars - 1)
    edge = 0.43 * mean.std()
    label = np.where(mean[at] > edge, 1, np.where(mean[at] < -edge, -1, 0))
    noise = rng.random(len(at)) < 0.2
    label[noise] = rng.integers(-1, 2, noise.sum())
    times = pd.date_range("2000-01-01", periods=bars, freq="D", tz="UTC")
    return pd.DataFrame(
        {
            "symbol": f"S{number}",
            "start": times[at - WINDOW + 1],
            "decision": times[at],
            "last": number * bars + at,
            "label": label.astype(np.int8),
            "label_end": times[at + 1],
            "weight": 1.0,
            "split": np.where(at < 0.8 * bars, "train", "validation"),
        }
    )


def _fold(split: PreparedSplit) -> Fold:
    return make_fold(split, split.part("train"), split.part("validation"), "cpu")
