"""Triple-barrier labels (Lopez de Prado, Advances in Financial Machine Learning, 2018, ch. 3)."""

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.market.config import LabelParams

BARRIERS = ("lower", "vertical", "upper")
"""The barrier of labels -1, 0 and 1."""


@dataclass(frozen=True)
class Labels:
    """The label of every bar, as if a decision were made at its close.

    Attributes:
        valid: False where there is none.
        label: int8; -1, 0 or 1.
        end: row of the label's last bar.
        exit_return: simple return from the decision's close to the exit.
        no_horizon: bars without `horizon` later ones of their symbol.
        no_volatility: bars (with a horizon) before the volatility is known, or where it is 0.
        both_touched: labels decided by a bar that touched both barriers.
    """

    valid: NDArray[np.bool_]
    label: NDArray[np.int8]
    end: NDArray[np.int64]
    exit_return: NDArray[np.float64]
    no_horizon: NDArray[np.bool_]
    no_volatility: NDArray[np.bool_]
    both_touched: NDArray[np.bool_]


def ewm_volatility(close: NDArray[np.float64], span: int) -> NDArray[np.float64]:
    """Return the EWM standard deviation of one symbol's log returns; NaN for the first `span`."""
    returns = pd.Series(np.diff(np.log(close), prepend=np.nan))
    return returns.ewm(span=span, min_periods=span).std().to_numpy(np.float64)


def triple_barrier(
    close: NDArray[np.float64],
    high: NDArray[np.float64],
    low: NDArray[np.float64],
    starts: NDArray[np.int64],
    params: LabelParams,
) -> Labels:
    """Return the label of every bar.

    Two barriers stand at close * (1 + upper * w) and close * (1 - lower * w), where w is the
    volatility * sqrt(horizon), or 1 for fixed barriers. The first of the bars t + 1 ... t + horizon
    to touch one gives the label; a bar that touches both counts as the lower barrier, the worse
    for a long position. Label 0 means that none did. A bar without a full horizon has no label,
    even if a barrier is touched early: quick labels alone would survive at the end.

    Barriers 5 % above and below, two bars ahead:

    >>> close = np.array([100.0, 104.0, 106.0, 99.0, 98.0, 98.0])
    >>> params = LabelParams(horizon=2, barriers="fixed", upper=0.05, lower=0.05,
    ...                      volatility_span=20, touch="close")
    >>> labels = triple_barrier(close, close, close, np.array([0, 6]), params)
    >>> labels.label[labels.valid].tolist(), labels.end[labels.valid].tolist()
    ([1, 0, -1, 0], [2, 3, 3, 5])

    Args:
        close: closes of all symbols, one after the other in order of time.
        high: what is tested against the upper barrier (the closes, to test on close).
        low: what is tested against the lower barrier.
        starts: first row of each symbol, and the number of rows.
        params: barriers and horizon.
    """
    width = _width(close, starts, params)
    ends = np.repeat(starts[1:], np.diff(starts))
    rows = np.arange(len(close))
    full = rows + params.horizon < ends
    has_width = width > 0
    valid = full & has_width
    label = np.zeros(len(close), dtype=np.int8)
    end = np.where(full, rows + params.horizon, rows)
    both = np.zeros(len(close), dtype=np.bool_)
    upper, lower = close * (1 + params.upper * width), close * (1 - params.lower * width)
    waiting = np.flatnonzero(valid)
    for ahead in range(1, params.horizon + 1):
        at = waiting + ahead
        above, below = high[at] >= upper[waiting], low[at] <= lower[waiting]
        label[waiting[above]] = 1
        label[waiting[below]] = -1
        both[waiting[above & below]] = True
        touched = above | below
        end[waiting[touched]] = at[touched]
        waiting = waiting[~touched]
    exit_return = close[end] / close - 1
    if params.touch == "high_low":
        barrier = np.where(label == 1, params.upper, -params.lower) * width
        exit_return = np.where(label == 0, exit_return, barrier)
    return Labels(valid, label, end, exit_return, ~full, full & ~has_width, both)


def _width(
    close: NDArray[np.float64], starts: NDArray[np.int64], params: LabelParams
) -> NDArray[np.float64]:
    """Return the return that one multiple of a barrier stands for, at every bar."""
    if params.barriers == "fixed":
        return np.ones(len(close))
    volatility = [
        ewm_volatility(close[first:end], params.volatility_span)
        for first, end in itertools.pairwise(starts)
    ]
    known = np.nan_to_num(np.concatenate(volatility))
    width: NDArray[np.float64] = known * np.sqrt(params.horizon)
    return width
