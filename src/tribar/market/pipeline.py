"""prepare as a whole: a source becomes a development and a test split, and a report."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tribar.dataset.prepared import PreparedSplit, learnt_from
from tribar.dataset.splits import SPLITS, chronological, nested_kfold
from tribar.errors import UserError
from tribar.market.bars import Bars
from tribar.market.config import PrepareParams
from tribar.market.decisions import Panel, find_decisions
from tribar.market.feature_names import parse_features
from tribar.market.feature_rows import lacking
from tribar.market.findings.finding import Case, Evidence, Finding, settle
from tribar.market.panels import bar_panel, labelled_panel, telling
from tribar.market.report import PrepareReport, report
from tribar.market.schema import newest_bars, schema_of
from tribar.market.sources.bars import read_bars
from tribar.market.sources.labelled import LabelledTable, read_labelled


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
        UserError: unknown features, too few rows, a split without a sample or without a class.
    """
    panel, met = _panel(source, params)
    decisions = find_decisions(panel, params.window, params.labels.horizon)
    split = chronological(decisions.samples, params.splits)
    samples = decisions.samples.assign(split=split)
    everything = PreparedSplit(panel.values, samples, schema_of(panel, source, params))
    learnt = everything.select(np.isin(split, SPLITS[:2]))
    schema, until = learnt_from(learnt), learnt.samples["decision"].max()
    development = replace(learnt, schema=schema, bars=newest_bars(source, schema, until))
    nested_kfold(development.samples, schema.folds, schema.embargo)  # refuses what cannot be folded
    tested = everything.select(split == SPLITS[2])
    test = replace(tested, schema=schema, bars=newest_bars(source, schema))
    found = report(decisions, split, panel, source.report, met.left_out, met.findings)
    return Prepared(development, test, found)


def prepare_whole(source: Bars | LabelledTable, params: PrepareParams) -> PreparedSplit:
    """Return all decisions, up to the last whose label is known, to train on.

    Raises:
        UserError: unknown features, or too few rows.
    """
    panel, _ = _panel(source, params)
    decisions = find_decisions(panel, params.window, params.labels.horizon)
    samples = decisions.samples.assign(split=SPLITS[0])
    everything = PreparedSplit(panel.values, samples, schema_of(panel, source, params))
    whole = everything.select(np.ones(len(samples), dtype=np.bool_))
    schema = learnt_from(whole)
    return replace(whole, schema=schema, bars=newest_bars(source, schema))


def _panel(source: Bars | LabelledTable, params: PrepareParams) -> tuple[Panel, _Met]:
    """Return features and labels of every row, and what is to be said of them."""
    if not isinstance(source, Bars):
        findings = settle(source.evidence, params.findings)
        return labelled_panel(source), _Met(source.left_out, findings)
    wanted = parse_features(params.features)
    for name, members in params.feature_groups.items():
        parse_features(members, f"prepare.feature_groups.{name}")
    without = lacking(source, wanted)
    features = [one for one in wanted if one not in without]
    left_out = tuple(one.name for one in without)
    settle(source.evidence, params.findings)
    if not features:
        raise UserError(
            f"prepare.features: each of {', '.join(left_out)} needs a column that the source "
            "lacks; choose features of the close alone, such as return_1"
        )
    panel, silent = telling(bar_panel(source, features, params.labels))
    evidence = (*source.evidence, Evidence("TD005", [Case(one) for one in silent]))
    return panel, _Met(left_out, settle(evidence, params.findings))
