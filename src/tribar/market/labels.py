"""Triple-barrier labels (Lopez de Prado, Advances in Financial Machine Learning, 2018, ch. 3)."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tribar.dataset.config import LabelParams
from tribar.errors import UserError
from tribar.market.bar_columns import BarColumns
from tribar.market.indicators import TIME_CONSTANTS, Series, ewm_deviation, log_return
from tribar.market.row_index import RowIndex

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
        volatility: EWM deviation of the log returns of single bars, known at the decision; NaN
            where it is not known.
        no_horizon: bars without `horizon` later ones of their symbol.
        no_volatility: bars (with a horizon) before the volatility is known, or where it is 0.
        both_touched: labels decided by a bar that touched both barriers.
    """

    valid: NDArray[np.bool_]
    label: NDArray[np.int8]
    end: NDArray[np.int64]
    exit_return: NDArray[np.float64]
    volatility: NDArray[np.float64]
    no_horizon: NDArray[np.bool_]
    no_volatility: NDArray[np.bool_]
    both_touched: NDArray[np.bool_]


def volatility_bars(span: int) -> int:
    """Return how many bars the volatility of a bar is made of, its own the last.

    >>> volatility_bars(50)
    154
    """
    return TIME_CONSTANTS * (span + 1) // 2 + 1


def ewm_volatility(close: Series, span: int) -> Series:
    """Return the EWM standard deviation of log returns; NaN at the first bars.

    Its weights are cut after six time constants; what is left weighs as in pandas'
    `ewm(adjust=True)`.
    """
    returns = log_return(close, 1)
    return ewm_deviation(returns, volatility_bars(span) - 1, decay=1 - 2 / (span + 1))


def triple_barrier(bars: BarColumns, index: RowIndex, params: LabelParams) -> Labels:
    """Return the label of every bar.

    Two barriers stand at close * (1 + upper * w) and close * (1 - lower * w), where w is the
    volatility * sqrt(horizon), or 1 for fixed barriers. The first of the bars t + 1 ... t + horizon
    to touch one gives the label, and the exit is at that barrier, or at the bar's open if it opens
    beyond it. A bar that touches both has the label of the one beyond which it opened; if it opened
    between them it counts as the lower, the worse for a long position. Label 0 means that none was
    touched. A bar without a full horizon has no label, even if a barrier is touched early: quick
    labels alone would survive at the end.

    Barriers 5 % above and below, two bars ahead:

    >>> close, none = np.array([100.0, 104.0, 106.0, 99.0, 98.0, 98.0]), np.empty(0)
    >>> day = np.arange("2020-01-01", "2020-01-07", dtype="M8[D]")
    >>> params = LabelParams(horizon=2, barriers="fixed", upper=0.05, lower=0.05,
    ...                      volatility_span=20, touch="close")
    >>> bars = BarColumns(day, open=none, high=none, low=none, close=close, volume=none)
    >>> labels = triple_barrier(bars, RowIndex(("A",), np.array([0, 6]), day), params)
    >>> labels.label[labels.valid].tolist(), labels.end[labels.valid].tolist()
    ([1, 0, -1, 0], [2, 3, 3, 5])

    Args:
        bars: of all symbols, one after the other.
        index: symbol and time of each.
        params: barriers and horizon.

    Raises:
        UserError: highs and lows are asked for, and there are none.
    """
    close = bars.close
    tested = _tested(bars, params)
    volatility = volatility_of_bars(close, index, params.volatility_span)
    width = barrier_width(volatility, params)
    ends = np.repeat(index.starts[1:], np.diff(index.starts))
    rows = np.arange(len(close))
    full = rows + params.horizon < ends
    has_width = width > 0
    valid = full & has_width
    label = np.zeros(len(close), dtype=np.int8)
    end = np.where(full, rows + params.horizon, rows)
    both, at_open = (np.zeros(len(close), dtype=np.bool_) for _ in range(2))
    lower, upper = barrier_prices(close, width, params)
    waiting = np.flatnonzero(valid)
    for ahead in range(1, params.horizon + 1):
        at = waiting + ahead
        above, below, opens = _touches(tested, at, upper[waiting], lower[waiting])
        at_open[waiting[opens]] = True
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
        exit_return[at_open] = bars.open[end[at_open]] / close[at_open] - 1
    return Labels(valid, label, end, exit_return, volatility, ~full, full & ~has_width, both)


def _tested(bars: BarColumns, params: LabelParams) -> BarColumns:
    """Return the bars as they are held against the barriers."""
    if params.touch == "close":
        return replace(bars, open=np.empty(0), high=bars.close, low=bars.close)
    if not (len(bars.high) and len(bars.low)):
        raise UserError(
            "prepare.labels.touch: high_low needs the columns high and low; set it to close"
        )
    return bars


def _touches(
    bars: BarColumns, at: NDArray[np.int64], upper: Series, lower: Series
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which bars touch the upper barrier, which the lower, and which open beyond one."""
    above, below = bars.high[at] >= upper, bars.low[at] <= lower
    if not len(bars.open):
        return above, below, np.zeros(len(at), dtype=np.bool_)
    opens_above, opens_below = bars.open[at] >= upper, bars.open[at] <= lower
    above, below = (above & ~opens_below) | opens_above, (below & ~opens_above) | opens_below
    return above, below, opens_above | opens_below


def volatility_of_bars(close: Series, index: RowIndex, span: int) -> Series:
    """Return every bar's `ewm_volatility` within its symbol."""
    volatility = np.empty(len(close))
    for rows, seen in index.chunks(before=volatility_bars(span) - 1):
        volatility[rows] = ewm_volatility(close[seen], span)[rows.start - seen.start :]
    return volatility


def barrier_width(volatility: Series, params: LabelParams) -> Series:
    """Return the return that one multiple of a barrier stands for, at every bar."""
    if params.barriers == "fixed":
        return np.ones(len(volatility))
    width: Series = np.nan_to_num(volatility) * np.sqrt(params.horizon)
    return width


def barrier_prices(close: Series, width: Series, params: LabelParams) -> tuple[Series, Series]:
    """Return the prices of the lower and of the upper barrier of decisions at these closes."""
    return close * (1 - params.lower * width), close * (1 + params.upper * width)
