"""The probability of backtest overfitting, beside what luck alone would give."""

from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Word = Literal["no sign of overfitting", "cannot be told from luck", "overfitting"]


@dataclass(frozen=True)
class BacktestOverfitting:
    """How often the trial that one half of the times chooses is below the median on the other.

    Attributes:
        probability: PBO.
        low: 5 % point of PBO where no trial is better than another.
        mean: of PBO there.
        high: 95 % point of PBO there.
    """

    probability: float
    low: float
    mean: float
    high: float

    @property
    def verdict(self) -> Word:
        """Return what it says: below the band, above it, or within.

        >>> BacktestOverfitting(0.31, low=0.25, mean=0.5, high=0.74).verdict
        'cannot be told from luck'
        """
        if self.probability < self.low:
            return "no sign of overfitting"
        return "overfitting" if self.probability > self.high else "cannot be told from luck"

    def sentence(self) -> str:
        """Return it for a reader."""
        return (
            f"PBO {self.probability:.2f}; without any difference between trials it would lie "
            f"between {self.low:.2f} and {self.high:.2f} (90 %): {self.verdict}"
        )


def backtest_overfitting(
    sums: NDArray[np.float64], null: NDArray[np.float64]
) -> BacktestOverfitting:
    """Return PBO with its null band.

    Args:
        sums: losses summed over each part of the times, (parts, trials).
        null: as many from resamples without any difference, (resamples, parts, trials).
    """
    without = [probability(one) for one in null]
    low, high = np.quantile(without, [0.05, 0.95])
    return BacktestOverfitting(probability(sums), float(low), float(np.mean(without)), float(high))


def probability(sums: NDArray[np.float64]) -> float:
    """Return PBO by combinatorially symmetric cross-validation.

    Each half of the parts chooses the trial of the lowest loss, the first among equals as the study
    does; the share of halves on whose other half that trial is worse than the median. One that is
    the median there counts as a half (Bailey, Borwein, Lopez de Prado and Zhu, "The probability of
    backtest overfitting", 2017, where it counts as overfitting).

    >>> always_best = np.array([[1.0, 2.0], [1.1, 1.2], [0.9, 1.5], [1.0, 1.1]])
    >>> probability(always_best)
    0.0

    Args:
        sums: losses summed over each part of the times, (parts, trials); an even number of parts.
    """
    chosen_by = _halves(len(sums)) @ sums
    other = chosen_by[::-1]  # by the alphabet, the n-th half's complement is the n-th from the end
    best = chosen_by.argmin(axis=1)
    own = np.take_along_axis(other, best[:, None], axis=1)
    better = np.count_nonzero(other < own, axis=1)
    worse = np.count_nonzero(other > own, axis=1)
    return float(np.mean((np.sign(better - worse) + 1) / 2))


@cache
def _halves(parts: int) -> NDArray[np.float64]:
    """Return each choice of half of the parts as a line of ones and zeros."""
    chosen = list(combinations(range(parts), parts // 2))
    halves = np.zeros((len(chosen), parts))
    np.put_along_axis(halves, np.array(chosen), 1.0, axis=1)
    return halves
