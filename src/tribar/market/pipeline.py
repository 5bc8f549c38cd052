"""prepare as a whole: a source becomes a development and a test split, and a report."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.dataset.prepared import PreparedSplit, Schema, fingerprint
from tribar.dataset.scaling import covered
from tribar.dataset.splits import SPLITS, chronological, purged_kfold
from tribar.errors import UserError
from tribar.market.config import LabelParams, PrepareParams
from tribar.market.decisions import Panel, find_decisions
from tribar.market.features import Feature, SymbolBars, parse_features
from tribar.market.labels import BARRIERS, Labels, triple_barrier
from tribar.market.report import PrepareReport, report
from tribar.market.sources.bars import Bars
from tribar.market.sources.labelled import LabelledTable

_COLUMNS = ("open", "high", "low", "close", "volume")
_GIVEN = ("given",) * len(BARRIERS)


@dataclass(frozen=True)
class Prepared:
    """What prepare writes."""

    development: PreparedSplit
    test: PreparedSplit
    report: PrepareReport


def prepare_bars(bars: Bars, params: PrepareParams) -> Prepared:
    """Return features, triple-barrier labels, windows and splits of price bars.

    Raises:
        UserError: unknown features, too few bars, a split without a sample or without a class.
    """
    wanted = parse_features(params.features)
    for name, members in params.feature_groups.items():
        parse_features(members, f"prepare.feature_groups.{name}")
    features = [one for one in wanted if set(one.family.needs) <= set(bars.table.columns)]
    left_out = tuple(one.name for one in wanted if one not in features)
    if not features:
        raise UserError(
            f"prepare.features: each of {', '.join(left_out)} needs a column that the source "
            "lacks; choose features of the close alone, such as return_1"
        )
    panel = _bar_panel(bars.table, features, params.labels)
    return _split(panel, params, bars.source_sha256, bars.report, left_out)


def prepare_labelled(table: LabelledTable, params: PrepareParams) -> Prepared:
    """Return windows and splits of an already labelled table.

    Raises:
        UserError: too few rows, a split without a sample or without a class.
    """
    panel = _labelled_panel(table)
    return _split(panel, params, table.source_sha256, table.report, table.left_out)


def _split(
    panel: Panel,
    params: PrepareParams,
    source_sha256: str,
    source: object,
    left_out: tuple[str, ...],
) -> Prepared:
    decisions = find_decisions(panel, params.window, params.labels.horizon)
    samples = decisions.samples.assign(split=chronological(decisions.samples, params.splits))
    schema = Schema(
        panel.features,
        params.window,
        params.splits.folds,
        params.splits.embargo,
        source_sha256,
        _groups(panel.features, params.feature_groups),
    )
    development = _cut(panel, samples[samples["split"].isin(SPLITS[:2])], schema)
    schema = replace(schema, fingerprint=fingerprint(development))
    development = replace(development, schema=schema)
    test = _cut(panel, samples[samples["split"] == SPLITS[2]], schema)
    purged_kfold(development.samples, schema.folds, schema.embargo)  # refuses what cannot be folded
    both = int(panel.labels.both_touched[samples["last"]].sum())
    return Prepared(development, test, report(samples, decisions, both, left_out, source))


def _groups(
    features: Sequence[str], groups: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Return the groups with the features that there are; one without any is none."""
    found = {
        name: tuple(one for one in members if one in features) for name, members in groups.items()
    }
    return {name: members for name, members in found.items() if members}


def _cut(panel: Panel, samples: pd.DataFrame, schema: Schema) -> PreparedSplit:
    """Return the samples with the rows that their windows cover, and no other."""
    last = samples["last"].to_numpy()
    seen = covered(last, schema.window, len(panel.time))
    renumbered = np.cumsum(seen) - 1
    kept = samples.assign(last=renumbered[last]).reset_index(drop=True)
    return PreparedSplit(panel.values[seen], kept, schema)


def _bar_panel(table: pd.DataFrame, features: list[Feature], params: LabelParams) -> Panel:
    symbols, starts = _symbols(table)
    time = _plain(table["timestamp"])
    columns = {name: table[name].to_numpy() if name in table else np.empty(0) for name in _COLUMNS}
    high, low = (columns[name] for name in ("high", "low"))
    close = columns["close"]
    if params.touch == "close":
        high, low = close, close
    elif not (len(high) and len(low)):
        raise UserError(
            "prepare.labels.touch: high_low needs the columns high and low; set it to close"
        )
    labels = triple_barrier(close, high, low, starts, params)
    values = np.empty((len(table), len(features)), dtype=np.float32)
    for first, end in itertools.pairwise(starts):
        bars = SymbolBars(
            time[first:end], **{name: column[first:end] for name, column in columns.items()}
        )
        for number, feature in enumerate(features):
            values[first:end, number] = feature(bars)
    names = tuple(feature.name for feature in features)
    return Panel(symbols, starts, time, values, names, labels, time[labels.end], BARRIERS)


def _labelled_panel(source: LabelledTable) -> Panel:
    table = source.table
    symbols, starts = _symbols(table)
    time, label_end = _plain(table["timestamp"]), _plain(table["label_end"])
    labelled, ends = table["label"].notna().to_numpy(), table["label_end"].notna().to_numpy()
    valid = labelled & ends
    nothing = np.zeros(len(table), dtype=np.bool_)
    labels = Labels(
        valid,
        table["label"].fillna(0).to_numpy(np.int8),
        _end_rows(time, label_end, starts, valid),
        np.full(len(table), np.nan),
        labelled & ~ends,
        nothing,
        nothing,
    )
    values = table[list(source.features)].to_numpy(np.float32)
    return Panel(symbols, starts, time, values, source.features, labels, label_end, _GIVEN)


def _end_rows(
    time: NDArray[np.datetime64],
    label_end: NDArray[np.datetime64],
    starts: NDArray[np.int64],
    valid: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Return the last row of the same symbol at or before each label's end."""
    rows = np.arange(len(time))
    for first, end in itertools.pairwise(starts):
        found = np.searchsorted(time[first:end], label_end[first:end], side="right") - 1
        rows[first:end] = np.where(valid[first:end], first + found, rows[first:end])
    return rows


def _symbols(table: pd.DataFrame) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Return the symbols in their order, and the first row of each with the number of rows."""
    codes, names = pd.factorize(table["symbol"])
    starts = np.append(np.flatnonzero(np.diff(codes, prepend=-1)), len(table))
    return tuple(str(name) for name in names), starts.astype(np.int64)


def _plain(times: pd.Series) -> NDArray[np.datetime64]:
    plain: NDArray[np.datetime64] = times.dt.tz_convert(None).to_numpy().astype("datetime64[ns]")
    return plain
