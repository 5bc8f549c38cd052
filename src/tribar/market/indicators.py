"""Rolling figures of one symbol's bars: TA-Lib where its values are right and causal."""

import numpy as np
import talib
from numpy.typing import NDArray

Series = NDArray[np.float64]
"""One value a bar; NaN before enough bars are there."""

_NO_SPREAD = 1e-9
"""A standard deviation below this is what rounding leaves of a constant."""


def lagged(values: Series, bars: int) -> Series:
    """Return the value `bars` bars earlier.

    >>> lagged(np.array([1.0, 2.0, 3.0]), 1)
    array([nan,  1.,  2.])
    """
    shifted = np.full_like(values, np.nan)
    shifted[bars:] = values[:-bars]
    return shifted


def log_return(close: Series, bars: int) -> Series:
    """Return the log return over `bars` bars."""
    logs = np.log(close)
    return logs - lagged(logs, bars)


def mean(values: Series, span: int) -> Series:
    """Return the mean of the last `span` values."""
    return np.asarray(talib.SMA(values, span), dtype=np.float64)


def deviation(values: Series, span: int) -> Series:
    """Return the population standard deviation of the last `span` values."""
    return np.asarray(talib.STDDEV(values, span), dtype=np.float64)


def zscore(values: Series, span: int) -> Series:
    """Return the distance from the mean in standard deviations; 0 where nothing varies."""
    spread = deviation(values, span)
    flat = spread < _NO_SPREAD
    return np.where(flat, 0.0, (values - mean(values, span)) / np.where(flat, 1.0, spread))
