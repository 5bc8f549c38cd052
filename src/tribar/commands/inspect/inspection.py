"""All that inspect shows of a source, read and judged as prepare would."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tribar.errors import UserError
from tribar.market.config import PrepareParams
from tribar.market.findings.finding import Evidence, Finding, settle
from tribar.market.findings.rules import RULES, Action
from tribar.market.pipeline import Prepared, prepare_bars, prepare_labelled
from tribar.market.sources.bars import Bars, read_bars
from tribar.market.sources.labelled import LabelledTable, read_labelled

_EVERYTHING: dict[str, Action] = dict.fromkeys(RULES, "warn")


@dataclass(frozen=True)
class Inspection:
    """A source as inspect shows it.

    Attributes:
        source: its bars, or its labelled rows.
        findings: what is doubtful, each with what prepare does about it.
        prepared: what prepare would make of it, None where it would refuse.
        refusal: why, else "".
        block: the parameters to write under `prepare`.
    """

    source: Bars | LabelledTable
    findings: tuple[Finding, ...]
    prepared: Prepared | None
    refusal: str
    block: Mapping[str, Any]


def inspect_source(path: Path, params: PrepareParams) -> Inspection:
    """Return what a source is understood as, and what prepare would make of it.

    Raises:
        UserError: it cannot be read.
    """
    source = _read(path, params)
    prepared, refusal = None, ""
    try:
        _require_no_hole(source, params.max_gap_days)
        prepared = _prepare(source, params)
    except UserError as error:
        refusal = str(error)
    evidence = source.evidence
    if prepared is not None:
        findings = prepared.report.findings
    else:
        findings = _as_prepare_does(evidence, params)
    assert source.understanding is not None, "read from files"
    known = {"kind": params.kind, "timezone": params.timezone, "stamps": params.stamps}
    found = source.understanding.block()
    block = {"source": found["source"], "read": found["read"], **known, **found}
    return Inspection(source, findings, prepared, refusal, block)


def _read(path: Path, params: PrepareParams) -> Bars | LabelledTable:
    if params.kind == "labelled":
        return read_labelled(path, params.labels.horizon, params.timezone, params.read)
    return read_bars(path, np.inf, params.timezone, params.stamps, params.read)


def _require_no_hole(source: Bars | LabelledTable, max_gap_days: float) -> None:
    """Refuse what prepare refuses, where the holes of bars are shown first."""
    if not isinstance(source, Bars):
        return
    longest, usual = source.report.longest_gap_days, source.index.intervals.max()
    if longest > max(max_gap_days, 3 * (usual / np.timedelta64(1, "D"))):
        raise UserError(
            f"no bars for {longest:g} days; fill the hole, leave out the bars on one side of it, "
            f"or raise prepare.max_gap_days ({max_gap_days:g})"
        )


def _prepare(source: Bars | LabelledTable, params: PrepareParams) -> Prepared:
    if isinstance(source, Bars):
        return prepare_bars(source, params)
    return prepare_labelled(source, params)


def _as_prepare_does(evidence: tuple[Evidence, ...], params: PrepareParams) -> tuple[Finding, ...]:
    """Return the findings, those that prepare refuses among them."""
    actions = {code: params.findings.get(code, rule.action) for code, rule in RULES.items()}
    shown = [one for one in evidence if actions[one.code] != "ignore"]
    return tuple(
        Finding(one.code, actions[one.code], one.evidence) for one in settle(shown, _EVERYTHING)
    )
