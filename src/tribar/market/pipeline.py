"""prepare as a whole: a source becomes a development and a test split, and a report."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tribar.dataset.config import LabelParams
from tribar.dataset.prepared import PreparedSplit, Schema, fingerprint
from tribar.dataset.splits import SPLITS, chronological, nested_kfold
from tribar.errors import UserError
from tribar.market.bar_columns import BarColumns
from tribar.market.config import PrepareParams
from tribar.market.decisions import Panel, find_decisions
from tribar.market.feature_names import Feature, parse_features
from tribar.market.findings.finding import Case, Evidence, Finding, settle
from tribar.market.labels import BARRIERS, Labels, triple_barrier
from tribar.market.report import PrepareReport, report
from tribar.market.row_index import RowIndex, Times
from tribar.market.sources.bars import Bars, read_bars
from tribar.market.sources.labelled import LabelledTable, read_labelled

_GIVEN = ("given",) * len(BARRIERS)


@dataclass(frozen=True)
class Prepared:
    """What prepare writes."""

    development: PreparedSplit
    test: PreparedSplit
    report: PrepareReport


@dataclass(frozen=True)
class _Met:
    """What was left out of a source, and what is doubtful in it."""

    left_out: tuple[str, ...]
    findings: tuple[Finding, ...]


def read_source(path: Path, params: PrepareParams) -> Bars | LabelledTable:
    """Return the bars or the labelled table of a source.

    Raises:
        UserError: it cannot be read, or is not to be trusted.
    """
    if params.kind == "labelled":
        return read_labelled(path, params.labels.horizon, params.timezone, params.read)
    return read_bars(path, params.max_gap_days, params.timezone, params.stamps, params.read)


def prepare_source(source: Bars | LabelledTable, params: PrepareParams) -> Prepared:
    """Return windows and splits of what was read.

    Raises:
        UserError: as `prepare_bars` and `prepare_labelled`.
    """
    if isinstance(source, Bars):
        return prepare_bars(source, params)
    return prepare_labelled(source, params)


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
    settle(bars.evidence, params.findings)
    if not features:
        raise UserError(
            f"prepare.features: each of {', '.join(left_out)} needs a column that the source "
            "lacks; choose features of the close alone, such as return_1"
        )
    panel, silent = _telling(_bar_panel(bars, features, params.labels))
    findings = settle(
        (*bars.evidence, Evidence("TD005", [Case(one) for one in silent])), params.findings
    )
    return _split(panel, params, bars, _Met(left_out, findings))


def prepare_labelled(table: LabelledTable, params: PrepareParams) -> Prepared:
    """Return windows and splits of an already labelled table.

    Raises:
        UserError: too few rows, a split without a sample or without a class.
    """
    findings = settle(table.evidence, params.findings)
    return _split(_labelled_panel(table), params, table, _Met(table.left_out, findings))


def _split(
    panel: Panel, params: PrepareParams, source: Bars | LabelledTable, met: _Met
) -> Prepared:
    decisions = find_decisions(panel, params.window, params.labels.horizon)
    split = chronological(decisions.samples, params.splits)
    samples = decisions.samples.assign(split=split)
    schema = Schema(
        panel.features,
        params.window,
        params.splits.folds,
        params.splits.embargo,
        source.source_sha256,
        _groups(panel.features, params.feature_groups),
        panel.memory,
    )
    everything = PreparedSplit(panel.values, samples, schema)
    development = everything.select(np.isin(split, SPLITS[:2]))
    schema = replace(schema, fingerprint=fingerprint(development))
    development = replace(development, schema=schema)
    test = replace(everything.select(split == SPLITS[2]), schema=schema)
    nested_kfold(development.samples, schema.folds, schema.embargo)  # refuses what cannot be folded
    found = report(decisions, split, panel, source.report, met.left_out, met.findings)
    return Prepared(development, test, found)


def _groups(
    features: Sequence[str], groups: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Return the groups with the features that there are; one without any is none."""
    found = {
        name: tuple(one for one in members if one in features) for name, members in groups.items()
    }
    return {name: members for name, members in found.items() if members}


def _bar_panel(bars: Bars, features: list[Feature], params: LabelParams) -> Panel:
    index, table = bars.index, bars.table
    names = [field.name for field in fields(BarColumns) if field.name != "time"]
    columns = {name: table[name].to_numpy() if name in table else np.empty(0) for name in names}
    everyones = BarColumns(bars.local_time, **columns)
    labels = triple_barrier(everyones, index, params)
    values = np.empty((len(table), len(features)), dtype=np.float32)
    for rows, seen in index.chunks(before=max(feature.bars for feature in features) - 1):
        own = everyones.select(seen)
        for number, feature in enumerate(features):
            values[rows, number] = feature(own)[rows.start - seen.start :]
    memory = {feature.name: feature.bars for feature in features}
    return Panel(index, values, tuple(memory), labels, index.time[labels.end], BARRIERS, memory)


def _telling(panel: Panel) -> tuple[Panel, list[str]]:
    """Return a panel without the features that say nothing, and those in words.

    Raises:
        UserError: no feature says anything.
    """
    silent = {}
    for name, column in zip(panel.features, panel.values.T, strict=True):
        known = column[np.isfinite(column)]
        if not len(known) or known.min() == known.max():
            silent[name] = f"{name} ({f'{known[0]:g} everywhere' if len(known) else 'never known'})"
    kept = [name not in silent for name in panel.features]
    if not any(kept):
        raise UserError(
            f"prepare.features: none says anything: {', '.join(silent.values())}; give more bars, "
            "or choose others"
        )
    if all(kept):
        return panel, []
    features = tuple(name for name in panel.features if name not in silent)
    memory = {name: panel.memory[name] for name in features}
    values = np.ascontiguousarray(panel.values[:, kept])
    return replace(panel, values=values, features=features, memory=memory), list(silent.values())


def _labelled_panel(source: LabelledTable) -> Panel:
    index, table = source.index, source.table
    label_end = table["label_end"].to_numpy()
    labelled, ends = table["label"].notna().to_numpy(), ~np.isnat(label_end)
    valid = labelled & ends
    nothing, unknown = np.zeros(len(table), dtype=np.bool_), np.full(len(table), np.nan)
    labels = Labels(
        valid,
        table["label"].fillna(0).to_numpy(np.int8),
        _end_rows(index, label_end, valid),
        unknown,
        unknown,
        labelled & ~ends,
        nothing,
        nothing,
    )
    values = table[list(source.features)].to_numpy(np.float32)
    return Panel(index, values, source.features, labels, label_end, _GIVEN)


def _end_rows(index: RowIndex, label_end: Times, valid: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the last row of the same symbol at or before each label's end."""
    rows = np.arange(len(index))
    for first, end in itertools.pairwise(index.starts):
        found = np.searchsorted(index.time[first:end], label_end[first:end], side="right") - 1
        rows[first:end] = np.where(valid[first:end], first + found, rows[first:end])
    return rows
