"""From rows and labels of all symbols to the decisions that have a window and a label."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.errors import UserError
from tribar.market.labels import Labels
from tribar.market.row_index import RowIndex, Times
from tribar.market.uniqueness import average_uniqueness


@dataclass(frozen=True)
class Panel:
    """Rows of all symbols, ordered by symbol, then time.

    Attributes:
        index: symbol and time of each row.
        values: float32, (rows, features); not finite where a feature is not known yet.
        features: names of the values' columns.
        labels: of every row.
        label_end: (rows,), NaT where it is not known.
        barriers: names of the barriers of labels -1, 0 and 1.
        memory: bars that a feature is made of, by its name; none where the source gave it.
    """

    index: RowIndex
    values: NDArray[np.float32]
    features: tuple[str, ...]
    labels: Labels
    label_end: Times
    barriers: tuple[str, ...]
    memory: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Decisions:
    """Samples before they are split.

    Attributes:
        samples: columns as in `SAMPLE_COLUMNS` without split; last is a row of the panel.
        dropped: number of rows without a sample, by reason.
        short_symbols: symbols dropped because they have too few rows.
    """

    samples: pd.DataFrame
    dropped: dict[str, int]
    short_symbols: tuple[str, ...]


def find_decisions(panel: Panel, window: int, horizon: int) -> Decisions:
    """Return every row with `window` known rows up to it and a label.

    Raises:
        UserError: no symbol has window + horizon rows, a feature is unknown after it was known, or
            no row makes a sample.
    """
    index, first = panel.index, _first_known(panel.index, panel.values, panel.features)
    rows = index.starts[1:] - first
    short = rows < window + horizon
    if short.all():
        raise UserError(
            f"prepare.window: window + horizon needs {window + horizon} rows of a symbol after "
            f"the features' warm-up, and the longest has {max(rows.max(), 0)}; give more bars, or "
            "lower prepare.window or prepare.labels.horizon"
        )
    symbol = index.codes
    is_short, is_warm = short[symbol], np.arange(len(index)) < first[symbol]
    has_window = _has_window(index, first, window)
    usable = ~is_short & has_window
    labels = panel.labels
    unlabelled = ~(labels.valid | labels.no_horizon | labels.no_volatility)
    chosen = np.flatnonzero(usable & labels.valid)
    dropped = {
        "short_symbol": int(is_short.sum()),
        "warm_up": int((~is_short & is_warm).sum()),
        "no_window": int((~is_short & ~is_warm & ~has_window).sum()),
        "no_horizon": int((usable & labels.no_horizon).sum()),
        "no_volatility": int((usable & labels.no_volatility).sum()),
        "no_label": int((usable & unlabelled).sum()),
    }
    if not len(chosen):
        counts = ", ".join(f"{count} {reason}" for reason, count in dropped.items() if count)
        raise UserError(
            f"no row makes a sample ({counts}); give rows whose labels are known, and end at or "
            "after their decision"
        )
    names = tuple(index.symbols[i] for i in np.flatnonzero(short))
    return Decisions(_samples(panel, chosen, window), dropped, names)


def ends_of_windows(
    index: RowIndex, values: NDArray[np.float32], features: tuple[str, ...], window: int
) -> NDArray[np.bool_]:
    """Return which rows, (rows,), end a whole window, labelled or not.

    Raises:
        UserError: a feature is unknown after it was known.
    """
    return _has_window(index, _first_known(index, values, features), window)


def _has_window(index: RowIndex, first: NDArray[np.int64], window: int) -> NDArray[np.bool_]:
    position: NDArray[np.int64] = np.arange(len(index)) - first[index.codes]
    return position >= window - 1


def _first_known(
    index: RowIndex, values: NDArray[np.float32], features: tuple[str, ...]
) -> NDArray[np.int64]:
    """Return each symbol's first row with every feature known; its end where there is none."""
    known = np.logical_and.reduce(np.isfinite(values), axis=1)
    first = []
    symbols, starts = index.symbols, index.starts
    for name, start, end in zip(symbols, starts[:-1], starts[1:], strict=True):
        rows = np.flatnonzero(known[start:end])
        first.append(start + rows[0] if len(rows) else end)
        if len(rows) and len(rows) < end - first[-1]:
            row, column = np.argwhere(~np.isfinite(values[first[-1] : end]))[0]
            raise UserError(
                f"prepare.features: {features[column]} of {name} is no number at "
                f"{index.time[first[-1] + row]}; look at the bars there, or leave the feature out"
            )
    return np.array(first, dtype=np.int64)


def _samples(panel: Panel, rows: NDArray[np.int64], window: int) -> pd.DataFrame:
    index, labels = panel.index, panel.labels
    return pd.DataFrame(
        {
            "symbol": np.array(index.symbols)[index.codes[rows]],
            "start": _utc(index.opened[rows - window + 1]),
            "decision": _utc(index.time[rows]),
            "last": rows,
            "label": labels.label[rows],
            "label_end": _utc(panel.label_end[rows]),
            "barrier": np.array(panel.barriers)[labels.label[rows] + 1],
            "exit_return": labels.exit_return[rows],
            "volatility": labels.volatility[rows],
            "weight": average_uniqueness(rows, labels.end[rows], len(index)),
        }
    )


def _utc(time: Times) -> pd.DatetimeIndex:
    """Return times that know their zone."""
    return pd.DatetimeIndex(time).tz_localize("UTC")
