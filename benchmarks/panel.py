"""A panel of any size whose signal is known."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tribar.dataset.prepared import PreparedSplit
from tribar.dataset.schema import Schema


@dataclass(frozen=True)
class Size:
    """How large a panel is; a symbol has more bars than a window."""

    symbols: int = 10
    bars: int = 1000
    features: int = 8
    window: int = 60


def make_panel(size: Size, seed: int = 0) -> PreparedSplit:
    """Return a panel of random features whose labels follow one of them over thirty bars.

    The label is the sign of an exponential mean of the first feature, or 0 near it, and random
    in a fifth of the decisions: a network has to remember, and cannot be perfect.
    """
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((size.symbols * size.bars, size.features), dtype=np.float32)
    frames = [_symbol(rows, number, size, rng) for number in range(size.symbols)]
    names = tuple(f"feature_{n}" for n in range(size.features))
    schema = Schema(names, size.window, folds=5, embargo=5, source_sha256="0" * 64)
    return PreparedSplit(rows, pd.concat(frames, ignore_index=True), schema)


def _symbol(rows: np.ndarray, number: int, size: Size, rng: np.random.Generator) -> pd.DataFrame:
    own = rows[number * size.bars : (number + 1) * size.bars, 0]
    mean = pd.Series(own).ewm(halflife=10).mean().to_numpy()
    at = np.arange(size.window - 1, size.bars - 1)
    edge = 0.43 * mean.std()
    label = np.where(mean[at] > edge, 1, np.where(mean[at] < -edge, -1, 0))
    noise = rng.random(len(at)) < 0.2
    label[noise] = rng.integers(-1, 2, noise.sum())
    times = pd.date_range("2000-01-01", periods=size.bars, freq="D", tz="UTC")
    return pd.DataFrame(
        {
            "symbol": f"S{number}",
            "start": times[at - size.window + 1],
            "decision": times[at],
            "last": number * size.bars + at,
            "label": label.astype(np.int8),
            "label_end": times[at + 1],
            "exit_return": 0.0,
            "weight": 1.0,
            "split": np.where(at < 0.8 * size.bars, "train", "validation"),
        }
    )
