"""Losses of trials of which none is better than another, or of which one is."""

import numpy as np
from numpy.typing import NDArray

HORIZON = 10
TIMES = 720
TRIALS = 30


def noise(
    seed: int,
    trials: int = TRIALS,
    times: int = TIMES,
    horizon: int = HORIZON,
    correlation: float = 0.9,
    lead: float = 0.0,
) -> NDArray[np.float64]:
    """Return losses as of overlapping labels, (trials, times): moving averages over the horizon.

    The mean is 1 and the deviation 0.3 for all, but that the last trial is better by `lead`.
    """
    rng = np.random.default_rng(seed)
    drawn = (trials + 1, times + horizon - 1)
    shocks = rng.normal(size=drawn)
    mixed = np.sqrt(correlation) * shocks[0] + np.sqrt(1 - correlation) * shocks[1:]
    averaged = np.lib.stride_tricks.sliding_window_view(mixed, horizon, axis=1).mean(axis=2)
    losses: NDArray[np.float64] = 1 + 0.3 * np.sqrt(horizon) * averaged
    losses[-1] -= lead
    return losses
