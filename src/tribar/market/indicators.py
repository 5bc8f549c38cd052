"""Figures of one symbol's last bars, summed in the same order for each bar, wherever it stands.

No sum runs from bar to bar, so none carries rounding along: a value is a function of its bars
alone, to the bit. Windows of n bars are made of those of n / 2, in log2(n) steps.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, repeat
from operator import mul
from typing import Self

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]
"""One value a bar; NaN before enough bars are there."""

TIME_CONSTANTS = 6
"""Those of an exponential average after which its weights are cut; 1 / 400 of them lies beyond."""
_NO_SPREAD = 1e-9
"""A deviation below this share of the values' scale is what rounding leaves of a constant."""


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


def mean(values: Series, bars: int, decay: float = 1.0) -> Series:
    """Return the mean of the last `bars` values, each weighing `decay` times the next newer one.

    >>> mean(np.array([1.0, 2.0, 4.0]), 2)
    array([nan, 1.5, 3. ])
    """
    windows = _windows(_Windows(1, decay, 1.0, values), bars)
    return _placed(windows.mean, len(values))


def deviation(values: Series, bars: int) -> Series:
    """Return the population standard deviation of the last `bars` values."""
    return _placed(_spread(values, bars)[1], len(values))


def ewm_deviation(values: Series, bars: int, decay: float) -> Series:
    """Return the unbiased deviation of the last `bars` values, weighted as in `mean`.

    It is what pandas' `ewm(adjust=True).std()` gives for these values alone.
    """
    weights = accumulate(repeat(decay, bars - 1), mul, initial=1.0)
    _, spread, total = _spread(values, bars, decay)
    share = math.fsum(one * one for one in weights) / (total * total)
    return _placed(spread / math.sqrt(1 - share), len(values))


def zscore(values: Series, bars: int, relative: bool = False) -> Series:
    """Return the distance from the mean of the last `bars` values, in standard deviations.

    It is 0 where they do not vary: by less than a billionth or, if `relative`, than a billionth of
    their mean.
    """
    center, spread, _ = _spread(values, bars)
    flat = spread < _NO_SPREAD * (center if relative else 1.0)
    distance = (values[bars - 1 :] - center) / np.where(flat, 1.0, spread)
    return _placed(np.where(flat, 0.0, distance), len(values))


def weighted_sum(values: Series, weights: Sequence[float]) -> Series:
    """Return the sum of the last values, the newest times the first of the weights, and so on."""
    bars = len(weights)
    found = np.zeros(max(len(values) - bars + 1, 0))
    for age, weight in enumerate(weights if len(found) else ()):
        found += weight * values[bars - 1 - age : len(values) - age]
    return _placed(found, len(values))


@dataclass(frozen=True)
class _Windows:
    """All windows of a number of bars, the earliest first.

    Attributes:
        bars: in each.
        decay: weight of the bar before a window, its newest weighing 1.
        weight: sum of the weights.
        total: weighted sum of each window.
        squares: weighted sum of the squared distances from the mean; None if nobody asks.
    """

    bars: int
    decay: float
    weight: float
    total: Series
    squares: Series | None = None

    @property
    def mean(self) -> Series:
        """Return the weighted mean of each window."""
        return self.total / self.weight

    def join(self, older: Self) -> Self:
        """Return the windows made of these and of the `older` ones right before them."""
        newer = self.total[older.bars :]
        count = len(newer)
        weight = self.weight + self.decay * older.weight
        total = self.decay * older.total[:count]
        total += newer
        squares = None
        if self.squares is not None and older.squares is not None:
            # Chan, Golub and LeVeque (1979): no difference of large squares loses the digits.
            apart = older.total[:count] * (self.weight / older.weight)
            apart -= newer
            apart *= apart
            apart *= self.decay * older.weight / (self.weight * weight)
            squares = self.decay * older.squares[:count]
            squares += self.squares[older.bars :]
            squares += apart
        bars, decay = self.bars + older.bars, self.decay * older.decay
        return type(self)(bars, decay, weight, total, squares)


def _windows(single: _Windows, bars: int) -> _Windows:
    """Return windows of `bars` bars, joined from single bars by that number's binary digits."""
    whole = single if bars & 1 else None
    while bars := bars >> 1:
        single = single.join(single)
        if bars & 1:
            whole = single if whole is None else whole.join(single)
    assert whole is not None
    return whole


def _spread(values: Series, bars: int, decay: float = 1.0) -> tuple[Series, Series, float]:
    """Return mean and population deviation of each window, and the sum of its weights."""
    windows = _windows(_Windows(1, decay, 1.0, values, np.zeros_like(values)), bars)
    assert windows.squares is not None
    return windows.mean, np.sqrt(windows.squares / windows.weight), windows.weight


def _placed(found: Series, length: int) -> Series:
    """Return the values of the last bars, behind NaN for those with too few before them."""
    return np.concatenate([np.full(length - len(found), np.nan), found])
