"""All that inspect shows of a source, read and judged as prepare would."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tribar.errors import UserError
from tribar.market.bars import Bars
from tribar.market.config import PrepareParams
from tribar.market.findings.finding import Finding, decide
from tribar.market.pipeline import Prepared, prepare_source, read_source
from tribar.market.sources.labelled import LabelledTable


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
    source = read_source(path, params.model_copy(update={"max_gap_days": np.inf}))
    prepared, refusal = None, ""
    findings = decide(source.evidence, params.findings)
    try:
        if isinstance(source, Bars) and source.report.longest_gap_days > params.max_gap_days:
            read_source(path, params)  # refuses holes, which the above is to show
        prepared = prepare_source(source, params)
        findings = prepared.report.findings
    except UserError as error:
        refusal = str(error)
    assert source.understanding is not None, "read from files"
    known = {"kind": params.kind, "timezone": params.timezone, "stamps": params.stamps}
    found = source.understanding.block()
    block = {"source": found["source"], "read": found["read"], **known, **found}
    return Inspection(source, findings, prepared, refusal, block)
