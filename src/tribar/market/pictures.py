"""What a reader may look at of the data: few lines, however many bars there are."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.dataset.config import LabelParams
from tribar.dataset.schema import CLASSES
from tribar.market.bars import Bars
from tribar.market.labels import barrier_prices, barrier_width
from tribar.market.pipeline import Prepared

MOST_SYMBOLS, MOST_CLOSES, MOST_EVENTS, MOST_PERIODS = 4, 240, 6, 40
_FREQUENCIES = ("h", "D", "W", "M", "Q", "Y")
_CLOSES = ("symbol", "time", "close")
_EVENTS = ("event", "symbol", "decision", "label", "bars_to_end", "close", "lower", "upper")
_EVENT_BARS = ("event", "bars_after", "close")


def pictures(
    prepared: Prepared, bars: Bars | None, labels: LabelParams
) -> Mapping[str, pd.DataFrame]:
    """Return the tables by the name of their file.

    closes: of the first symbols, evenly spaced bars. events, event_bars: some training
    decisions of the source with their barriers, and the closes around each. shares: of the
    labels, by period of the decisions.

    Args:
        prepared: both splits.
        bars: of the source; None where it came labelled, and closes and events are empty.
        labels: how they were labelled.
    """
    development, test = prepared.development, prepared.test
    samples = pd.concat([development.samples, test.samples], ignore_index=True)
    events = _events(development.part("train"), bars, labels)
    return {
        "shares": class_shares(samples),
        "closes": pd.DataFrame(columns=list(_CLOSES)) if bars is None else _closes(bars),
        "events": events,
        "event_bars": pd.DataFrame(columns=list(_EVENT_BARS))
        if bars is None
        else _event_bars(events, bars, labels.horizon),
    }


def class_shares(samples: pd.DataFrame) -> pd.DataFrame:
    """Return decisions and class shares by period, of the finest of at most `MOST_PERIODS`.

    >>> decision = pd.to_datetime(["2019-01-07", "2019-02-04", "2022-04-02"], utc=True)
    >>> samples = pd.DataFrame({"decision": decision, "label": [1, -1, 0]})
    >>> class_shares(samples)
        period  decisions  down  flat   up
    0  2019-01          1   0.0   0.0  1.0
    1  2019-02          1   1.0   0.0  0.0
    2  2022-04          1   0.0   1.0  0.0
    """
    time = samples["decision"].dt.tz_convert(None)
    for frequency in _FREQUENCIES:
        period = time.dt.to_period(frequency)
        if frequency == "Y" or _span(period) <= MOST_PERIODS:
            break
    label = samples["label"].to_numpy()
    shares = pd.DataFrame(
        {
            name: (label == one).astype(float)
            for name, one in zip(("down", "flat", "up"), CLASSES, strict=True)
        }
    ).groupby(period.to_numpy())
    means, counts = shares.mean().round(6), shares.size()
    return pd.DataFrame({"period": counts.index.astype(str), "decisions": counts.to_numpy()}).join(
        means.reset_index(drop=True)
    )


def _span(period: "pd.Series[pd.Period]") -> int:
    return int((period.max() - period.min()).n) + 1


def _closes(bars: Bars) -> pd.DataFrame:
    close, frames = bars.table["close"].to_numpy(), []
    for number, symbol in enumerate(bars.index.symbols[:MOST_SYMBOLS]):
        rows = bars.index.rows(number)
        kept = np.linspace(rows.start, rows.stop - 1, min(MOST_CLOSES, rows.stop - rows.start))
        at = kept.astype(np.int64)
        time = pd.DatetimeIndex(bars.index.time[at]).tz_localize("UTC")
        frames.append(pd.DataFrame({"symbol": symbol, "time": time, "close": close[at]}))
    return pd.concat(frames, ignore_index=True)


def _events(train: pd.DataFrame, bars: Bars | None, labels: LabelParams) -> pd.DataFrame:
    """Return evenly spaced decisions with their closes and the prices of their barriers."""
    if bars is None:
        return pd.DataFrame(columns=list(_EVENTS))
    middle = (np.arange(MOST_EVENTS) + 0.5) / MOST_EVENTS * len(train)
    chosen = train.iloc[np.unique(middle.astype(np.int64))].reset_index(drop=True)
    close = bars.table["close"].to_numpy()
    at = _rows(bars, chosen, "decision")
    until = _rows(bars, chosen, "label_end") - at
    width = barrier_width(chosen["volatility"].to_numpy(), labels)
    lower, upper = barrier_prices(close[at], width, labels)
    prices = {"close": close[at], "lower": lower, "upper": upper}
    counts = {"event": np.arange(len(chosen)), "bars_to_end": until}
    return chosen.assign(**prices, **counts)[list(_EVENTS)]


def _event_bars(events: pd.DataFrame, bars: Bars, horizon: int) -> pd.DataFrame:
    """Return the closes from a horizon before each event to one after it, evenly spaced."""
    close, frames = bars.table["close"].to_numpy(), []
    after = np.unique(np.linspace(-horizon, horizon, min(2 * horizon + 1, 81)).astype(np.int64))
    for event, (symbol, row) in enumerate(
        zip(events["symbol"], _rows(bars, events, "decision"), strict=True)
    ):
        rows, at = bars.index.rows(bars.index.symbols.index(symbol)), row + after
        inside = (at >= rows.start) & (at < rows.stop)
        frames.append(
            pd.DataFrame({"event": event, "bars_after": after[inside], "close": close[at[inside]]})
        )
    return pd.concat(frames, ignore_index=True)


def _rows(bars: Bars, decided: pd.DataFrame, time: str) -> NDArray[np.int64]:
    """Return the rows of the bars that end at the times in a column of decisions."""
    times = decided[time].dt.tz_convert(None).to_numpy()
    owned = [bars.index.rows(bars.index.symbols.index(one)) for one in decided["symbol"]]
    found = [
        rows.start + np.searchsorted(bars.index.time[rows], time)
        for rows, time in zip(owned, times, strict=True)
    ]
    return np.array(found, np.int64)
