"""Signal: what acting on the probabilities would have returned after cost."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.dataset.prepared import class_returns
from tribar.evaluation.interval import Interval, MeanIntervals
from tribar.metrics.predictions import Probability, check

BASIS_POINTS = 10_000
"""In one."""

NO_RETURNS = "no return after cost: the source does not say what its labels returned"


@dataclass(frozen=True)
class Returns:
    """Mean returns of a decision in basis points, after the cost of a round turn.

    Each decision weighs the same whether or not another is held at its time, so that this is no
    portfolio: no capital, no limit to it, no compounding, and no cost but the one that is stated.
    A short position returns the negative of a long one.

    Attributes:
        acted: share of decisions that are long or short.
        mean: return of the signal, 0 where it abstains.
        always_long: return of going long at every decision.
        difference: the signal's minus always long's.
    """

    acted: float
    mean: Interval
    always_long: Interval
    difference: Interval


@dataclass(frozen=True)
class Signal:
    """What acting on the probabilities would have returned.

    Attributes:
        cost: of a round turn, in basis points of the position's value.
        returns: None where they are not known.
        note: what keeps returns or an interval from being there; empty where nothing does.
    """

    cost: float
    returns: Returns | None
    note: str = ""

    def record(self) -> dict[str, float | str]:
        """Return the figures that matter first by key, for JSON: returns in basis points.

        >>> Signal(2.0, None, "no returns").record()
        {'cost': 2.0, 'note': 'no returns'}
        """
        found: dict[str, float | str] = {"cost": self.cost}
        if self.returns is not None:
            mean, always = self.returns.mean.value, self.returns.always_long.value
            found |= {"acted": self.returns.acted, "mean": mean, "always_long": always}
        return found | ({"note": self.note} if self.note else {})

    def table(self) -> pd.DataFrame:
        """Return all returns with their intervals: columns quantity, value, low and high."""
        found = self.returns
        each = {
            "signal": found and found.mean,
            "always_long": found and found.always_long,
            "difference": found and found.difference,
        }
        lines = [(name, one.value, one.low, one.high) for name, one in each.items() if one]
        return pd.DataFrame(lines, columns=["quantity", "value", "low", "high"])

    def sentence(self) -> str:
        """Return the signal's returns for a reader.

        >>> returns = Returns(0.4, Interval(2.5, -3, 8), Interval(4.0), Interval(-1.5, -6.2, 3.2))
        >>> print(Signal(2.0, returns).sentence())
        after 2 basis points a round turn the signal acts on 40.0 % of the decisions and returns \
+2.5 [-3.0, +8.0] basis points a decision, -1.5 [-6.2, +3.2] beside the +4.0 of always long
        """
        if self.returns is None:
            return self.note
        found = (
            f"after {self.cost:g} basis points a round turn the signal acts on "
            f"{100 * self.returns.acted:.1f} % of the decisions and returns "
            f"{self.returns.mean.text('+z.1f')} basis points a decision, "
            f"{self.returns.difference.text('+z.1f')} beside the "
            f"{self.returns.always_long.value:+z.1f} of always long"
        )
        return f"{found}; {self.note}" if self.note else found


def signal(
    train: pd.DataFrame,
    samples: pd.DataFrame,
    probability: Probability,
    cost: float,
    confidence: float,
) -> Signal:
    """Return what acting on the probabilities would have returned.

    The expected return of a decision is the sum over classes of its probability times the mean
    exit return of that class in training, 0 for a class that training lacks. The signal is long
    where that exceeds the cost, short where its negative does, and abstains elsewhere.

    Args:
        train: training samples, columns label and exit_return.
        samples: columns label, exit_return, decision and label_end, (n,).
        probability: of the samples, (n, 3).
        cost: of a round turn, in basis points of the position's value.
        confidence: of the intervals.

    Raises:
        UserError: labels or probabilities are not valid.
    """
    check(samples["label"].to_numpy(), probability)
    exit_return = samples["exit_return"].to_numpy()
    if not (np.isfinite(exit_return).all() and np.isfinite(train["exit_return"]).all()):
        return Signal(cost, None, NO_RETURNS)
    position = positions(probability @ class_returns(train), cost / BASIS_POINTS)
    ours = BASIS_POINTS * position * exit_return - cost * np.abs(position)
    always = BASIS_POINTS * exit_return - cost
    series = {"the signal": ours, "always long": always, "the difference": ours - always}
    intervals = MeanIntervals.over(samples, confidence)
    acted = float(np.abs(position).mean())
    returns = Returns(acted, *(_interval(each, intervals) for each in series.values()))
    return Signal(cost, returns, _note(series))


def returns_by_fifth(
    train: pd.DataFrame, samples: pd.DataFrame, probability: Probability, confidence: float
) -> pd.DataFrame:
    """Return what decisions returned until their exit, by the fifth that their expectation is in.

    What tells large returns from small ones has means that rise from fifth to fifth. They are of
    long positions and before any cost.

    Args:
        train: training samples, columns label and exit_return.
        samples: columns exit_return, decision and label_end, (n,).
        probability: of the samples, (n, 3).
        confidence: of the intervals.

    Returns:
        A line a fifth, the one with the least expected return first: columns fifth, decisions,
        expected, returned and its interval, low and high, in basis points. No line where returns
        are not known.
    """
    exit_return = samples["exit_return"].to_numpy()
    columns = ["fifth", "decisions", "expected", "returned", "low", "high"]
    if not (np.isfinite(exit_return).all() and np.isfinite(train["exit_return"]).all()):
        return pd.DataFrame([], columns=columns)
    expected, intervals = (
        probability @ class_returns(train),
        MeanIntervals.over(samples, confidence),
    )
    rank = np.empty(len(expected), np.int64)
    rank[np.argsort(expected, kind="stable")] = np.arange(len(expected))
    fifth = 1 + 5 * rank // len(expected)
    lines = []
    for one in np.unique(fifth):
        chosen = fifth == one
        found = intervals.among(chosen).of(BASIS_POINTS * exit_return[chosen])
        mean = float(BASIS_POINTS * expected[chosen].mean())
        lines.append((one, int(chosen.sum()), mean, found.value, found.low, found.high))
    return pd.DataFrame(lines, columns=columns)


def positions(expected: NDArray[np.float64], cost: float) -> NDArray[np.float64]:
    """Return 1 where the expected return exceeds the cost, -1 where its negative does, else 0.

    >>> positions(np.array([0.03, 0.01, -0.02]), cost=0.01)
    array([ 1.,  0., -1.])
    """
    return np.sign(expected) * (np.abs(expected) > cost)


def _interval(values: NDArray[np.float64], intervals: MeanIntervals) -> Interval:
    """Return mean and interval; no interval where all values are one, as they show no chance."""
    found = intervals.of(values)
    return Interval(found.value) if np.ptp(values) == 0 else found


def _note(series: Mapping[str, NDArray[np.float64]]) -> str:
    same = [name for name, values in series.items() if np.ptp(values) == 0]
    return f"the same at every decision, so without an interval: {', '.join(same)}" if same else ""
