"""Samples and probabilities for what is judged of them."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.metrics.predictions import Labels, Probability


def daily(labels: Labels, **columns: object) -> pd.DataFrame:
    """Return a decision a day of one symbol, each label ending a day later."""
    day = pd.date_range("2020-01-01", periods=len(labels) + 1, tz="UTC")
    known = {"symbol": "S0", "decision": day[:-1], "label_end": day[1:], "label": labels}
    return pd.DataFrame({**known, **columns})


def drawn(n: int, seed: int) -> tuple[NDArray[np.int8], Probability]:
    """Return random labels and random probabilities, which know nothing of them."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(-1, 2, n).astype(np.int8)
    return labels, rng.dirichlet(np.ones(3), n)
