"""What keeps a model from forecasting bars, and what is to be known of them."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from tribar.dataset.definition import Definition
from tribar.errors import UserError, listing
from tribar.market.bars import Bars
from tribar.market.feature_names import parse_features
from tribar.market.feature_rows import lacking
from tribar.market.report import duration
from tribar.market.sources.times import show_time

OTHER_INTERVAL = 1.5
"""Times the usual interval between two bars, or its inverse: from here on it is another one."""

ROUNDING = 0.002
"""Prices that differ by no more have been rounded otherwise."""

_DAY = np.timedelta64(1, "D")
_SECONDS_A_DAY = 86_400


def refuse_lacking(bars: Bars, features: tuple[str, ...]) -> None:
    """Refuse bars without a column that a feature needs.

    Raises:
        UserError: says which columns, and which features need them.
    """
    without = lacking(bars, parse_features(features))
    if without:
        has = set(bars.table.columns)
        columns = sorted({name for one in without for name in one.family.needs if name not in has})
        raise UserError(
            f"the bars have no column {', '.join(columns)}, which the model's features "
            f"{listing([one.name for one in without])} need; give the columns that it was "
            "trained on"
        )


def refuse_other_interval(bars: Bars, definition: Definition) -> None:
    """Refuse symbols whose bars stand closer or wider than those that the model knows.

    Raises:
        UserError: says which, and both intervals.
    """
    usual = np.timedelta64(int(definition.interval * 1e9), "ns")
    found = bars.index.intervals
    share = found / usual
    several = np.diff(bars.index.starts) > 1
    other = several & ((share >= OTHER_INTERVAL) | (share <= 1 / OTHER_INTERVAL))
    if other.any():
        names = [
            f"{bars.index.symbols[i]} (a bar every {duration(found[i])})"
            for i in np.flatnonzero(other)
        ]
        raise UserError(
            f"the model was trained on a bar every {duration(usual)}: {listing(names)}; give bars "
            "of the same interval"
        )


def refuse_unfinished(bars: Bars, definition: Definition, now: pd.Timestamp) -> None:
    """Refuse bars whose end is still to come.

    A bar that its date alone names ends with that day.

    Raises:
        UserError: says which, and what to do.
    """
    at = bars.index.starts[1:] - 1
    ends, local = bars.index.time[at], bars.local_time[at]
    is_dated = definition.interval >= _SECONDS_A_DAY and (local == local.astype("M8[D]")).all()
    if is_dated and definition.stamps == "end":
        ends = ends + _DAY
    late = np.flatnonzero(ends > now.tz_convert(None).to_datetime64())
    if len(late):
        names = [f"{bars.index.symbols[i]} {show_time(local[i])}" for i in late]
        raise UserError(
            f"bars that are not finished, or lie in the future: {listing(names)}; leave them out, "
            "or, if the market has closed, say so: --as-of "
            f"{show_time(local[late].max())}"
        )


def refuse_old(newest: pd.Timestamp, now: pd.Timestamp, most: float | None, what: str) -> str:
    """Return how old something is, in words.

    Raises:
        UserError: older than `most` days.
    """
    days = (now - newest) / pd.Timedelta(days=1)
    if most is not None and days > most:
        raise UserError(f"{what} {days:.1f} days old, and at most {most:g} are allowed")
    return f"{what} {days:.1f} days old"


def compare_overlap(bars: Bars, known: pd.DataFrame | None) -> Iterator[str]:
    """Yield by what one factor closes differ from those that the model was trained on.

    A dividend or split since then scales all older prices alike, and leaves every feature as it is.

    Raises:
        UserError: the factor changes within the bars that both have.
    """
    if known is None:
        return
    ours = bars.frame()[["symbol", "time", "local_time", "close"]]
    both = ours.merge(known[["symbol", "time", "close"]], on=["symbol", "time"])
    both["factor"] = both["close_x"] / both["close_y"]
    for symbol, own in both.groupby("symbol"):
        newest = own["factor"].iloc[-1]
        if abs(newest - 1) <= ROUNDING and (own["factor"] - 1).abs().max() <= ROUNDING:
            continue
        other = (own["factor"] / newest - 1).abs() > ROUNDING
        if other.any():
            last = own[other].iloc[-1]
            raise UserError(
                f"{symbol}: closes are {newest:.6g} times those that the model was trained on, but "
                f"{last['factor']:.6g} times until {show_time(last['local_time'])}: the prices "
                "are adjusted in another way; give bars with one adjustment for all, or train anew"
            )
        yield (
            f"{symbol}: closes are {newest:.6g} times those that the model was trained on, as "
            "after a dividend or split; its features are the same"
        )


def name_unknown(ours: tuple[str, ...], known: tuple[str, ...]) -> Iterator[str]:
    """Yield the symbols that the model was not trained on."""
    unknown = [one for one in ours if one not in known]
    if unknown:
        yield f"the model was not trained on {listing(unknown)}, but on {listing(known)}"


def name_dropped(rows: int) -> Iterator[str]:
    """Yield how many rows were left out because another says the same."""
    if rows:
        yield f"{rows} rows said the same as another, and were left out"
