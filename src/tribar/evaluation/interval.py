"""Interval: a mean over decisions beside the ends between which the true one may lie."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.evaluation.horizon import horizon
from tribar.evaluation.uncertainty import by_time, estimate


@dataclass(frozen=True)
class Interval:
    """A mean and its interval.

    Attributes:
        value: the mean.
        low: end of the interval; None with too few decision times for one.
        high: see low.
    """

    value: float
    low: float | None = None
    high: float | None = None

    def record(self) -> dict[str, float]:
        """Return the figures by key, for JSON; without ends that there are not.

        >>> Interval(0.5).record()
        {'value': 0.5}
        """
        known = {"value": self.value, "low": self.low, "high": self.high}
        return {key: each for key, each in known.items() if each is not None}

    def text(self, form: str = "+z.4f") -> str:
        """Return the mean with its ends, each in the format `form`.

        >>> Interval(-0.005, -0.0102, 0.0002).text()
        '-0.0050 [-0.0102, +0.0002]'
        """
        if self.low is None or self.high is None:
            return format(self.value, form)
        return f"{self.value:{form}} [{self.low:{form}}, {self.high:{form}}]"

    def clipped(self, least: float, most: float) -> Self:
        """Return the interval with ends that are no further than the quantity can go."""
        if self.low is None or self.high is None:
            return self
        return type(self)(self.value, max(self.low, least), min(self.high, most))


@dataclass(frozen=True, eq=False)
class MeanIntervals:
    """Makes intervals of means over the same samples.

    Attributes:
        decision: time of each sample, (n,).
        horizon: decision times over which a label reaches.
        confidence: of the intervals.
    """

    decision: pd.Series
    horizon: int
    confidence: float

    @classmethod
    def over(cls, samples: pd.DataFrame, confidence: float) -> Self:
        """Return that of samples with the columns decision and label_end."""
        return cls(samples["decision"], horizon(samples), confidence)

    def among(self, chosen: NDArray[np.bool_]) -> Self:
        """Return that of the chosen samples alone, whose labels reach as far."""
        return type(self)(self.decision[chosen], self.horizon, self.confidence)

    def of(self, values: NDArray[np.float64]) -> Interval:
        """Return mean and interval of one value a sample, (n,)."""
        found = estimate(by_time(values, self.decision, self.horizon))
        return Interval(found.mean, *(_number(end) for end in found.interval(self.confidence)))


def _number(end: float) -> float | None:
    return float(end) if math.isfinite(end) else None
