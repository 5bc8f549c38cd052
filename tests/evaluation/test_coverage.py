"""Do the intervals hold what they promise, on data as long and as dependent as the sample's?

Losses of overlapping labels are a moving average over the horizon; two symbols move together.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import skew

from tribar.evaluation.uncertainty import Estimate, TimeSeries, estimate

Floats = NDArray[np.float64]

TIMES, HORIZON, DRAWS = 729, 10, 4000
CORRELATION = 0.5


def _symmetric(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Return normal shocks, (draws, symbols, times), that symbols share in part."""
    own, shared = rng.normal(size=shape), rng.normal(size=(shape[0], 1, shape[2]))
    mixed: Floats = np.sqrt(1 - CORRELATION) * own + np.sqrt(CORRELATION) * shared
    return mixed


def _clustered(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Return shocks with a variance that both symbols share and that lasts, as in a GARCH(1, 1)."""
    variance = np.ones(shape[0])
    deviations = np.empty((shape[0], shape[2]))
    for time in range(shape[2]):
        deviations[:, time] = np.sqrt(variance)
        variance = 0.05 + 0.07 * variance * rng.normal(size=shape[0]) ** 2 + 0.88 * variance
    return _symmetric(rng, shape) * deviations[:, None]


def _skewed(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Return centred lognormal shocks."""
    centred: Floats = np.exp(0.8 * _symmetric(rng, shape)) - np.exp(0.32)
    return centred


@dataclass(frozen=True)
class Simulated:
    """Differences added up by time, (draws, times), the true one being 0."""

    sums: Floats

    @classmethod
    def of(cls, shocks: Callable[[np.random.Generator, tuple[int, ...]], Floats]) -> "Simulated":
        drawn = shocks(np.random.default_rng(0), (DRAWS, 2, TIMES + HORIZON - 1)).sum(axis=1)
        total = np.cumsum(np.pad(drawn, ((0, 0), (1, 0))), axis=1)
        return cls((total[:, HORIZON:] - total[:, :-HORIZON]) / np.sqrt(HORIZON))

    def estimates(self, difference: float = 0.0) -> list[Estimate]:
        two = np.full(TIMES, 2.0)
        return [estimate(TimeSeries(one + 2 * difference, two, HORIZON)) for one in self.sums]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shocks", "skewness", "most_better"),
    [(_symmetric, 0.0, 0.03), (_clustered, 0.0, 0.03), (_skewed, 0.93, 0.045)],
)
def test_coverage_luck_and_power_are_what_is_said(
    shocks: Callable[[np.random.Generator, tuple[int, ...]], Floats],
    skewness: float,
    most_better: float,
) -> None:
    simulated = Simulated.of(shocks)
    assert float(skew(simulated.sums, axis=None)) == pytest.approx(skewness, abs=0.05)
    nothing = np.array([one.interval(0.95) for one in simulated.estimates()])
    better, worse = (nothing[:, 1] < 0).mean(), (nothing[:, 0] > 0).mean()
    assert 0.93 <= 1 - better - worse <= 0.97
    assert max(better, worse) <= most_better
    size = float(np.median([one.detectable(0.95) for one in simulated.estimates()]))
    found = np.array([one.interval(0.95)[1] < 0 for one in simulated.estimates(-size)])
    assert 0.75 <= found.mean() <= 0.85
