"""Uncertainty: how far a mean over decisions may be off, and what could have been seen."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.fft import dct
from scipy.stats import t

JUDGED_TERMS = 6
"""With fewer terms there is no verdict: what an interval holds would be mostly its own width."""

INTERVAL_TERMS = 3
"""With fewer terms there is no interval."""

POWER = 0.8
"""With what probability a difference of the detectable size is found."""


@dataclass(frozen=True, eq=False)
class TimeSeries:
    """A quantity of samples, added up by decision time.

    Attributes:
        sums: (times,), in order of time.
        counts: (times,), samples.
        horizon: decision times over which a label reaches.
    """

    sums: NDArray[np.float64]
    counts: NDArray[np.float64]
    horizon: int


@dataclass(frozen=True)
class Estimate:
    """A mean over samples and how sure it is.

    Attributes:
        mean: over the samples.
        standard_error: of the mean; NaN where there are fewer than `INTERVAL_TERMS` terms.
        terms: of the long-run variance, the degrees of freedom of its t distribution.
        times: decision times.
    """

    mean: float
    standard_error: float
    terms: int
    times: int

    @property
    def is_judged(self) -> bool:
        """Return whether there are enough decision times for a verdict."""
        return self.terms >= JUDGED_TERMS

    def interval(self, confidence: float) -> tuple[float, float]:
        """Return the t interval; NaN where there is none."""
        if self.terms < INTERVAL_TERMS:
            return math.nan, math.nan
        half = float(t.ppf((1 + confidence) / 2, self.terms)) * self.standard_error
        return self.mean - half, self.mean + half

    def detectable(self, confidence: float) -> float:
        """Return the least true mean that such data show to differ from 0 with `POWER`."""
        if self.terms < INTERVAL_TERMS:
            return math.nan
        quantiles = t.ppf([(1 + confidence) / 2, POWER], self.terms)
        return float(quantiles.sum()) * self.standard_error

    def decisions_needed(self, confidence: float) -> float:
        """Return how many times as many decisions would show this mean with `POWER`.

        Infinite where the mean is 0; NaN where there is no interval.
        """
        if self.mean == 0:
            return math.inf
        return float((self.detectable(confidence) / self.mean) ** 2)


def by_time(values: NDArray[np.float64], decision: pd.Series, horizon: int) -> TimeSeries:
    """Return the sum and number of values at each decision time, in order of time.

    The result does not depend on the order of the values.

    Args:
        values: one a sample, (n,).
        decision: time of each, (n,).
        horizon: decision times over which a label reaches.
    """
    times, _ = pd.factorize(decision, sort=True)
    # A float's sum depends on its order, and the result must not.
    order = np.lexsort((values, times))
    sums = np.bincount(times[order], weights=values[order])
    return TimeSeries(sums.astype(np.float64), np.bincount(times).astype(np.float64), horizon)


def terms(times: int, horizon: int) -> int:
    """Return how many cosines the long-run variance is made of.

    0.41 T^(2/3), the rule of Lazarus, Lewis, Stock and Watson (2018), and no more than stay at
    frequencies that see labels of `horizon` decision times as one: T / (4.5 horizon).

    >>> terms(736, horizon=1), terms(736, horizon=10)
    (33, 16)
    """
    return int(min(0.41 * times ** (2 / 3), times / (4.5 * horizon)))


def estimate(series: TimeSeries) -> Estimate:
    """Return the mean over samples with its equal-weighted cosine (EWC) standard error.

    All samples of one decision time count as one observation, and the long-run variance is the
    mean square of the series' first cosine coefficients, which no short dependence between
    times can bias much (Lazarus, Lewis, Stock and Watson, "HAR inference: recommendations for
    practice", Journal of Business and Economic Statistics, 2018). Nothing is random.

    >>> rng = np.random.default_rng(0)
    >>> found = estimate(TimeSeries(rng.normal(-0.02, 0.1, 300), np.ones(300), horizon=1))
    >>> low, high = found.interval(0.95)
    >>> f"{found.mean:+.3f} [{low:+.3f}, {high:+.3f}], {found.terms} terms"
    '-0.024 [-0.036, -0.012], 18 terms'
    """
    size, times = series.counts.sum(), len(series.sums)
    mean, used = float(series.sums.sum() / size), terms(times, series.horizon)
    if used < INTERVAL_TERMS:
        return Estimate(mean, math.nan, used, times)
    departures = series.sums - mean * series.counts
    cosines = dct(departures, type=2)[1 : used + 1] / np.sqrt(2 * times)
    error = math.sqrt(times * float(np.mean(cosines**2))) / size
    return Estimate(mean, error, used, times)
