"""What keeps a model from forecasting bars, and what is to be known of them."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.dataset.definition import Definition
from tribar.errors import UserError, listing
from tribar.market.bars import Bars
from tribar.market.feature_names import Feature
from tribar.market.feature_rows import lacking
from tribar.market.report import duration
from tribar.market.row_index import Times
from tribar.market.sources.times import show_time

OTHER_INTERVAL = 1.5
"""Times the usual interval between two bars, or its inverse: from here on it is another one."""

ROUNDING = 0.002
"""Prices that differ by no more have been rounded otherwise."""

_DAY = np.timedelta64(1, "D")
_SECONDS_A_DAY = 86_400


def refuse_lacking(bars: Bars, features: Sequence[Feature]) -> None:
    """Refuse bars without a column that a feature needs.

    Raises:
        UserError: says which columns, and which features need them.
    """
    without = lacking(bars, features)
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
            "or, if the market has closed, say so by as_of: --as-of "
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


def compare_overlap(bars: Bars, known: Bars | None) -> Iterator[str]:
    """Yield by what one factor closes differ from those that the model was trained on.

    A dividend or split since then scales all older prices alike, and leaves every feature as it is.

    Raises:
        UserError: the factor changes within the bars that both have.
    """
    for symbol, time, factor in _factors(bars, known) if known is not None else ():
        newest = factor[-1]
        if np.abs(factor - 1).max() <= ROUNDING:
            continue
        unlike = np.flatnonzero(np.abs(factor / newest - 1) > ROUNDING)
        if len(unlike):
            last = unlike[-1]
            raise UserError(
                f"{symbol}: closes are {newest:.6g} times those that the model was trained on, but "
                f"{factor[last]:.6g} times until {show_time(time[last])}: the prices are adjusted "
                "in another way; give bars with one adjustment for all, or train anew"
            )
        yield (
            f"{symbol}: closes are {newest:.6g} times those that the model was trained on, as "
            "after a dividend or split; its features are the same"
        )


def _factors(bars: Bars, known: Bars) -> Iterator[tuple[str, Times, NDArray[np.float64]]]:
    """Yield of each symbol the local times that both have, and our closes over the known ones."""
    ours, theirs = (one.table["close"].to_numpy() for one in (bars, known))
    at = {symbol: code for code, symbol in enumerate(known.index.symbols)}
    for code, symbol in enumerate(bars.index.symbols):
        if symbol not in at:
            continue
        mine, other = bars.index.rows(code), known.index.rows(at[symbol])
        times = bars.index.time[mine], known.index.time[other]
        both, i, j = np.intersect1d(*times, assume_unique=True, return_indices=True)
        if len(both):
            yield symbol, bars.local_time[mine][i], ours[mine][i] / theirs[other][j]


def name_unknown(ours: tuple[str, ...], known: tuple[str, ...]) -> Iterator[str]:
    """Yield the symbols that the model was not trained on."""
    unknown = [one for one in ours if one not in known]
    if unknown:
        yield f"the model was not trained on {listing(unknown)}, but on {listing(known)}"


def name_dropped(rows: int) -> Iterator[str]:
    """Yield how many rows were left out because another says the same."""
    if rows:
        yield f"{rows} rows said the same as another, and were left out"
